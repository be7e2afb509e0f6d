/* analysis.h - what a capture says: connections, exchanges, ACK delays, delayed-ACK stalls,
 * retransmissions, RSTs, zero windows. Reads only packets; knows nothing of impairments, journals
 * or of what was intended (docs/architecture.md, rule 1). Rule numbers (R4, ...) are those of
 * docs/rules.md. */
#ifndef WEDGE_CAPTURE_ANALYSIS_H
#define WEDGE_CAPTURE_ANALYSIS_H

#include "proxy/base/addr.h"
#include "proxy/base/dir.h"
#include "proxy/base/err.h"
#include "proxy/base/stats.h"

#include <stdbool.h>

/* One request with its response, as the wire shows it: request bytes, then response bytes, until
 * the next request byte. Times are wall-clock nanoseconds of the capture. */
struct wire_exchange {
	int64_t request_start, request_end;   /* first and last data segment of the request */
	int64_t response_start, response_end; /* 0 when no response byte was seen */
	uint64_t request_bytes, response_bytes;
};

/* A data segment and the ACK that first covered it. */
struct ack_gap {
	enum dir data_dir;     /* direction of the data */
	int64_t data_at;       /* the earliest data segment that the ACK newly covers */
	int64_t gap;	       /* nanoseconds until the ACK */
	uint32_t data_frame, ack_frame; /* numbers in the capture, from 1 */
	bool pure;	       /* the ACK carried no data, no SYN, FIN or RST */
	bool stall;	       /* R4 held: the ACK liberated the sender's next data */
	int64_t liberated;     /* stall: nanoseconds from the ACK to that data */
};

struct wire_connection {
	struct addr client, server;
	uint32_t index;		/* in order of first packet; equals tshark's tcp.stream for TCP-only captures */
	int64_t first, last;	/* times of the first and last packet */
	int64_t syn, syn_ack, handshake_ack; /* 0 when not seen */
	bool midstream;		/* the SYN is not in the capture */
	uint64_t data_segments[DIR_COUNT], data_bytes[DIR_COUNT]; /* bytes without retransmitted ones */
	uint64_t retransmissions[DIR_COUNT];
	uint64_t pure_acks[DIR_COUNT];
	uint64_t duplicate_acks[DIR_COUNT];
	uint64_t zero_windows[DIR_COUNT]; /* segments advertising window 0, without SYN, FIN, RST */
	uint64_t fins[DIR_COUNT], resets[DIR_COUNT], syns[DIR_COUNT];
	struct wire_exchange *exchanges;
	size_t nexchanges;
	struct ack_gap *acks;
	size_t nacks;
	bool unreliable;	/* R0: the capture itself is faulty here */
	const char *unreliable_why;
};

struct analysis {
	struct wire_connection *connections;
	size_t nconnections;
	uint64_t packets, tcp_packets, not_parsed;
	int64_t first, last;
};

/* Reads a capture (pcap or pcapng; Ethernet, Linux cooked, raw IP, null) at nanosecond resolution.
 * 0 and *out, or -1 with *e. */
int analysis_read(const char *path, struct analysis **out, struct err *e) WG_MUSTUSE;
void analysis_free(struct analysis *a);

/* Selection for the sums below: connections whose server port is port (0: all). */

/* Metric names with their unit and meaning; NULL-terminated by name. */
struct wire_metric {
	const char *name; /* "ack_delay" */
	const char *unit; /* "s", "count", "bytes" */
	bool sampled;	  /* has quantiles; else one value */
	const char *help;
};
extern const struct wire_metric wire_metrics[];

/* The samples of a metric (one sample for a single value), seconds for times. -1: no such metric. */
int analysis_metric(const struct analysis *a, uint16_t port, const char *name, struct samples *out);

/* R4's verdict over the selected connections: is this the delayed-ACK failure? */
struct delayed_ack_verdict {
	size_t exchanges, stalls; /* exchanges with at least one R4 stall / all R4 stalls */
	double share;		  /* stalled exchanges / exchanges */
	double median, cv;	  /* of the stalls' gaps, seconds */
	const char *class_name;	  /* "Windows classic (185-225 ms)", ... or NULL */
	bool holds;		  /* n >= 10, share >= 80 %, class constant, CV < 10 % */
};
void analysis_delayed_ack(const struct analysis *a, uint16_t port, struct delayed_ack_verdict *v);

#endif
