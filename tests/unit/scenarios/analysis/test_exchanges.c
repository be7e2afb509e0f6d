/* test_exchanges.c - requests and responses as the wire shows them.
 * LAYER: wedge_analysis trace_rig */
#include "proxy/base/clock.h"
#include "tests/rig/trace_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define UP   DIR_UPSTREAM
#define DOWN DIR_DOWNSTREAM

static void an_exchange_lasts_until_the_next_request_byte(void **state)
{
	const struct wire_connection *w;
	struct analysis *a;
	struct trace t;
	int64_t start;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, NS_PER_MS);
	start = t.now;
	trace_data(&t, UP, 100);
	trace_wait(&t, 2 * NS_PER_MS);
	trace_data(&t, UP, 50);
	trace_wait(&t, 5 * NS_PER_MS);
	trace_reply(&t, DOWN, 1000);
	trace_wait(&t, 3 * NS_PER_MS);
	trace_data(&t, DOWN, 200);
	trace_wait(&t, 9 * NS_PER_MS);
	trace_reply(&t, UP, 10);
	a = trace_take(&t);
	w = &a->connections[0];
	assert_int_equal(w->nexchanges, 2);
	assert_int_equal(w->exchanges[0].request_start, start);
	assert_int_equal(w->exchanges[0].request_end, start + 2 * NS_PER_MS);
	assert_int_equal(w->exchanges[0].response_start, start + 7 * NS_PER_MS);
	assert_int_equal(w->exchanges[0].response_end, start + 10 * NS_PER_MS);
	assert_int_equal(w->exchanges[0].data_gap, 3 * NS_PER_MS);
	assert_int_equal(w->exchanges[0].request_bytes, 150);
	assert_int_equal(w->exchanges[0].response_bytes, 1200);
	assert_int_equal(w->exchanges[1].request_bytes, 10);
	assert_int_equal(w->exchanges[1].response_bytes, 0);
	assert_int_equal(w->exchanges[1].response_start, 0);
	analysis_free(a);
}

static void a_repeated_request_is_not_a_second_exchange(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, NS_PER_MS);
	trace_data(&t, UP, 100);
	trace_wait(&t, 300 * NS_PER_MS);
	trace_resend(&t, UP, 100, 100);
	trace_reply(&t, DOWN, 50);
	trace_wait(&t, NS_PER_MS);
	trace_resend(&t, UP, 100, 100);
	a = trace_take(&t);
	assert_int_equal(a->connections[0].nexchanges, 1);
	assert_int_equal(a->connections[0].exchanges[0].request_bytes, 100);
	assert_int_equal(a->connections[0].retransmissions[UP], 2);
	assert_int_equal(a->connections[0].data_bytes[UP], 100);
	assert_int_equal(a->connections[0].data_segments[UP], 3);
	analysis_free(a);
}

static void a_greeting_belongs_to_no_exchange(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, NS_PER_MS);
	trace_data(&t, DOWN, 80);
	trace_reply(&t, UP, 6);
	trace_reply(&t, DOWN, 30);
	a = trace_take(&t);
	assert_int_equal(a->connections[0].nexchanges, 1);
	assert_int_equal(a->connections[0].exchanges[0].response_bytes, 30);
	assert_int_equal(a->connections[0].data_bytes[DOWN], 110);
	analysis_free(a);
}

static void a_keepalive_with_a_garbage_byte_is_no_request(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, NS_PER_MS);
	trace_data(&t, UP, 100);
	trace_reply(&t, DOWN, 100);
	trace_ack(&t, UP);
	trace_wait(&t, NS_PER_S);
	trace_resend(&t, UP, 1, 1);
	trace_ack(&t, DOWN);
	a = trace_take(&t);
	assert_int_equal(a->connections[0].nexchanges, 1);
	assert_int_equal(a->connections[0].retransmissions[UP], 0);
	assert_int_equal(a->connections[0].duplicate_acks[DOWN], 0);
	analysis_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_exchange_lasts_until_the_next_request_byte),
	    cmocka_unit_test(a_repeated_request_is_not_a_second_exchange),
	    cmocka_unit_test(a_greeting_belongs_to_no_exchange),
	    cmocka_unit_test(a_keepalive_with_a_garbage_byte_is_no_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
