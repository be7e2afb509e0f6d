/* test_apply.c - a set that is changed while its sessions run: everything reaches every session at
 * once, nothing is lost, nothing waits. LAYER: wedge_impairments set_rig */
#include "tests/rig/set_rig.h"

#include "proxy/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DOWN DIR_DOWNSTREAM
#define UP   DIR_UPSTREAM

static void assert_log(struct set_rig *r, const char *wanted)
{
	assert_string_equal(set_rig_log(r), wanted);
	set_rig_log_clear(r);
}

static void apply(struct set_rig *r, const char *impairments)
{
	if (!set_rig_apply(r, impairments))
		fail_msg("%s: %s", impairments, set_rig_error(r));
}

static void assert_names(struct set_rig *r, unsigned session, const char *wanted)
{
	char text[200] = "";
	size_t n = 0;

	for (struct stage *st = set_rig_flow(r, session, DOWN)->first; st; st = st->next)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s ", st->name);
	assert_string_equal(text, wanted);
}

static void removing_a_stall_while_nobody_reads_loses_nothing(void **state)
{
	struct set_rig *r = set_rig_new("stall{side=write}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_block(r, 1, DOWN, true);
	set_rig_feed(r, 1, DOWN, "abc");
	set_rig_end(r, 1, DOWN, END_FIN);
	assert_log(r, "");
	apply(r, "");
	assert_log(r, "0s 1 downstream abc\n0s 1 downstream FIN\n");
	assert_int_equal(set_rig_flow(r, 1, DOWN)->undelivered, 3);
	assert_null(set_rig_flow(r, 1, DOWN)->first);
	set_rig_block(r, 1, DOWN, false);
	set_rig_free(r);
}

static void back_pressure_goes_on_when_a_fault_is_removed(void **state)
{
	struct set_rig *r = set_rig_new("stall{side=write}");
	static char data[300000];

	(void)state;
	set_rig_open(r, 1);
	set_rig_block(r, 1, DOWN, true);
	set_rig_feed_data(r, 1, DOWN, data, sizeof(data));
	assert_false(flow_readable(set_rig_flow(r, 1, DOWN)));
	apply(r, "");
	assert_false(flow_readable(set_rig_flow(r, 1, DOWN)));
	set_rig_block(r, 1, DOWN, false);
	assert_true(flow_readable(set_rig_flow(r, 1, DOWN)));
	set_rig_free(r);
}

static void added_instances_take_their_place_in_open_sessions(void **state)
{
	struct set_rig *r = set_rig_new("latency{delay=1s} + slicer{}");

	(void)state;
	set_rig_open(r, 1);
	apply(r, "drop{name=a,enabled=no} + latency{delay=1s} + drop{name=b,enabled=no} + "
		 "drop{name=c,enabled=no} + slicer{} + drop{name=d,enabled=no}");
	assert_names(r, 1, "a latency b c slicer d ");
	set_rig_open(r, 2);
	assert_names(r, 2, "a latency b c slicer d ");
	apply(r, "drop{name=d,enabled=no} + drop{name=b,enabled=no}");
	assert_names(r, 1, "d b ");
	set_rig_free(r);
}

static void what_a_removed_instance_held_meets_those_behind_it(void **state)
{
	struct set_rig *r = set_rig_new("stall{side=write} + drop{after=2B,for=1B}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, "abcd");
	apply(r, "drop{after=2B,for=1B}");
	assert_log(r, "0s 1 downstream ab\n0s 1 downstream d\n");
	set_rig_free(r);
}

static void changed_parameters_reach_open_sessions(void **state)
{
	struct set_rig *r = set_rig_new("latency{delay=10s}");
	const struct stage *before;

	(void)state;
	set_rig_open(r, 1);
	before = set_rig_flow(r, 1, DOWN)->first;
	apply(r, "latency{delay=1s}");
	assert_ptr_equal(set_rig_flow(r, 1, DOWN)->first, before);
	set_rig_feed(r, 1, DOWN, "a");
	set_rig_advance(r, NS_PER_S);
	assert_log(r, "1s 1 downstream a\n");
	assert_non_null(strstr(set_rig_journal(r), "\"update\""));
	set_rig_free(r);
}

static void what_is_the_same_notices_nothing(void **state)
{
	struct set_rig *r = set_rig_new("stall{side=write,after=1B} + latency{delay=1s}");
	size_t journal;

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, "ab");
	journal = strlen(set_rig_journal(r));
	apply(r, "stall{side=write,after=1B} + latency{delay=1s}");
	assert_int_equal(strlen(set_rig_journal(r)), journal);
	assert_int_equal(set_rig_flow(r, 1, DOWN)->first->held, 1);
	set_rig_free(r);
}

static void invalid_sets_are_refused_whole(void **state)
{
	static const char *const wrong[] = {
	    "latency{delay=1s} + stall{after=1B,per=message}",
	    "latency{delay=1s} + latency{name=latency}",
	    "stall{for=5s,every=2s}",
	    "nothing",
	};
	struct set_rig *r = set_rig_new("latency{delay=10s}");

	(void)state;
	set_rig_open(r, 1);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_false(set_rig_apply(r, wrong[i]));
		assert_int_not_equal(strlen(set_rig_error(r)), 0);
		assert_int_equal(set_rig_set(r)->n, 1);
	}
	set_rig_feed(r, 1, DOWN, "a");
	set_rig_advance(r, 10 * NS_PER_S);
	assert_log(r, "10s 1 downstream a\n");
	set_rig_free(r);
}

static void single_operations_go_by_name(void **state)
{
	struct set_rig *r = set_rig_new("stall{side=write}");
	struct impairment_set *s = set_rig_set(r);
	struct err e;

	(void)state;
	set_rig_open(r, 1);
	assert_int_equal(impairment_set_enable(s, "stall", false, false, &e), 0);
	set_rig_feed(r, 1, DOWN, "a");
	assert_int_equal(impairment_set_enable(s, "stall", true, false, &e), 0);
	set_rig_feed(r, 1, DOWN, "b");
	assert_int_equal(impairment_set_update(s, "stall", "side", "nowhere", false, &e), -1);
	assert_int_equal(impairment_set_update(s, "stal", "side", "read", false, &e), -1);
	assert_non_null(strstr(e.text, "did you mean 'stall'"));
	assert_log(r, "0s 1 downstream a\n");
	assert_int_equal(impairment_set_remove(s, "stall", false, &e), 0);
	assert_log(r, "0s 1 downstream b\n");
	assert_int_equal(s->n, 0);
	set_rig_free(r);
}

static void instance_that_comes_behind_the_end_does_nothing(void **state)
{
	struct set_rig *r = set_rig_new("stall{side=write}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, "abc");
	set_rig_end(r, 1, DOWN, END_FIN);
	apply(r, "cut{sides=both} + stall{side=write}");
	assert_log(r, "");
	apply(r, "");
	assert_log(r, "0s 1 downstream abc\n0s 1 downstream FIN\n");
	set_rig_free(r);
}

/* Switched off and on, a window isn't begun anew. */
static void switching_keeps_the_counts(void **state)
{
	struct set_rig *r = set_rig_new("stall{side=write,after=2B,for=1s}");
	struct impairment_set *s = set_rig_set(r);
	struct err e;

	(void)state;
	set_rig_open(r, 1);
	assert_int_equal(impairment_set_enable(s, "stall", false, false, &e), 0);
	set_rig_feed(r, 1, DOWN, "a");
	assert_int_equal(impairment_set_enable(s, "stall", true, false, &e), 0);
	set_rig_feed(r, 1, DOWN, "bc");
	assert_log(r, "0s 1 downstream a\n0s 1 downstream b\n");
	assert_int_equal(impairment_set_enable(s, "stall", false, false, &e), 0);
	assert_log(r, "0s 1 downstream c\n");
	set_rig_advance(r, NS_PER_S / 2);
	assert_int_equal(impairment_set_enable(s, "stall", true, false, &e), 0);
	set_rig_feed(r, 1, DOWN, "d");
	set_rig_advance(r, NS_PER_S);
	assert_log(r, "1s 1 downstream d\n");
	assert_int_equal(impairment_set_enable(s, "stall", false, false, &e), 0);
	assert_int_equal(impairment_set_enable(s, "stall", true, false, &e), 0);
	set_rig_feed(r, 1, DOWN, "e");
	assert_log(r, "1.5s 1 downstream e\n");
	set_rig_free(r);
}

static void change_before_the_first_session_is_only_a_change_of_the_list(void **state)
{
	struct set_rig *r = set_rig_new("cut");

	(void)state;
	apply(r, "latency{delay=1s} + cut{enabled=no}");
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, "a");
	set_rig_advance(r, NS_PER_S);
	assert_log(r, "1s 1 downstream a\n");
	set_rig_free(r);
}

static void window_of_an_instance_that_comes_late_counts_from_the_session(void **state)
{
	struct set_rig *r = set_rig_new("");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, "0123456789");
	apply(r, "drop{after=5B,for=2B} + drop{name=soon,after=12B,for=1B} + drop{name=now,after="
		 "9B,for=2B}");
	set_rig_log_clear(r);
	set_rig_feed(r, 1, DOWN, "abcdef");
	/* "now" takes a, the rest of its two; "soon" c as it sees it, since a is gone before it. */
	assert_int_equal(set_rig_flow(r, 1, DOWN)->eaten_bytes, 2);
	set_rig_free(r);
}

static void messages_of_a_session_under_way_cant_be_counted(void **state)
{
	struct set_rig *r = set_rig_new("");

	(void)state;
	set_rig_open(r, 1);
	set_rig_open(r, 2);
	set_rig_feed(r, 1, DOWN, "half a li");
	apply(r, "cut{framing=line,after=1 message}");
	set_rig_feed(r, 1, DOWN, "ne\nanother\n");
	set_rig_log_clear(r);
	set_rig_feed(r, 2, DOWN, "a line\n");
	assert_log(r, "0s 2 downstream 7B\n0s 2 downstream FIN\n");
	assert_non_null(strstr(set_rig_journal(r), "began too late"));
	set_rig_free(r);
}

static void other_order_begins_anew_and_loses_nothing(void **state)
{
	struct set_rig *r = set_rig_new("stall{side=write} + latency{delay=1s}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, "abc");
	apply(r, "latency{delay=1s} + stall{side=write}");
	assert_names(r, 1, "latency stall ");
	apply(r, "");
	assert_log(r, "0s 1 downstream abc\n");
	set_rig_free(r);
}

/* Bytes in = bytes out + eaten, whatever is changed when. */
static void random_changes_lose_no_byte(void **state)
{
	static const char *const sets[] = {
	    "",
	    "stall{side=write,after=100B,for=50ms,every=200ms}",
	    "latency{delay=30ms} + slicer{}",
	    "slicer{} + latency{delay=30ms}",
	    "stall{side=write,per=message,framing=line,for=3ms} + latency{delay=5ms}",
	    "stall{side=write,enabled=no} + gather{}",
	    "gather{} + stall{side=write,probability=50%,schedule=on 10ms off 10ms}",
	};
	struct rng rng = rng_make(3, 1, 4);

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct set_rig *r = set_rig_new(sets[rng_below(&rng, ARRAY_LEN(sets))]);
		uint64_t fed = 0;

		set_rig_open(r, 1);
		for (int i = 0; i < 60; i++) {
			if (flow_readable(set_rig_flow(r, 1, DOWN))) {
				set_rig_feed(r, 1, DOWN, "0123456789\n012345678901234567890\n");
				fed += 33;
			}
			set_rig_advance(r, (int64_t)rng_below(&rng, 20 * NS_PER_MS));
			if (rng_chance(&rng, 0.2))
				apply(r, sets[rng_below(&rng, ARRAY_LEN(sets))]);
		}
		set_rig_end(r, 1, DOWN, END_FIN);
		apply(r, "");
		assert_int_equal(set_rig_flow(r, 1, DOWN)->out_bytes, fed);
		assert_int_equal(set_rig_flow(r, 1, DOWN)->end_out, END_FIN);
		set_rig_free(r);
	}
}

static void change_reaches_a_thousand_sessions_that_nobody_reads(void **state)
{
	struct set_rig *r = set_rig_new("stall{side=write}");
	static char data[65536];

	(void)state;
	for (unsigned i = 1; i <= 1000; i++) {
		set_rig_open(r, i);
		set_rig_block(r, i, DOWN, true);
		set_rig_feed_data(r, i, DOWN, data, sizeof(data));
	}
	apply(r, ""); /* how fast: tests/loopback/test_config_stalled.py */
	for (unsigned i = 1; i <= 1000; i++)
		assert_int_equal(set_rig_flow(r, i, DOWN)->out_bytes, sizeof(data));
	set_rig_free(r);
}

/* The stage behind the cut has passed the end on, so what comes when the cut is gone comes too late
 * for it; it says so when the session is freed, and its gate has gone by then. */
static void late_bytes_are_told_when_a_session_ends(void **state)
{
	struct set_rig *r = set_rig_new("cut{after=2B} + corrupt{after=1GB}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DIR_DOWNSTREAM, "hello");
	assert_true(set_rig_apply(r, "corrupt{after=1GB}"));
	set_rig_feed(r, 1, DIR_DOWNSTREAM, "more");
	set_rig_close(r, 1);
	assert_non_null(strstr(set_rig_journal(r), "they came after the end"));
	set_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(removing_a_stall_while_nobody_reads_loses_nothing),
	    cmocka_unit_test(back_pressure_goes_on_when_a_fault_is_removed),
	    cmocka_unit_test(added_instances_take_their_place_in_open_sessions),
	    cmocka_unit_test(what_a_removed_instance_held_meets_those_behind_it),
	    cmocka_unit_test(changed_parameters_reach_open_sessions),
	    cmocka_unit_test(what_is_the_same_notices_nothing),
	    cmocka_unit_test(invalid_sets_are_refused_whole),
	    cmocka_unit_test(single_operations_go_by_name),
	    cmocka_unit_test(instance_that_comes_behind_the_end_does_nothing),
	    cmocka_unit_test(switching_keeps_the_counts),
	    cmocka_unit_test(change_before_the_first_session_is_only_a_change_of_the_list),
	    cmocka_unit_test(window_of_an_instance_that_comes_late_counts_from_the_session),
	    cmocka_unit_test(messages_of_a_session_under_way_cant_be_counted),
	    cmocka_unit_test(other_order_begins_anew_and_loses_nothing),
	    cmocka_unit_test(random_changes_lose_no_byte),
	    cmocka_unit_test(change_reaches_a_thousand_sessions_that_nobody_reads),
	    cmocka_unit_test(late_bytes_are_told_when_a_session_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
