/* packet_stream.h - packets of a capture, one after the other, into their connections, in memory
 * that grows with the connections that are open, and never with packets. An observer looks at
 * each segment, before and after it changes its connection. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_PACKET_STREAM_H
#define WEDGE_SCENARIOS_ANALYSIS_PACKET_STREAM_H

#include "scenarios/analysis/connections.h"
#include "scenarios/analysis/segments.h"
#include "scenarios/reader/capture_reader.h"

/* Each may be NULL; a connection's owner is the observer's to set and to free. */
struct segment_observer {
	void (*began)(void *arg, struct connection *c);
	/* The connection is as the segment before has left it; of s only what was captured is set.
	 */
	void (*before)(void *arg, struct connection *c, const struct segment *s);
	void (*taken)(void *arg, struct connection *c, const struct segment *s);
	void (*ended)(void *arg, struct connection *c); /* for the last time */
};

struct packet_stream {
	struct connections connections;
	const struct segment_observer *observer;
	void *arg;
	uint64_t packets;     /* all, copies too */
	uint64_t tcp_packets; /* without copies */
	uint64_t not_parsed;  /* TCP by their IP header, but later fragments, cut or malformed */
	int64_t first, last;  /* times of the first and last packet */
	int64_t until;	      /* when the capture ended, if it is known; 0: with its last packet */
	int64_t next_sweep;   /* when connections that are over are looked for again */
	int64_t shift;	      /* 1 where the first time is 0: 0 means "not seen" in findings */
	/* Of a capture of both legs one is taken, CAPTURE_LEG_NONE until that is known: what comes
	 * by the other is the same traffic seen a second time. Set it before the first packet, or
	 * the server's is chosen. */
	enum capture_leg leg;
	uint64_t of_other_leg;	    /* TCP packets that were left out for that */
	bool both_legs;		    /* known with the first packet */
	bool broke_off;		    /* the file isn't whole: for packet_stream_read */
	struct connections numbers; /* of both legs as one: what Wireshark's tcp.stream counts */
};

/* observer: NULL when every connection is kept with its lists, for connections_take. */
void packet_stream_init(struct packet_stream *s, const struct segment_observer *observer,
			void *arg);
void packet_stream_take(struct packet_stream *s, const struct capture_packet *p);

/* Returns how many connections tcp.stream counts so far: of both legs, where one is taken. */
uint32_t packet_stream_numbers(const struct packet_stream *s);

/* The capture went on until then, as its file tells; what can't be, by the packets, is ignored. */
void packet_stream_set_until(struct packet_stream *s, int64_t until);

/* Returns when all waits end that nothing has ended so far. */
int64_t packet_stream_end(const struct packet_stream *s);

/* Ends every wait, at the capture's end; with an observer, each connection ends. */
void packet_stream_finish(struct packet_stream *s);
void packet_stream_fini(struct packet_stream *s);

/* Does all of that with a capture file but the last, which is the caller's in any case. leg: of a
 * capture of both legs, as in struct packet_stream. A file that breaks off counts as far as it
 * goes. -1 with *e: it can't be read at all. */
int packet_stream_read(const char *path, enum capture_leg leg,
		       const struct segment_observer *observer, void *arg, struct packet_stream *s,
		       struct err *e) WG_MUSTUSE;

#endif
