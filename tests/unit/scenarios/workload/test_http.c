/* test_http.c - the end of an HTTP/1.1 message is found however its bytes are cut.
 * LAYER: wedge_workload */
#include "scenarios/workload/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

/* Feeds text in pieces of the given size; returns bytes taken, -1 on error. */
static ssize_t feed(struct http_parser *p, const char *text, size_t len, size_t piece)
{
	size_t used = 0;

	while (used < len && !http_done(p)) {
		size_t take = len - used < piece ? len - used : piece;
		ssize_t n = http_feed(p, text + used, take, NULL);

		if (n == -1)
			return -1;
		used += (size_t)n;
		if ((size_t)n < take)
			break;
	}
	return (ssize_t)used;
}

/* The message is complete after exactly len bytes, for every cut; what follows isn't touched. */
static void ends_after(enum http_kind kind, bool head, const char *message, uint64_t body,
		       bool keep_alive)
{
	size_t len = strlen(message);
	char text[2048];

	snprintf(text, sizeof(text), "%sNEXT", message);
	for (size_t piece = 1; piece <= len + 4; piece++) {
		struct http_parser p;

		http_begin(&p, kind, head);
		assert_int_equal(feed(&p, text, len + 4, piece), len);
		assert_true(http_done(&p));
		assert_int_equal(p.bytes, len);
		assert_int_equal(p.body_bytes, body);
		assert_int_equal(p.keep_alive, keep_alive);
	}
}

static void refused(enum http_kind kind, const char *message, const char *why)
{
	struct http_parser p;
	struct err e;

	http_begin(&p, kind, false);
	assert_int_equal(http_feed(&p, message, strlen(message), &e), -1);
	if (!strstr(e.text, why))
		fail_msg("\"%s\" does not say \"%s\"", e.text, why);
}

static void content_length_body_ends_exactly(void **state)
{
	(void)state;
	ends_after(HTTP_RESPONSE, false, "HTTP/1.1 200 OK\r\ncontent-length:  5 \r\n\r\nhello", 5,
		   true);
	ends_after(HTTP_RESPONSE, false, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, true);
	ends_after(HTTP_RESPONSE, false, "HTTP/1.1 200\nContent-Length: 2\n\nab", 2, true);
}

static void chunked_body_ends_behind_its_trailer(void **state)
{
	(void)state;
	ends_after(
	    HTTP_RESPONSE, false,
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Length: 3\r\n\r\n"
	    "5\r\nhello\r\nA;x=\"y\"\r\n0123456789\r\n0\r\nDigest: z\r\n\r\n",
	    15, true);
}

static void bodiless_responses_have_no_body(void **state)
{
	(void)state;
	ends_after(HTTP_RESPONSE, true, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 0, true);
	ends_after(HTTP_RESPONSE, false, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
		   0, true);
	ends_after(HTTP_RESPONSE, false, "HTTP/1.1 204 No Content\r\n\r\n", 0, true);
}

static void interim_responses_are_passed_over(void **state)
{
	(void)state;
	ends_after(HTTP_RESPONSE, false,
		   "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
		   "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
		   1, true);
}

static void connection_rules_decide_keep_alive(void **state)
{
	(void)state;
	ends_after(HTTP_REQUEST, false, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, true);
	ends_after(HTTP_REQUEST, false, "GET / HTTP/1.1\r\nConnection: foo, Close\r\n\r\n", 0,
		   false);
	ends_after(HTTP_REQUEST, false, "GET / HTTP/1.0\r\n\r\n", 0, false);
	ends_after(HTTP_REQUEST, false, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 0,
		   true);
	ends_after(HTTP_REQUEST, false, "\r\nPUT /a b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 3,
		   true);
}

static void body_without_length_ends_with_the_connection(void **state)
{
	static const char text[] = "HTTP/1.1 200 OK\r\n\r\nall there is";
	struct http_parser p;

	(void)state;
	http_begin(&p, HTTP_RESPONSE, false);
	assert_int_equal(feed(&p, text, strlen(text), 7), strlen(text));
	assert_false(http_done(&p));
	assert_int_equal(http_end(&p, NULL), 0);
	assert_true(http_done(&p));
	assert_int_equal(p.body_bytes, 12);
	assert_false(p.keep_alive);
}

static void cut_messages_are_reported(void **state)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel";
	struct http_parser p;
	struct err e;

	(void)state;
	for (size_t len = 0; len < strlen(text); len++) {
		http_begin(&p, HTTP_RESPONSE, false);
		assert_int_equal(feed(&p, text, len, 9), len);
		assert_int_equal(http_end(&p, &e), -1);
		assert_non_null(strstr(e.text, len ? "inside the message" : "before a byte"));
	}
}

static void expectation_is_seen_once_the_header_is_complete(void **state)
{
	static const char text[] =
	    "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
	struct http_parser p;

	(void)state;
	http_begin(&p, HTTP_REQUEST, false);
	assert_int_equal(feed(&p, text, strlen(text), 1), strlen(text));
	assert_true(http_in_body(&p) && p.expect_continue);
}

static void what_is_not_http_is_refused(void **state)
{
	char line[HTTP_LINE_MAX + 64];

	(void)state;
	refused(HTTP_RESPONSE, "SSH-2.0-OpenSSH_9.2\r\n", "not an HTTP response");
	refused(HTTP_RESPONSE, "HTTP/1.1 20 OK\r\n", "not an HTTP response");
	refused(HTTP_RESPONSE, "HTTP/2.0 200 OK\r\n", "not an HTTP response");
	refused(HTTP_REQUEST, "GET /\r\n", "not an HTTP request");
	refused(HTTP_REQUEST, "GET / HTTP/1.1\r\nno colon\r\n", "header line");
	refused(HTTP_REQUEST, "GET / HTTP/1.1\r\nA b: c\r\n", "header line");
	refused(HTTP_REQUEST, "GET / HTTP/1.1\r\nContent-Length: -1\r\n", "Content-Length");
	refused(HTTP_REQUEST, "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
		"Content-Length");
	refused(HTTP_REQUEST, "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n",
		"Content-Length");
	refused(HTTP_REQUEST, "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n",
		"Transfer-Encoding");
	refused(HTTP_RESPONSE, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
		"chunk size");
	refused(HTTP_RESPONSE, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
		"chunk is longer");
	memset(line, 'a', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	refused(HTTP_REQUEST, line, "longer than 8192");
}

static void endless_header_is_refused(void **state)
{
	struct http_parser p;
	ssize_t n;

	(void)state;
	http_begin(&p, HTTP_RESPONSE, false);
	n = http_feed(&p, "HTTP/1.1 200 OK\r\n", 17, NULL);
	for (int i = 0; n != -1 && i < HTTP_HEAD_MAX; i++)
		n = http_feed(&p, "A: b\r\n", 6, NULL);
	assert_int_equal(n, -1);
	assert_true(p.head_bytes > HTTP_HEAD_MAX);
}

static void written_response_head_has_its_size_and_parses(void **state)
{
	static const uint64_t lengths[] = {0, 220, 10000000000};
	char buf[512];
	struct rng rng = rng_make(1, 0, 0);
	struct http_parser p;

	(void)state;
	for (size_t size = HTTP_RESPONSE_HEAD_MIN; size < 300; size++) {
		for (size_t i = 0; i < 6; i++) {
			memset(buf, 0, sizeof(buf));
			http_response_head(
			    buf, size, &rng,
			    &(struct http_answer){.length = lengths[i % 3], .close = i >= 3});
			assert_int_equal(strlen(buf), size);
			http_begin(&p, HTTP_RESPONSE, true);
			assert_int_equal(http_feed(&p, buf, size, NULL), size);
			assert_true(http_done(&p));
			assert_int_equal(p.left, lengths[i % 3]);
			assert_int_equal(p.keep_alive, i < 3);
		}
	}
}

static void written_head_of_a_list_says_how_it_comes(void **state)
{
	static const char digest[] = "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:";
	struct rng rng = rng_make(1, 0, 0);
	struct http_parser p;
	char buf[400];

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		struct http_answer a = {.multistatus = i & 1,
					.chunked = i & 2,
					.length = UINT64_MAX,
					.close = i & 4,
					.digest = i & 8 ? digest : NULL};
		size_t size = a.digest ? HTTP_LIST_DIGEST_HEAD_MIN : HTTP_LIST_HEAD_MIN;

		memset(buf, 0, sizeof(buf));
		a.length >>= 5;
		http_response_head(buf, size, &rng, &a);
		assert_int_equal(strlen(buf), size);
		http_begin(&p, HTTP_RESPONSE, false);
		assert_int_equal(http_feed(&p, buf, size, NULL), size);
		assert_int_equal(p.status, a.multistatus ? 207 : 200);
		assert_int_equal(p.state, a.chunked ? HTTP_CHUNK_SIZE : HTTP_BODY_LENGTH);
		assert_string_equal(p.digest, a.digest ? digest : "");
		assert_int_equal(p.keep_alive, !a.close);
	}
}

static void written_request_has_its_size_and_parses(void **state)
{
	static const char host[] = "[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535";
	static const char *const methods[] = {"GET", "PROPFIND", "POST", "RPC_IN_DATA"};
	static const size_t sizes[] = {0, 512, HTTP_GET_MAX, HTTP_GET_MAX + 1, 100000};
	struct rng rng = rng_make(1, 0, 0);
	char *buf = malloc(100000);
	struct http_parser p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes) * ARRAY_LEN(methods); i++) {
		const char *method = methods[i % ARRAY_LEN(methods)];
		size_t size = sizes[i / ARRAY_LEN(methods)];
		bool post = size > HTTP_GET_MAX || strcmp(method, "POST") == 0;

		if (!size)
			size = http_request_min(method, "/ews");
		http_request(buf, size, &rng, method, host, "/ews");
		http_begin(&p, HTTP_REQUEST, false);
		assert_int_equal(http_feed(&p, buf, size, NULL), size);
		assert_true(http_done(&p));
		assert_int_equal(p.bytes, size);
		assert_string_equal(p.method, post ? "POST" : method);
		assert_true(post || !p.body_bytes);
		assert_true(p.body_bytes || !post || size < 512);
		assert_true(p.keep_alive);
	}
	free(buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(content_length_body_ends_exactly),
	    cmocka_unit_test(chunked_body_ends_behind_its_trailer),
	    cmocka_unit_test(bodiless_responses_have_no_body),
	    cmocka_unit_test(interim_responses_are_passed_over),
	    cmocka_unit_test(connection_rules_decide_keep_alive),
	    cmocka_unit_test(body_without_length_ends_with_the_connection),
	    cmocka_unit_test(cut_messages_are_reported),
	    cmocka_unit_test(expectation_is_seen_once_the_header_is_complete),
	    cmocka_unit_test(what_is_not_http_is_refused),
	    cmocka_unit_test(endless_header_is_refused),
	    cmocka_unit_test(written_response_head_has_its_size_and_parses),
	    cmocka_unit_test(written_head_of_a_list_says_how_it_comes),
	    cmocka_unit_test(written_request_has_its_size_and_parses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
