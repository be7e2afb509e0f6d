/* analysis.h - from a capture to its findings: connections, exchanges, ACK delays, delayed-ACK
 * stalls, retransmissions, RSTs, zero windows. Reads only packets; knows nothing of impairments,
 * journals or intentions (docs/architecture.md, rule 1). */
#ifndef WEDGE_SCENARIOS_ANALYSIS_ANALYSIS_H
#define WEDGE_SCENARIOS_ANALYSIS_ANALYSIS_H

#include "proxy/base/err.h"
#include "scenarios/analysis/wire_connection.h"
#include "scenarios/reader/capture_reader.h"

struct analysis {
	struct wire_connection *connections;
	size_t nconnections;
	uint64_t packets;     /* all, copies too */
	uint64_t tcp_packets; /* without copies */
	uint64_t not_parsed;  /* TCP by their IP header, but later fragments, cut or malformed */
	struct capture_counts capture;
	int64_t first, last; /* times of the first and last packet */
	char *
	    cut_short; /* why the file ended early (a capture that was killed); NULL: it is whole */
};

/* Reads a capture (scenarios/reader/capture_reader.h) at nanosecond resolution. 0 and *out, which
 * analysis_free frees, or -1 with *e. A file that breaks off after its first packet counts as far
 * as it goes (cut_short). */
int analysis_read(const char *path, struct analysis **out, struct err *e) WG_MUSTUSE;
void analysis_free(struct analysis *a);

#endif
