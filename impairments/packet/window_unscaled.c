/* window_unscaled.c - makes the data's sender read the receiver's windows as bytes, whatever scale
 * the receiver has offered. The sender is made to believe, where its SYN is seen, that the scale is
 * 0: then each field says what it says, exactly. Where the handshake has passed before, only
 * multiples of the scale's unit can be said. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/tcp_window.h"

#include <jansson.h>

static const struct param params[] = {P_END};

struct state {
	struct tcp_window_truth truth;
	bool unscaled; /* the sender was told a scale of 0 */
	bool told;     /* the journal was told of this connection */
};

static void tell_once(struct pkt_stage *st, const struct pkt *p, int shift, const char *by)
{
	struct state *s = pkt_stage_state(st);

	if (!s->told)
		pkt_stage_event(st, "window_unscaled", "s:I, s:i, s:i, s:s", "seq",
				(json_int_t)p->tcp.seq, "field", (int)p->tcp.window, "shift", shift,
				"by", by);
	s->told = true;
}

/* Each SYN of the receiver decides anew, one that is sent again too. */
static void unscale_syn(struct pkt_stage *st, struct pkt *p, bool active)
{
	struct state *s = pkt_stage_state(st);
	int shift = p->tcp.wscale;

	s->unscaled = active && shift > 0 && tcp_window_set_shift(p, 0);
	if (s->unscaled)
		tell_once(st, p, shift, "option");
}

/* Returns the field that says as many bytes as window, or as few less as can be said, in the
 * sender's scale; never 0 for a window that is open. */
static uint16_t field_below(uint16_t window, int shift)
{
	uint16_t field = (uint16_t)(window >> shift);

	return field || !window ? field : 1;
}

/* Returns the field that says the true window to a sender who knows no scale: 64 KiB at most. */
static uint16_t field_unscaled(uint16_t window, int shift)
{
	uint32_t bytes = (uint32_t)window << shift;

	return bytes < UINT16_MAX ? (uint16_t)bytes : UINT16_MAX;
}

static bool is_of_receiver(const struct pkt_stage *st, const struct pkt *p)
{
	return p->dir != st->dir && !(p->tcp.flags & TCP_RST);
}

static enum pkt_action window_unscaled_packet(struct pkt_stage *st, struct pkt *p)
{
	struct state *s = pkt_stage_state(st);
	int shift = tcp_window_shift(st->conn, p->dir);
	uint16_t window = p->tcp.window;

	if (!is_of_receiver(st, p))
		return PKT_PASS;
	if (p->tcp.flags & TCP_SYN) {
		unscale_syn(st, p, true);
		return PKT_PASS;
	}
	if (shift <= 0)
		return PKT_PASS;
	if (s->unscaled) {
		tcp_window_rewrite(&s->truth, p, window);
		return PKT_PASS;
	}
	if (tcp_window_rewrite(&s->truth, p, field_below(window, shift)))
		tell_once(st, p, shift, "field");
	return PKT_PASS;
}

/* A sender that was told no scale stays so: it gets as much of the true window as fits. */
static enum pkt_action window_unscaled_idle(struct pkt_stage *st, struct pkt *p)
{
	struct state *s = pkt_stage_state(st);
	int shift = tcp_window_shift(st->conn, p->dir);
	struct tcp_window_truth none = {.segments = 0};

	if (!is_of_receiver(st, p))
		return PKT_PASS;
	if (p->tcp.flags & TCP_SYN)
		unscale_syn(st, p, false);
	else if (s->unscaled && shift > 0)
		tcp_window_rewrite(&none, p, field_unscaled(p->tcp.window, shift));
	return PKT_PASS;
}

static void window_unscaled_open(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);

	s->told = false;
}

static void window_unscaled_drain(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);
	struct tcp_window_truth *w = &s->truth;
	json_int_t segments = (json_int_t)w->segments, field = w->last.window;
	int shift = tcp_window_shift(st->conn, dir_reverse(st->dir));
	bool announced;

	if (segments && s->unscaled)
		w->last.window = field_unscaled(w->last.window, shift);
	announced = tcp_window_announce(w, st);
	if (segments)
		pkt_stage_event(st, "window_scaled", "s:I, s:I, s:b", "segments", segments, "field",
				field, "announced", announced);
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct state),
    .open = window_unscaled_open,
    .speaks_in = pkt_as_receiver,
    .packet = window_unscaled_packet,
    .idle = window_unscaled_idle,
    .timer = pkt_default_timer,
    .update = pkt_default_update,
    .drain = window_unscaled_drain,
    .close = pkt_default_close,
};

const struct impairment window_unscaled_impairment = {
    .name = "window_unscaled",
    .summary = "the receiver's scaled window is read as unscaled",
    .impersonates = "the host that receives the data, or a middlebox that takes away its window "
		    "scale: the announcement at the end is as that of zero_window",
    .doc = "The sender of the given direction's data reads the receiver's window field as "
	   "bytes, as though it knew nothing of the window scale option (RFC 7323 section 2): "
	   "a receiver that means 64 KiB and says 64, with a scale of 10, gets 64 bytes at a "
	   "time. Such a sender stops at a window that is smaller than a segment, sends small "
	   "segments, and probes. Receivers that offer no scaling, or a scale of 0, aren't "
	   "touched.\n\n"
	   "A connection whose handshake it sees gets the exact reading, for any scale: the "
	   "shift count in the receiver's SYN or SYN-ACK is set to 0 on its way to the sender, "
	   "and every other packet stays as it is. The receiver's own side of the wire shows "
	   "its true scale; behind wedge the SYN offers 0. On the leg of a terminated session "
	   "that is the default, wedge's own kernel is the sender: all that is on that leg's "
	   "wire is what the receiver sent. When it begins later, the field is shifted to the "
	   "right by the scale, which the sender shifts back: the largest multiple of 2^scale "
	   "bytes that isn't above the field, and 2^scale bytes where the field is smaller but "
	   "not 0. Where no SYN of a connection was seen the scale isn't known, and nothing "
	   "can be done.\n\n"
	   "Nothing is held. A change acts from the next packet on. When it ends or is "
	   "disabled, the true window is announced at once, as by zero_window; a sender that "
	   "was told a scale of 0 knows no other, so such a connection has at most 65,535 "
	   "bytes of window from then on, and new ones are free. When it is removed such "
	   "connections keep the unscaled reading. On loopback a segment of full 64 KiB, which "
	   "the queue can't change, keeps its window.",
    .params = params,
    .packet = &ops,
    .default_leg = IMPAIR_LEG_SENDING,
    .example = "window_unscaled{direction=downstream}",
};
