/* pauses.c - a side that was asked, and says nothing, is waited for from the question on; one that
 * goes on by itself, from its last packet on. */
#include "scenarios/analysis/pauses.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#define UNANSWERED_MIN (20 * NS_PER_MS) /* R14 */

static void append_silence(struct connection *c, const struct wire_silence *silence)
{
	struct wire_connection *w = &c->wire;

	if (w->nsilences == c->silence_room) {
		c->silence_room = c->silence_room ? c->silence_room * 2 : 4;
		w->silences = xrealloc(w->silences, c->silence_room, sizeof(*w->silences));
	}
	w->silences[w->nsilences++] = *silence;
}

static void append_sent(struct connection *c, enum dir dir, int64_t at)
{
	struct wire_connection *w = &c->wire;

	if (w->nsent[dir] == c->sent_room[dir]) {
		c->sent_room[dir] = c->sent_room[dir] ? c->sent_room[dir] * 2 : 8;
		w->sent_at[dir] = xrealloc(w->sent_at[dir], c->sent_room[dir], sizeof(int64_t));
	}
	w->sent_at[dir][w->nsent[dir]++] = at;
}

void pause_take_segment(struct connection *c, enum dir dir, bool asks, int64_t at)
{
	struct half *x = &c->half[dir], *y = &c->half[dir_reverse(dir)];
	struct wire_silence silence = {
	    .last = x->sent_last,
	    .since = x->asked_at ? x->asked_at : x->sent_last,
	    .to = at,
	    .dir = dir,
	};

	if (c->keeps_lists) {
		if (x->sent_last && at - silence.since >= UNANSWERED_MIN)
			append_silence(c, &silence);
		append_sent(c, dir, at);
	}
	x->sent_last = at;
	x->asked_at = 0;
	if (asks && !y->asked_at)
		y->asked_at = at;
}
