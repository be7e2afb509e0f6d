/* ack_gaps.c - data segments wait in flight order; an ACK takes those that it covers from the
 * front. */
#include "scenarios/analysis/ack_gaps.h"

#include "proxy/base/mem.h"

#include <string.h>

/* A capture without the acknowledgements would let the list grow with its packets; what is farther
 * back than this is forgotten. It is more than the largest window holds of full segments. */
#define FLIGHT_MAX (1 << 20)

static void forget_oldest(struct half *x)
{
	x->flight_head += x->nflight / 2;
	x->nflight -= x->nflight / 2;
}

void ack_gap_take_data(struct connection *c, enum dir dir, uint64_t start, uint64_t end, int64_t at,
		       uint32_t frame)
{
	struct half *x = &c->half[dir];

	if (x->nflight == FLIGHT_MAX)
		forget_oldest(x);
	if (x->flight_head + x->nflight == x->flight_room && x->flight_head > x->nflight) {
		memmove(x->flight, x->flight + x->flight_head, x->nflight * sizeof(*x->flight));
		x->flight_head = 0;
	}
	if (x->flight_head + x->nflight == x->flight_room) {
		x->flight_room = x->flight_room ? x->flight_room * 2 : 8;
		x->flight = xrealloc(x->flight, x->flight_room, sizeof(*x->flight));
	}
	x->flight[x->flight_head + x->nflight++] = (struct sent_data){
	    .start = start,
	    .end = end,
	    .at = at,
	    .frame = frame,
	    .exchange = connection_exchange(c),
	};
}

/* Returns a place for a gap of that direction's data; without lists there is one for each. */
static struct ack_gap *append_gap(struct connection *c, enum dir dir)
{
	struct wire_connection *w = &c->wire;

	if (!c->keeps_lists) {
		if (!w->acks)
			w->acks = xcalloc(DIR_COUNT, sizeof(*w->acks));
		w->nacks = DIR_COUNT;
		return &w->acks[dir];
	}
	if (w->nacks == c->ack_room) {
		c->ack_room = c->ack_room ? c->ack_room * 2 : 8;
		w->acks = xrealloc(w->acks, c->ack_room, sizeof(*w->acks));
	}
	return &w->acks[w->nacks++];
}

struct ack_gap *ack_gap_take_ack(struct connection *c, enum dir dir, uint64_t ack, bool pure,
				 int64_t at, uint32_t frame)
{
	struct half *x = &c->half[dir];
	const struct sent_data *oldest;
	struct ack_gap *gap;
	uint32_t covered = 0;

	if (!x->nflight)
		return NULL;
	oldest = &x->flight[x->flight_head];
	for (; covered < x->nflight && oldest[covered].end <= ack; covered++)
		if (oldest[covered].end - oldest[covered].start > x->delivered)
			x->delivered = oldest[covered].end - oldest[covered].start;
	if (!covered)
		return NULL;
	gap = append_gap(c, dir);
	*gap = (struct ack_gap){
	    .data_dir = dir,
	    .data_at = oldest->at,
	    .gap = at > oldest->at ? at - oldest->at : 0,
	    .data_frame = oldest->frame,
	    .ack_frame = frame,
	    .covered = covered,
	    .exchange = oldest->exchange,
	    .pure = pure,
	    .resent = sendings_any_resent(&x->sendings, x->una_known ? x->una : 0, ack),
	};
	x->flight_head += covered;
	x->nflight -= covered;
	if (!x->nflight)
		x->flight_head = 0;
	return gap;
}
