/* raw_block.c - nothing is believed of a block but what its two lengths agree on. */
#include "scenarios/reader/raw_block.h"

#include "scenarios/reader/breaks_off.h"

#include <inttypes.h>

int raw_block_err(struct err *e, const struct raw_block *b, const char *what)
{
	return err_set(e, "the block at offset %" PRIu64 " %s", b->offset, what);
}

int raw_block_option(const struct raw_block *b, size_t *at, size_t *value, uint16_t *len)
{
	size_t end = b->len - TRAILER, padded;
	uint16_t code;

	if (*at == end)
		return OPT_END;
	if (end - *at < 4)
		return -1;
	code = raw_block_u16(b, *at);
	*len = raw_block_u16(b, *at + 2);
	padded = ((size_t)*len + 3) & ~(size_t)3;
	*value = *at + 4;
	if (code != OPT_END && end - *value < padded)
		return -1;
	*at = *value + padded;
	return code;
}

int raw_block_begin(bool *swapped, struct byte_source *s, struct raw_block *b, struct err *e)
{
	size_t there = byte_source_peek(s, BLOCK_MIN, &b->bytes);

	b->offset = byte_source_offset(s);
	if (!there && !byte_source_fault(s))
		return 0;
	if (there < BLOCK_MIN)
		return err_breaks_off(e, s, "a block", b->offset);
	b->swapped = *swapped;
	if (raw_block_u32(b, 0) == BLOCK_SECTION) { /* a palindrome */
		b->swapped = false;
		if (raw_block_u32(b, BODY) != BYTE_ORDER_MAGIC)
			b->swapped = true;
		if (raw_block_u32(b, BODY) != BYTE_ORDER_MAGIC)
			return raw_block_err(e, b, "is a section without a byte order");
		*swapped = b->swapped;
	}
	b->type = raw_block_u32(b, 0);
	b->len = raw_block_u32(b, 4);
	if (b->len < BLOCK_MIN || b->len % 4)
		return err_set(e,
			       "the block at offset %" PRIu64 " claims a length of %u; "
			       "multiples of 4 from %d on are possible",
			       b->offset, b->len, BLOCK_MIN);
	return 1;
}

int raw_block_whole(struct byte_source *s, struct raw_block *b, struct err *e)
{
	if (b->len > BLOCK_MAX)
		return err_set(e,
			       "the block at offset %" PRIu64 " claims a length of %u; "
			       "at most %u are read",
			       b->offset, b->len, BLOCK_MAX);
	if (byte_source_peek(s, b->len, &b->bytes) < b->len)
		return err_breaks_off(e, s, "a block", b->offset);
	if (raw_block_u32(b, b->len - TRAILER) != b->len)
		return raw_block_err(e, b, "has two lengths that differ");
	return 0;
}
