/* outline.c - each segment is asked what it is the first of. */
#include "scenarios/diagnosis/outline.h"

#include "proxy/base/clock.h"
#include "scenarios/diagnosis/records.h"

#define IDLE_MIN (60 * NS_PER_S) /* docs/rules.md, R16 */

static struct outline_segment outline_segment(const struct segment *s)
{
	return (struct outline_segment){s->at, s->frame, s->dir, s->v->flags};
}

static void take_syn(struct outline *o, const struct segment *s)
{
	if (s->v->flags & TCP_ACK)
		return;
	if (!o->nsyns)
		o->syn_frame = s->frame;
	o->last_syn_frame = s->frame;
	if (o->nsyns < OUTLINE_SYNS)
		o->syns[o->nsyns++] = s->at;
}

static void take_idle(struct outline *o, const struct segment *s)
{
	bool data = s->v->payload_len && !s->keepalive;

	if (s->dir == DIR_UPSTREAM && data && !s->again && o->any_at &&
	    s->at - o->any_at >= IDLE_MIN) {
		o->idle = s->at - o->any_at;
		o->before_idle = o->step;
		o->after_idle = outline_segment(s);
		o->revived = o->acked_since = false;
	} else if (o->idle && s->dir == DIR_DOWNSTREAM) {
		o->revived = o->revived || data;
		o->acked_since = o->acked_since || s->acked;
	}
}

void outline_take_segment(struct outline *o, const struct connection *c, const struct segment *s)
{
	uint8_t flags = s->v->flags;

	if (s->copy || s->out_of_place)
		return;
	if (flags & TCP_SYN)
		take_syn(o, s);
	if (s->at == c->wire.handshake_ack && !o->accepted_frame)
		o->accepted_frame = s->frame;
	take_idle(o, s);
	if (s->dir == DIR_UPSTREAM && s->v->payload_len && !s->keepalive && !s->again)
		o->announced = records_begin_alert(s->v->payload, s->captured, s->v->payload_len);
	if (flags & (TCP_FIN | TCP_RST)) {
		if (!o->end.at) {
			o->end = outline_segment(s);
			o->asked = c->wire.data_bytes[DIR_UPSTREAM] > 0;
		}
		o->torn = o->torn || flags & TCP_RST;
	}
	if (tcp_seq_len(s->v) || flags & TCP_RST)
		o->step = outline_segment(s);
	o->any_at = s->at;
}
