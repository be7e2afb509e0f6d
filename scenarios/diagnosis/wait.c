/* wait.c - a step forward empties the wait, but for a window that is still closed. */
#include "scenarios/diagnosis/wait.h"

#include <string.h>

struct sent_state sent_state_of(const struct connection *c, enum dir dir)
{
	const struct half *x = &c->half[dir];

	return (struct sent_state){
	    .flight = x->una_known && x->seq.next > x->una ? x->seq.next - x->una : 0,
	    .segments = x->nflight,
	    .window = connection_window(c, dir),
	    .room = connection_window_open(c, dir),
	};
}

bool wait_is_step(const struct connection *c, const struct segment *s)
{
	if (s->copy || s->out_of_place || s->keepalive || s->probe)
		return false;
	if (tcp_seq_len(s->v) || s->v->flags & TCP_RST)
		return true;
	/* The third segment of the handshake: from then on somebody else is waited for. */
	return s->at == c->wire.handshake_ack;
}

static void note_window(struct wait *w, const struct segment *s)
{
	enum dir data = dir_reverse(s->dir);

	if (s->v->flags & (TCP_SYN | TCP_RST))
		return;
	if (!s->v->window) {
		w->opened_at[data] = 0;
		if (w->closed_at[data])
			return;
		w->closed_at[data] = s->at;
		w->closed_frame[data] = s->frame;
	} else if (w->closed_at[data] && !w->opened_at[data]) {
		w->opened_at[data] = s->at;
		w->opened_frame[data] = s->frame;
	}
}

static void begin_wait(struct wait *w, const struct segment *s)
{
	struct wait old = *w;

	memset(w, 0, sizeof(*w));
	w->since = s->at;
	w->frame = s->frame;
	w->dir = s->dir;
	w->flags = s->v->flags;
	for (int d = 0; d < DIR_COUNT; d++) {
		if (!old.closed_at[d] || old.opened_at[d])
			continue;
		w->closed_at[d] = old.closed_at[d];
		w->closed_frame[d] = old.closed_frame[d];
	}
}

void wait_take_segment(struct wait *w, const struct connection *c, const struct segment *s,
		       const struct sent_state before[DIR_COUNT])
{
	enum dir data = dir_reverse(s->dir);

	if (s->copy || s->out_of_place)
		return;
	if (wait_is_step(c, s)) {
		begin_wait(w, s);
	} else if (s->keepalive || s->probe) {
		w->probes[s->dir]++;
		w->probe_frame[s->dir] = s->frame;
	}
	if (s->acked && s->at != w->since)
		w->ack[data] = (struct wait_ack){s->at, s->frame, before[data]};
	note_window(w, s);
}
