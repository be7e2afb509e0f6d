/* ndr.h - what reads numbers of NDR (C706 chapter 14), little endian, from bytes of a peer that may
 * lie about their number; and what aligns them where they are written. Pure. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_NDR_H
#define WEDGE_SCENARIOS_WORKLOAD_NDR_H

#include "scenarios/workload/le_buf.h"

#include <stdbool.h>

/* at is where the next read begins. A read beyond the end gives zeros, and sets bad for good. */
struct ndr_in {
	const uint8_t *v;
	size_t len, at;
	bool bad;
};

/* Returns the next n bytes, or NULL. */
const uint8_t *ndr_bytes(struct ndr_in *in, size_t n);

uint8_t ndr_u8(struct ndr_in *in);
uint16_t ndr_u16(struct ndr_in *in);
uint32_t ndr_u32(struct ndr_in *in);

/* Goes on at a multiple of to from the beginning, a power of two. */
void ndr_align(struct ndr_in *in, size_t to);

/* Adds zeros until what was written since from is a multiple of to. */
void ndr_pad(struct le_buf *o, size_t from, size_t to);

#endif
