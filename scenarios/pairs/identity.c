/* identity.c - the list grows with the connections' numbers, which are given in order. */
#include "scenarios/pairs/identity.h"

#include "proxy/base/hash.h"
#include "proxy/base/mem.h"

#include <string.h>

#define HASHED_ALL UINT8_MAX

/* Goes on with the hash of what was said first, however it was cut into segments: never 0. */
static void take_text(struct identity *id, const struct segment *s)
{
	uint8_t *hashed = &id->hashed[s->dir];
	uint64_t h = id->text[s->dir] ? id->text[s->dir] : HASH_BEGIN;
	size_t n = s->captured;

	if (!s->fresh || !n || *hashed >= IDENTITY_TEXT)
		return;
	/* In a connection that began before the capture the first data counts, wherever it is. */
	if ((*hashed || id->isn_known[s->dir]) && identity_offset(id, s->dir, s->seq) != *hashed)
		return;
	if (n > (size_t)IDENTITY_TEXT - *hashed)
		n = (size_t)IDENTITY_TEXT - *hashed;
	h = hash_bytes(h, s->v->payload, n);
	id->text[s->dir] = h ? h : 1;
	/* Behind what a snap length has cut nothing is known. */
	*hashed = s->captured < s->v->payload_len ? HASHED_ALL : (uint8_t)(*hashed + n);
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
	take_text(id, s);
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
