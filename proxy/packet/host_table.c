/* host_table.c - one place for each hash. */
#include "proxy/packet/host_table.h"

#include <string.h>

static const void *bytes_of(const struct addr *a, size_t *n)
{
	*n = a->sa.sa_family == AF_INET6 ? 16 : 4;
	return a->sa.sa_family == AF_INET6 ? (const void *)&a->in6.sin6_addr
					   : (const void *)&a->in.sin_addr;
}

static uint32_t hash_of(const struct addr *host)
{
	size_t n;
	const uint8_t *p = bytes_of(host, &n);
	uint32_t h = 2166136261U; /* FNV-1a */

	while (n--)
		h = (h ^ *p++) * 16777619U;
	return h ^ h >> 16;
}

static size_t place_of(const struct addr *host)
{
	return hash_of(host) % HOST_TABLE_SIZE;
}

static bool is_same_host(const struct addr *a, const struct addr *b)
{
	size_t n, m;
	const void *p = bytes_of(a, &n), *q = bytes_of(b, &m);

	return a->len && b->len && n == m && memcmp(p, q, n) == 0;
}

void host_table_put(struct host_table *t, const struct addr *host, const struct pkt_sender *s)
{
	struct host_entry *en = &t->entry[place_of(host)];

	if (!s->seen)
		return;
	if (!is_same_host(&en->host, host))
		*en = (struct host_entry){.host = *host};
	en->marks = s->marks;
	if (s->clock.known > 0)
		en->hz = s->clock.known;
}

/* A host that has been up for some minutes has sent a few hundred packets or thousands. */
static uint16_t *stray_id_of(struct host_table *t, const struct addr *host)
{
	uint16_t *id = &t->stray_id[place_of(host)];

	if (!*id)
		*id = (uint16_t)(256 + hash_of(host) / HOST_TABLE_SIZE % 4096);
	return id;
}

void host_table_get(struct host_table *t, const struct addr *host, struct pkt_sender *s)
{
	const struct host_entry *en = &t->entry[place_of(host)];

	s->stray_id = stray_id_of(t, host);
	if (!is_same_host(&en->host, host))
		return;
	s->seen = true;
	s->marks = en->marks;
	s->clock.known = en->hz;
}
