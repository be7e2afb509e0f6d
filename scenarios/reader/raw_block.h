/* raw_block.h - the blocks of a pcapng file of either byte order, as they come: their beginnings,
 * lengths and options. Knows no kind of block but the section, which says the order. */
#ifndef WEDGE_SCENARIOS_READER_RAW_BLOCK_H
#define WEDGE_SCENARIOS_READER_RAW_BLOCK_H

#include "scenarios/base/pcapng_format.h"
#include "scenarios/reader/byte_source.h"
#include "scenarios/reader/capture_record.h"

#include <stdint.h>
#include <string.h>

/* Offsets in a block: type and length come first (3.1), the length again at its end. */
enum {
	BODY = 8,
	TRAILER = 4,
	BLOCK_MIN = 12,
	SECTION_LENGTH = 16,
	SECTION_OPTIONS = 24,
	INTERFACE_OPTIONS = 16,
	STATISTICS_OPTIONS = 20,
	PACKET_DATA = 28,
	SIMPLE_DATA = 12,
};

#define BLOCK_MAX (CAPTURED_LEN_MAX + (1u << 20)) /* a frame, and options */

struct raw_block {
	const uint8_t *bytes; /* as many as were looked at, until the next look ahead */
	uint32_t type, len;
	uint64_t offset;
	bool swapped;
};

static inline uint32_t raw_block_u32(const struct raw_block *b, size_t at)
{
	uint32_t v;

	memcpy(&v, b->bytes + at, sizeof(v));
	return b->swapped ? __builtin_bswap32(v) : v;
}

static inline uint16_t raw_block_u16(const struct raw_block *b, size_t at)
{
	uint16_t v;

	memcpy(&v, b->bytes + at, sizeof(v));
	return b->swapped ? __builtin_bswap16(v) : v;
}

static inline uint64_t raw_block_u64(const struct raw_block *b, size_t at)
{
	uint64_t v;

	memcpy(&v, b->bytes + at, sizeof(v));
	return b->swapped ? __builtin_bswap64(v) : v;
}

/* Looks at the next block's beginning: its first BLOCK_MIN bytes. 1; 0 at the end; -1 with *e.
 * *swapped is the byte order of the section, which a section sets. */
int raw_block_begin(bool *swapped, struct byte_source *s, struct raw_block *b,
		    struct err *e) WG_MUSTUSE;

/* Looks at all of it, up to BLOCK_MAX; the source isn't moved on. -1 with *e. */
int raw_block_whole(struct byte_source *s, struct raw_block *b, struct err *e) WG_MUSTUSE;

/* Returns the next option's code and moves *at behind it: its value is at *value. OPT_END: that was
 * the last; -1: the options are broken. */
int raw_block_option(const struct raw_block *b, size_t *at, size_t *value, uint16_t *len);

/* Says what is wrong with a block; returns -1. */
int raw_block_err(struct err *e, const struct raw_block *b, const char *what);

#endif
