/* token_bucket.h - tells when bytes may pass at a rate: exact over time, smooth from moment to
 * moment. Pure: knows no stages and no clock. */
#ifndef WEDGE_IMPAIRMENTS_STREAM_PARTS_TOKEN_BUCKET_H
#define WEDGE_IMPAIRMENTS_STREAM_PARTS_TOKEN_BUCKET_H

#include <stddef.h>
#include <stdint.h>

/* Tokens come without a pause while bytes wait; a caller that is late catches up, at most a quarter
 * faster than the rate. Zero the struct, set and fill it. All times are nanoseconds of one clock.
 */
struct token_bucket {
	uint64_t rate; /* bytes per second, at least 1, at most TOKEN_RATE_MAX */
	/* bytes that may pass at once after a time of rest, at most TOKEN_BURST_MAX */
	uint64_t burst;
	uint64_t credit; /* bytes of the burst that aren't used yet */
	int64_t paid;	 /* the time up to which tokens are spent */
	uint64_t spill;	 /* remainder of the division for paid, so that it doesn't drift */
	int64_t last;	 /* when bytes last passed */
};

#define TOKEN_RATE_MAX	UINT64_C(12500000000) /* 100 Gbit/s */
#define TOKEN_BURST_MAX (UINT64_C(1) << 30)

void token_bucket_set(struct token_bucket *tb, uint64_t rate, uint64_t burst);
void token_bucket_fill(struct token_bucket *tb, int64_t now); /* the whole burst is available */

/* Bytes begin to wait; none did before. */
void token_bucket_begin(struct token_bucket *tb, int64_t now);

/* Returns how many of the waiting bytes should pass together: 2 ms of the rate, but whole segments
 * where one doesn't take 10 ms. */
size_t token_bucket_piece(const struct token_bucket *tb, size_t waiting);

/* Returns the time at which n bytes may pass; n is at most a piece, or the credit. */
int64_t token_bucket_due(const struct token_bucket *tb, size_t n);

/* Spends the tokens of n bytes that pass now. */
void token_bucket_take(struct token_bucket *tb, size_t n, int64_t now);

#endif
