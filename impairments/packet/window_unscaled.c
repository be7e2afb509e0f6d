/* window_unscaled.c - makes the scaled window of the data's receiver look as though its window
 * scale option had never been sent. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/tcp_window.h"

#include <jansson.h>

static const struct param params[] = {P_END};

static enum pkt_action window_unscaled_packet(struct pkt_stage *st, struct pkt *p)
{
	struct tcp_window_truth *w = pkt_stage_state(st);
	int shift = tcp_window_shift(st->conn, p->dir);
	uint16_t window = p->tcp.window;

	if (p->dir == st->dir || (p->tcp.flags & (TCP_SYN | TCP_RST)) || shift <= 0)
		return PKT_PASS;
	if (tcp_window_rewrite(w, p, (uint16_t)(window >> shift)))
		pkt_stage_event(st, "window_unscaled", "s:i, s:i", "field", (int)window, "shift",
				shift);
	return PKT_PASS;
}

static void window_unscaled_drain(struct pkt_stage *st)
{
	struct tcp_window_truth *w = pkt_stage_state(st);
	json_int_t segments = (json_int_t)w->segments, field = w->last.window;
	bool announced = tcp_window_announce(w, st);

	if (segments)
		pkt_stage_event(st, "window_scaled", "s:I, s:I, s:b", "segments", segments, "field",
				field, "announced", announced);
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct tcp_window_truth),
    .open = pkt_default_open,
    .packet = window_unscaled_packet,
    .timer = pkt_default_timer,
    .update = pkt_default_update,
    .drain = window_unscaled_drain,
    .close = pkt_default_close,
};

const struct impairment window_unscaled_impairment = {
    .name = "window_unscaled",
    .summary = "the receiver's scaled window is read as unscaled",
    .doc = "The sender of the given direction's data is made to see the receiver's window as "
	   "though it knew nothing of its window scale option (RFC 7323 section 2): the field is "
	   "shifted to the right by the scale, and the sender, which shifts it back, has at most "
	   "as many bytes of window as the field says. Below 2^scale that is 0, and the sender "
	   "probes. Only connections are touched whose SYNs were both seen, both with the "
	   "option, the receiver's scale being above 0; the SYNs themselves, whose windows are "
	   "never scaled, stay as they are.\\n\\n"
	   "Nothing is held. When it ends, is disabled or removed, the true window is announced "
	   "at once, as by zero_window. On loopback a segment of full 64 KiB, which the queue "
	   "can't change, keeps its window.",
    .params = params,
    .packet = &ops,
    .default_leg = IMPAIR_LEG_CLIENT,
    .example = "window_unscaled{direction=downstream}",
};
