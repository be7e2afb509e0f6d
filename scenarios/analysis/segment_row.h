/* segment_row.h - what of a segment people are shown, in Wireshark's words: the rows of ladders and
 * of time-sequence diagrams. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_SEGMENT_ROW_H
#define WEDGE_SCENARIOS_ANALYSIS_SEGMENT_ROW_H

#include "scenarios/analysis/segments.h"

struct segment_row {
	uint32_t frame;
	int64_t at;
	enum dir dir;
	uint8_t flags;
	uint32_t seq, ack; /* relative, as Wireshark shows them */
	uint64_t window;   /* by its scale, where the handshake shows it */
	uint32_t payload;
	const char *note; /* "TCP Retransmission"; NULL: nothing special */
};

/* The number that each side's sequence numbers are told from. Zero-initialise to start. */
struct segment_numbers {
	uint32_t base[DIR_COUNT];
	bool known[DIR_COUNT];
};

/* Fills *r with the segment, which its connection has taken. */
void segment_row_set(struct segment_row *r, struct segment_numbers *n, const struct connection *c,
		     const struct segment *s);

/* Returns "[TCP Dup ACK] [ACK] Seq=1 Ack=513 Win=64128 Len=0", to be freed. */
char *segment_row_text(const struct segment_row *r);

#endif
