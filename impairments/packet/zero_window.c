/* zero_window.c - closes the advertised window of the data's receiver, whatever it is in truth. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/tcp_window.h"

#include <jansson.h>

static const struct param params[] = {P_END};

static enum pkt_action zero_window_packet(struct pkt_stage *st, struct pkt *p)
{
	struct tcp_window_truth *w = pkt_stage_state(st);
	json_int_t window = p->tcp.window;

	if (p->dir == st->dir || (p->tcp.flags & TCP_RST))
		return PKT_PASS;
	if (tcp_window_rewrite(w, p, 0))
		pkt_stage_event(st, "window_closed", "s:I", "field", window);
	return PKT_PASS;
}

static void zero_window_drain(struct pkt_stage *st)
{
	struct tcp_window_truth *w = pkt_stage_state(st);
	json_int_t segments = (json_int_t)w->segments, field = w->last.window;
	bool announced = tcp_window_announce(w, st);

	if (segments)
		pkt_stage_event(st, "window_opened", "s:I, s:I, s:b", "segments", segments, "field",
				field, "announced", announced);
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct tcp_window_truth),
    .speaks_in = pkt_as_receiver,
    .open = pkt_default_open,
    .packet = zero_window_packet,
    .timer = pkt_default_timer,
    .update = pkt_default_update,
    .drain = zero_window_drain,
    .close = pkt_default_close,
};

const struct impairment zero_window_impairment = {
    .name = "zero_window",
    .summary = "the advertised window is closed for a while",
    .impersonates =
	"the host that receives the data, and whose application doesn't read: the announcement at "
	"the end has its hop limit, traffic class and time, and the next of its IP IDs",
    .doc = "While it acts, each segment of the receiver of the given direction's data advertises "
	   "a window of 0: acknowledgements, window updates, answers to probes, its own data and "
	   "its SYN. The sender stops when it has heard the first of them, and probes (RFC 9293 "
	   "section 3.8.6.1; Linux: empty segments that begin one byte too early, after 0.2 s, "
	   "then ever later); the true receiver answers, and its answer says 0 as well. Data in "
	   "flight arrives and is acknowledged. Probes bring no new bytes, so the length of a "
	   "window in bytes is refused.\n\n"
	   "Nothing is held. When it ends, is disabled or removed, the true window is announced "
	   "at once: a window update in the receiver's name, with the numbers and timestamps of "
	   "its last segment, so that the sender needn't wait for its next probe. It passes no "
	   "other impairment, and is not sent when the true window is 0, the connection is over "
	   "or has vanished. On loopback a segment of full 64 KiB, which the queue can't change, "
	   "keeps its window.",
    .params = params,
    .packet = &ops,
    .window = IMPAIR_WINDOW_PROBES,
    .default_leg = IMPAIR_LEG_CLIENT,
    .example = "zero_window{direction=downstream}",
};
