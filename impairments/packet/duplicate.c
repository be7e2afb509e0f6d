/* duplicate.c - lets segments arrive more than once. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/packet_class.h"

#include <jansson.h>

struct duplicate {
	double share;
	uint64_t copies;
	int packet_class;
};

static const char *const class_names[] = {"data", "all", NULL}; /* enum packet_class */

static const struct param params[] = {
    P_FRACTION("share", struct duplicate, share, .def = "1%",
	       .help = "of the segments: so many arrive more than once"),
    P_COUNT("copies", struct duplicate, copies, .def = "2", .min = "2", .max = "100",
	    .help = "how often such a segment arrives in all"),
    P_ENUM("what", struct duplicate, packet_class, class_names, .def = "data",
	   .help = "which: segments with payload of that direction, or every packet that travels "
		   "in it"),
    P_END,
};

static enum pkt_action duplicate_packet(struct pkt_stage *st, struct pkt *p)
{
	const struct duplicate *cfg = st->cfg;

	if (!packet_class_has((enum packet_class)cfg->packet_class, st, p) ||
	    !rng_chance(&st->rng, cfg->share) || p->cut)
		return PKT_PASS;
	pkt_stage_event(st, "segment_duplicated", "s:I, s:I, s:I", "seq", (json_int_t)p->tcp.seq,
			"len", (json_int_t)p->tcp.payload_len, "copies", (json_int_t)cfg->copies);
	for (uint64_t i = 1; i < cfg->copies; i++)
		pkt_inject(st->conn, p->data, p->len);
	return PKT_PASS;
}

static const struct pkt_ops ops = {
    .open = pkt_default_open,
    .packet = duplicate_packet,
    .timer = pkt_default_timer,
    .update = pkt_default_update,
    .drain = pkt_default_drain,
    .close = pkt_default_close,
};

const struct impairment duplicate_impairment = {
    .name = "duplicate",
    .summary = "segments arrive more than once",
    .impersonates =
	"the network, which delivers a packet twice: copies are the same in every field",
    .doc = "Chosen segments arrive so many times, all at once, byte for byte the same. Their "
	   "receiver answers each superfluous one with a duplicate ACK (and D-SACK, RFC 2883). "
	   "The copies pass no other impairment: one that stands behind this one in the list "
	   "meets a segment once, so put it before it if it should act on them, too.\n\n"
	   "Nothing is held. A change acts from the next packet on; disabled or removed, every "
	   "segment arrives once. On loopback a segment of full 64 KiB, which the queue can't "
	   "carry whole, is not duplicated.",
    .params = params,
    .cfg_size = sizeof(struct duplicate),
    .packet = &ops,
    .default_leg = IMPAIR_LEG_CLIENT,
    .of_network = true,
    .example = "duplicate{direction=downstream,share=5%}",
};
