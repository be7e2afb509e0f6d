/* test_imp_latency.c - a delay is never early, keeps order and the end, and can be changed.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment latency_impairment;
#define LATENCY &latency_impairment
#define MS	NS_PER_MS

static void bytes_come_later_by_the_delay(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=200ms");

	(void)state;
	rig_feed(m->rig, "one");
	rig_advance(m->rig, 50 * MS);
	rig_feed(m->rig, "two");
	rig_advance(m->rig, 149999999);
	assert_string_equal(rig_log(m->rig), "");
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "200ms one\n250ms two\n");
	imp_free(m);
}

static void the_end_waits_too_and_behind_its_bytes(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=200ms");

	(void)state;
	rig_feed(m->rig, "bytes");
	rig_advance(m->rig, 100 * MS);
	rig_end(m->rig, END_RST);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "200ms bytes\n300ms RST\n");
	imp_free(m);
}

static void an_end_without_bytes_waits(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=200ms");

	(void)state;
	rig_end(m->rig, END_FIN);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "200ms FIN\n");
	imp_free(m);
}

static void without_delay_everything_comes_at_once(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=0");

	(void)state;
	rig_feed(m->rig, "now");
	rig_end(m->rig, END_FIN);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "0s now\n0s FIN\n");
	imp_free(m);
}

/* 400 chunks a second apart: each has its own delay, unless an earlier one is still ahead. */
static void collect(const char *text, double *delays, size_t n)
{
	struct imp *m = imp_new(LATENCY, text);

	for (size_t i = 0; i < n; i++) {
		size_t before, after;

		rig_bytes(m->rig, &before);
		rig_feed(m->rig, "x");
		delays[i] = -1;
		while (delays[i] < 0) {
			int64_t due = rig_next_due(m->rig), began = (int64_t)i * 3600 * NS_PER_S;

			assert_true(due < INT64_MAX);
			rig_advance(m->rig, due - rig_now(m->rig));
			rig_bytes(m->rig, &after);
			if (after > before)
				delays[i] = (double)(rig_now(m->rig) - began) / (double)MS;
		}
		rig_advance(m->rig, (int64_t)(i + 1) * 3600 * NS_PER_S - rig_now(m->rig));
	}
	imp_free(m);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

#define N 2000

/* The shapes themselves are test_dist.c's. */
static void its_parameters_are_those_of_the_distribution(void **state)
{
	double v[N];

	(void)state;
	collect("delay=100ms,jitter=10ms,shape=4,distribution=pareto", v, N);
	qsort(v, N, sizeof(*v), ascending);
	/* Shape 4 with a mean excess of 10: the median is 100 + 30 * (2^(1/4) - 1). */
	assert_true(v[0] >= 100 && v[0] < 100.1);
	assert_true(v[N / 2] > 105.2 && v[N / 2] < 106.2);
}

static void write_file(char *path, const char *text)
{
	FILE *out;
	int fd;

	snprintf(path, 40, "/tmp/wedge-test-delays.XXXXXX");
	fd = mkstemp(path);
	assert_int_not_equal(fd, -1);
	out = fdopen(fd, "w");
	fputs(text, out);
	fclose(out);
}

static void recorded_delays_are_drawn_evenly(void **state)
{
	char path[40], text[128];
	unsigned n[3] = {0};
	double v[N];

	(void)state;
	write_file(path, "# from the field\n1ms\n\n20ms\n300ms\n");
	snprintf(text, sizeof(text), "distribution=recorded,file=%s", path);
	collect(text, v, N);
	unlink(path);
	for (size_t i = 0; i < N; i++) {
		assert_true(v[i] == 1 || v[i] == 20 || v[i] == 300);
		n[v[i] > 1 ? v[i] > 20 ? 2 : 1 : 0]++;
	}
	for (int i = 0; i < 3; i++)
		assert_in_range(n[i], N / 3 - 60, N / 3 + 60);
}

static void equal_seeds_give_equal_delays(void **state)
{
	double a[20], b[20];

	(void)state;
	collect("delay=100ms,jitter=10ms,distribution=normal", a, 20);
	collect("delay=100ms,jitter=10ms,distribution=normal", b, 20);
	assert_memory_equal(a, b, sizeof(a));
}

static void jitter_never_swaps_bytes(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=50ms,jitter=50ms,distribution=uniform");
	size_t n;

	(void)state;
	for (int i = 0; i < 500; i++) {
		rig_feed_bytes(m->rig, 100);
		rig_advance(m->rig, MS);
	}
	rig_settle(m->rig);
	rig_bytes(m->rig, &n);
	assert_int_equal(n, 50000);
	assert_true(rig_bytes_in_order(m->rig));
	imp_free(m);
}

static void a_change_times_anew_what_is_on_its_way(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=1h");

	(void)state;
	rig_feed(m->rig, "old");
	rig_advance(m->rig, 100 * MS);
	rig_feed(m->rig, "new");
	rig_end(m->rig, END_FIN);
	rig_advance(m->rig, 50 * MS);
	imp_update(m, "delay=120ms");
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "150ms old\n220ms new\n220ms FIN\n");
	imp_free(m);
}

static void a_change_never_makes_a_later_chunk_early(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=100ms");

	(void)state;
	rig_feed(m->rig, "a");
	imp_update(m, "delay=50ms");
	rig_advance(m->rig, 5 * MS);
	rig_feed(m->rig, "b");
	imp_update(m, "delay=200ms");
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "200ms a\n205ms b\n");
	imp_free(m);
}

static void disabled_it_lets_everything_go_in_order(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=1h");

	(void)state;
	rig_feed(m->rig, "a");
	rig_advance(m->rig, MS);
	rig_feed(m->rig, "b");
	rig_end(m->rig, END_FIN);
	rig_advance(m->rig, MS);
	stage_set_active(m->stage, false);
	assert_string_equal(rig_log(m->rig), "2ms ab\n2ms FIN\n");
	imp_free(m);
}

static void the_default_buffer_holds_the_delay_at_a_gigabit(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=100ms");

	(void)state;
	assert_int_equal(rig_flow(m->rig)->hold_limit, 12500000);
	imp_free(m);
	m = imp_new(LATENCY, "delay=1ms");
	assert_int_equal(rig_flow(m->rig)->hold_limit, 262144);
	imp_free(m);
	m = imp_new(LATENCY, "delay=1h");
	assert_int_equal(rig_flow(m->rig)->hold_limit, 256 << 20);
	imp_free(m);
}

static void a_full_buffer_stops_reading_and_is_journalled_once(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=1s,buffer=256KiB");

	(void)state;
	for (int round = 0; round < 2; round++) {
		rig_feed_bytes(m->rig, 262143);
		assert_true(rig_readable(m->rig));
		assert_int_equal(imp_journalled(m, "limited", NULL), round);
		rig_feed_bytes(m->rig, 1);
		assert_false(rig_readable(m->rig));
		assert_int_equal(imp_journalled(m, "limited", NULL), 1);
		rig_settle(m->rig);
		assert_true(rig_readable(m->rig));
	}
	imp_free(m);
}

static void a_slow_receiver_is_not_called_a_limit(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=1ms");

	(void)state;
	rig_block(m->rig, true);
	for (int i = 0; i < 4; i++) {
		rig_feed_bytes(m->rig, 65536);
		rig_advance(m->rig, 10 * MS);
	}
	assert_false(rig_readable(m->rig));
	assert_int_equal(imp_journalled(m, "limited", NULL), 0);
	imp_free(m);
}

static void two_delays_add_up(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=30ms"),
		   *second = imp_behind(m->rig, LATENCY, "delay=50ms");

	(void)state;
	rig_feed(m->rig, "x");
	rig_end(m->rig, END_FIN);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "80ms x\n80ms FIN\n");
	imp_drop(second);
	imp_free(m);
}

/* 0.8 Gbit/s for a second: with the room of one of them it would have to wait. */
static void two_delays_together_hold_the_bytes_of_both(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=100ms"),
		   *second = imp_behind(m->rig, LATENCY, "delay=100ms");
	size_t n;

	(void)state;
	for (int ms = 0; ms < 1000; ms++) {
		assert_true(rig_readable(m->rig));
		rig_feed_bytes(m->rig, 100000);
		rig_advance(m->rig, MS);
	}
	assert_int_equal(imp_journalled(m, "limited", NULL), 0);
	rig_bytes(m->rig, &n);
	assert_int_equal(n, 100000 * (1000 - 199)); /* the one of 800 ms has arrived */
	rig_settle(m->rig);
	imp_drop(second);
	imp_free(m);
}

static void three_delays_that_are_full_are_journalled(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=10ms"),
		   *second = imp_behind(m->rig, LATENCY, "delay=10ms"),
		   *third = imp_behind(m->rig, LATENCY, "delay=10ms");

	(void)state;
	for (int ms = 0; ms < 100 && rig_readable(m->rig); ms++) {
		rig_feed_bytes(m->rig, 200000);
		rig_advance(m->rig, MS);
	}
	assert_false(rig_readable(m->rig));
	assert_true(imp_journalled(m, "limited", NULL) > 0);
	rig_settle(m->rig);
	imp_drop(third);
	imp_drop(second);
	imp_free(m);
}

static void senseless_parameters_are_refused(void **state)
{
	char buf[800], path[40], text[128];

	(void)state;
	assert_non_null(strstr(imp_refusal(LATENCY, "buffer=1KiB", buf, sizeof(buf)), "256KiB"));
	assert_non_null(
	    strstr(imp_refusal(LATENCY, "jitter=1ms,distribution=constant", buf, sizeof(buf)),
		   "distribution"));
	assert_non_null(strstr(
	    imp_refusal(LATENCY, "delay=1ms,jitter=2ms,distribution=uniform", buf, sizeof(buf)),
	    "early"));
	assert_non_null(
	    strstr(imp_refusal(LATENCY, "distribution=recorded", buf, sizeof(buf)), "file"));
	assert_non_null(
	    strstr(imp_refusal(LATENCY, "distribution=recorded,file=/nowhere", buf, sizeof(buf)),
		   "/nowhere"));
	assert_string_not_equal(imp_refusal(LATENCY, "delay=2h", buf, sizeof(buf)), "");
	write_file(path, "1ms\n2 parsecs\n");
	snprintf(text, sizeof(text), "distribution=recorded,file=%s", path);
	assert_non_null(strstr(imp_refusal(LATENCY, text, buf, sizeof(buf)), "line 2"));
	unlink(path);
	write_file(path, "# nothing\n");
	snprintf(text, sizeof(text), "distribution=recorded,file=%s", path);
	assert_non_null(strstr(imp_refusal(LATENCY, text, buf, sizeof(buf)), "no delay"));
	unlink(path);
}

static void an_end_that_is_not_delayed_waits_for_its_bytes_alone(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=200ms,delays_end=no");

	(void)state;
	rig_feed(m->rig, "bytes");
	rig_advance(m->rig, 100 * MS);
	rig_end(m->rig, END_FIN);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "200ms bytes\n200ms FIN\n");
	imp_free(m);
	m = imp_new(LATENCY, "delay=200ms,delays_end=no");
	rig_end(m->rig, END_RST);
	assert_string_equal(rig_log(m->rig), "0s RST\n");
	imp_free(m);
}

static void clamped_a_jitter_above_the_delay_often_leaves_none(void **state)
{
	struct imp *m = imp_new(LATENCY, "delay=20ms,jitter=100ms,clamps=yes");
	int at_once = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		rig_feed(m->rig, "x");
		at_once += rig_next_due(m->rig) == rig_now(m->rig);
		rig_settle(m->rig);
	}
	assert_in_range(at_once, 350, 450); /* (100 - 20) / 200 of them */
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(LATENCY, "delay=30ms", LAW_LOSSLESS | LAW_ENDS);
	imp_laws(LATENCY, "delay=30ms,jitter=30ms,distribution=pareto", LAW_LOSSLESS | LAW_ENDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_come_later_by_the_delay),
	    cmocka_unit_test(the_end_waits_too_and_behind_its_bytes),
	    cmocka_unit_test(an_end_without_bytes_waits),
	    cmocka_unit_test(without_delay_everything_comes_at_once),
	    cmocka_unit_test(its_parameters_are_those_of_the_distribution),
	    cmocka_unit_test(recorded_delays_are_drawn_evenly),
	    cmocka_unit_test(equal_seeds_give_equal_delays),
	    cmocka_unit_test(jitter_never_swaps_bytes),
	    cmocka_unit_test(a_change_times_anew_what_is_on_its_way),
	    cmocka_unit_test(a_change_never_makes_a_later_chunk_early),
	    cmocka_unit_test(disabled_it_lets_everything_go_in_order),
	    cmocka_unit_test(the_default_buffer_holds_the_delay_at_a_gigabit),
	    cmocka_unit_test(a_full_buffer_stops_reading_and_is_journalled_once),
	    cmocka_unit_test(a_slow_receiver_is_not_called_a_limit),
	    cmocka_unit_test(two_delays_add_up),
	    cmocka_unit_test(two_delays_together_hold_the_bytes_of_both),
	    cmocka_unit_test(three_delays_that_are_full_are_journalled),
	    cmocka_unit_test(senseless_parameters_are_refused),
	    cmocka_unit_test(an_end_that_is_not_delayed_waits_for_its_bytes_alone),
	    cmocka_unit_test(clamped_a_jitter_above_the_delay_often_leaves_none),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_latency", tests, NULL, NULL);
}
