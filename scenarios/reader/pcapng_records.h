/* pcapng_records.h - the packets of a pcapng file (draft-ietf-opsawg-pcapng) block by block, in any
 * number of sections, each with its byte order, and of interfaces, each with its link type and
 * clock; and what the file says of packets that the capture missed. */
#ifndef WEDGE_SCENARIOS_READER_PCAPNG_RECORDS_H
#define WEDGE_SCENARIOS_READER_PCAPNG_RECORDS_H

#include "scenarios/reader/byte_source.h"
#include "scenarios/reader/capture_record.h"

struct pcapng_source;

/* Zero-initialise; pcapng_records_fini ends. */
struct pcapng_records {
	bool swapped;			  /* of this section */
	struct pcapng_source *interfaces; /* of this section */
	uint32_t n, room;
	uint32_t first;	  /* the number of its first interface in the file */
	uint64_t dropped; /* in the sections before */
	uint8_t legs;	  /* enum capture_leg of its interfaces, as bits */
	bool drops_known; /* some interface told a number, if only 0 */
	int64_t until;	  /* when an interface's capture ended, the latest told; 0: none told */
	int64_t last_at;  /* of the packet before */
};

void pcapng_records_fini(struct pcapng_records *r);

/* Whether a file that begins with these four bytes is of this format. */
bool pcapng_records_begin(const uint8_t *start);

/* Reads on to the next packet: 1; 0 at the end; -1 with *e when a block breaks off, has lengths
 * that can't be, or is of an interface that doesn't exist. */
int pcapng_records_next(struct pcapng_records *r, struct byte_source *s, struct capture_record *out,
			struct err *e) WG_MUSTUSE;

/* Returns how many packets the file says so far that its interfaces dropped. */
uint64_t pcapng_records_dropped(const struct pcapng_records *r);

#endif
