/* test_analysis.c - connections, roles, counters, R0, metrics.
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

/* The samples of a metric that there is. */
static struct samples samples_of(const struct analysis *a, uint16_t port, const char *name)
{
	const struct wire_metric *m = wire_metric_find(name);
	struct samples s = {0};

	assert_non_null(m);
	wire_metric_add_samples(m, a, port, &s);
	return s;
}

static double metric(const struct analysis *a, uint16_t port, const char *name)
{
	struct samples s = samples_of(a, port, name);
	double value;

	assert_int_equal(s.n, 1);
	value = s.v[0];
	samples_free(&s);
	return value;
}

static void the_syn_sender_is_the_client(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		trace_init(&t);
		t.client_port = 20; /* below the server's: no guess would find it */
		t.ipv6 = v6;
		trace_handshake(&t, 4 * MS);
		a = trace_take(&t);
		assert_int_equal(a->nconnections, 1);
		assert_int_equal(addr_port(&a->connections[0].client), 20);
		assert_int_equal(a->connections[0].client.sa.sa_family, v6 ? AF_INET6 : AF_INET);
		assert_false(a->connections[0].midstream);
		assert_int_equal(a->connections[0].syn_ack - a->connections[0].syn, 2 * MS);
		assert_int_equal(a->connections[0].handshake_ack - a->connections[0].syn, 4 * MS);
		analysis_free(a);
	}
}

static void without_a_syn_the_lower_port_is_the_server(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_data(&t, DOWN, 100);
	trace_ack(&t, UP);
	a = trace_take(&t);
	assert_int_equal(addr_port(&a->connections[0].server), TRACE_SERVER_PORT);
	assert_true(a->connections[0].midstream);
	assert_int_equal(a->connections[0].data_bytes[DOWN], 100);
	assert_false(a->connections[0].unreliable);
	analysis_free(a);
}

/* Another sequence number; or the same one, after FIN or RST. */
static void a_syn_on_used_ports_begins_a_connection(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		trace_init(&t);
		trace_handshake(&t, MS);
		trace_data(&t, UP, 10);
		if (kind == 1)
			trace_rst(&t, UP);
		if (kind == 2)
			trace_fin(&t, DOWN);
		if (kind)
			t.next[UP] -= 100000 + 11;
		trace_handshake(&t, MS);
		trace_data(&t, UP, 20);
		a = trace_take(&t);
		assert_int_equal(a->nconnections, 2);
		assert_int_equal(a->connections[0].data_bytes[UP], 10);
		assert_int_equal(a->connections[1].data_bytes[UP], 20);
		assert_int_equal(a->connections[1].resets[UP] + a->connections[1].fins[DOWN], 0);
		analysis_free(a);
	}
}

static void a_repeated_syn_does_not(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_syn(&t);
	trace_wait(&t, NS_PER_S);
	t.next[UP]--;
	trace_syn(&t);
	trace_syn_ack(&t);
	trace_ack(&t, UP);
	a = trace_take(&t);
	assert_int_equal(a->nconnections, 1);
	assert_int_equal(a->connections[0].syns[UP], 2);
	assert_int_equal(a->connections[0].retransmissions[UP], 1);
	analysis_free(a);
}

static void the_sequence_number_may_wrap(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	t.next[UP] = 0xffffffff - 100000 - 150;
	trace_handshake(&t, MS);
	for (int i = 0; i < 4; i++) {
		trace_data(&t, UP, 100);
		trace_ack(&t, DOWN);
	}
	a = trace_take(&t);
	assert_int_equal(a->connections[0].data_bytes[UP], 400);
	assert_int_equal(a->connections[0].nacks, 4);
	assert_int_equal(a->connections[0].retransmissions[UP], 0);
	assert_false(a->connections[0].unreliable);
	analysis_free(a);
}

static void late_segments_are_told_from_repeated_ones(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, 10 * MS);
	trace_lose(&t, DOWN, 100);
	trace_data(&t, DOWN, 100);
	trace_wait(&t, MS);
	trace_resend(&t, DOWN, 200, 100); /* fills the hole within a round trip */
	trace_lose(&t, DOWN, 100);
	trace_data(&t, DOWN, 100);
	trace_wait(&t, 50 * MS);
	trace_resend(&t, DOWN, 200, 100); /* fills the hole after a timeout */
	trace_resend(&t, DOWN, 100, 100); /* was seen */
	trace_ack(&t, UP);
	a = trace_take(&t);
	assert_int_equal(a->connections[0].out_of_order[DOWN], 1);
	assert_int_equal(a->connections[0].retransmissions[DOWN], 2);
	assert_int_equal(a->connections[0].data_bytes[DOWN], 400);
	assert_false(a->connections[0].unreliable);
	analysis_free(a);
}

static void a_fin_overtaken_by_an_ack_is_out_of_order(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	trace_fin(&t, DOWN);
	trace_lose(&t, UP, 1);
	trace_ack(&t, UP);
	trace_wait(&t, MS / 10);
	t.next[UP]--;
	trace_fin(&t, UP);
	trace_ack(&t, DOWN);
	a = trace_take(&t);
	assert_int_equal(a->connections[0].out_of_order[UP], 1);
	assert_int_equal(a->connections[0].retransmissions[UP], 0);
	assert_int_equal(a->connections[0].fins[UP], 1);
	assert_false(a->connections[0].unreliable);
	analysis_free(a);
}

static void duplicate_acks_are_neither_window_updates_nor_first_acks(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	trace_data(&t, DOWN, 100);
	trace_ack(&t, UP);
	trace_ack(&t, UP); /* the one */
	t.window[UP] += 100;
	trace_ack(&t, UP); /* a window update */
	t.window[UP] += 100;
	trace_segment(&t, &(struct trace_segment){.dir = UP,
						  .flags = TCP_ACK,
						  .seq = t.next[UP],
						  .ack = t.acked[UP],
						  .window = t.window[UP],
						  .sack = true}); /* another: SACK */
	t.window[UP] = 0;
	trace_ack(&t, UP);
	trace_ack(&t, UP); /* a closed window is no duplicate */
	a = trace_take(&t);
	assert_int_equal(a->connections[0].duplicate_acks[UP], 2);
	assert_int_equal(a->connections[0].zero_windows[UP], 2);
	assert_int_equal(a->connections[0].pure_acks[UP], 7); /* with the handshake's */
	analysis_free(a);
}

static void probes_of_a_closed_window_are_not_retransmissions(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	trace_data(&t, DOWN, 100);
	t.window[UP] = 0;
	trace_ack(&t, UP);
	trace_resend(&t, DOWN, 1, 0); /* Linux: empty, one before */
	trace_ack(&t, UP);
	trace_resend(&t, DOWN, 0, 1); /* others: the next byte */
	trace_ack(&t, UP);
	t.window[UP] = TRACE_WINDOW;
	trace_lose(&t, DOWN, 1); /* it was taken in the end */
	trace_ack(&t, UP);
	trace_data(&t, DOWN, 50);
	a = trace_take(&t);
	assert_int_equal(a->connections[0].retransmissions[DOWN], 0);
	assert_int_equal(a->connections[0].data_bytes[DOWN], 151);
	assert_int_equal(a->connections[0].data_segments[DOWN], 2);
	assert_false(a->connections[0].unreliable);
	analysis_free(a);
}

static const char *unreliable_why(struct trace *t)
{
	static char why[128];
	struct analysis *a = trace_take(t);

	snprintf(why, sizeof(why), "%s",
		 a->connections[0].unreliable ? a->connections[0].unreliable_why : "");
	assert_int_equal(metric(a, 0, "unreliable"), a->connections[0].unreliable);
	analysis_free(a);
	return why;
}

static void r0_finds_what_the_capture_missed(void **state)
{
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	trace_lose(&t, DOWN, 100);
	trace_ack(&t, UP);
	assert_string_equal(unreliable_why(&t),
			    "data was acknowledged that the capture never showed");
	trace_init(&t);
	trace_handshake(&t, MS);
	trace_lose(&t, DOWN, 100);
	trace_data(&t, DOWN, 100);
	trace_ack(&t, UP);
	assert_string_equal(unreliable_why(&t),
			    "a hole was acknowledged that the capture never filled");
}

static void r0_finds_stamps_that_go_back(void **state)
{
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, 2 * MS);
	trace_wait(&t, -MS / 2);
	trace_data(&t, UP, 10);
	assert_string_equal(unreliable_why(&t), "");
	trace_init(&t);
	trace_handshake(&t, 2 * MS);
	trace_wait(&t, -3 * MS);
	trace_data(&t, UP, 10);
	assert_string_equal(unreliable_why(&t), "time goes back");
}

static void r0_ignores_the_second_copy_of_a_frame(void **state)
{
	struct trace_segment s = {.dir = UP, .flags = TCP_ACK, .len = 10, .window = TRACE_WINDOW};
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	s.seq = t.next[UP];
	s.ack = t.acked[UP];
	trace_segment(&t, &s);
	s.same_ip_id = true;
	trace_segment(&t, &s);
	a = trace_take(&t);
	assert_string_equal(a->connections[0].unreliable_why, "frames were captured twice");
	assert_int_equal(a->connections[0].retransmissions[UP], 0);
	assert_int_equal(a->connections[0].data_segments[UP], 1);
	analysis_free(a);
}

static void a_wild_sequence_number_moves_nothing(void **state)
{
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	trace_resend(&t, UP, (uint32_t)-0x50000000, 100);
	trace_data(&t, UP, 100);
	a = trace_take(&t);
	assert_true(a->connections[0].unreliable);
	assert_int_equal(a->connections[0].data_bytes[UP], 100);
	assert_int_equal(a->connections[0].retransmissions[UP], 0);
	analysis_free(a);
}

static void metrics_can_be_had_by_port(void **state)
{
	struct samples s = {0};
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	for (uint16_t i = 0; i < 3; i++) {
		t.client_port = (uint16_t)(40000 + i);
		trace_handshake(&t, MS);
		trace_data(&t, UP, 100);
		trace_wait(&t, 5 * MS);
		trace_reply(&t, DOWN, 300);
		trace_fin(&t, UP);
	}
	a = trace_take(&t);
	assert_int_equal(metric(a, TRACE_SERVER_PORT, "connections"), 3);
	assert_int_equal(metric(a, TRACE_SERVER_PORT, "data_bytes"), 1200);
	assert_int_equal(metric(a, TRACE_SERVER_PORT, "upstream_bytes"), 300);
	assert_int_equal(metric(a, TRACE_SERVER_PORT, "downstream_segments"), 3);
	assert_int_equal(metric(a, TRACE_SERVER_PORT, "fins"), 3);
	assert_int_equal(metric(a, TRACE_SERVER_PORT, "exchanges"), 3);
	assert_float_equal(metric(a, TRACE_SERVER_PORT, "span"), 0.018, 1e-7);
	s = samples_of(a, TRACE_SERVER_PORT, "response");
	assert_int_equal(s.n, 3);
	assert_float_equal(s.v[2], 0.005, 1e-7);
	samples_free(&s);
	assert_int_equal(metric(a, 81, "connections"), 0);
	assert_int_equal(metric(a, 81, "data_bytes"), 0);
	analysis_free(a);
}

static void every_listed_metric_exists_and_no_other(void **state)
{
	struct samples s = {0};
	struct analysis *a;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, MS);
	a = trace_take(&t);
	for (const struct wire_metric *m = wire_metrics; m->name; m++) {
		assert_ptr_equal(wire_metric_find(m->name), m);
		wire_metric_add_samples(m, a, 0, &s);
		assert_true(strlen(m->help) > 0);
		for (const struct wire_metric *other = wire_metrics; other < m; other++)
			assert_string_not_equal(m->name, other->name);
	}
	assert_null(wire_metric_find("acks"));
	assert_null(wire_metric_find(""));
	samples_free(&s);
	analysis_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_syn_sender_is_the_client),
	    cmocka_unit_test(without_a_syn_the_lower_port_is_the_server),
	    cmocka_unit_test(a_syn_on_used_ports_begins_a_connection),
	    cmocka_unit_test(a_repeated_syn_does_not),
	    cmocka_unit_test(the_sequence_number_may_wrap),
	    cmocka_unit_test(late_segments_are_told_from_repeated_ones),
	    cmocka_unit_test(a_fin_overtaken_by_an_ack_is_out_of_order),
	    cmocka_unit_test(duplicate_acks_are_neither_window_updates_nor_first_acks),
	    cmocka_unit_test(probes_of_a_closed_window_are_not_retransmissions),
	    cmocka_unit_test(r0_finds_what_the_capture_missed),
	    cmocka_unit_test(r0_finds_stamps_that_go_back),
	    cmocka_unit_test(r0_ignores_the_second_copy_of_a_frame),
	    cmocka_unit_test(a_wild_sequence_number_moves_nothing),
	    cmocka_unit_test(metrics_can_be_had_by_port),
	    cmocka_unit_test(every_listed_metric_exists_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
