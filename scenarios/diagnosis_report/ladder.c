/* ladder.c - a second reading of the capture, in which packets are drawn as they come; of those
 * that prove nothing only the last few are kept, since the next may want them beside it. */
#include "scenarios/diagnosis_report/ladder.h"

#include "proxy/base/mem.h"
#include "scenarios/base/figure_text.h"
#include "scenarios/diagnosis_report/figures.h"
#include "scenarios/diagnosis_report/ladder_row.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HELD	  3 /* hidden packets take a line of their own: no fewer are hidden */
#define BEGINNING 3 /* the handshake */

struct ladder {
	uint32_t connection;
	FILE *out;
	const struct proof **chosen; /* by time */
	size_t nchosen, told;
	uint32_t *frames; /* of these, ascending */
	size_t nframes;
	struct segment_numbers numbers;
	int64_t begin;
	uint64_t rows;
	int64_t last_at;
	bool beside; /* the packet before was drawn for its own sake */
	struct segment_row held[HELD];
	size_t nheld;
	struct {
		uint64_t packets, bytes[DIR_COUNT];
	} hidden;
};

static int longer_first(const void *a, const void *b)
{
	const struct stall *x = &(*(const struct proof *const *)a)->stall;
	const struct stall *y = &(*(const struct proof *const *)b)->stall;
	int64_t lx = x->to - x->from, ly = y->to - y->from;
	bool x_lost = cause_row(x->cause)->lost, y_lost = cause_row(y->cause)->lost;

	return x_lost == y_lost ? (lx < ly) - (lx > ly) : y_lost - x_lost;
}

static int earlier_first(const void *a, const void *b)
{
	const struct stall *x = &(*(const struct proof *const *)a)->stall;
	const struct stall *y = &(*(const struct proof *const *)b)->stall;

	return (x->to > y->to) - (x->to < y->to);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void add_frames(struct ladder *l, const uint32_t *frames, size_t n)
{
	for (size_t i = 0; i < n && frames[i]; i++)
		l->frames[l->nframes++] = frames[i];
}

/* Chooses the waits that are drawn: those that were lost first, then the longest. */
static void choose_proofs(struct ladder *l, const struct diagnosis *d, size_t waits)
{
	const struct proofs *p = &d->proofs;
	const struct findings *f = &d->groups.findings;

	l->chosen = xcalloc(p->n + 1, sizeof(*l->chosen));
	for (size_t i = 0; i < p->n; i++)
		l->chosen[i] = &p->list[i];
	qsort(l->chosen, p->n, sizeof(*l->chosen), longer_first);
	l->nchosen = p->n < waits ? p->n : waits;
	qsort(l->chosen, l->nchosen, sizeof(*l->chosen), earlier_first);
	l->frames =
	    xcalloc(l->nchosen * STALL_FRAMES + f->ncases * FINDING_FRAMES + 1, sizeof(*l->frames));
	for (size_t i = 0; i < l->nchosen; i++)
		add_frames(l, l->chosen[i]->stall.frames, STALL_FRAMES);
	for (size_t i = 0; i < f->ncases; i++)
		add_frames(l, f->cases[i].frames, FINDING_FRAMES);
	qsort(l->frames, l->nframes, sizeof(*l->frames), by_number);
}

/* Frames don't come in order where the capture's own order isn't that of time. */
static bool frame_proves(const struct ladder *l, uint32_t frame)
{
	return l->nframes && bsearch(&frame, l->frames, l->nframes, sizeof(frame), by_number);
}

static void hide_row(struct ladder *l, const struct segment_row *r)
{
	l->hidden.packets++;
	l->hidden.bytes[r->dir] += r->payload;
}

static void hide_oldest(struct ladder *l)
{
	hide_row(l, &l->held[0]);
	for (size_t i = 1; i < l->nheld; i++)
		l->held[i - 1] = l->held[i];
	l->nheld--;
}

static void tell_hidden(struct ladder *l)
{
	char packets[COUNT_TEXT], bytes[COUNT_TEXT], *text;

	while (l->nheld > 1)
		hide_oldest(l);
	text = xasprintf("%s, %s to the server, %" PRIu64 " to the client",
			 count_text(l->hidden.packets, "packet", packets),
			 count_text(l->hidden.bytes[DIR_UPSTREAM], "byte", bytes),
			 l->hidden.bytes[DIR_DOWNSTREAM]);
	ladder_words_write("~", text, l->out);
	free(text);
	l->hidden.packets = l->hidden.bytes[0] = l->hidden.bytes[1] = 0;
}

/* Draws what comes before a packet that is drawn: the last one is beside it. */
static void draw_held(struct ladder *l)
{
	if (l->hidden.packets)
		tell_hidden(l);
	for (size_t i = 0; i < l->nheld; i++)
		ladder_row_write(&l->held[i], l->begin, false, l->out);
	l->nheld = 0;
}

static void tell_stall(struct ladder *l, const struct stall *s)
{
	const struct cause_row *row = cause_row(s->cause);
	char length[UNITS_TEXT], value[UNITS_TEXT] = "", *text;

	time_text(s->to - s->from, length);
	if (s->value && strcmp(time_text(s->value, value), length) == 0)
		*value = '\0';
	text = xasprintf("%s: %s (%s), %s%s%s%s%s%s; %s", length, row->key, row->rule, row->words,
			 s->label ? ", " : "", s->label ? s->label : "", *value ? " (" : "", value,
			 *value ? ")" : "", blame_words(s->cause, s->to_client));
	ladder_words_write(":", text, l->out);
	free(text);
}

static bool any_ends(const struct ladder *l, int64_t at)
{
	return l->told < l->nchosen && l->chosen[l->told]->stall.to <= at;
}

/* Waits are told before the packet that ends them, in a capture that goes on. */
static void tell_ended(struct ladder *l, int64_t at)
{
	while (any_ends(l, at))
		tell_stall(l, &l->chosen[l->told++]->stall);
}

static void take_row(struct ladder *l, const struct segment_row *r)
{
	bool proof = frame_proves(l, r->frame);
	bool wanted = proof || any_ends(l, r->at) || l->rows < BEGINNING ||
		      r->flags & (TCP_SYN | TCP_FIN | TCP_RST);

	if (!l->rows++)
		l->begin = r->at;
	if (wanted || l->beside) {
		draw_held(l);
		tell_ended(l, r->at);
		ladder_row_write(r, l->begin, proof, l->out);
	} else {
		if (l->nheld == HELD)
			hide_oldest(l);
		l->held[l->nheld++] = *r;
	}
	l->beside = wanted;
}

static void taken_cb(void *arg, struct connection *c, const struct segment *s)
{
	struct ladder *l = arg;
	struct segment_row r;

	if (c->wire.index != l->connection)
		return;
	segment_row_set(&r, &l->numbers, c, s);
	take_row(l, &r);
}

static const struct segment_observer observer = {.taken = taken_cb};

int ladder_write(const struct diagnosis *d, const char *path, size_t waits, FILE *out,
		 struct err *e)
{
	struct ladder l = {.connection = d->question.selection.connection.number, .out = out};
	struct packet_stream stream;
	int rc;

	choose_proofs(&l, d, waits);
	fprintf(out, "\nConnection %" PRIu32 "; * proves a wait or a finding", l.connection);
	if (l.nchosen < d->proofs.n)
		fprintf(out, "; %zu of %zu waits (--top)", l.nchosen, d->proofs.n);
	fputs("\n\n", out);
	ladder_head_write(out);
	rc = packet_stream_read(path, d->stream.leg, &observer, &l, &stream, e);
	if (rc == 0) {
		draw_held(&l);
		tell_ended(&l, INT64_MAX);
	}
	packet_stream_fini(&stream);
	free(l.chosen);
	free(l.frames);
	return rc;
}
