/* token_bucket.c - counts no tokens but the time that they take, in whole nanoseconds and a rest.
 */
#include "impairments/stream/parts/token_bucket.h"

#include "proxy/base/clock.h"

#define PIECE_TIME (2 * NS_PER_MS)
#define PIECE_LONG (10 * NS_PER_MS)
#define SEGMENT	   1448 /* full-sized ones of Ethernet, with time stamps */
#define PIECE_MAX  65536

#define LATE_MAX (250 * NS_PER_MS) /* lateness that is caught up; the time beyond it is lost */

__extension__ typedef unsigned __int128 wide;

static uint64_t bytes_in(const struct token_bucket *tb, int64_t ns)
{
	wide n = (wide)tb->rate * (uint64_t)ns / (uint64_t)NS_PER_S;

	return n < UINT64_MAX ? (uint64_t)n : UINT64_MAX;
}

static int64_t time_of(const struct token_bucket *tb, uint64_t n)
{
	return (int64_t)((n * (uint64_t)NS_PER_S + tb->spill) / tb->rate);
}

void token_bucket_set(struct token_bucket *tb, uint64_t rate, uint64_t burst)
{
	tb->rate = rate;
	tb->burst = burst;
	tb->spill = 0;
	if (tb->credit > burst)
		tb->credit = burst;
}

void token_bucket_fill(struct token_bucket *tb, int64_t now)
{
	tb->paid = now - time_of(tb, tb->burst);
	tb->last = tb->paid;
}

void token_bucket_begin(struct token_bucket *tb, int64_t now)
{
	int64_t rest = now - tb->paid;

	if (rest <= 0)
		return;
	tb->credit = bytes_in(tb, rest);
	if (tb->credit > tb->burst)
		tb->credit = tb->burst;
	tb->spill = 0;
	tb->paid = now - time_of(tb, tb->credit);
}

size_t token_bucket_piece(const struct token_bucket *tb, size_t waiting)
{
	uint64_t n = bytes_in(tb, PIECE_TIME), slow = bytes_in(tb, PIECE_LONG);

	if (slow > SEGMENT)
		slow = SEGMENT;
	if (n < slow)
		n = slow;
	if (n < tb->credit)
		n = tb->credit;
	else if (n > PIECE_MAX)
		n = PIECE_MAX;
	if (n > SEGMENT && n > tb->credit && n < PIECE_MAX) /* whole ones, as they leave a link */
		n += (SEGMENT - n % SEGMENT) % SEGMENT;
	if (!n)
		n = 1;
	return n < waiting ? (size_t)n : waiting;
}

int64_t token_bucket_due(const struct token_bucket *tb, size_t n)
{
	int64_t need = time_of(tb, n), due = tb->paid + need, smooth = tb->last + need * 4 / 5;

	if (n <= tb->credit)
		return due;
	return due > smooth ? due : smooth;
}

void token_bucket_take(struct token_bucket *tb, size_t n, int64_t now)
{
	uint64_t spent = (uint64_t)n * (uint64_t)NS_PER_S + tb->spill;

	tb->paid += (int64_t)(spent / tb->rate);
	tb->spill = spent % tb->rate;
	tb->credit = n < tb->credit ? tb->credit - n : 0;
	tb->last = now;
	if (!tb->credit && now - tb->paid > LATE_MAX)
		tb->paid = now - LATE_MAX;
}
