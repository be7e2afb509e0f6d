/* diagnosis.h - why the connections of a capture stood still: every gap with its cause, in one pass
 * and in memory that grows with open connections only. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_DIAGNOSIS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_DIAGNOSIS_H

#include "scenarios/analysis/packet_stream.h"
#include "scenarios/diagnosis/ranking.h"

/* Sums over all connections, by direction of the segments where there are two. */
struct diagnosis_counts {
	uint64_t connections, midstream, unreliable, reused;
	uint64_t refused; /* SYN answered by RST */
	uint64_t syns[DIR_COUNT], fins[DIR_COUNT], resets[DIR_COUNT];
	uint64_t data_segments[DIR_COUNT], data_bytes[DIR_COUNT];
	uint64_t retransmissions[DIR_COUNT], out_of_order[DIR_COUNT];
	uint64_t duplicate_acks[DIR_COUNT], zero_windows[DIR_COUNT];
	uint64_t exchanges;
};

struct diagnosis {
	struct packet_stream stream;
	struct diagnosis_counts counts;
	struct capture_counts capture; /* what the capture itself is like */
	struct tallies tallies;	       /* of all connections */
	struct durations connects;     /* SYN to SYN-ACK */
	struct ranking ranking;
	int64_t time;	 /* of all connections, nanoseconds; stalls and active time together */
	int64_t stalled; /* of it */
	char *cut_short; /* why the file ended early; NULL: it is whole */
};

/* Reads a capture and fills *d, which diagnosis_fini frees; ranked: how many connections to rank.
 * -1 with *e: there was nothing to read. */
int diagnosis_read(const char *path, size_t ranked, struct diagnosis *d, struct err *e) WG_MUSTUSE;
void diagnosis_fini(struct diagnosis *d);

#endif
