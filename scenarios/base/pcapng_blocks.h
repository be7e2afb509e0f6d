/* pcapng_blocks.h - walks the blocks of a capture that this machine wrote and copies them, with
 * comments. Pure: knows no files, no libpcap, and nothing of what is in a packet. */
#ifndef WEDGE_SCENARIOS_BASE_PCAPNG_BLOCKS_H
#define WEDGE_SCENARIOS_BASE_PCAPNG_BLOCKS_H

#include "proxy/base/err.h"
#include "scenarios/base/pcapng.h"

#include <stdbool.h>

enum pcapng_kind {
	PCAPNG_SECTION,
	PCAPNG_INTERFACE,
	PCAPNG_PACKET,
	PCAPNG_STATISTICS,
	PCAPNG_OTHER,
};

/* One block, whole and checked; its pointers lead into the bytes that are walked. */
struct pcapng_block {
	enum pcapng_kind kind;
	const uint8_t *bytes;
	size_t len;
	size_t options;	    /* where options begin in bytes, or would */
	size_t noptions;    /* without the end of options */
	uint32_t interface; /* of a packet or of statistics */
	uint16_t linktype;  /* of an interface or a packet; one for all */
	int64_t wall_ns;    /* of a packet; when statistics were taken */
	const uint8_t *packet;
	uint32_t caplen;
	uint32_t wire_len; /* how long it was, of which caplen bytes are here */
};

/* Zero-initialise, set data and len. */
struct pcapng_walk {
	const uint8_t *data;
	size_t len, at;
	uint32_t interfaces; /* seen so far */
	uint64_t packets;    /* seen so far */
	uint16_t linktype;   /* of the interfaces */
};

/* Reads the next block: 1; 0 at the end; -1 with *e when the bytes are no capture of one section in
 * this machine's byte order with nanosecond time stamps and one link type, or a block is broken. */
int pcapng_next(struct pcapng_walk *w, struct pcapng_block *b, struct err *e) WG_MUSTUSE;

/* Returns the first comment of a block that was read, to be freed; NULL: it has none. */
char *pcapng_comment(const struct pcapng_block *b);

/* Whether a file that begins so is a capture of one application: its section says it
 * (shb_userappl).
 */
bool pcapng_is_by(const uint8_t *start, size_t len, const char *application);

/* Appends the block to out, its packet and time stamp bit by bit, as interface + add_interface
 * where it names one. comment (NULL: none) comes before its other options. A section's length
 * becomes "unspecified", since comments make it longer. */
void pcapng_copy(struct pcapng_buf *out, const struct pcapng_block *b, uint32_t add_interface,
		 const char *comment);

#endif
