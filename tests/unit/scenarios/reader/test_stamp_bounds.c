/* test_stamp_bounds.c - times stay as they are within a year, and near each other beyond.
 * LAYER: wedge_reader */
#include "proxy/base/attrs.h"
#include "proxy/base/clock.h"
#include "scenarios/reader/capture_record.h"
#include "scenarios/reader/stamp_bounds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define DAY    (24 * 3600 * NS_PER_S)
#define NOW    (1764000000 * NS_PER_S)
#define LATEST (CAPTURE_SECONDS_MAX * NS_PER_S)

static void times_within_a_year_stay(void **state)
{
	static const int64_t at[] = {NOW, NOW + DAY, NOW - DAY, NOW + 300 * DAY, NOW + 1};
	struct stamp_bounds b = {.begun = false};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(at); i++)
		assert_int_equal(stamp_bounds_take(&b, at[i], (uint32_t)i + 1), at[i]);
	assert_int_equal(b.jumps, 0);
	assert_int_equal(b.jump_frame, 0);
}

/* One stamp by itself, a clock that is set, and the ends of what a file can hold. */
static void a_jump_takes_no_time(void **state)
{
	static const struct {
		int64_t at, want;
		uint64_t jumps;
	} steps[] = {
	    {NOW, NOW, 0},	   {NOW + 5, NOW + 5, 0},  {LATEST, NOW + 5, 1},
	    {NOW + 9, NOW + 5, 2}, {NOW + 10, NOW + 6, 2}, {0, NOW + 6, 3},
	    {7, NOW + 13, 3},	   {LATEST, NOW + 13, 4},  {LATEST - 1, NOW + 12, 4},
	    {0, NOW + 12, 5},
	};
	struct stamp_bounds b = {.begun = false};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		assert_int_equal(stamp_bounds_take(&b, steps[i].at, (uint32_t)i + 1),
				 steps[i].want);
		assert_int_equal(b.jumps, steps[i].jumps);
	}
	assert_int_equal(b.jump_frame, 3);
}

/* Many jumps that are each allowed lead nowhere, either. */
static void no_sequence_leads_away(void **state)
{
	struct stamp_bounds b = {.begun = false};
	int64_t raw = LATEST / 2;

	(void)state;
	for (uint32_t i = 1; i < 1000; i++) {
		int64_t t = stamp_bounds_take(&b, raw, i);

		assert_true(t > LATEST / 2 - 400 * DAY && t < LATEST / 2 + 400 * DAY);
		raw += i % 2 ? 360 * DAY : 5 * DAY;
		raw = raw > LATEST ? 0 : raw;
	}
	assert_true(b.jumps > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_within_a_year_stay),
	    cmocka_unit_test(a_jump_takes_no_time),
	    cmocka_unit_test(no_sequence_leads_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
