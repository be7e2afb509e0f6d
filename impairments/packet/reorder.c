/* reorder.c - holds chosen segments until later ones have passed. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/held.h"

#include <jansson.h>

struct reorder {
	double share;
	uint64_t distance;
	int64_t hold;
};

static const struct param params[] = {
    P_FRACTION("share", struct reorder, share, .def = "1%",
	       .help = "of the data segments: so many come late"),
    P_COUNT("distance", struct reorder, distance, .def = "3", .min = "1", .max = "10000",
	    .help = "so many later segments pass first; 3 duplicate ACKs make a sender send again "
		    "(RFC 5681 section 3.2)"),
    P_DURATION("hold", struct reorder, hold, .def = "50ms", .min = "1us", .max = "1m",
	       .help = "but no longer than this, so that the last segments aren't stuck"),
    P_END,
};

struct state {
	struct held held; /* key: the value of passed when the segment came */
	int64_t passed;	  /* segments that have passed */
};

/* Returns why the first held segment goes on now, or NULL when it still waits. */
static const char *why_now(struct pkt_stage *st)
{
	const struct state *s = pkt_stage_state(st);
	const struct reorder *cfg = st->cfg;
	const struct held_entry *first = held_first(&s->held);

	if (s->passed - first->key >= (int64_t)cfg->distance)
		return "distance";
	return first->came + cfg->hold <= pkt_stage_now(st) ? "hold" : NULL;
}

static void release_first(struct pkt_stage *st, const char *reason)
{
	struct state *s = pkt_stage_state(st);
	struct held_entry e = held_take(&s->held);

	pkt_stage_event(st, "segment_released", "s:I, s:f, s:s", "seq", (json_int_t)e.p->tcp.seq,
			"held", clock_seconds(pkt_stage_now(st) - e.came), "reason", reason);
	pkt_release(st, e.p);
}

static void release_due(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);
	const char *reason;

	while (held_count(&s->held) && (reason = why_now(st)))
		release_first(st, reason);
}

static void release_all(struct pkt_stage *st, const char *reason)
{
	struct state *s = pkt_stage_state(st);

	while (held_count(&s->held))
		release_first(st, reason);
}

static void arm_timer(struct pkt_stage *st)
{
	const struct state *s = pkt_stage_state(st);
	const struct reorder *cfg = st->cfg;

	if (!held_count(&s->held))
		pkt_stage_disarm(st);
	else
		pkt_stage_arm(st, why_now(st) ? pkt_stage_now(st)
					      : held_first(&s->held)->came + cfg->hold);
}

static enum pkt_action hold_packet(struct pkt_stage *st, struct pkt *p)
{
	struct state *s = pkt_stage_state(st);

	held_add(&s->held, (struct held_entry){p, p->came, s->passed});
	pkt_stage_event(st, "segment_held", "s:I, s:I", "seq", (json_int_t)p->tcp.seq, "len",
			(json_int_t)p->tcp.payload_len);
	arm_timer(st);
	return PKT_HELD;
}

/* A held segment goes on behind the last segment that it waits for: before the next one, or by the
 * timer when none comes at once. */
static enum pkt_action reorder_packet(struct pkt_stage *st, struct pkt *p)
{
	struct state *s = pkt_stage_state(st);
	const struct reorder *cfg = st->cfg;

	if (p->dir != st->dir)
		return PKT_PASS;
	if (p->tcp.flags & TCP_RST) {
		release_all(st, "rst");
		arm_timer(st);
		return PKT_PASS;
	}
	if (!p->tcp.payload_len && !(p->tcp.flags & TCP_FIN))
		return PKT_PASS;
	release_due(st);
	if (p->tcp.payload_len && !st->outside && rng_chance(&st->rng, cfg->share))
		return hold_packet(st, p);
	s->passed++;
	arm_timer(st);
	return PKT_PASS;
}

static void reorder_timer(struct pkt_stage *st, int64_t now)
{
	(void)now;
	release_due(st);
	arm_timer(st);
}

static void reorder_drain(struct pkt_stage *st)
{
	release_all(st, "drained");
}

static void reorder_close(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);

	held_fini(&s->held);
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct state),
    .headers_only = true,
    .open = pkt_default_open,
    .packet = reorder_packet,
    .timer = reorder_timer,
    .update = arm_timer,
    .drain = reorder_drain,
    .lingers = true,
    .close = reorder_close,
};

const struct impairment reorder_impairment = {
    .name = "reorder",
    .summary = "segments arrive behind later ones",
    .impersonates = "the network, several paths: time stamps and IP IDs tell the order in which "
		    "packets were sent",
    .doc = "Chosen data segments wait until so many later segments of the same direction have "
	   "passed, and go on right behind the last of these; or until hold is over, when "
	   "their sender has no more to send. A FIN passes and counts as a later segment; an "
	   "RST lets all that wait go on before it; pure ACKs pass and don't count. Segments "
	   "that wait at the same time keep their order. Nothing is lost: the receiver answers "
	   "each gap with duplicate ACKs, and their sender may send again what only waits.\n\n"
	   "A change acts at once, also on what waits: by the new distance, and by the new "
	   "hold from when it came. Disabled or removed, what waits goes on at once, in order.",
    .params = params,
    .cfg_size = sizeof(struct reorder),
    .packet = &ops,
    .default_leg = IMPAIR_LEG_CLIENT,
    .of_network = true,
    .example = "reorder{direction=downstream,share=5%,distance=3}",
};
