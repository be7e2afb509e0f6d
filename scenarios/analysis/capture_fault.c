/* capture_fault.c - R0: stamps that go back, frames that were captured twice, acknowledgements of
 * bytes that the capture never showed. */
#include "scenarios/analysis/capture_fault.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/clock.h"

#define TIME_BACK_MAX (1 * NS_PER_MS) /* less is the disorder of several capture queues */
#define COPY_WITHIN   (1 * NS_PER_MS)

static uint16_t ip_id(const struct tcp_view *v)
{
	if (v->version != 4)
		return 0;
	return get_be16(v->ip + 4);
}

bool capture_fault_check_frame(struct connection *c, enum dir dir, const struct tcp_view *v,
			       int64_t at)
{
	struct frame_print *last = &c->half[dir].print;
	struct frame_print p = {
	    .at = at,
	    .seq = v->seq,
	    .ack = v->ack,
	    .payload_len = v->payload_len,
	    .ip_id = ip_id(v),
	    .flags = v->flags,
	};
	bool copy = p.ip_id && p.ip_id == last->ip_id && p.seq == last->seq && p.ack == last->ack &&
		    p.payload_len == last->payload_len && p.flags == last->flags &&
		    at - last->at <= COPY_WITHIN;

	if (at < c->wire.last - TIME_BACK_MAX)
		connection_mark_unreliable(c, "time goes back");
	if (copy)
		connection_mark_unreliable(c, "frames were captured twice");
	*last = p;
	return copy;
}

bool capture_fault_check_ack(struct connection *c, enum dir dir, uint64_t ack)
{
	struct half *x = &c->half[dir];
	bool beyond = ack > x->seq.next;

	if (!seq_space_skip(&x->seq, ack))
		return false;
	c->unseen++;
	connection_mark_unreliable(
	    c, beyond ? "data was acknowledged that the capture never showed"
		      : "a hole was acknowledged that the capture never filled");
	return true;
}
