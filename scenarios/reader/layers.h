/* layers.h - a frame on the way from its link layer to the innermost IP packet, one header at a
 * time. Each layer is a function that steps over its header and says what follows. */
#ifndef WEDGE_SCENARIOS_READER_LAYERS_H
#define WEDGE_SCENARIOS_READER_LAYERS_H

#include "scenarios/reader/capture_record.h"

/* Headers of one frame at most: a packet of a host in a VLAN, mirrored by ERSPAN over a tunnel has
 * ten. */
#define LAYERS_MAX 24

/* What the bytes at layers.at are. */
enum layer {
	LAYER_END, /* nothing that leads to an IP packet */
	LAYER_ETHERNET,
	LAYER_ETHERTYPE, /* the payload of layers.type */
	LAYER_PPP,	 /* its protocol field */
	LAYER_IP,
	LAYER_COUNT,
};

/* In what the innermost IP packet was wrapped, as bits. */
enum encapsulation {
	IN_VLAN = 1 << 0,
	IN_PPPOE = 1 << 1,
	IN_MPLS = 1 << 2,
	IN_IP = 1 << 3, /* IP in IP, 6in4 */
	IN_GRE = 1 << 4,
	IN_ERSPAN = 1 << 5,
	IN_VXLAN = 1 << 6,
	IN_GENEVE = 1 << 7,
};

enum ip_fragment { IP_WHOLE, IP_FRAGMENT_FIRST, IP_FRAGMENT_LATER };

struct layers {
	const uint8_t *at;
	size_t len;	/* captured bytes from there on */
	size_t wire;	/* the same on the wire */
	uint16_t type;	/* for LAYER_ETHERTYPE */
	uint16_t wraps; /* enum encapsulation */
	uint64_t place; /* a mix of all that tells one capture point from another */
	bool vague;	/* of several capture points that it can't tell apart (Linux cooked v1) */
	bool too_deep;	/* more than LAYERS_MAX */
	bool fragments; /* some IP packet on the way is a fragment */
	enum packet_way way;

	/* The innermost IP packet; NULL: there is none. */
	const uint8_t *ip;
	size_t ip_len, ip_wire;
	enum ip_fragment fragment;
	uint8_t protocol;  /* of its payload, behind IPv6's extension headers */
	size_t ip_headers; /* bytes before that payload; 0: not captured */
};

/* Steps over n bytes. false: fewer were captured. */
static inline bool layers_skip(struct layers *l, size_t n)
{
	if (l->len < n)
		return false;
	l->at += n;
	l->len -= n;
	l->wire = l->wire > n ? l->wire - n : 0;
	return true;
}

/* Mixes what tells capture points apart into l->place. */
static inline void layers_mix_place(struct layers *l, uint64_t v)
{
	l->place = (l->place ^ v) * UINT64_C(0xff51afd7ed558ccd);
	l->place ^= l->place >> 33;
}

#endif
