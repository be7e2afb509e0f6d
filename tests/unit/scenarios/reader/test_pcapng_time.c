/* test_pcapng_time.c - units of every resolution become nanoseconds, nonsense stays inside the
 * limits. LAYER: wedge_reader */
#include "scenarios/reader/pcapng_time.h"

#include "scenarios/reader/capture_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MOMENT INT64_C(1700000000123456789)
#define LATEST (CAPTURE_SECONDS_MAX * NS_PER_S)

static void powers_of_ten(void **state)
{
	(void)state;
	assert_int_equal(pcapng_time(1700000000, 0, 0), 1700000000 * NS_PER_S);
	assert_int_equal(pcapng_time(UINT64_C(1700000000123), 3, 0), MOMENT / 1000000 * 1000000);
	assert_int_equal(pcapng_time(UINT64_C(1700000000123456), 6, 0), MOMENT / 1000 * 1000);
	assert_int_equal(pcapng_time((uint64_t)MOMENT, 9, 0), MOMENT);
	assert_int_equal(pcapng_time((uint64_t)MOMENT * 10 + 9, 10, 0), MOMENT);
	assert_int_equal(pcapng_time(UINT64_C(5000000000000000000), 18, 0), 5 * NS_PER_S);
	assert_int_equal(pcapng_time(UINT64_MAX, 28, 0), 1);
	assert_int_equal(pcapng_time(UINT64_MAX, 127, 0), 0);
}

static void powers_of_two(void **state)
{
	(void)state;
	assert_int_equal(pcapng_time(1700000000, 0x80, 0), 1700000000 * NS_PER_S);
	assert_int_equal(pcapng_time(UINT64_C(3) << 31, 0x80 | 32, 0), 3 * NS_PER_S / 2);
	assert_int_equal(pcapng_time(UINT64_MAX, 0x80 | 63, 0), 2 * NS_PER_S - 1);
	assert_int_equal(pcapng_time(UINT64_MAX, 0xff, 0), 0);
}

static void an_offset_counts_seconds(void **state)
{
	(void)state;
	assert_int_equal(pcapng_time((uint64_t)MOMENT, 9, 3600), MOMENT + 3600 * NS_PER_S);
	assert_int_equal(pcapng_time((uint64_t)MOMENT, 9, -3600), MOMENT - 3600 * NS_PER_S);
	assert_int_equal(pcapng_time(123456789, 9, 1700000000), MOMENT);
}

static void nonsense_stays_inside_the_limits(void **state)
{
	(void)state;
	assert_int_equal(pcapng_time(UINT64_MAX, 0, 0), LATEST);
	assert_int_equal(pcapng_time(UINT64_MAX, 0, INT64_MAX), LATEST);
	assert_int_equal(pcapng_time(0, 9, INT64_MIN), 0);
	assert_int_equal(pcapng_time(UINT64_MAX, 0x80, INT64_MAX), LATEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(powers_of_ten),
	    cmocka_unit_test(powers_of_two),
	    cmocka_unit_test(an_offset_counts_seconds),
	    cmocka_unit_test(nonsense_stays_inside_the_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
