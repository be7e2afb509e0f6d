/* test_reorder_window.c - records of several interfaces in one order, whatever is late in the file
 * by less than a second; and what is not to be moved. LAYER: wedge_reader */
#include "proxy/base/attrs.h"
#include "scenarios/reader/reorder_window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct input {
	int64_t ms;
	uint32_t interface, section;
};

/* The records of the input come in that order of their numbers, from 1. */
static void expect_order(const struct input *in, size_t n, const uint32_t *order, uint64_t late,
			 int64_t lag_ms)
{
	struct reorder_window *w = reorder_window_new();
	struct capture_record out;
	uint32_t frame;
	size_t got = 0;
	int64_t lag;

	for (size_t i = 0; i < n; i++) {
		uint8_t bytes[2] = {(uint8_t)i, 7};
		struct capture_record r = {
		    .at = in[i].ms * NS_PER_MS,
		    .data = bytes,
		    .captured_len = i % 2 + 1,
		    .interface = in[i].interface,
		};

		reorder_window_put(w, &r, in[i].section, (uint32_t)i + 1);
		while (reorder_window_take(w, i + 1 == n, &out, &frame)) {
			assert_int_equal(frame, order[got++]);
			assert_int_equal(out.data[0], frame - 1);
			assert_int_equal(out.captured_len, (frame - 1) % 2 + 1);
		}
	}
	assert_int_equal(got, n);
	assert_int_equal(reorder_window_late(w, &lag), late);
	assert_int_equal(lag, lag_ms * NS_PER_MS);
	reorder_window_free(w);
}
#define EXPECT_ORDER(in, order, late, lag) expect_order(in, ARRAY_LEN(in), order, late, lag)

static void a_late_interface_is_put_in_order(void **state)
{
	static const struct input in[] = {{100, 0, 0}, {140, 0, 0}, {180, 0, 0}, {90, 1, 0},
					  {140, 1, 0}, {150, 1, 0}, {200, 0, 0}, {2000, 0, 0}};

	(void)state;
	EXPECT_ORDER(in, ((const uint32_t[]){4, 1, 2, 5, 6, 3, 7, 8}), 3, 90);
}

/* Its records before stay before, and so do another section's. */
static void a_clock_that_goes_back_is_no_disorder(void **state)
{
	static const struct input back[] = {{100, 0, 0}, {110, 1, 0}, {120, 0, 0},
					    {50, 0, 0},	 {60, 1, 0},  {55, 0, 0}};
	static const struct input sections[] = {{100, 0, 0}, {110, 1, 0}, {105, 0, 0},
						{20, 2, 2},  {30, 3, 2},  {25, 2, 2}};

	(void)state;
	EXPECT_ORDER(back, ((const uint32_t[]){1, 2, 3, 4, 6, 5}), 1, 5);
	EXPECT_ORDER(sections, ((const uint32_t[]){1, 3, 2, 4, 6, 5}), 2, 5);
}

/* What comes more than a second late finds the others gone: the clock goes back then. */
static void the_window_is_a_second(void **state)
{
	static const struct input in[] = {{0, 0, 0},	{900, 0, 0}, {1001, 0, 0},
					  {2000, 0, 0}, {850, 1, 0}, {2001, 0, 0}};

	(void)state;
	EXPECT_ORDER(in, ((const uint32_t[]){1, 2, 5, 3, 4, 6}), 1, 1150);
}

/* Memory is bounded, whatever the times. */
static void a_full_window_gives(void **state)
{
	struct reorder_window *w = reorder_window_new();
	static uint8_t bytes[1 << 20];
	struct capture_record out, r = {.data = bytes, .captured_len = sizeof(bytes)};
	uint32_t frame;
	unsigned given = 0;

	(void)state;
	for (uint32_t i = 1; i <= 64; i++) {
		r.at = i;
		reorder_window_put(w, &r, 0, i);
		while (reorder_window_take(w, false, &out, &frame))
			assert_int_equal(frame, ++given);
	}
	assert_in_range(given, 64 - 16, 64 - 14);
	reorder_window_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_late_interface_is_put_in_order),
	    cmocka_unit_test(a_clock_that_goes_back_is_no_disorder),
	    cmocka_unit_test(the_window_is_a_second),
	    cmocka_unit_test(a_full_window_gives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
