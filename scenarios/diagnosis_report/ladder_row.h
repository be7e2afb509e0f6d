/* ladder_row.h - one packet of a ladder: what of a segment is drawn, in Wireshark's words. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_LADDER_ROW_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_LADDER_ROW_H

#include "scenarios/analysis/segments.h"

struct ladder_row {
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
struct ladder_numbers {
	uint32_t base[DIR_COUNT];
	bool known[DIR_COUNT];
};

/* Fills *r with the segment, which its connection has taken. */
void ladder_row_set(struct ladder_row *r, struct ladder_numbers *n, const struct connection *c,
		    const struct segment *s);

/* Writes it; begin: the time that its own is told from; proof: it is one of those that prove. */
void ladder_row_write(const struct ladder_row *r, int64_t begin, bool proof, FILE *out);

/* Writes what the columns are. */
void ladder_head_write(FILE *out);

/* Writes a line, or several, between two packets. sign: "" for none, or one character. */
void ladder_words_write(const char *sign, const char *words, FILE *out);

#endif
