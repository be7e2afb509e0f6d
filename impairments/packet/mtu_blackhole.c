/* mtu_blackhole.c - drops IP packets above a size, and no ICMP tells their sender: a path MTU black
 * hole (RFC 2923 section 2.1). */
#include "impairments/impairment.h"

#include <jansson.h>

struct mtu_blackhole {
	uint64_t mtu;
};

static const struct param params[] = {
    P_SIZE("mtu", struct mtu_blackhole, mtu, .def = "1400B", .min = "68B", .max = "65535B",
	   .help = "the largest IP packet that still passes, headers included; IPv4 guarantees 68 "
		   "(RFC 791), IPv6 1280 (RFC 8200)"),
    P_END,
};

static enum pkt_action mtu_blackhole_packet(struct pkt_stage *st, struct pkt *p)
{
	const struct mtu_blackhole *cfg = st->cfg;

	if (p->dir != st->dir || p->tcp.ip_len <= cfg->mtu)
		return PKT_PASS;
	pkt_stage_event(st, "segment_lost", "s:I, s:I, s:I, s:s", "seq", (json_int_t)p->tcp.seq,
			"len", (json_int_t)p->tcp.payload_len, "packet", (json_int_t)p->tcp.ip_len,
			"reason", "size");
	return PKT_DROP;
}

static const struct pkt_ops ops = {
    .headers_only = true,
    .open = pkt_default_open,
    .packet = mtu_blackhole_packet,
    .timer = pkt_default_timer,
    .update = pkt_default_update,
    .drain = pkt_default_drain,
    .close = pkt_default_close,
};

const struct impairment mtu_blackhole_impairment = {
    .name = "mtu_blackhole",
    .summary = "segments above a size never arrive and no ICMP comes back",
    .impersonates =
	"the network, a router whose ICMP is lost: what is small arrives as it was sent",
    .doc = "Each IP packet of the given direction that is larger than mtu is lost; smaller ones, "
	   "so the handshake and small requests, pass. Its sender hears nothing, and sends the "
	   "same size again until it gives up or probes smaller ones by itself (RFC 4821; Linux: "
	   "tcp_mtu_probing).\n\n"
	   "Nothing is held. A change acts from the next packet on; disabled or removed, "
	   "everything passes, what was lost when it is sent again. Sizes are those of packets "
	   "as they are on the wire; on loopback, where a segment may have 64 KiB, they are "
	   "those.",
    .params = params,
    .cfg_size = sizeof(struct mtu_blackhole),
    .packet = &ops,
    .default_leg = IMPAIR_LEG_CLIENT,
    .of_network = true,
    .example = "mtu_blackhole{direction=downstream,mtu=1400B}",
};
