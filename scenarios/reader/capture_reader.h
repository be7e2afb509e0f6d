/* capture_reader.h - packets out of a capture, one after the other: the link layer and tunnels are
 * taken off, copies are marked, and what can't be used is counted. Knows nothing of connections. */
#ifndef WEDGE_SCENARIOS_READER_CAPTURE_READER_H
#define WEDGE_SCENARIOS_READER_CAPTURE_READER_H

#include "proxy/base/err.h"
#include "scenarios/reader/capture_record.h"
#include "scenarios/reader/layers.h"

struct capture_reader;

struct capture_packet {
	int64_t at;	   /* wall-clock nanoseconds */
	uint32_t frame;	   /* number in the capture, from 1 */
	const uint8_t *ip; /* the innermost IP header; NULL when the frame holds no IP. Valid until
			      the next call */
	size_t ip_len;	   /* captured bytes from there on */
	size_t ip_wire;	   /* the same on the wire: more, where a snap length cut the frame */
	uint8_t protocol;  /* of the IP packet's payload, behind extension headers */
	enum ip_fragment fragment;
	bool copy;	/* of an earlier packet, taken at another point: to be left out */
	bool timeless;	/* the capture has no time for it */
	uint16_t wraps; /* enum encapsulation, as bits */
	enum packet_way way;
	enum capture_leg leg;
	uint8_t legs;			 /* those of all interfaces that were met, as bits */
	uint32_t interface;		 /* counted from 0 through the sections of the file */
	uint16_t link_type;		 /* LINKTYPE_... */
	uint32_t captured_len, wire_len; /* of the whole frame */
	uint64_t offset;		 /* of its record in the file */
};

/* What a capture is like, counted up to the packet that was read last. */
struct capture_counts {
	uint64_t packets;
	uint64_t without_ip; /* known link type, no IP packet in the frame */
	uint64_t unknown_link;
	uint16_t unknown_link_type; /* the first of these; 0: none */
	uint64_t fragments;	    /* frames with a fragment of an IP packet, tunnels' too */
	uint64_t cut;		    /* by a snap length */
	uint32_t cut_at;	    /* bytes that the longest of them has */
	uint64_t copies;	    /* packets that were left out */
	int64_t copy_lag;	    /* ns, the longest between a packet and its copy */
	uint64_t back;		    /* packets whose time is before that of the one before */
	int64_t back_step;	    /* ns, the largest step back */
	uint64_t late;		    /* packets of several interfaces that were put in order */
	int64_t lag;		    /* ns, by how much they were too late in the file at most */
	uint64_t jumps;		    /* of the clock by more than a year; time goes on as before */
	uint32_t jump_frame;	    /* the first of them */
	uint64_t timeless;
	uint64_t too_deep; /* frames with more headers than LAYERS_MAX */
	uint16_t wraps;	   /* all encapsulations that were met */
	uint32_t interfaces;
	int64_t until;	  /* when the capture ended, as the file tells; 0: it doesn't */
	uint64_t dropped; /* by the interfaces, as the file tells */
	bool drops_known; /* it tells */
	uint8_t legs;	  /* enum capture_leg of the interfaces that were met, as bits */
};

/* Opens a pcap or pcapng file, packed by gzip or not; "-" is standard input. capture_reader_close
 * frees *out. -1 with *e when it is none, or its link type isn't read. */
int capture_reader_open(const char *path, struct capture_reader **out, struct err *e) WG_MUSTUSE;

/* Fills *legs with the legs that the capture's interfaces up to its first packet are of, as bits.
 * -1 with *e as capture_reader_open. */
int capture_reader_legs(const char *path, uint8_t *legs, struct err *e) WG_MUSTUSE;

/* Reads the next packet: in the order of the file, save that of several interfaces all are put in
 * order of time (reorder_window.h). 1: *p is the packet; 0: the end; -1 with *e: the rest can't be
 * read, or all of it was of link types that aren't read. */
int capture_reader_next(struct capture_reader *r, struct capture_packet *p,
			struct err *e) WG_MUSTUSE;
void capture_reader_close(struct capture_reader *r);

void capture_reader_counts(const struct capture_reader *r, struct capture_counts *out);

/* How many of the file's bytes have been read; *size is 0 where that can't be known (a pipe). */
void capture_reader_progress(const struct capture_reader *r, uint64_t *done, uint64_t *size);

#endif
