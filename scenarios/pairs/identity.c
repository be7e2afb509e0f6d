/* identity.c - the list grows with the connections' numbers, which are given in order. */
#include "scenarios/pairs/identity.h"

#include "proxy/base/hash.h"
#include "proxy/base/mem.h"

#include <string.h>

/* Never 0. */
static uint64_t hash_text(const uint8_t *p, size_t n)
{
	uint64_t h = hash_bytes(HASH_BEGIN, p, n);

	return h ? h : 1;
}

static struct identity *get_identity(struct identities *ids, const struct connection *c)
{
	uint32_t index = c->wire.index;

	while (index >= ids->room) {
		size_t room = ids->room ? ids->room * 2 : 64;

		ids->list = xrealloc(ids->list, room, sizeof(*ids->list));
		memset(ids->list + ids->room, 0, (room - ids->room) * sizeof(*ids->list));
		ids->room = room;
	}
	if (index >= ids->n)
		ids->n = index + 1;
	return &ids->list[index];
}

void identities_take(struct identities *ids, const struct connection *c, const struct segment *s)
{
	struct identity *id = get_identity(ids, c);
	size_t n = s->captured < IDENTITY_TEXT ? s->captured : IDENTITY_TEXT;

	if (!id->at) {
		id->client = c->wire.client;
		id->server = c->wire.server;
		id->index = c->wire.index;
		id->at = s->at;
	}
	if (s->copy || s->out_of_place)
		return;
	if (c->wire.syn && c->wire.syn_ack)
		id->answer = c->wire.syn_ack - c->wire.syn;
	for (int d = 0; d < DIR_COUNT; d++) {
		id->isn_known[d] = c->syn_known[d];
		id->isn[d] = c->isn[d];
		if (!id->first[d] && c->half[d].seq.known)
			id->first[d] = (uint32_t)c->half[d].seq.edge;
	}
	if (s->fresh && !id->text[s->dir] && n)
		id->text[s->dir] = hash_text(s->v->payload, n);
}

uint64_t identity_offset(const struct identity *id, enum dir dir, uint64_t seq)
{
	uint32_t begin = id->isn_known[dir] ? id->isn[dir] + 1 : id->first[dir];

	/* Unwrapped numbers start one wrap up, so that this is right beyond 4 GiB, too. */
	return seq - (UINT64_C(1) << 32) - begin;
}

void identities_fini(struct identities *ids)
{
	free(ids->list);
	*ids = (struct identities){.n = 0};
}
