/* token_bucket.h - when bytes may pass at a rate: exact over time, smooth from moment to moment.
 * Pure: knows no stages and no clock. */
#ifndef WEDGE_IMPAIRMENTS_STREAM_PARTS_TOKEN_BUCKET_H
#define WEDGE_IMPAIRMENTS_STREAM_PARTS_TOKEN_BUCKET_H

#include <stddef.h>
#include <stdint.h>

/* Tokens come in without a pause while something waits; who is served late catches up, at most a
 * quarter faster than the rate. Zero it, set and fill it; all times are nanoseconds of one clock.
 */
struct token_bucket {
	uint64_t rate; /* bytes per second, at least 1, at most TOKEN_RATE_MAX */
	uint64_t
	    burst; /* bytes that may pass at once after a time of rest, up to TOKEN_BURST_MAX */
	uint64_t credit; /* of burst, not used yet */
	int64_t paid;	 /* until when the tokens have been spent */
	uint64_t spill;	 /* of the division behind paid: exact, no drift */
	int64_t last;	 /* when bytes last passed */
};

#define TOKEN_RATE_MAX	UINT64_C(12500000000) /* 100 Gbit/s */
#define TOKEN_BURST_MAX (UINT64_C(1) << 30)

void token_bucket_set(struct token_bucket *tb, uint64_t rate, uint64_t burst);
void token_bucket_fill(struct token_bucket *tb, int64_t now); /* the whole burst is there */

/* Bytes begin to wait after nothing did. */
void token_bucket_begin(struct token_bucket *tb, int64_t now);

/* How many of waiting bytes should pass together: 2 ms of the rate, but whole segments where those
 * don't take 10 ms. */
size_t token_bucket_piece(const struct token_bucket *tb, size_t waiting);

/* From when n bytes may pass; n at most a piece or what credit there is. */
int64_t token_bucket_due(const struct token_bucket *tb, size_t n);

/* n bytes pass now. */
void token_bucket_take(struct token_bucket *tb, size_t n, int64_t now);

#endif
