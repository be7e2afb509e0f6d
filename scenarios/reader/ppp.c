/* ppp.c - of all protocols, those of IP and MPLS; compressed headers (RFC 1144) aren't read. */
#include "scenarios/reader/ppp.h"

#include "proxy/base/byteorder.h"

enum {
	PPPOE_HEADER = 6,
	PPPOE_SESSION_DATA = 0, /* its code */

	PPP_IPV4 = 0x0021,
	PPP_IPV6 = 0x0057,
	PPP_MPLS = 0x0281,
	TYPE_MPLS = 0x8847,
};

enum layer ppp_step(struct layers *l)
{
	uint16_t protocol;

	if (l->len >= 2 && l->at[0] == 0xff && l->at[1] == 0x03) /* RFC 1662 3.1 */
		layers_skip(l, 2);
	if (l->len < 2)
		return LAYER_END;
	/* An odd first byte is a field compressed to one (RFC 1661 6.5). */
	protocol = l->at[0] & 1 ? l->at[0] : get_be16(l->at);
	layers_skip(l, l->at[0] & 1 ? 1 : 2);
	l->type = TYPE_MPLS;
	switch (protocol) {
	case PPP_IPV4:
	case PPP_IPV6:
		return LAYER_IP;
	case PPP_MPLS:
		return LAYER_ETHERTYPE;
	default:
		return LAYER_END;
	}
}

enum layer pppoe_step(struct layers *l)
{
	const uint8_t *head = l->at;

	if (!layers_skip(l, PPPOE_HEADER) || head[1] != PPPOE_SESSION_DATA)
		return LAYER_END;
	l->wraps |= IN_PPPOE;
	layers_mix_place(l, get_be16(head + 2));
	return LAYER_PPP;
}
