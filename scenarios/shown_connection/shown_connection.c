/* shown_connection.c - a second reading of the capture, which keeps the packets around the one that
 * matters: a picture with more of them can't be read. */
#include "scenarios/shown_connection/shown_connection.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/analysis/packet_stream.h"
#include "scenarios/analysis/segment_row.h"
#include "scenarios/shown_connection/choice.h"
#include "scenarios/shown_connection/packet_comments.h"

#include <string.h>

#define PACKETS_MAX 240
#define BEGINNING                                                                                  \
	120	  /* a connection is shown from its beginning, if the sign isn't far from it       \
		   */
#define BEFORE 40 /* else from so many packets before the sign */
#define BEHIND 30 /* and at least so many behind the last one */

struct reading {
	struct result_connection *c;
	const struct choice *choice;
	uint32_t proofs[32];
	size_t nproofs;
	struct segment_numbers numbers;
	uint64_t next[DIR_COUNT]; /* the last sequence number, to tell how often they wrapped */
	uint64_t seen, until;
	int64_t begin;
};

/* Returns the number beyond 32 bits that is nearest to the one before. */
static uint64_t extend_number(uint64_t before, uint32_t number)
{
	int64_t n = (int64_t)before + (int32_t)(number - (uint32_t)before);

	return n < 0 ? number : (uint64_t)n;
}

static bool is_proof(const struct reading *g, uint32_t frame)
{
	for (size_t i = 0; i < g->nproofs; i++)
		if (g->proofs[i] == frame)
			return true;
	return false;
}

static bool knows_window(const struct connection *c, const struct segment *s)
{
	if (!(s->v->flags & TCP_ACK) || s->v->flags & TCP_RST)
		return false;
	return s->v->flags & TCP_SYN ||
	       (c->syn_known[DIR_UPSTREAM] && c->syn_known[DIR_DOWNSTREAM]);
}

static void set_sack(struct result_packet *p, const struct reading *g, const struct segment *s,
		     uint64_t near)
{
	uint32_t base = g->numbers.base[dir_reverse(s->dir)];

	p->sack_blocks = s->v->sack_blocks < 4 ? s->v->sack_blocks : 4;
	for (unsigned i = 0; i < p->sack_blocks; i++)
		for (int k = 0; k < 2; k++)
			p->sack[i][k] = extend_number(near, s->v->sack[i][k] - base);
}

static void set_packet(struct reading *g, struct result_packet *p, const struct connection *c,
		       const struct segment *s)
{
	struct segment_row row;
	enum dir other = dir_reverse(s->dir);

	segment_row_set(&row, &g->numbers, c, s);
	*p = (struct result_packet){
	    .frame = s->frame,
	    .at = clock_seconds(s->at - g->begin),
	    .dir = s->dir,
	    .flags = s->v->flags,
	    .seq = s->out_of_place ? row.seq : extend_number(g->next[s->dir], row.seq),
	    .ack = s->v->flags & TCP_ACK ? extend_number(g->next[other], row.ack) : 0,
	    .window = row.window,
	    .window_known = knows_window(c, s),
	    .len = s->v->payload_len,
	    .note = row.note,
	    .words = segment_row_text(&row),
	    .again = s->again,
	    .duplicate_ack = s->duplicate_ack,
	    .proof = is_proof(g, s->frame),
	};
	if (s->v->flags & TCP_ACK)
		set_sack(p, g, s, p->ack);
	if (!s->out_of_place && p->seq > g->next[s->dir])
		g->next[s->dir] = p->seq;
}

static void taken_cb(void *arg, struct connection *c, const struct segment *s)
{
	struct reading *g = arg;
	struct result_connection *out = g->c;
	struct result_packet p;

	if (c->wire.index != g->choice->connection)
		return;
	if (!g->seen)
		g->begin = s->at;
	set_packet(g, &p, c, s);
	if (!g->seen || !out->client) {
		char client[ADDR_TEXT], server[ADDR_TEXT];

		out->client = xstrdup(addr_format(&c->wire.client, client));
		out->server = xstrdup(addr_format(&c->wire.server, server));
	}
	if (p.proof && g->seen + BEHIND > g->until)
		g->until = g->seen + BEHIND;
	if (g->seen >= out->first && g->seen <= g->until && out->npackets < PACKETS_MAX)
		out->packets[out->npackets++] = p;
	else
		free(p.words);
	g->seen++;
}

static const struct segment_observer observer = {.taken = taken_cb};

/* Adds the numbers of "11, 70, 71". */
static void add_proofs(struct reading *g, const char *frames)
{
	char *end;

	for (const char *s = frames; s && *s && g->nproofs < ARRAY_LEN(g->proofs);) {
		unsigned long n = strtoul(s, &end, 10);

		if (end == s)
			return;
		g->proofs[g->nproofs++] = (uint32_t)n;
		s = end + strspn(end, ", ");
	}
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* A connection's packets are in the order of the file; should they not be, comments are left out
 * rather than put to the wrong packet. */
static void add_comments(struct result_connection *c, const char *path)
{
	uint32_t *frames = xcalloc(c->npackets + 1, sizeof(*frames));
	char **texts = xcalloc(c->npackets + 1, sizeof(*texts));
	struct err e;

	for (size_t i = 0; i < c->npackets; i++)
		frames[i] = c->packets[i].frame;
	qsort(frames, c->npackets, sizeof(*frames), by_number);
	if (packet_comments_read(path, frames, c->npackets, texts, &e) == 0)
		for (size_t i = 0; i < c->npackets; i++) {
			if (frames[i] == c->packets[i].frame)
				c->packets[i].comment = texts[i];
			else
				free(texts[i]);
		}
	free(texts);
	free(frames);
}

static bool read_connection(struct reading *g, const char *path)
{
	struct result_connection *c = g->c;
	const struct choice *choice = g->choice;
	struct packet_stream stream;
	struct err e;
	bool good;

	c->stream = choice->connection;
	c->total = choice->packets;
	c->by_signature = choice->by_frame;
	c->first = choice->packet > BEGINNING ? choice->packet - BEFORE : 0;
	g->until = choice->packet + BEHIND;
	c->packets = xcalloc(PACKETS_MAX, sizeof(*c->packets));
	good = packet_stream_read(path, CAPTURE_LEG_NONE, &observer, g, &stream, &e) == 0 &&
	       c->npackets > 0;
	packet_stream_fini(&stream);
	c->end = clock_seconds(choice->end - g->begin);
	if (good)
		add_comments(c, path);
	return good;
}

static const struct result_phase *phase_of(const struct result *r, const char *capture)
{
	for (size_t i = 0; i < r->nphases; i++) {
		const struct result_phase *p = &r->phases[i];

		if ((p->client_capture && strcmp(p->client_capture, capture) == 0) ||
		    (p->server_capture && strcmp(p->server_capture, capture) == 0))
			return p;
	}
	return NULL;
}

static const struct result_phase *first_impaired(const struct result *r)
{
	for (size_t i = 0; i < r->nphases; i++)
		if (strcmp(r->phases[i].impairments, "none") != 0 && r->phases[i].server_capture)
			return &r->phases[i];
	return NULL;
}

static const struct result_look *first_found(const struct result *r)
{
	for (size_t i = 0; i < r->nlooks; i++)
		if (r->looks[i].found)
			return &r->looks[i];
	return NULL;
}

void show_connection(struct result *r, const char *folder)
{
	const struct result_look *look = first_found(r);
	const struct result_phase *phase = look ? phase_of(r, look->capture) : first_impaired(r);
	const char *capture = look ? look->capture : phase ? phase->server_capture : NULL;
	struct choice choice;
	struct reading g = {.c = &r->connection, .choice = &choice};
	uint32_t *marked = NULL;
	size_t nmarked;
	struct err e;
	char *path;

	if (!phase || !capture)
		return;
	path = xasprintf("%s/%s", folder, capture);
	for (size_t i = 0; i < r->nlooks; i++)
		if (strcmp(r->looks[i].capture, capture) == 0)
			add_proofs(&g, r->looks[i].frames);
	nmarked = packet_comments_list(path, &marked);
	if (choose_connection(path, look ? g.proofs[0] : 0, marked, nmarked, &choice, &e) == 1 &&
	    read_connection(&g, path)) {
		r->connection.phase = xstrdup(phase->name);
		r->connection.capture = xstrdup(capture);
	}
	free(marked);
	free(path);
}
