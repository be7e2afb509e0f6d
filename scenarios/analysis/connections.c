/* connections.c - a hash table by both ends, whichever of them sent; the newest connection of a
 * pair of ends is found first. */
#include "scenarios/analysis/connections.h"

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
};

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

void connections_init(struct connections *t)
{
	memset(t, 0, sizeof(*t));
	t->nbuckets = 64;
	t->buckets = xcalloc(t->nbuckets, sizeof(struct connection_entry *));
	if (getrandom(&t->key, sizeof(t->key), 0) != sizeof(t->key))
		t->key = (uint64_t)(uintptr_t)t->buckets;
}

void connections_fini(struct connections *t)
{
	for (size_t i = 0; i < t->n; i++) {
		connection_fini(&t->entries[i]->connection);
		wire_connection_fini(&t->entries[i]->connection.wire);
		free(t->entries[i]);
	}
	free(t->entries);
	free(t->buckets);
}

static void grow_buckets(struct connections *t)
{
	size_t n = t->nbuckets * 2;
	struct connection_entry **buckets = xcalloc(n, sizeof(struct connection_entry *));

	/* Entries go in by age, each in front: the newest of a key stays first. */
	for (size_t i = 0; i < t->n; i++) {
		struct connection_entry *x = t->entries[i];

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
	x->connection.wire.index = (uint32_t)t->n;
	x->connection.wire.midstream = (v->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN;
	x->client_low = from_client == src_low;
	x->key = *key;
	x->hash = hash;
	if (t->n == t->room) {
		t->room = t->room ? t->room * 2 : 64;
		t->entries = xrealloc(t->entries, t->room, sizeof(struct connection_entry *));
	}
	t->entries[t->n++] = x;
	if (t->n > t->nbuckets) {
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
	for (size_t i = 0; i < t->n; i++)
		ending_finish(&t->entries[i]->connection, at);
}

struct wire_connection *connections_take(struct connections *t, size_t *n)
{
	struct wire_connection *out = xcalloc(t->n, sizeof(*out));

	for (size_t i = 0; i < t->n; i++) {
		struct wire_connection *w = &t->entries[i]->connection.wire;

		out[i] = *w;
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
