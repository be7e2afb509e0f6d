/* server_legs.c - a hash table by local port, under a lock. A port may be another program's too,
 * towards another address, or by now: so both ends are compared, and the socket is asked. */
#include "proxy/stream/server_legs.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/session_state.h"

#include <pthread.h>
#include <stdatomic.h>

#define BUCKETS 1024

/* One attempt at a session's server. The session belongs to another thread, maybe: of it only what
 * never changes may be read, and while the lock is held. */
struct server_leg {
	struct session *session;
	int fd; /* may be closed, and another one by now */
	struct addr local, to;
	LIST_ENTRY(server_leg) bucket, of_session;
};

struct server_legs {
	pthread_rwlock_t connects; /* read: while a socket connects; written: when all are noted */
	atomic_uint connecting;
	pthread_mutex_t lock; /* of the buckets */
	struct server_leg_list bucket[BUCKETS];
};

struct server_legs *server_legs_new(void)
{
	struct server_legs *legs = xcalloc(1, sizeof(*legs));
	pthread_rwlockattr_t attr;

	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&legs->connects, &attr);
	pthread_rwlockattr_destroy(&attr);
	pthread_mutex_init(&legs->lock, NULL);
	return legs;
}

void server_legs_free(struct server_legs *legs)
{
	if (!legs)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		BUG_ON(!LIST_EMPTY(&legs->bucket[i]));
	pthread_rwlock_destroy(&legs->connects);
	pthread_mutex_destroy(&legs->lock);
	free(legs);
}

void server_legs_connecting(struct server_legs *legs, bool now)
{
	if (now) {
		pthread_rwlock_rdlock(&legs->connects);
		atomic_fetch_add(&legs->connecting, 1);
	} else {
		atomic_fetch_sub(&legs->connecting, 1);
		pthread_rwlock_unlock(&legs->connects);
	}
}

/* A connection that has been accepted was counted before: its leg is noted now, or isn't one. */
static void await_connects(struct server_legs *legs)
{
	if (!atomic_load(&legs->connecting))
		return;
	pthread_rwlock_wrlock(&legs->connects);
	pthread_rwlock_unlock(&legs->connects);
}

static struct server_leg_list *bucket_of(struct server_legs *legs, const struct addr *local)
{
	return &legs->bucket[addr_port(local) % BUCKETS];
}

void server_legs_note(struct server_legs *legs, struct session *s, int fd, const struct addr *to)
{
	struct server_leg *leg = xcalloc(1, sizeof(*leg));

	leg->session = s;
	leg->fd = fd;
	leg->to = *to;
	addr_unmap(&leg->to);
	sock_local(fd, &leg->local);
	pthread_mutex_lock(&legs->lock);
	LIST_INSERT_HEAD(bucket_of(legs, &leg->local), leg, bucket);
	pthread_mutex_unlock(&legs->lock);
	LIST_INSERT_HEAD(&s->legs, leg, of_session);
}

void server_legs_forget(struct server_legs *legs, struct session *s)
{
	struct server_leg *leg;

	if (LIST_EMPTY(&s->legs))
		return;
	pthread_mutex_lock(&legs->lock);
	while ((leg = LIST_FIRST(&s->legs))) {
		LIST_REMOVE(leg, bucket);
		LIST_REMOVE(leg, of_session);
		free(leg);
	}
	pthread_mutex_unlock(&legs->lock);
}

static bool is_alive(const struct server_leg *leg)
{
	struct addr now;

	sock_local(leg->fd, &now);
	return addr_equal(&now, &leg->local);
}

/* A connection to no address goes to this host. */
static bool goes_to(const struct server_leg *leg, const struct addr *local,
		    const struct addr *original)
{
	if (addr_is_any(&leg->to))
		return addr_port(&leg->to) == addr_port(local);
	return addr_equal(&leg->to, local) || addr_equal(&leg->to, original);
}

bool server_legs_may_be(struct server_legs *legs, const struct addr *peer)
{
	const struct server_leg *leg;
	bool may = false;

	await_connects(legs);
	pthread_mutex_lock(&legs->lock);
	LIST_FOREACH (leg, bucket_of(legs, peer), bucket)
		may |= addr_port(&leg->local) == addr_port(peer);
	pthread_mutex_unlock(&legs->lock);
	return may;
}

/* With the lock held. */
static struct session *find_session(struct server_legs *legs, const struct addr *peer,
				    const struct addr *local, const struct addr *original)
{
	const struct server_leg *leg;
	struct addr from = *peer;

	addr_unmap(&from);
	LIST_FOREACH (leg, bucket_of(legs, &from), bucket)
		if (addr_equal(&leg->local, &from) && goes_to(leg, local, original) &&
		    is_alive(leg))
			return leg->session;
	return NULL;
}

bool server_legs_passed(struct server_legs *legs, const struct addr *peer, const struct addr *local,
			const struct addr *original, struct passed *passed)
{
	static const struct passed none;
	const struct session *s;

	pthread_mutex_lock(&legs->lock);
	s = find_session(legs, peer, local, original);
	if (s) {
		*passed = passed_copy(s->passed ? s->passed : &none);
		passed_add(passed, s->config.proxy);
		passed->session = s->number;
	}
	pthread_mutex_unlock(&legs->lock);
	return s;
}

bool server_legs_find(struct server_legs *legs, const struct session_table *of,
		      const struct addr *peer, const struct addr *local,
		      const struct addr *original, struct session **own)
{
	struct session *s;

	pthread_mutex_lock(&legs->lock);
	s = find_session(legs, peer, local, original);
	*own = s && s->table == of ? s : NULL;
	pthread_mutex_unlock(&legs->lock);
	return s;
}
