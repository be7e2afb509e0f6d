/* test_ack_gaps.c - ACK times, R4 with its liberation test, and the verdict.
 * LAYER: wedge_analysis trace_rig */
#include "proxy/base/clock.h"
#include "scenarios/analysis/delayed_ack_verdict.h"
#include "scenarios/analysis/wire_metrics.h"
#include "tests/rig/trace_rig.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define UP   DIR_UPSTREAM
#define DOWN DIR_DOWNSTREAM
#define MS   NS_PER_MS

/* The documented exchange: a response in two writes; the ACK of the first comes after hold, the
 * second write follows after free_after. */
static void write_write_read(struct trace *t, int64_t hold, int64_t free_after)
{
	trace_reply(t, UP, 100);
	trace_wait(t, MS / 10);
	trace_reply(t, DOWN, 120);
	trace_wait(t, hold);
	trace_ack(t, UP);
	trace_wait(t, free_after);
	trace_data(t, DOWN, 60);
	trace_wait(t, MS / 10);
}

static size_t count_stalls(const struct analysis *a)
{
	struct delayed_ack_verdict v;

	delayed_ack_judge(a, 0, &v);
	return v.stalls;
}

static void the_gap_runs_from_the_earliest_covered_segment(void **state)
{
	const struct ack_gap *g;
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	trace_data(&t, DOWN, 100);
	trace_wait(&t, 3 * MS);
	trace_data(&t, DOWN, 100);
	trace_wait(&t, 4 * MS);
	trace_ack(&t, UP);
	trace_data(&t, DOWN, 10);
	trace_wait(&t, 5 * MS);
	trace_reply(&t, UP, 10);
	a = trace_take(&t);
	assert_int_equal(a->connections[0].nacks, 2);
	g = a->connections[0].acks;
	assert_int_equal(g[0].gap, 7 * MS);
	assert_int_equal(g[0].covered, 2);
	assert_int_equal(g[0].data_frame, 4);
	assert_int_equal(g[0].ack_frame, 6);
	assert_true(g[0].pure);
	assert_int_equal(g[0].data_dir, DOWN);
	assert_int_equal(g[1].gap, 5 * MS);
	assert_false(g[1].pure);
	analysis_free(a);
}

static void a_gap_over_resent_data_is_marked(void **state)
{
	struct samples s = {0};
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	trace_data(&t, DOWN, 100);
	trace_wait(&t, 200 * MS);
	trace_resend(&t, DOWN, 100, 100);
	trace_ack(&t, UP);
	trace_data(&t, DOWN, 100);
	trace_wait(&t, MS);
	trace_ack(&t, UP);
	a = trace_take(&t);
	assert_true(a->connections[0].acks[0].resent);
	assert_false(a->connections[0].acks[1].resent);
	wire_metric_add_samples(wire_metric_find("ack_delay"), a, 0, &s);
	assert_int_equal(s.n, 1);
	assert_float_equal(s.v[0], 0.001, 1e-7);
	samples_free(&s);
	analysis_free(a);
}

static void only_the_gap_over_the_resent_bytes_is(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	trace_data(&t, DOWN, 100);
	t.acked[UP] = t.next[DOWN];
	trace_data(&t, DOWN, 100);
	trace_resend(&t, DOWN, 100, 100);
	trace_resend(&t, UP, 0, 0); /* the ACK of the first alone */
	trace_ack(&t, UP);
	a = trace_take(&t);
	assert_int_equal(a->connections[0].nacks, 2);
	assert_false(a->connections[0].acks[0].resent);
	assert_true(a->connections[0].acks[1].resent);
	analysis_free(a);
}

static void a_held_ack_that_frees_data_is_a_stall(void **state)
{
	const struct ack_gap *g;
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	write_write_read(&t, 200 * MS, MS / 5);
	a = trace_take(&t);
	g = &a->connections[0].acks[1];
	assert_true(g->stall);
	assert_true(g->nagle);
	assert_int_equal(g->gap, 200 * MS);
	assert_int_equal(g->liberated, MS / 5);
	assert_int_equal(g->exchange, 0);
	assert_int_equal(count_stalls(a), 1);
	analysis_free(a);
}

static void a_late_ack_that_frees_nothing_is_harmless(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	write_write_read(&t, 200 * MS, 50 * MS); /* the data comes too late to be its doing */
	trace_wait(&t, 200 * MS);
	trace_ack(&t, UP);
	trace_wait(&t, MS / 10);
	trace_data(&t, UP, 100); /* the client goes on, not the server */
	trace_data(&t, DOWN, 100);
	a = trace_take(&t);
	assert_int_equal(count_stalls(a), 0);
	analysis_free(a);
}

/* What one of R4's other conditions is broken by. */
enum broken {
	NOTHING,
	A_LONG_ROUND_TRIP,
	TWO_SEGMENTS_IN_FLIGHT,
	A_SUPER_SEGMENT,
	A_RETRANSMISSION,
	A_RETRANSMISSION_BY_THE_OTHER,
	A_FILLED_HOLE,
	A_CLOSED_WINDOW,
	A_FIN,
	DATA_STAMPED_BEFORE_THE_ACK,
	TOO_SHORT,
	TOO_LONG,
	BROKEN_COUNT,
};

static void broken_stall(struct trace *t, enum broken by)
{
	trace_handshake(t, by == A_LONG_ROUND_TRIP ? 250 * MS : MS);
	trace_data(t, UP, 100);
	trace_wait(t, MS / 10);
	if (by == A_FILLED_HOLE)
		trace_lose(t, DOWN, 100);
	trace_reply(t, DOWN, by == A_SUPER_SEGMENT ? 2 * TRACE_MSS : 120);
	if (by == TWO_SEGMENTS_IN_FLIGHT)
		trace_data(t, DOWN, 120);
	if (by == A_RETRANSMISSION)
		trace_resend(t, DOWN, 120, 120);
	if (by == A_RETRANSMISSION_BY_THE_OTHER)
		trace_resend(t, UP, 100, 100);
	if (by == A_FILLED_HOLE)
		trace_resend(t, DOWN, 220, 100);
	t->window[UP] = by == A_CLOSED_WINDOW ? 0 : TRACE_WINDOW;
	trace_resend(t, UP, 0, 0);
	t->window[UP] = TRACE_WINDOW;
	trace_wait(t, by == TOO_LONG ? 600 * MS : by == TOO_SHORT ? 15 * MS : 200 * MS);
	if (by == A_FIN) {
		t->acked[UP] = t->next[DOWN];
		trace_fin(t, UP);
	} else {
		trace_ack(t, UP);
	}
	trace_wait(t, by == DATA_STAMPED_BEFORE_THE_ACK ? -MS / 10 : MS / 10);
	trace_data(t, DOWN, 60);
}

static void a_stall_needs_all_of_its_conditions(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	for (enum broken by = NOTHING; by < BROKEN_COUNT; by++) {
		trace_init(&t);
		broken_stall(&t, by);
		a = trace_take(&t);
		if (count_stalls(a) != (by == NOTHING))
			fail_msg("broken by %d: %zu stalls", (int)by, count_stalls(a));
		analysis_free(a);
	}
}

static void an_odd_last_segment_stalls_too(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	trace_data(&t, UP, 100);
	trace_reply(&t, DOWN, TRACE_MSS);
	trace_data(&t, DOWN, TRACE_MSS);
	trace_wait(&t, MS / 10);
	trace_ack(&t, UP);
	trace_data(&t, DOWN, 400);
	trace_wait(&t, 200 * MS);
	trace_ack(&t, UP);
	trace_wait(&t, MS / 10);
	trace_data(&t, DOWN, 100);
	a = trace_take(&t);
	assert_int_equal(count_stalls(a), 1);
	analysis_free(a);
}

/* Captured beside the receiver, far from the sender: freed data is a round trip away. */
static void liberation_allows_for_the_way_to_the_sender(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	for (int late = 0; late < 2; late++) {
		trace_init(&t);
		trace_syn(&t);
		trace_wait(&t, 50 * MS);
		trace_syn_ack(&t);
		trace_ack(&t, UP);
		trace_data(&t, UP, 100);
		trace_wait(&t, 51 * MS);
		trace_reply(&t, DOWN, 120);
		trace_wait(&t, 200 * MS);
		trace_ack(&t, UP);
		trace_wait(&t, late ? 100 * MS : 51 * MS);
		trace_data(&t, DOWN, 60);
		a = trace_take(&t);
		assert_int_equal(count_stalls(a), !late);
		analysis_free(a);
	}
}

static struct delayed_ack_verdict verdict_of(int stalled, int healthy, int64_t hold, int64_t jitter)
{
	struct delayed_ack_verdict v;
	struct analysis *a;
	struct trace t;

	trace_init(&t);
	trace_handshake(&t, MS);
	for (int i = 0; i < stalled; i++)
		write_write_read(&t, hold + (i % 2 ? jitter : 0), MS / 10);
	for (int i = 0; i < healthy; i++)
		write_write_read(&t, MS / 10, MS / 10);
	a = trace_take(&t);
	delayed_ack_judge(a, TRACE_SERVER_PORT, &v);
	assert_int_equal(v.exchanges, stalled + healthy);
	assert_int_equal(v.stalls, stalled);
	assert_int_equal(v.stalled_exchanges, stalled);
	delayed_ack_judge(a, TRACE_SERVER_PORT + 1, &(struct delayed_ack_verdict){0});
	analysis_free(a);
	return v;
}

static void the_verdict_needs_number_share_class_and_constancy(void **state)
{
	struct delayed_ack_verdict v = verdict_of(20, 4, 200 * MS, 2 * MS);

	(void)state;
	assert_true(v.holds);
	assert_non_null(strstr(v.class_name, "Windows classic"));
	assert_float_equal(v.median, 0.201, 1e-7);
	assert_false(verdict_of(9, 0, 200 * MS, 0).holds);
	assert_false(verdict_of(20, 6, 200 * MS, 0).holds);
	assert_false(verdict_of(20, 0, 180 * MS, 60 * MS).holds);
	assert_false(verdict_of(20, 0, 220 * MS, 10 * MS).holds); /* half above the class */
	assert_false(verdict_of(20, 0, 62 * MS, 26 * MS).holds);  /* one class, not constant */
	v = verdict_of(20, 0, 44 * MS, 1 * MS);
	assert_true(v.holds);
	assert_non_null(strstr(v.class_name, "Linux"));
	v = verdict_of(0, 20, 0, 0);
	assert_false(v.holds);
	assert_null(v.class_name);
	assert_true(isnan(v.median));
}

static void each_exchange_has_its_longest_gap(void **state)
{
	struct samples s = {0};
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	write_write_read(&t, 200 * MS, MS / 10);
	write_write_read(&t, 5 * MS, MS / 10);
	trace_reply(&t, UP, 10);
	trace_reply(&t, DOWN, 10);
	a = trace_take(&t);
	wire_metric_add_samples(wire_metric_find("ack_delay_max_per_exchange"), a, 0, &s);
	assert_int_equal(s.n, 3);
	assert_float_equal(s.v[0], 0.200, 1e-7);
	assert_float_equal(s.v[1], 0.005, 1e-7);
	assert_float_equal(s.v[2], 0, 0);
	samples_free(&s);
	analysis_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_gap_runs_from_the_earliest_covered_segment),
	    cmocka_unit_test(a_gap_over_resent_data_is_marked),
	    cmocka_unit_test(only_the_gap_over_the_resent_bytes_is),
	    cmocka_unit_test(a_held_ack_that_frees_data_is_a_stall),
	    cmocka_unit_test(a_late_ack_that_frees_nothing_is_harmless),
	    cmocka_unit_test(a_stall_needs_all_of_its_conditions),
	    cmocka_unit_test(an_odd_last_segment_stalls_too),
	    cmocka_unit_test(liberation_allows_for_the_way_to_the_sender),
	    cmocka_unit_test(the_verdict_needs_number_share_class_and_constancy),
	    cmocka_unit_test(each_exchange_has_its_longest_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
