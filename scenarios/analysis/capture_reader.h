/* capture_reader.h - packets out of a capture file by libpcap, with the link layer taken off. Knows
 * pcap, pcapng and link types; nothing of TCP. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_CAPTURE_READER_H
#define WEDGE_SCENARIOS_ANALYSIS_CAPTURE_READER_H

#include "proxy/base/err.h"

struct capture_reader;

struct capture_packet {
	int64_t at;	/* wall-clock nanoseconds */
	uint32_t frame; /* number in the capture, from 1 */
	const uint8_t
	    *ip; /* the IP header; NULL when the frame holds no IP. Valid until the next call */
	size_t ip_len; /* captured bytes from there on */
};

/* Opens a pcap or pcapng file; capture_reader_close frees *out. -1 with *e when the file is none,
 * or its link type isn't known here. */
int capture_reader_open(const char *path, struct capture_reader **out, struct err *e) WG_MUSTUSE;

/* Reads the next packet. 1: *p is the packet; 0: the end; -1 with *e: the rest can't be read. */
int capture_reader_next(struct capture_reader *r, struct capture_packet *p,
			struct err *e) WG_MUSTUSE;
void capture_reader_close(struct capture_reader *r);

/* Finds the IP packet in a frame of link type dlt (DLT_...); *len becomes its length. NULL when the
 * frame holds no IP or is cut short before it. */
const uint8_t *capture_link_payload(int dlt, const uint8_t *frame, size_t *len);

#endif
