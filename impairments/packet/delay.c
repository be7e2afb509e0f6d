/* delay.c - delays segments, or ACKs, by a time that may vary; in order or each for itself. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/ack_window.h"
#include "impairments/packet/parts/held.h"
#include "impairments/packet/parts/packet_class.h"

#include "proxy/base/dist.h"

#include <jansson.h>

#define DELAY_MAX (60 * NS_PER_S) /* the plane remembers a connection that is over as long */

struct delay {
	int64_t delay, jitter;
	int distribution, packet_class;
	double shape;
	bool reorder;
};

static const char *const distribution_names[] = {"constant", "uniform", "normal", "pareto",
						 NULL};			/* enum dist_kind */
static const char *const class_names[] = {"data", "all", "acks", NULL}; /* enum packet_class */

static const struct param params[] = {
    P_DURATION("delay", struct delay, delay, .def = "100ms", .min = "0", .max = "1m",
	       .help = "how much later: constant's only value, the mean of uniform and normal, the "
		       "least of pareto"),
    P_DURATION("jitter", struct delay, jitter, .def = "0", .min = "0", .max = "1m",
	       .help = "half the width of uniform, the standard deviation of normal, the mean "
		       "excess of pareto"),
    P_ENUM("distribution", struct delay, distribution, distribution_names, .def = "uniform",
	   .help = "how the delay varies from one packet to the next, with a jitter"),
    P_NUMBER("shape", struct delay, shape, .def = "3", .min = "1.1", .max = "100",
	     .needs = "distribution", .help = "of pareto: the smaller, the heavier is its tail"),
    P_ENUM("what", struct delay, packet_class, class_names, .def = "all",
	   .help = "every packet that travels in the direction, its segments with payload only, or "
		   "the pure ACKs of its data, which travel against it"),
    P_FLAG("reorder", struct delay, reorder, .def = "no",
	   .help = "let a packet with a short delay overtake one with a long delay"),
    P_END,
};

struct state {
	struct held held; /* key: due time */
	int64_t last;	  /* the latest due time so far */
	struct ack_window acks;
};

static struct dist dist_of(const struct delay *cfg)
{
	return (struct dist){.kind = (enum dist_kind)cfg->distribution,
			     .delay = cfg->delay,
			     .jitter = cfg->jitter,
			     .shape = cfg->shape};
}

static int delay_check(const void *config, struct err *e)
{
	struct dist d = dist_of(config);

	return dist_check(&d, e);
}

static int64_t draw_delay(struct pkt_stage *st)
{
	struct dist d = dist_of(st->cfg);
	int64_t delay = dist_sample(&d, &st->rng);

	return delay < DELAY_MAX ? delay : DELAY_MAX;
}

static void hold_packet(struct pkt_stage *st, struct pkt *p, int64_t came, int64_t delay)
{
	struct state *s = pkt_stage_state(st);
	const struct delay *cfg = st->cfg;
	int64_t due = came + delay;

	if (!cfg->reorder && due < s->last)
		due = s->last;
	if (due > s->last)
		s->last = due;
	held_add(&s->held, (struct held_entry){p, came, due});
	pkt_stage_arm(st, held_first(&s->held)->key);
}

/* A FIN or an RST never overtakes the packets before it. */
static bool waits_behind(const struct pkt_stage *st, const struct state *s, const struct pkt *p)
{
	const struct delay *cfg = st->cfg;

	return !cfg->reorder && held_count(&s->held) && p->dir == held_first(&s->held)->p->dir &&
	       (p->tcp.flags & (TCP_FIN | TCP_RST));
}

/* Returns whether a packet came in the window. ACKs are where the data is that they acknowledge. */
static bool came_inside(struct pkt_stage *st, const struct pkt *p)
{
	struct state *s = pkt_stage_state(st);
	const struct delay *cfg = st->cfg;

	if (cfg->packet_class != PACKET_CLASS_ACKS)
		return !st->outside;
	if (p->dir == st->dir) {
		ack_window_data(&s->acks, st, &p->tcp);
		return !st->outside;
	}
	return tcp_is_pure_ack(&p->tcp) && ack_window_has(&s->acks, st, &p->tcp);
}

/* A packet goes on, at once or in the end. */
static void note_sent(struct pkt_stage *st, const struct pkt *p)
{
	struct state *s = pkt_stage_state(st);

	if (p->dir != st->dir)
		ack_window_sent(&s->acks, &p->tcp);
}

static enum pkt_action delay_packet(struct pkt_stage *st, struct pkt *p)
{
	struct state *s = pkt_stage_state(st);
	const struct delay *cfg = st->cfg;
	bool concerned = packet_class_has((enum packet_class)cfg->packet_class, st, p);
	bool inside = came_inside(st, p);
	int64_t delay;

	if (!concerned || !inside) {
		if (!held_count(&s->held) || (concerned ? cfg->reorder : !waits_behind(st, s, p))) {
			note_sent(st, p);
			return PKT_PASS;
		}
		hold_packet(st, p, p->came, 0);
		return PKT_HELD;
	}
	delay = draw_delay(st);
	if (cfg->jitter)
		pkt_stage_event(st, "segment_delayed", "s:I, s:I, s:f", "seq",
				(json_int_t)p->tcp.seq, "len", (json_int_t)p->tcp.payload_len,
				"for", clock_seconds(delay));
	hold_packet(st, p, p->came, delay);
	return PKT_HELD;
}

static void release_until(struct pkt_stage *st, int64_t now)
{
	struct state *s = pkt_stage_state(st);

	while (held_count(&s->held) && held_first(&s->held)->key <= now) {
		note_sent(st, held_first(&s->held)->p);
		pkt_release(st, held_take(&s->held).p);
	}
	if (held_count(&s->held))
		pkt_stage_arm(st, held_first(&s->held)->key);
	else
		pkt_stage_disarm(st);
}

/* Times held packets anew, from when they came and in the order in which they came. Those that came
 * behind the window aren't delayed. */
static void delay_update(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);
	struct held old = s->held, by_arrival = {0};
	struct held_entry e;
	size_t inside = held_count(&s->held) - (st->outside ? st->behind : 0);

	for (e = held_take(&old); e.p; e = held_take(&old))
		held_add(&by_arrival, (struct held_entry){e.p, e.came, e.came});
	s->held = (struct held){0};
	s->last = 0;
	for (e = held_take(&by_arrival); e.p; e = held_take(&by_arrival)) {
		hold_packet(st, e.p, e.came, inside ? draw_delay(st) : 0);
		inside -= inside > 0;
	}
	held_fini(&old);
	held_fini(&by_arrival);
}

static void delay_drain(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);

	release_until(st, INT64_MAX);
	s->last = 0;
	ack_window_fini(&s->acks);
}

static void delay_close(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);

	held_fini(&s->held);
	ack_window_fini(&s->acks);
}

static void delay_open(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);

	ack_window_open(&s->acks, st);
}

static bool delay_awaits(const struct pkt_stage *st)
{
	const struct delay *cfg = st->cfg;
	const struct state *s = (const void *)st->state;

	return cfg->packet_class == PACKET_CLASS_ACKS && ack_window_awaits(&s->acks);
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct state),
    .headers_only = true,
    .open = delay_open,
    .packet = delay_packet,
    .timer = release_until,
    .update = delay_update,
    .drain = delay_drain,
    .lingers = true,
    .awaits = delay_awaits,
    .close = delay_close,
};

const struct impairment delay_impairment = {
    .name = "delay",
    .summary = "delays packets, with jitter; in order or not",
    .impersonates = "the network, a longer path: what comes late was sent when its time stamp says",
    .doc = "Every packet that travels in the direction comes later by a delay of its own, "
	   "drawn from the distribution: handshake, data, ACKs, FIN and RST, as on a longer "
	   "path. In both directions it adds twice the delay to the round trip. With what=data "
	   "only segments with payload are delayed, with what=acks only the pure ACKs that "
	   "travel against the direction; what else travels that way passes at once, but a FIN "
	   "or RST never overtakes what is delayed. An ACK is in the window when the data is "
	   "that it is the first to acknowledge.\n\n"
	   "Order is kept: a long delay also holds what comes behind it. With reorder each "
	   "packet goes on when its own delay is over, a FIN or RST too. Nothing is ever "
	   "early, nothing is lost; no delay is longer than a minute.\n\n"
	   "When it is changed, packets on their way are timed anew, from when they came; a "
	   "new choice of what counts for later packets. When it is disabled or removed, they "
	   "all go on at once, in order.",
    .params = params,
    .cfg_size = sizeof(struct delay),
    .check = delay_check,
    .packet = &ops,
    .default_leg = IMPAIR_LEG_CLIENT,
    .of_network = true,
    .example = "delay{direction=downstream,delay=50ms,what=data}",
};
