/* test_wire_metrics.c - figures of whole captures, and what is none; against tshark in
 * tests/lab/test_gap_metrics_tshark.py.
 * LAYER: wedge_analysis trace_rig */
#include "proxy/base/clock.h"
#include "proxy/packet/tcp_view.h"
#include "scenarios/analysis/wire_metrics.h"
#include "tests/rig/trace_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define UP   DIR_UPSTREAM
#define DOWN DIR_DOWNSTREAM
#define MS   NS_PER_MS
#define S    NS_PER_S

static struct samples measure(const struct analysis *a, const char *name)
{
	struct samples s = {0};

	wire_metric_add_samples(wire_metric_find(name), a, TRACE_SERVER_PORT, &s);
	return s;
}

static void one(const struct analysis *a, const char *name, double expected)
{
	struct samples s = measure(a, name);

	if (s.n != 1 || s.v[0] < expected - 1e-6 || s.v[0] > expected + 1e-6)
		fail_msg("%s: %zu samples, %g, not %g", name, s.n, s.n ? s.v[0] : 0, expected);
	samples_free(&s);
}

static void nothing_has_counts_and_no_values(void **state)
{
	struct analysis none = {.connections = NULL};
	struct samples s;

	(void)state;
	for (const struct wire_metric *m = wire_metrics; m->name; m++) {
		s = measure(&none, m->name);
		if (s.n && (s.v[0] != 0 || (strcmp(m->unit, "count") && strcmp(m->unit, "bytes"))))
			fail_msg("%s of nothing is %g", m->name, s.v[0]);
		samples_free(&s);
	}
}

static void short_pauses_count(void **state)
{
	struct analysis *a;
	struct samples s;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, 2 * MS);
	for (int i = 0; i < 5; i++) {
		trace_data(&t, UP, 100);
		trace_reply(&t, DOWN, 100);
		trace_wait(&t, (i == 2 ? 45 : 30) * MS);
	}
	trace_ack(&t, UP);
	a = trace_take(&t);
	s = measure(a, "server_silence");
	assert_int_equal(s.n, 1);
	assert_true(s.v[0] > 0.0449 && s.v[0] < 0.0461);
	samples_free(&s);
	analysis_free(a);
}

static void a_port_used_again_ends_the_waits(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, 2 * MS);
	trace_data(&t, UP, 100);
	trace_ack(&t, DOWN);
	trace_wait(&t, 3 * S);
	trace_handshake(&t, 2 * MS);
	trace_wait(&t, 9 * S);
	trace_data(&t, UP, 100);
	a = trace_take(&t);
	one(a, "unanswered", 3);
	one(a, "tuple_reused", 1);
	one(a, "syn_retries", 0);
	analysis_free(a);
}

static void a_client_that_gives_up_waits_no_longer(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, 2 * MS);
	trace_fin(&t, UP);
	trace_wait(&t, 60 * S);
	trace_rst(&t, UP);
	trace_wait(&t, 60 * S);
	trace_fin(&t, DOWN);
	a = trace_take(&t);
	one(a, "fin_wait", 60);
	analysis_free(a);
}

static void flight_is_compared_with_both_readings_of_the_window(void **state)
{
	struct analysis *a;
	struct samples s;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, 2 * MS); /* scale 7, window 500 */
	trace_data(&t, UP, 100);
	trace_data(&t, DOWN, 400);
	trace_data(&t, DOWN, 400);
	a = trace_take(&t);
	s = measure(a, "flight_window");
	assert_int_equal(s.n, 2);
	assert_true(s.v[1] == 800.0 / (TRACE_WINDOW << 7));
	samples_free(&s);
	s = measure(a, "flight_unscaled");
	assert_true(s.v[0] == 0.8 && s.v[1] == 1.6);
	samples_free(&s);
	one(a, "flight_unscaled_share", 0.5);
	analysis_free(a);
}

static void samples_know_when_they_began(void **state)
{
	struct analysis *a;
	struct samples s;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, 2 * MS);
	trace_wait(&t, 5 * S);
	trace_data(&t, UP, 100);
	trace_wait(&t, 1 * S);
	trace_reply(&t, DOWN, 100);
	a = trace_take(&t);
	s = measure(a, "response");
	assert_int_equal(s.at[0], a->connections[0].exchanges[0].request_end);
	samples_free(&s);
	analysis_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_has_counts_and_no_values),
	    cmocka_unit_test(short_pauses_count),
	    cmocka_unit_test(a_port_used_again_ends_the_waits),
	    cmocka_unit_test(a_client_that_gives_up_waits_no_longer),
	    cmocka_unit_test(flight_is_compared_with_both_readings_of_the_window),
	    cmocka_unit_test(samples_know_when_they_began),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
