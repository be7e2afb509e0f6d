/* link_types.c - numbers and headers as in https://www.tcpdump.org/linktypes.html. */
#include "scenarios/reader/link_types.h"

#include "proxy/base/byteorder.h"
#include "scenarios/reader/ethernet.h"
#include "scenarios/reader/ppp.h"

#include <pcap/pcap.h>

enum {
	SLL_HEADER = 16,
	SLL2_HEADER = 20,
	FAMILY_HEADER = 4,
	ENC_HEADER = 12,
	CISCO_HDLC_HEADER = 4,
	CISCO_UNICAST = 0x0f, /* address of a frame of Cisco's HDLC */
	CISCO_BROADCAST = 0x8f,
};

struct link_type {
	uint16_t number;
	enum layer (*step)(struct layers *l);
};

/* Linux cooked: the kinds of packets of packet(7). */
static enum packet_way sll_way(unsigned kind)
{
	return kind == 4 /* PACKET_OUTGOING */ ? PACKET_OUT : PACKET_IN;
}

/* Version 1 names no interface: its kind of device and the sender's address have to do. */
static enum layer step_over_sll(struct layers *l)
{
	const uint8_t *head = l->at;

	if (!layers_skip(l, SLL_HEADER))
		return LAYER_END;
	l->way = sll_way(get_be16(head));
	l->vague = true;
	layers_mix_place(l, get_be32(head));
	layers_mix_place(l, (uint64_t)get_be32(head + 6) << 32 | get_be32(head + 10));
	l->type = get_be16(head + 14);
	return LAYER_ETHERTYPE;
}

static enum layer step_over_sll2(struct layers *l)
{
	const uint8_t *head = l->at;

	if (!layers_skip(l, SLL2_HEADER))
		return LAYER_END;
	l->way = sll_way(head[10]);
	layers_mix_place(l, (uint64_t)get_be32(head + 4) << 8 | head[10]);
	l->type = get_be16(head);
	return LAYER_ETHERTYPE;
}

/* BSD loopback: a protocol family in the byte order of the capturing host; IPv6 has a different
 * number on each system (Linux 10, NetBSD 24, FreeBSD 28, Darwin 30). */
static enum layer step_over_family(struct layers *l)
{
	const uint8_t *head = l->at;
	uint8_t family;

	if (!layers_skip(l, FAMILY_HEADER))
		return LAYER_END;
	family = head[0] ? head[0] : head[3];
	return family == 2 || family == 10 || family == 24 || family == 28 || family == 30
		   ? LAYER_IP
		   : LAYER_END;
}

/* OpenBSD's encapsulating interface: the family, then two numbers of IPsec. */
static enum layer step_over_enc(struct layers *l)
{
	return layers_skip(l, ENC_HEADER) ? LAYER_IP : LAYER_END;
}

static enum layer step_over_hdlc(struct layers *l)
{
	if (l->len < CISCO_HDLC_HEADER)
		return LAYER_END;
	if (l->at[0] != CISCO_UNICAST && l->at[0] != CISCO_BROADCAST)
		return LAYER_PPP;
	l->type = get_be16(l->at + 2);
	layers_skip(l, CISCO_HDLC_HEADER);
	return LAYER_ETHERTYPE;
}

/* PPP with a byte in front that tells the direction: 0 came in. */
static enum layer step_over_direction(struct layers *l)
{
	const uint8_t *head = l->at;

	if (!layers_skip(l, 1))
		return LAYER_END;
	l->way = *head ? PACKET_OUT : PACKET_IN;
	return LAYER_PPP;
}

static enum layer step_to_ip(struct layers *l WG_UNUSED)
{
	return LAYER_IP;
}

static const struct link_type types[] = {
    {1, ethernet_step},		/* Ethernet */
    {113, step_over_sll},	/* Linux cooked */
    {276, step_over_sll2},	/* Linux cooked, version 2 */
    {101, step_to_ip},		/* raw IP */
    {12, step_to_ip},		/* raw IP by the number that it has inside of most systems */
    {14, step_to_ip},		/* the same, OpenBSD */
    {228, step_to_ip},		/* raw IPv4 */
    {229, step_to_ip},		/* raw IPv6 */
    {0, step_over_family},	/* BSD loopback */
    {108, step_over_family},	/* OpenBSD loopback */
    {109, step_over_enc},	/* OpenBSD encapsulating interface */
    {9, ppp_step},		/* PPP */
    {50, step_over_hdlc},	/* PPP in HDLC-like framing, or Cisco's HDLC */
    {51, pppoe_step},		/* PPPoE */
    {104, step_over_hdlc},	/* Cisco's HDLC */
    {166, step_over_direction}, /* PPP of pppd */
    {204, step_over_direction}, /* PPP with direction */
};

const struct link_type *link_type_find(uint16_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].number == number)
			return &types[i];
	return NULL;
}

enum layer link_type_step(const struct link_type *t, struct layers *l)
{
	return t->step(l);
}

int link_type_refuse(uint16_t number, struct err *e)
{
	const char *name = pcap_datalink_val_to_name(number);

	return err_set(e,
		       "link type %u (%s) is not read here; Ethernet, Linux cooked, raw IP, "
		       "BSD loopback, PPP, PPPoE and HDLC are",
		       number, name ? name : "unknown");
}
