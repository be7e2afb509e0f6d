/* tcp_view.h - a zero-copy, bounds-checked view of one IPv4 or IPv6 TCP packet, and arithmetic of
 * sequence numbers. Pure; fuzzed. Knows nothing of where the packet comes from: the packet plane
 * and the analysis of captures both use it. */
#ifndef WEDGE_PACKET_TCP_VIEW_H
#define WEDGE_PACKET_TCP_VIEW_H

#include "proxy/base/addr.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20
};

struct tcp_view {
	const uint8_t *ip, *tcp, *payload; /* into the caller's buffer */
	uint32_t ip_len;		   /* of the whole IP packet as its header says */
	uint32_t tcp_len;		   /* header and payload */
	uint32_t payload_len; /* as the headers say, also when the capture was cut short */
	uint8_t version;      /* 4 or 6 */
	struct addr src, dst; /* with ports */
	uint32_t seq, ack;
	uint16_t window; /* unscaled, as in the header */
	uint8_t flags;
	uint16_t mss; /* from the options of a SYN; 0: none */
	int wscale;   /* from the options of a SYN; -1: none */
	bool sack_permitted;
	unsigned sack_blocks; /* SACK blocks in this segment */
	uint32_t sack[4][2];
	bool has_timestamp;
	bool has_tsval; /* that, or a capture that was cut behind TSval */
	uint32_t tsval, tsecr;
	const uint8_t *timestamp; /* into the caller's buffer: TSval, then TSecr */
};

/* Parses len captured bytes from the IP header on; *v points into data. false: not TCP, a fragment
 * other than the first, or malformed. */
bool tcp_view_parse(struct tcp_view *v, const uint8_t *data, size_t len);

/* Does the same with a packet of wire bytes, of which len were captured: that is its length where
 * its header has none. */
bool tcp_view_parse_cut(struct tcp_view *v, const uint8_t *data, size_t len, size_t wire);

/* Returns whether the segment acknowledges and does nothing else: ACK is set, SYN, FIN and RST
 * aren't, and there is no payload. */
bool tcp_is_pure_ack(const struct tcp_view *v);

/* Returns the length in sequence space: payload + SYN + FIN. */
uint32_t tcp_seq_len(const struct tcp_view *v);

/* Returns a - b in sequence space (RFC 9293 section 3.4). */
static inline int32_t seq_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

#endif
