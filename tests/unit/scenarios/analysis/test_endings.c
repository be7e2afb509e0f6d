/* test_endings.c - how connections and responses end, or don't: R3, R9, R10, R16, R17, resends.
 * LAYER: wedge_analysis trace_rig */
#include "proxy/base/clock.h"
#include "proxy/packet/tcp_view.h"
#include "scenarios/analysis/endings.h"
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

#define RESPONSE "HTTP/1.1 200 OK\r\nContent-Length: 9950\r\n\r\n" /* 41 bytes of header */

/* A connection with a request of 100 bytes, acknowledged after 1 ms. */
static void request(struct trace *t)
{
	trace_init(t);
	trace_handshake(t, 2 * MS);
	trace_data(t, UP, 100);
	trace_wait(t, 1 * MS);
	trace_ack(t, DOWN);
}

/* The list of a metric; the trace and what was read of it are gone afterwards. */
static struct samples measure(struct trace *t, const char *name)
{
	const struct wire_metric *m = wire_metric_find(name);
	struct samples s = {0};
	struct analysis *a = trace_take(t);

	assert_non_null(m);
	wire_metric_add_samples(m, a, TRACE_SERVER_PORT, &s);
	analysis_free(a);
	return s;
}

static void one(struct trace *t, const char *name, double expected)
{
	struct samples s = measure(t, name);

	assert_int_equal(s.n, 1);
	assert_true(s.v[0] > expected - 1e-6 && s.v[0] < expected + 1e-6);
	samples_free(&s);
}

static void none(struct trace *t, const char *name)
{
	struct samples s = measure(t, name);

	assert_int_equal(s.n, 0);
	samples_free(&s);
}

static void request_is_acknowledged_when_all_of_it_is(void **state)
{
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, 2 * MS);
	trace_data(&t, UP, 100);
	trace_ack(&t, DOWN);
	trace_wait(&t, 4 * MS);
	trace_data(&t, UP, 100);
	trace_wait(&t, 7 * MS);
	trace_ack(&t, DOWN);
	trace_wait(&t, 9 * MS);
	one(&t, "request_ack", 0.007);
}

static void unanswered_lasts_until_the_client_gives_up(void **state)
{
	struct trace t;

	(void)state;
	request(&t);
	trace_wait(&t, 8 * S);
	trace_fin(&t, UP);
	trace_wait(&t, 3 * S);
	trace_rst(&t, DOWN);
	one(&t, "unanswered", 8);
	request(&t);
	trace_data(&t, DOWN, 1);
	trace_wait(&t, 8 * S);
	trace_fin(&t, UP);
	none(&t, "unanswered");
}

static void unanswered_may_last_until_the_capture_ends(void **state)
{
	struct trace t;

	(void)state;
	request(&t);
	trace_wait(&t, 6 * S);
	t.client_port++;
	trace_syn(&t); /* of another connection */
	one(&t, "unanswered", 6);
}

static void drop_after_connect_is_the_servers_early_end(void **state)
{
	struct trace t;

	(void)state;
	for (int rst = 0; rst < 2; rst++) {
		request(&t);
		trace_wait(&t, 497 * MS);
		if (rst)
			trace_rst(&t, DOWN);
		else
			trace_fin(&t, DOWN);
		one(&t, "dropped_after", 0.500);
	}
	request(&t); /* too late */
	trace_wait(&t, 998 * MS);
	trace_rst(&t, DOWN);
	none(&t, "dropped_after");
	request(&t); /* it had said something */
	trace_data(&t, DOWN, 1);
	trace_rst(&t, DOWN);
	none(&t, "dropped_after");
	request(&t); /* the client wanted it */
	trace_fin(&t, UP);
	trace_fin(&t, DOWN);
	none(&t, "dropped_after");
}

/* Half of a response that announced 9991 bytes, in segments 100 ms apart. */
static void half_response(struct trace *t, const char *head)
{
	request(t);
	trace_text(t, DOWN, head, 1000);
	for (int i = 0; i < 4; i++) {
		trace_wait(t, 100 * MS);
		trace_data(t, DOWN, 1000);
	}
}

static void silence_is_an_acknowledged_half_of_a_response(void **state)
{
	struct trace t;

	(void)state;
	half_response(&t, RESPONSE);
	trace_ack(&t, UP);
	trace_wait(&t, 6 * S);
	trace_fin(&t, UP);
	trace_wait(&t, 10 * S);
	trace_rst(&t, DOWN);
	one(&t, "silence", 6);
	half_response(&t, RESPONSE); /* it goes on after all */
	trace_ack(&t, UP);
	trace_wait(&t, 7 * S);
	trace_data(&t, DOWN, 1000);
	one(&t, "silence", 7);
}

static void silence_needs_all_of_its_conditions(void **state)
{
	struct trace t;

	(void)state;
	half_response(&t, RESPONSE); /* too short */
	trace_ack(&t, UP);
	trace_wait(&t, 4900 * MS);
	trace_fin(&t, UP);
	none(&t, "silence");
	half_response(&t, RESPONSE); /* not ten times the pause before it */
	trace_wait(&t, 1 * S);
	trace_data(&t, DOWN, 1000);
	trace_ack(&t, UP);
	trace_wait(&t, 9 * S);
	trace_fin(&t, UP);
	none(&t, "silence");
	half_response(&t, RESPONSE); /* something is under way: loss, perhaps */
	trace_wait(&t, 6 * S);
	trace_fin(&t, UP);
	none(&t, "silence");
	half_response(&t, RESPONSE); /* there is no room */
	t.window[UP] = 0;
	trace_ack(&t, UP);
	trace_wait(&t, 6 * S);
	trace_fin(&t, UP);
	none(&t, "silence");
	half_response(&t, "HTTP/1.1 200 OK\r\n\r\n"); /* nobody knows how long it should be */
	trace_ack(&t, UP);
	trace_wait(&t, 6 * S);
	trace_fin(&t, UP);
	none(&t, "silence");
	half_response(&t, "HTTP/1.1 200 OK\r\nContent-Length: 4959\r\n\r\n"); /* it is whole */
	trace_ack(&t, UP);
	trace_wait(&t, 6 * S);
	trace_fin(&t, UP);
	none(&t, "silence");
}

static void truncation_is_the_servers_end_inside_a_response(void **state)
{
	struct trace t;

	(void)state;
	half_response(&t, RESPONSE);
	trace_fin(&t, DOWN);
	one(&t, "truncated", 1);
	half_response(&t, RESPONSE);
	trace_rst(&t, UP);
	trace_rst(&t, DOWN);
	one(&t, "truncated", 0);
	half_response(&t, "HTTP/1.1 200 OK\r\nContent-Length: 4959\r\n\r\n");
	trace_fin(&t, DOWN);
	one(&t, "truncated", 0);
	for (uint32_t missing = 0; missing < 2; missing++) { /* the FIN comes with the last bytes */
		half_response(&t, RESPONSE);
		trace_data(&t, DOWN, 4000);
		trace_segment(&t, &(struct trace_segment){.dir = DOWN,
							  .flags = TCP_FIN | TCP_ACK,
							  .seq = t.next[DOWN],
							  .ack = t.acked[DOWN],
							  .len = 991 - missing,
							  .window = TRACE_WINDOW});
		one(&t, "truncated", missing);
	}
}

static void announced_length_is_read_with_care(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
	    {"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nabc", 45},
	    {"HTTP/1.0 200 OK\r\nA: b\r\ncontent-length:7\r\n\r\n", 50},
	    {"HTTP/1.1 200 OK\r\nX-Content-Length: 7\r\n\r\n", 0},
	    {"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n", 0}, /* the header isn't whole */
	    {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", 0},
	    {"HTTP/1.1 200 OK\r\nContent-Length: 7x\r\n\r\n", 0},
	    {"HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n", 0},
	    {"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999999999\r\n\r\n", 0},
	    {"HTTP/1.1 100 Continue\r\nContent-Length: 7\r\n\r\n", 0},
	    {"SSH-2.0-OpenSSH_9.2\r\n\r\n", 0},
	    {"", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *text = cases[i].text;
		size_t len = strlen(text);
		uint8_t *exact = test_malloc(len + 1);

		memcpy(exact, text, len);
		if (ending_announced_bytes(exact, len) != cases[i].bytes)
			fail_msg("%s: %llu", text,
				 (unsigned long long)ending_announced_bytes(exact, len));
		test_free(exact);
	}
}

static void fin_waits_for_the_servers_end(void **state)
{
	struct trace t;

	(void)state;
	for (int what = 0; what < 3; what++) {
		request(&t);
		trace_data(&t, DOWN, 50);
		trace_ack(&t, UP);
		trace_fin(&t, UP);
		trace_wait(&t, 20 * MS);
		trace_ack(&t, DOWN);
		trace_wait(&t, 60 * S);
		if (what == 0)
			trace_fin(&t, DOWN);
		if (what == 1)
			trace_rst(&t, DOWN);
		t.client_port++;
		if (what == 2)
			trace_syn(&t);
		one(&t, "fin_wait", 60.020);
	}
}

static void fin_of_the_server_first_is_no_wait(void **state)
{
	struct trace t;

	(void)state;
	request(&t);
	trace_fin(&t, DOWN);
	trace_wait(&t, 5 * S);
	trace_fin(&t, UP);
	trace_wait(&t, 5 * S);
	trace_ack(&t, DOWN);
	none(&t, "fin_wait");
	request(&t);
	trace_fin(&t, UP);
	trace_wait(&t, 30 * MS);
	trace_ack(&t, DOWN);
	one(&t, "fin_ack", 0.030);
}

/* An RST that answers: its number is the answered segment's acknowledgement. */
static void reset(struct trace *t, uint32_t seq, uint8_t flags)
{
	trace_segment(t, &(struct trace_segment){.dir = DOWN, .flags = flags, .seq = seq});
}

static void reset_answers_a_forgotten_connection(void **state)
{
	struct trace t;

	(void)state;
	request(&t);
	trace_wait(&t, 60 * S);
	trace_data(&t, UP, 100);
	trace_wait(&t, 1 * MS);
	reset(&t, t.acked[UP], TCP_RST);
	one(&t, "reset_answer", 0.001);
	request(&t);
	trace_data(&t, UP, 100);
	reset(&t, t.acked[UP] + 1, TCP_RST);
	none(&t, "reset_answer");
	request(&t);
	trace_data(&t, UP, 100);
	reset(&t, t.acked[UP], TCP_RST | TCP_ACK); /* of an end that knows it */
	none(&t, "reset_answer");
}

static void resend_ratios_are_of_one_segment(void **state)
{
	struct samples s;
	struct trace t;

	(void)state;
	for (int ratios = 0; ratios < 2; ratios++) {
		request(&t);
		trace_data(&t, UP, 200);
		for (int i = 0; i < 4; i++) {
			trace_wait(&t, (400 << i) * MS);
			trace_resend(&t, UP, 200, 200);
		}
		trace_ack(&t, DOWN);
		trace_data(&t, UP, 300); /* another one: its first gap has none before it */
		trace_wait(&t, 500 * MS);
		trace_resend(&t, UP, 300, 300);
		s = measure(&t, ratios ? "resend_ratio" : "resend_gap");
		assert_int_equal(s.n, ratios ? 3 : 5);
		for (size_t i = 0; i < 3; i++)
			assert_true(ratios
					? s.v[i] > 1.999 && s.v[i] < 2.001
					: s.v[i] > 0.399 * (1 << i) && s.v[i] < 0.401 * (1 << i));
		samples_free(&s);
	}
}

static void server_silence_is_of_all_connections_together(void **state)
{
	struct trace t;

	(void)state;
	request(&t); /* heard last now */
	trace_wait(&t, 2 * S);
	t.client_port++;
	trace_handshake(&t, 2 * MS); /* heard on another one */
	trace_wait(&t, 3 * S);
	trace_data(&t, UP, 100);
	trace_wait(&t, 1 * S);
	trace_ack(&t, DOWN);
	trace_wait(&t, 9 * S); /* and nobody asks anything */
	one(&t, "server_silence", 4.001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(request_is_acknowledged_when_all_of_it_is),
	    cmocka_unit_test(unanswered_lasts_until_the_client_gives_up),
	    cmocka_unit_test(unanswered_may_last_until_the_capture_ends),
	    cmocka_unit_test(drop_after_connect_is_the_servers_early_end),
	    cmocka_unit_test(silence_is_an_acknowledged_half_of_a_response),
	    cmocka_unit_test(silence_needs_all_of_its_conditions),
	    cmocka_unit_test(truncation_is_the_servers_end_inside_a_response),
	    cmocka_unit_test(announced_length_is_read_with_care),
	    cmocka_unit_test(fin_waits_for_the_servers_end),
	    cmocka_unit_test(fin_of_the_server_first_is_no_wait),
	    cmocka_unit_test(reset_answers_a_forgotten_connection),
	    cmocka_unit_test(resend_ratios_are_of_one_segment),
	    cmocka_unit_test(server_silence_is_of_all_connections_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
