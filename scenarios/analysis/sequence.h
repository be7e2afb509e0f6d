/* sequence.h - the sequence space of one direction, unwrapped to 64 bits: which bytes were seen and
 * where the holes are. Knows no packets and no time. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_SEQUENCE_H
#define WEDGE_SCENARIOS_ANALYSIS_SEQUENCE_H

#include "proxy/base/attrs.h"

#include <stdbool.h>

/* More holes than this at once are not loss but a broken or hostile capture: the lowest is then
 * given up (overflow), so that memory and time per segment stay bounded. */
#define SEQ_ISLANDS_MAX 256

/* The largest window there can be (RFC 7323 2.3): nothing valid lies farther ahead. */
#define SEQ_WINDOW_MAX (UINT64_C(1) << 30)

struct seq_range {
	uint64_t from, to; /* to: one past the last byte */
};

struct seq_space {
	bool known;		   /* seq_space_start was called */
	bool overflow;		   /* there were more than SEQ_ISLANDS_MAX holes */
	uint64_t edge;		   /* every byte below was seen, or lies before the capture */
	uint64_t next;		   /* one past the highest byte known of: the next expected */
	struct seq_range *islands; /* seen above edge: ascending, with holes between them */
	size_t nislands;
};

/* Starts the space at the first expected sequence number. */
void seq_space_start(struct seq_space *s, uint32_t seq);
void seq_space_fini(struct seq_space *s);

/* Returns the 64-bit number of seq that is nearest to the next expected. */
uint64_t seq_unwrap(const struct seq_space *s, uint32_t seq);

/* Marks [from, to) as seen. Returns how many of its bytes were not seen before. */
uint64_t seq_space_add(struct seq_space *s, uint64_t from, uint64_t to);

/* Counts everything below to as seen. Returns how many bytes had not been. */
uint64_t seq_space_skip(struct seq_space *s, uint64_t to);

#endif
