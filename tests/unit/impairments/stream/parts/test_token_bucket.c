/* test_token_bucket.c - the bucket alone: exact, smooth when it is served late, no overflow.
 * LAYER: wedge_impairments_stream */
#include "impairments/stream/parts/token_bucket.h"

#include "proxy/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS NS_PER_MS

/* Served so late as a busy machine serves it: 10 ms late every 100 ms. */
static void lateness_is_caught_up_but_by_no_burst(void **state)
{
	struct token_bucket tb = {0};
	int64_t now = 0, bin = 0;
	uint64_t sent = 0, in_bin = 0;

	(void)state;
	token_bucket_set(&tb, 1000000, 0);
	token_bucket_fill(&tb, now);
	token_bucket_begin(&tb, now);
	for (int i = 0; sent < 10000000; i++) {
		size_t n = token_bucket_piece(&tb, 100000);
		int64_t due = token_bucket_due(&tb, n);

		assert_true(due >= now);
		now = due + (i % 50 == 49 ? 10 * MS : i % 3 * 100000);
		if (now / (10 * MS) != bin)
			in_bin = 0;
		bin = now / (10 * MS);
		token_bucket_take(&tb, n, now);
		sent += n;
		in_bin += n;
		assert_true(in_bin <= 12500 + 2896); /* a quarter too fast, and a piece */
	}
	assert_in_range(now, 10 * NS_PER_S, 10 * NS_PER_S + 50 * MS);
}

static void parts_of_a_nanosecond_add_up(void **state)
{
	struct token_bucket tb = {0};
	int64_t now = 0;

	(void)state;
	token_bucket_set(&tb, 7, 0);
	token_bucket_fill(&tb, now);
	token_bucket_begin(&tb, now);
	for (int i = 0; i < 7000; i++) {
		now = token_bucket_due(&tb, 1);
		token_bucket_take(&tb, 1, now);
	}
	assert_int_equal(now, 1000 * NS_PER_S);
}

static void no_rate_and_no_burst_overflows(void **state)
{
	struct token_bucket tb = {0};

	(void)state;
	token_bucket_set(&tb, TOKEN_RATE_MAX, TOKEN_BURST_MAX);
	token_bucket_fill(&tb, 0);
	token_bucket_begin(&tb, INT64_MAX / 2);
	assert_int_equal(token_bucket_piece(&tb, SIZE_MAX), TOKEN_BURST_MAX);
	assert_true(token_bucket_due(&tb, TOKEN_BURST_MAX) <= INT64_MAX / 2);
	token_bucket_set(&tb, 1, TOKEN_BURST_MAX);
	token_bucket_fill(&tb, 0);
	token_bucket_begin(&tb, 0);
	assert_int_equal(token_bucket_due(&tb, TOKEN_BURST_MAX), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lateness_is_caught_up_but_by_no_burst),
	    cmocka_unit_test(parts_of_a_nanosecond_add_up),
	    cmocka_unit_test(no_rate_and_no_burst_overflows),
	};

	return cmocka_run_group_tests_name("token_bucket", tests, NULL, NULL);
}
