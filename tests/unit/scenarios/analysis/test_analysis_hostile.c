/* test_analysis_hostile.c - broken captures never crash the analysis (run it with sanitizers) and
 * what was read before the break is kept.
 * LAYER: wedge_analysis trace_rig */
#include "proxy/base/clock.h"
#include "proxy/packet/tcp_view.h"
#include "scenarios/analysis/delayed_ack_verdict.h"
#include "scenarios/analysis/wire_metrics.h"
#include "tests/rig/trace_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Repeatable noise: Knuth's MMIX generator, upper half. */
static uint32_t noise(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 32);
}

/* Something of everything. */
static void lively_trace(struct trace *t)
{
	trace_init(t);
	for (int i = 0; i < 4; i++) {
		t->client_port = (uint16_t)(40000 + i);
		t->ipv6 = i % 2;
		trace_handshake(t, NS_PER_MS);
		trace_data(t, DIR_UPSTREAM, 100);
		trace_reply(t, DIR_DOWNSTREAM, 120);
		trace_wait(t, 200 * NS_PER_MS);
		trace_ack(t, DIR_UPSTREAM);
		trace_data(t, DIR_DOWNSTREAM, 60);
		trace_lose(t, DIR_DOWNSTREAM, 500);
		trace_data(t, DIR_DOWNSTREAM, 500);
		trace_resend(t, DIR_DOWNSTREAM, 1000, 500);
		trace_reply(t, DIR_UPSTREAM, 1);
		trace_fin(t, DIR_UPSTREAM);
		trace_rst(t, DIR_DOWNSTREAM);
	}
}

/* Every metric too: they must hold on any analysis. */
static void analyse(const uint8_t *data, size_t len)
{
	struct delayed_ack_verdict v;
	struct analysis *a;
	struct err e = {0};

	if (trace_read_bytes(data, len, &a, &e)) {
		assert_true(strlen(e.text) > 0);
		return;
	}
	for (const struct wire_metric *m = wire_metrics; m->name; m++) {
		struct samples s = {0};

		wire_metric_add_samples(m, a, 0, &s);
		samples_free(&s);
	}
	delayed_ack_judge(a, 0, &v);
	analysis_free(a);
}

static void a_capture_cut_anywhere_is_read_up_to_there(void **state)
{
	uint64_t packets = 0;
	struct analysis *a;
	struct trace t;
	struct err e;

	(void)state;
	lively_trace(&t);
	for (size_t len = 0; len <= t.buf.len; len++) {
		if (trace_read_bytes(t.buf.data, len, &a, &e))
			continue;
		assert_true(a->packets >= packets);
		assert_true(a->packets < t.frames ? len < t.buf.len : true);
		packets = a->packets;
		analysis_free(a);
	}
	assert_int_equal(packets, t.frames);
	trace_free(&t);
}

static void a_cut_capture_says_so(void **state)
{
	struct analysis *a;
	struct trace t;
	struct err e;

	(void)state;
	lively_trace(&t);
	assert_int_equal(trace_read_bytes(t.buf.data, t.buf.len - 3, &a, &e), 0);
	assert_non_null(a->cut_short);
	assert_int_equal(a->packets, t.frames - 1);
	analysis_free(a);
	assert_int_equal(trace_read(&t, &a, &e), 0);
	assert_null(a->cut_short);
	analysis_free(a);
	trace_free(&t);
}

static void flipped_bits_never_crash(void **state)
{
	uint64_t seed = 1;
	uint8_t *data;
	struct trace t;

	(void)state;
	lively_trace(&t);
	data = malloc(t.buf.len);
	assert_non_null(data);
	for (int round = 0; round < 4000; round++) {
		memcpy(data, t.buf.data, t.buf.len);
		for (uint32_t n = 1 + noise(&seed) % 30; n; n--)
			data[noise(&seed) % t.buf.len] ^= (uint8_t)(1 << noise(&seed) % 8);
		analyse(data, t.buf.len);
	}
	free(data);
	trace_free(&t);
}

/* Well-formed packets with any numbers: what bit flips rarely reach behind the file format. */
static void random_segments_never_crash(void **state)
{
	uint64_t seed = 2;
	struct trace t;

	(void)state;
	for (int round = 0; round < 100; round++) {
		trace_init(&t);
		for (int i = 0; i < 400; i++) {
			uint32_t spread = round % 2 ? 5000 : UINT32_MAX;

			t.now += (int64_t)(noise(&seed) % 1000000) - (round % 3 ? 0 : 500000);
			t.client_port = (uint16_t)(40000 + noise(&seed) % 3);
			trace_segment(
			    &t, &(struct trace_segment){
				    .dir = noise(&seed) % 2,
				    .flags = (uint8_t)(noise(&seed) % 8 ? TCP_ACK : noise(&seed)),
				    .seq = 1000 + noise(&seed) % spread,
				    .ack = 1000 + noise(&seed) % spread,
				    .len = noise(&seed) % 3 ? noise(&seed) % 1500 : 0,
				    .window = (uint16_t)noise(&seed),
				    .sack = noise(&seed) % 4 == 0,
				});
		}
		analyse(t.buf.data, t.buf.len);
		trace_free(&t);
	}
}

/* CPU time of the analysis of n packets of the worst kind known: every one opens a hole. */
static double cost(int n)
{
	struct analysis *a;
	struct trace t;
	struct err e;
	clock_t start;

	trace_init(&t);
	trace_handshake(&t, NS_PER_MS);
	for (int i = 0; i < n; i++) {
		trace_lose(&t, DIR_UPSTREAM, 10);
		trace_data(&t, DIR_UPSTREAM, 10);
	}
	start = clock();
	assert_int_equal(trace_read(&t, &a, &e), 0);
	assert_true(a->connections[0].unreliable);
	analysis_free(a);
	trace_free(&t);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static void time_grows_with_the_packets_not_with_their_square(void **state)
{
	(void)state;
	/* A square would make it 100 times. */
	assert_true(cost(100000) < 35 * cost(10000) + 0.2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_capture_cut_anywhere_is_read_up_to_there),
	    cmocka_unit_test(a_cut_capture_says_so),
	    cmocka_unit_test(flipped_bits_never_crash),
	    cmocka_unit_test(random_segments_never_crash),
	    cmocka_unit_test(time_grows_with_the_packets_not_with_their_square),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
