/* conn_table.c - hashed by key and by session; two queues by age, one for each time to live. */
#include "proxy/packet/conn_table.h"

#include "proxy/base/hash.h"
#include "proxy/base/mark.h"
#include "proxy/base/mem.h"

#include <string.h>

/* Linux keeps TIME_WAIT for this time: late FINs and ACKs still come. */
#define LINGER	  (60 * NS_PER_S)
/* Longer than the 2 h 11 min that a default keepalive takes to give up. */
#define IDLE	  (INT64_C(4) * 3600 * NS_PER_S)
#define BUCKETS	  16384
#define ENTRY_MAX 65536

LIST_HEAD(entry_list, pkt_entry);
TAILQ_HEAD(entry_queue, pkt_entry);

struct conn_table {
	const struct env *env;
	void (*forget)(void *arg, struct pkt_entry *en);
	void *arg;
	struct entry_list by_key[BUCKETS], by_session[BUCKETS];
	struct entry_queue age[2]; /* by closing; oldest last_seen first */
	size_t n;
	struct timer timer;
};

static struct entry_list *bucket_of_key(struct conn_table *t, const struct pkt_key *key)
{
	uint64_t h = hash_bytes(HASH_BEGIN, &key->role, sizeof(key->role));

	h = hash_addr(hash_addr(h, &key->client), &key->server);
	return &t->by_key[(h ^ h >> 32) % BUCKETS];
}

static struct entry_list *bucket_of_session(struct conn_table *t, uint32_t mark)
{
	return &t->by_session[mark_session(mark) % BUCKETS];
}

static void expire_cb(void *arg, int64_t now);

struct conn_table *conn_table_new(const struct env *env,
				  void (*forget)(void *arg, struct pkt_entry *en), void *arg)
{
	struct conn_table *t = xcalloc(1, sizeof(*t));

	t->env = env;
	t->forget = forget;
	t->arg = arg;
	for (size_t i = 0; i < BUCKETS; i++) {
		LIST_INIT(&t->by_key[i]);
		LIST_INIT(&t->by_session[i]);
	}
	TAILQ_INIT(&t->age[0]);
	TAILQ_INIT(&t->age[1]);
	t->timer.fn = expire_cb;
	t->timer.arg = t;
	return t;
}

static void expire_oldest(struct conn_table *t)
{
	struct pkt_entry *en = TAILQ_FIRST(&t->age[true]);

	conn_table_remove(t, en ? en : TAILQ_FIRST(&t->age[false]));
}

void conn_table_free(struct conn_table *t)
{
	if (!t)
		return;
	while (t->n)
		expire_oldest(t);
	timer_cancel(t->env->timers, &t->timer);
	free(t);
}

struct pkt_entry *conn_table_find(struct conn_table *t, const struct pkt_key *key)
{
	struct pkt_entry *en;

	LIST_FOREACH (en, bucket_of_key(t, key), by_key)
		if (en->role == key->role && addr_equal(&en->conn.client, &key->client) &&
		    addr_equal(&en->conn.server, &key->server))
			return en;
	return NULL;
}

struct pkt_entry *conn_table_find_mark(struct conn_table *t, uint32_t mark)
{
	struct pkt_entry *en;

	LIST_FOREACH (en, bucket_of_session(t, mark), by_session)
		if (mark_session(mark_server_leg(en->conn.session)) == mark_session(mark))
			return en;
	return NULL;
}

/* The analyzer doesn't see that removing an entry changes the head that it is read from. */
/* NOLINTBEGIN(clang-analyzer-unix.Malloc) */
static int64_t next_expiry(const struct conn_table *t)
{
	const struct pkt_entry *open = TAILQ_FIRST(&t->age[false]);
	const struct pkt_entry *closing = TAILQ_FIRST(&t->age[true]);
	int64_t due = open ? open->conn.last_seen + IDLE : INT64_MAX;

	return closing && closing->conn.last_seen + LINGER < due ? closing->conn.last_seen + LINGER
								 : due;
}
/* NOLINTEND(clang-analyzer-unix.Malloc) */

static void expire_list(struct conn_table *t, bool closing, int64_t lifetime, int64_t now)
{
	struct pkt_entry *en = TAILQ_FIRST(&t->age[closing]), *next;

	for (; en && en->conn.last_seen + lifetime <= now; en = next) {
		next = TAILQ_NEXT(en, by_age);
		conn_table_remove(t, en);
	}
}

static void expire_cb(void *arg, int64_t now)
{
	struct conn_table *t = arg;

	expire_list(t, true, LINGER, now);
	expire_list(t, false, IDLE, now);
	if (t->n)
		timer_arm(t->env->timers, &t->timer, next_expiry(t));
}

struct pkt_entry *conn_table_add(struct conn_table *t, const struct pkt_key *key, uint64_t session)
{
	struct pkt_entry *en = xcalloc(1, sizeof(*en));
	int64_t now = clock_now(t->env->clock);

	if (t->n == ENTRY_MAX)
		expire_oldest(t);
	t->n++;
	en->role = key->role;
	en->conn.env = t->env;
	en->conn.session = session;
	en->conn.forwarded = key->role == PKT_ROLE_FORWARDED;
	en->conn.leg = key->role == PKT_ROLE_SERVER_LEG ? LEG_SERVER : LEG_CLIENT;
	en->conn.client = key->client;
	en->conn.server = key->server;
	pkt_half_reset(&en->conn.half[DIR_UPSTREAM]);
	pkt_half_reset(&en->conn.half[DIR_DOWNSTREAM]);
	en->conn.born = en->conn.last_seen = now;
	LIST_INSERT_HEAD(bucket_of_key(t, key), en, by_key);
	if (key->role == PKT_ROLE_CLIENT_LEG)
		LIST_INSERT_HEAD(bucket_of_session(t, mark_server_leg(session)), en, by_session);
	TAILQ_INSERT_TAIL(&t->age[false], en, by_age);
	if (!timer_armed(&t->timer))
		timer_arm(t->env->timers, &t->timer, next_expiry(t));
	return en;
}

void conn_table_touch(struct conn_table *t, struct pkt_entry *en, int64_t now)
{
	const struct pkt_half *up = &en->conn.half[DIR_UPSTREAM];
	const struct pkt_half *down = &en->conn.half[DIR_DOWNSTREAM];

	TAILQ_REMOVE(&t->age[en->closing], en, by_age);
	en->conn.last_seen = now;
	en->closing = !en->conn.vanished && !en->conn.pending &&
		      (en->unwatched || up->rst || down->rst || (up->fin && down->fin));
	TAILQ_INSERT_TAIL(&t->age[en->closing], en, by_age);
	if (en->closing && t->timer.due > now + LINGER)
		timer_arm(t->env->timers, &t->timer, next_expiry(t));
}

void conn_table_remove(struct conn_table *t, struct pkt_entry *en)
{
	t->forget(t->arg, en);
	TAILQ_REMOVE(&t->age[en->closing], en, by_age);
	LIST_REMOVE(en, by_key);
	if (en->role == PKT_ROLE_CLIENT_LEG)
		LIST_REMOVE(en, by_session);
	t->n--;
	free(en);
}

void conn_table_each(const struct conn_table *t, void (*fn)(void *arg, const struct pkt_entry *en),
		     void *arg)
{
	const struct pkt_entry *en;

	for (int closing = 0; closing <= 1; closing++)
		TAILQ_FOREACH (en, &t->age[closing], by_age)
			fn(arg, en);
}

void conn_table_remove_if(struct conn_table *t, bool (*is)(void *arg, const struct pkt_entry *en),
			  void *arg)
{
	struct pkt_entry *en, *next;

	for (int closing = 0; closing <= 1; closing++) {
		for (en = TAILQ_FIRST(&t->age[closing]); en; en = next) {
			next = TAILQ_NEXT(en, by_age);
			if (is(arg, en))
				conn_table_remove(t, en);
		}
	}
}
