/* test_schedule.c - when a schedule is on, to the nanosecond, and how random its episodes are.
 * LAYER: wedge_trigger */
#include "impairments/trigger/schedule.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct schedule_config parse(const char *text, double speed)
{
	struct schedule_config c;
	struct err e;

	if (schedule_parse(text, speed, &c, &e) == -1)
		fail_msg("%s: %s", text, e.text);
	return c;
}

/* Changes until the given time, as "+1s -3s ". */
static void assert_changes(const char *text, double speed, int64_t until, const char *wanted)
{
	struct schedule_config c = parse(text, speed);
	struct schedule s;
	char got[400] = "";
	size_t n = 0;
	int64_t at;

	schedule_begin(&s, &c, rng_make(1, 2, 3));
	if (s.on)
		n += (size_t)snprintf(got, sizeof(got), "on ");
	for (int64_t now = 0; now <= until; now += NS_PER_S / 2)
		while (schedule_step(&s, &c, now, &at)) {
			assert_true(at <= now && at > now - NS_PER_S / 2);
			n += (size_t)snprintf(got + n, sizeof(got) - n, "%c%g ", s.on ? '+' : '-',
					      (double)at / (double)NS_PER_S);
		}
	assert_string_equal(got, wanted);
}

static void lists_and_flapping_change_at_their_times(void **state)
{
	(void)state;
	assert_changes("always", 1, 10 * NS_PER_S, "on ");
	assert_changes("0s on, 2s off, 5s on", 1, 10 * NS_PER_S, "+0 -2 +5 ");
	assert_changes("2s on;3s on;4s off", 1, 10 * NS_PER_S, "+2 -4 ");
	assert_changes("3s on", 1, 10 * NS_PER_S, "+3 ");
	assert_changes("on 2s off 3s", 1, 10 * NS_PER_S, "on -2 +5 -7 +10 ");
	assert_changes("off 2s on 1s", 1, 6 * NS_PER_S, "+2 -3 +5 -6 ");
	assert_changes("off 2d on 1d", 86400, 6 * NS_PER_S, "+2 -3 +5 -6 ");
}

static void periods_that_nobody_saw_are_passed_over(void **state)
{
	struct schedule_config c = parse("on 1ms off 2ms", 1);
	struct schedule s;
	unsigned steps = 0;
	int64_t at;

	(void)state;
	schedule_begin(&s, &c, rng_make(1, 2, 3));
	while (schedule_step(&s, &c, INT64_C(1) << 60, &at))
		steps++;
	assert_in_range(steps, 1, 2);
	assert_true(s.next > INT64_C(1) << 60 && s.next <= (INT64_C(1) << 60) + 2 * NS_PER_MS);
}

static void nonsense_is_refused(void **state)
{
	static const char *const wrong[] = {
	    "",		 "sometimes",	 "0s on, 0s off", "5s on, 2s off", "1 on",
	    "on 10s",	 "on 10s on 5s", "on 0s off 1s",  "poisson",	   "poisson 0s",
	    "poisson x", "1s on off",	 "-1s on",
	};
	struct schedule_config c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (schedule_parse(wrong[i], 1, &c, &e) == 0)
			fail_msg("'%s' was taken", wrong[i]);
	assert_int_equal(schedule_parse("poisson 100000d", 0.001, &c, &e), -1);
}

/* F10: gaps are exponential (Kolmogorov-Smirnov, p > 0.001), an episode lasts until it is reset,
 * and the same seed gives the same instants. */
static void episodes_are_a_poisson_process_that_latches(void **state)
{
	enum { N = 2000 };
	struct schedule_config c = parse("poisson 126h", 1440); /* 315 s */
	struct schedule s;
	double gaps[N], d = 0;
	int64_t now = 0, at;

	(void)state;
	schedule_begin(&s, &c, rng_make(9, 2, 0));
	for (int i = 0; i < N; i++) {
		int64_t due = s.next;

		assert_false(s.on);
		assert_false(schedule_step(&s, &c, due - 1, &at));
		assert_true(schedule_step(&s, &c, due, &at));
		assert_int_equal(at, due);
		assert_true(s.on);
		assert_false(schedule_step(&s, &c, INT64_MAX - 1, &at));
		gaps[i] = (double)(due - now) / 315e9;
		now = due + 1000 * NS_PER_S;
		schedule_reset(&s, &c, rng_make(9, 2, 0), now);
	}
	for (int i = 0; i < N; i++) {
		int below = 0;
		double expected = 1 - exp(-gaps[i]);

		for (int k = 0; k < N; k++)
			below += gaps[k] <= gaps[i];
		d = fmax(d, fabs((double)below / N - expected));
	}
	assert_true(d < 1.95 / sqrt(N)); /* the critical value for p = 0.001 */
	schedule_begin(&s, &c, rng_make(9, 2, 0));
	assert_true(s.next == (int64_t)llround(gaps[0] * 315e9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists_and_flapping_change_at_their_times),
	    cmocka_unit_test(periods_that_nobody_saw_are_passed_over),
	    cmocka_unit_test(nonsense_is_refused),
	    cmocka_unit_test(episodes_are_a_poisson_process_that_latches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
