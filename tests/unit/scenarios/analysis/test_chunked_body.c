/* test_chunked_body.c - an answer with a chunked body is whole with its last chunk, however it is
 * cut into segments: R9 and R10. LAYER: wedge_analysis trace_rig */
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

#define RESPONSE "HTTP/1.1 200 OK\r\nContent-Length: 9950\r\n\r\n"
#define CHUNKED	 "HTTP/1.1 207 Multi-Status\r\nTransfer-Encoding: chunked\r\n\r\n"

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

static size_t measure_count(struct trace *t, const char *name)
{
	struct samples s = measure(t, name);
	size_t n = s.n;

	samples_free(&s);
	return n;
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

/* A response in segments as given, whole texts, then the client's acknowledgement. */
static void answer(struct trace *t, const char *const *segments)
{
	for (; *segments; segments++) {
		trace_text(t, DOWN, *segments, (uint32_t)strlen(*segments));
		trace_wait(t, 10 * MS);
	}
	trace_ack(t, UP);
}

static const struct {
	const char *segments[8];
	bool unfinished;
} chunked_cases[] = {
    {{CHUNKED}, true},
    {{CHUNKED "5\r\nhello\r\n"}, true}, /* T16: it stops at a chunk's edge */
    {{CHUNKED "5\r\nhel"}, true},	/* T17 */
    {{CHUNKED "1", "0\r", "\n0123456789abcdef", "\r", "\n0", "\r\n", "\r"}, true},
    {{CHUNKED "1", "0\r", "\n0123456789abcdef", "\r", "\n0", "\r\n", "\r\n"}, false},
    {{CHUNKED "5;x=\"a\"\r\nhello\r\n0;y\r\n\r\n"}, false},
    {{CHUNKED "5;x=0\r\nhello\r\n", "0;y\r\n"}, true},
    {{CHUNKED "0\r\nA: b\r\n", "C: d\r\n"}, true}, /* the trailers don't end */
    {{CHUNKED "0\r\nA: b\r\n", "C: d\r\n\r\n"}, false},
    {{CHUNKED "00A\r\n0123456789\r\n", "000\r\n\r\n"}, false},
    {{CHUNKED "7\r\n0\r\n\r\n..\r\n"}, true},	   /* what looks like the last chunk is data */
    {{CHUNKED "5\r\nhello!\r\n", "5\r\n"}, false}, /* broken: nothing is known any more */
    {{CHUNKED "g\r\n"}, false},
    {{CHUNKED "\r\n"}, false},
    {{CHUNKED "1234567890abc\r\n"}, false},
    {{"HTTP/1.1 200 OK\r\ntransfer-encoding:\tgzip , Chunked \r\n\r\n5\r\n"}, true},
    {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n5\r\n"}, false},
    {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: notchunked\r\n\r\n5\r\n"}, false},
    /* The coding counts, not the length (RFC 9112 6.3). */
    {{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"}, true},
    {{"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
     false},
};

static void chunked_response_ends_with_its_last_chunk(void **state)
{
	struct trace t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chunked_cases); i++) {
		for (int end = 0; end < 2; end++) {
			struct samples s;

			request(&t);
			answer(&t, chunked_cases[i].segments);
			trace_wait(&t, 6 * S);
			trace_fin(&t, end ? DOWN : UP);
			s = measure(&t, end ? "truncated" : "silence");
			if ((end ? s.v[0] == 1 : s.n == 1) != chunked_cases[i].unfinished)
				fail_msg("case %zu, %s", i, end ? "truncated" : "silence");
			samples_free(&s);
		}
	}
}

static void each_response_of_a_connection_ends_for_itself(void **state)
{
	static const char *const whole[] = {CHUNKED "5\r\nhello\r\n", "0\r\n\r\n", NULL},
				 *const half[] = {CHUNKED "5\r\nhello\r\n", "f\r\n", NULL};
	struct trace t;

	(void)state;
	for (int dies = 0; dies < 2; dies++) {
		request(&t);
		for (int i = 0; i < 3; i++) {
			answer(&t, whole);
			trace_wait(&t, 7 * S); /* between two answers that is no silence */
			trace_data(&t, UP, 100);
			trace_ack(&t, DOWN);
		}
		answer(&t, dies ? half : whole);
		trace_wait(&t, 7 * S);
		trace_fin(&t, UP);
		if (dies)
			one(&t, "silence", 7.010);
		else
			none(&t, "silence");
	}
}

static void chunks_are_followed_through_what_the_capture_lacks(void **state)
{
	struct trace t;

	(void)state;
	request(&t); /* only the beginning of a chunk's data is there */
	trace_text(&t, DOWN, CHUNKED "400\r\nhello", 1000);
	trace_text(&t, DOWN, "", (uint32_t)strlen(CHUNKED "400\r\n") + 0x400 - 1000);
	trace_resend(&t, DOWN, 500, 500); /* sent again */
	trace_text(&t, DOWN, "\r\n3\r\n", 5);
	trace_ack(&t, UP);
	trace_wait(&t, 6 * S);
	trace_fin(&t, UP);
	one(&t, "silence", 6);
	request(&t); /* a size wasn't captured */
	trace_text(&t, DOWN, CHUNKED "5\r\nhello\r\n", 1000);
	trace_ack(&t, UP);
	trace_wait(&t, 6 * S);
	trace_fin(&t, UP);
	none(&t, "silence");
	request(&t); /* what lies behind a hole never got there */
	trace_text(&t, DOWN, CHUNKED "5\r\nhe", (uint32_t)strlen(CHUNKED "5\r\nhe"));
	trace_ack(&t, UP);
	trace_segment(&t, &(struct trace_segment){.dir = DOWN,
						  .flags = TCP_ACK,
						  .seq = t.next[DOWN] + 1000,
						  .ack = t.acked[DOWN],
						  .len = 5,
						  .window = TRACE_WINDOW,
						  .text = "0\r\n\r\n"});
	trace_wait(&t, 1 * S);
	trace_rst(&t, DOWN);
	one(&t, "truncated", 1);
	request(&t); /* a hole */
	trace_text(&t, DOWN, CHUNKED, (uint32_t)strlen(CHUNKED));
	trace_lose(&t, DOWN, 10);
	trace_text(&t, DOWN, "5\r\nhello\r\n", 10);
	trace_ack(&t, UP);
	trace_wait(&t, 6 * S);
	trace_fin(&t, UP);
	none(&t, "silence");
}

static void answer_to_head_is_whole_without_its_body(void **state)
{
	struct trace t;

	(void)state;
	for (int chunked = 0; chunked < 2; chunked++) {
		trace_init(&t);
		trace_handshake(&t, 2 * MS);
		trace_text(&t, UP, "HEAD / HTTP/1.1\r\n\r\n", 19);
		trace_ack(&t, DOWN);
		trace_text(&t, DOWN, chunked ? CHUNKED : RESPONSE,
			   (uint32_t)strlen(chunked ? CHUNKED : RESPONSE));
		trace_ack(&t, UP);
		trace_wait(&t, 6 * S);
		trace_fin(&t, DOWN);
		one(&t, "truncated", 0);
	}
}

static const struct {
	const char *segments[5];
	bool bodiless;
} body_cases[] = {
    {{NULL}, true}, /* not even a header */
    {{CHUNKED}, true},
    {{RESPONSE}, true},
    {{CHUNKED, "000", "00000000000000", "12c"}, true}, /* polls: more digits than a size has */
    {{CHUNKED "12c\r\n"}, true},
    {{CHUNKED, "12c\r\n", "<"}, false},
    {{RESPONSE "<"}, false},
    {{RESPONSE, "<"}, false},
    {{CHUNKED "0\r\n\r\n"}, false},			       /* whole, and empty */
    {{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}, false}, /* the same */
    {{"HTTP/1.1 200 OK\r\n\r\n"}, false},		       /* nobody knows of a body */
    {{"HTTP/1.1 200 OK\r\nContent-Le"}, false},
};

static void bodiless_is_an_answer_that_stands_behind_its_header(void **state)
{
	struct trace t;

	(void)state;
	for (size_t i = 0; i < sizeof(body_cases) / sizeof(body_cases[0]); i++) {
		request(&t);
		answer(&t, body_cases[i].segments);
		trace_wait(&t, 6 * S);
		trace_fin(&t, UP);
		trace_ack(&t, DOWN);
		assert_int_equal(measure_count(&t, "bodiless"), body_cases[i].bodiless);
	}
	request(&t); /* another answer on its connection was whole: from this request's ACK on */
	answer(&t, (const char *const[]){CHUNKED "5\r\nhello\r\n0\r\n\r\n", NULL});
	trace_data(&t, UP, 100);
	trace_ack(&t, DOWN);
	trace_wait(&t, 3 * S);
	trace_fin(&t, UP);
	one(&t, "bodiless", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(chunked_response_ends_with_its_last_chunk),
	    cmocka_unit_test(each_response_of_a_connection_ends_for_itself),
	    cmocka_unit_test(chunks_are_followed_through_what_the_capture_lacks),
	    cmocka_unit_test(answer_to_head_is_whole_without_its_body),
	    cmocka_unit_test(bodiless_is_an_answer_that_stands_behind_its_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
