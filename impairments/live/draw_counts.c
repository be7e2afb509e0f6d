/* draw_counts.c - a client's key is hashed from its words; sessions of one key are counted. */
#include "impairments/live/draw_counts.h"

#include "proxy/base/mem.h"
#include "proxy/base/rng.h"

#include <stdio.h>

#define ROOM_FIRST 64

void draw_counts_fini(struct draw_counts *c)
{
	free(c->place);
	*c = (struct draw_counts){0};
}

static bool is_by_port(const struct draw_identity *id, const struct addr *client)
{
	return id->port_first && addr_port(client) >= id->port_first;
}

/* Never 0. */
static uint64_t make_key(const struct draw_identity *id, const struct addr *client)
{
	struct addr who = *client;
	char text[ADDR_TEXT] = "";
	uint64_t key;

	addr_unmap(&who);
	if (is_by_port(id, &who))
		addr_format(&who, text);
	else if (id->by_client)
		addr_format_host(&who, text);
	key = rng_part_seed(id->proxy, text);
	return key ? key : 1;
}

/* Returns the key's place, or the free one where it belongs; room isn't full. */
static struct draw_count *find_place(struct draw_count *place, size_t room, uint64_t key)
{
	size_t i = (size_t)key & (room - 1);

	while (place[i].key && place[i].key != key)
		i = (i + 1) & (room - 1);
	return &place[i];
}

static void grow_room(struct draw_counts *c)
{
	size_t room = c->room ? 2 * c->room : ROOM_FIRST;
	struct draw_count *place = xcalloc(room, sizeof(*place));

	for (size_t i = 0; i < c->room; i++)
		if (c->place[i].key)
			*find_place(place, room, c->place[i].key) = c->place[i];
	free(c->place);
	c->place = place;
	c->room = room;
}

/* Returns how many sessions of the key there have been, with this one. */
static uint64_t count_session(struct draw_counts *c, uint64_t key)
{
	struct draw_count *at;

	if (2 * c->n >= c->room && c->n < DRAW_CLIENTS_MAX)
		grow_room(c);
	at = find_place(c->place, c->room, key);
	if (!at->key && c->n == DRAW_CLIENTS_MAX)
		return ++c->others;
	if (!at->key) {
		at->key = key;
		c->n++;
	}
	return ++at->n;
}

uint64_t draw_counts_next(struct draw_counts *c, const struct draw_identity *id,
			  const struct addr *client)
{
	uint64_t key = make_key(id, client);
	struct rng place = rng_make(key, 0, count_session(c, key));

	return rng_next(&place);
}
