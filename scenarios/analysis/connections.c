/* connections.c - a hash table by both ends, whichever of them sent; the newest connection of a
 * pair of ends is found first. */
#include "scenarios/analysis/connections.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/analysis/endings.h"

#include <string.h>
#include <sys/random.h>

/* Both ends of a connection, the lower one first: equal for both directions. */
struct endpoint_key {
	uint8_t address[16];
	uint16_t port, family;
};

struct connection_key {
	struct endpoint_key low, high;
};

struct connection_entry {
	struct connection connection;
	struct connection_key key;
	bool client_low; /* the client is key.low */
	uint64_t hash;
	struct connection_entry *next; /* in the bucket: older ones last */
	TAILQ_ENTRY(connection_entry) link;
};

/* How long a closed connection is known for its late segments: longer than any retransmission that
 * isn't hopeless; and one whose handshake nobody completes: longer than any client tries. */
#define CLOSED_KEPT    (30 * NS_PER_S)
#define HANDSHAKE_KEPT (300 * NS_PER_S)

static struct endpoint_key endpoint_key(const struct addr *a)
{
	struct endpoint_key k = {.port = addr_port(a), .family = a->sa.sa_family};

	if (k.family == AF_INET)
		memcpy(k.address, &a->in.sin_addr, 4);
	else
		memcpy(k.address, &a->in6.sin6_addr, 16);
	return k;
}

/* *src_low: the sender became key.low. */
static struct connection_key connection_key(const struct tcp_view *v, bool *src_low)
{
	struct endpoint_key src = endpoint_key(&v->src), dst = endpoint_key(&v->dst);

	*src_low = memcmp(&src, &dst, sizeof(src)) <= 0;
	return *src_low ? (struct connection_key){src, dst} : (struct connection_key){dst, src};
}

/* A keyed mix of 64-bit words (the finaliser of MurmurHash3 by Austin Appleby, public domain). */
static uint64_t hash_key(const struct connection_key *k, uint64_t h)
{
	uint64_t words[sizeof(*k) / sizeof(uint64_t)];

	memcpy(words, k, sizeof(words));
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		h ^= words[i];
		h ^= h >> 33;
		h *= UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 33;
		h *= UINT64_C(0xc4ceb9fe1a85ec53);
		h ^= h >> 33;
	}
	return h;
}
_Static_assert(sizeof(struct connection_key) == 40, "hashed as whole words, without padding");

void connections_init(struct connections *t, bool keeps_lists)
{
	memset(t, 0, sizeof(*t));
	TAILQ_INIT(&t->list);
	t->keeps_lists = keeps_lists;
	t->nbuckets = 64;
	t->buckets = xcalloc(t->nbuckets, sizeof(struct connection_entry *));
	if (getrandom(&t->key, sizeof(t->key), 0) != sizeof(t->key))
		t->key = (uint64_t)(uintptr_t)t->buckets;
}

static void free_entry(struct connections *t, struct connection_entry *x)
{
	TAILQ_REMOVE(&t->list, x, link);
	t->n--;
	connection_fini(&x->connection);
	wire_connection_fini(&x->connection.wire);
	free(x);
}

void connections_fini(struct connections *t)
{
	while (!TAILQ_EMPTY(&t->list))
		free_entry(t, TAILQ_FIRST(&t->list));
	free(t->buckets);
}

static void grow_buckets(struct connections *t)
{
	size_t n = t->nbuckets * 2;
	struct connection_entry **buckets = xcalloc(n, sizeof(struct connection_entry *)), *x;

	/* Entries go in by age, each in front: the newest of a key stays first. */
	TAILQ_FOREACH (x, &t->list, link) {
		x->next = buckets[x->hash & (n - 1)];
		buckets[x->hash & (n - 1)] = x;
	}
	free(t->buckets);
	t->buckets = buckets;
	t->nbuckets = n;
}

/* Returns whether the segment's sender is the client: it sent a SYN, or the other end a SYN-ACK; in
 * a connection that began before the capture, the end with the higher port is a guess, then the
 * sender. */
static bool sender_is_client(const struct tcp_view *v)
{
	if (v->flags & TCP_SYN)
		return !(v->flags & TCP_ACK);
	return addr_port(&v->src) >= addr_port(&v->dst);
}

static struct connection_entry *add_connection(struct connections *t, const struct tcp_view *v,
					       const struct connection_key *key, uint64_t hash,
					       bool src_low)
{
	struct connection_entry *x = xcalloc(1, sizeof(*x));
	bool from_client = sender_is_client(v);

	connection_init(&x->connection, from_client ? &v->src : &v->dst,
			from_client ? &v->dst : &v->src);
	x->connection.keeps_lists = t->keeps_lists;
	x->connection.wire.index = t->begun++;
	x->connection.wire.midstream = (v->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN;
	x->client_low = from_client == src_low;
	x->key = *key;
	x->hash = hash;
	TAILQ_INSERT_TAIL(&t->list, x, link);
	if (++t->n > t->nbuckets) {
		grow_buckets(t);
	} else {
		x->next = t->buckets[hash & (t->nbuckets - 1)];
		t->buckets[hash & (t->nbuckets - 1)] = x;
	}
	return x;
}

static bool begins_connection(const struct connection_entry *x, const struct tcp_view *v,
			      enum dir dir)
{
	const struct connection *c = &x->connection;

	if ((v->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		return false;
	if (!c->syn_known[dir])
		return c->half[dir].seq.known;
	return v->seq != c->isn[dir] || c->saw_rst || c->saw_fin;
}

struct connection *connections_find(struct connections *t, const struct tcp_view *v, int64_t at,
				    enum dir *dir)
{
	bool src_low, reused = false;
	struct connection_key key = connection_key(v, &src_low);
	uint64_t hash = hash_key(&key, t->key);
	struct connection_entry *x = t->buckets[hash & (t->nbuckets - 1)];

	while (x && (x->hash != hash || memcmp(&x->key, &key, sizeof(key)) != 0))
		x = x->next;
	if (x) {
		*dir = x->client_low == src_low ? DIR_UPSTREAM : DIR_DOWNSTREAM;
		if (!begins_connection(x, v, *dir))
			return &x->connection;
		ending_finish(&x->connection, at);
		reused = true;
	}
	x = add_connection(t, v, &key, hash, src_low);
	x->connection.wire.reused = reused;
	*dir = x->client_low == src_low ? DIR_UPSTREAM : DIR_DOWNSTREAM;
	return &x->connection;
}

void connections_finish(struct connections *t, int64_t at)
{
	struct connection_entry *x;

	TAILQ_FOREACH (x, &t->list, link)
		ending_finish(&x->connection, at);
}

static bool is_over(const struct connection *c, int64_t now)
{
	const struct wire_connection *w = &c->wire;
	bool closed = w->rst_at[DIR_UPSTREAM] || w->rst_at[DIR_DOWNSTREAM] ||
		      (w->fin_at[DIR_UPSTREAM] && w->fin_at[DIR_DOWNSTREAM]);

	if (c->finished) /* its addresses and ports have a new one */
		return true;
	if (closed)
		return now - w->last > CLOSED_KEPT;
	return w->syn && !w->handshake_ack && now - w->last > HANDSHAKE_KEPT;
}

static void remove_from_bucket(struct connections *t, struct connection_entry *x)
{
	struct connection_entry **p = &t->buckets[x->hash & (t->nbuckets - 1)];

	while (*p != x)
		p = &(*p)->next;
	*p = x->next;
}

size_t connections_remove_ended(struct connections *t, int64_t now, bool all,
				connection_ended_fn *ended, void *arg)
{
	struct connection_entry *x, *next;
	size_t n = 0;

	for (x = TAILQ_FIRST(&t->list); x; x = next) {
		next = TAILQ_NEXT(x, link);
		if (!all && !is_over(&x->connection, now))
			continue;
		ending_finish(&x->connection, all ? now : x->connection.wire.last);
		if (ended)
			ended(arg, &x->connection);
		remove_from_bucket(t, x);
		free_entry(t, x);
		n++;
	}
	return n;
}

struct wire_connection *connections_take(struct connections *t, size_t *n)
{
	struct wire_connection *out = xcalloc(t->n, sizeof(*out));
	struct connection_entry *x;
	size_t i = 0;

	TAILQ_FOREACH (x, &t->list, link) {
		struct wire_connection *w = &x->connection.wire;

		out[i++] = *w;
		w->exchanges = NULL;
		w->acks = NULL;
		w->resends = NULL;
		w->silences = NULL;
		w->flights = NULL;
		for (int d = 0; d < DIR_COUNT; d++)
			w->sent_at[d] = NULL;
	}
	*n = t->n;
	return out;
}
