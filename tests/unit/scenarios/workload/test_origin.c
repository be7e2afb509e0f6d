/* test_origin.c - the body of the workload "origin", wherever its reader begins, and its answers,
 * piece by piece. Referees of the server are curl, wget, http.client and tshark:
 * tests/loopback/test_origin.py. LAYER: wedge_workload */
#include "proxy/base/attrs.h"
#include "proxy/base/version.h"
#include "scenarios/workload/origin_answer.h"
#include "scenarios/workload/origin_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIZE   1000
#define WINDOW 130 /* beyond two lines */
#define DATE   784111777
#define COMMON                                                                                     \
	"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: wedge/" WEDGE_VERSION "\r\n"               \
	"Content-Type: text/plain\r\n"

static void body_is_the_same_wherever_one_begins(void **state)
{
	char all[SIZE], part[WINDOW];

	(void)state;
	origin_body(7, 0, all, SIZE);
	for (uint64_t at = 0; at + WINDOW <= SIZE; at++)
		for (size_t len = 0; len <= WINDOW; len += 13) {
			origin_body(7, at, part, len);
			assert_memory_equal(part, all + at, len);
		}
}

static void body_is_lines_of_text(void **state)
{
	char all[64 * 3];

	(void)state;
	origin_body(7, 64 * UINT64_C(999999), all, sizeof(all));
	assert_memory_equal(all, "0000999999 ", 11);
	assert_memory_equal(all + 64, "0001000000 ", 11);
	for (size_t i = 0; i < sizeof(all); i++) {
		if (i % 64 == 63)
			assert_int_equal(all[i], '\n');
		else
			assert_in_range(all[i], ' ', '~');
	}
}

static void body_is_made_from_the_seed_alone(void **state)
{
	unsigned char one[ORIGIN_SHA256], other[ORIGIN_SHA256];

	(void)state;
	origin_body_sha256(1, SIZE, one);
	origin_body_sha256(1, SIZE, other);
	assert_memory_equal(one, other, ORIGIN_SHA256);
	origin_body_sha256(2, SIZE, other);
	assert_memory_not_equal(one, other, ORIGIN_SHA256);
}

/* As sha256sum says: of nothing, and of 64 KiB that tests/loopback/test_origin.py makes, too, by
 * the description alone. */
static void digest_is_the_one_others_find(void **state)
{
	static const struct {
		uint64_t size;
		const char *hex;
	} known[] = {
	    {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	    {65536, "e21aa135053b5e95018ebfb6a7dbe0eeeb2c20d64b697176b916855fab57858e"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		unsigned char sum[ORIGIN_SHA256];
		char hex[2 * ORIGIN_SHA256 + 1];

		origin_body_sha256(0, known[i].size, sum);
		for (size_t k = 0; k < ORIGIN_SHA256; k++)
			snprintf(hex + 2 * k, 3, "%02x", sum[k]);
		assert_string_equal(hex, known[i].hex);
	}
}

/* The whole answer to a request, whose text the caller frees; *close: whether it ends the
 * connection. */
static struct http_text answer_to(const char *request, int ends, uint64_t body, uint64_t chunk,
				  bool *close)
{
	const struct origin_server_cfg cfg = {.body = body, .chunk = chunk, .ends = ends};
	struct http_text all = {.v = NULL}, piece = {.v = NULL};
	struct origin_answer a;
	struct http_parser p;

	http_begin(&p, HTTP_REQUEST, false);
	assert_int_equal(http_feed(&p, request, strlen(request), NULL), strlen(request));
	assert_true(http_done(&p));
	for (origin_answer_begin(&a, &cfg, 0, &p, DATE); !a.over; piece.len = 0) {
		origin_answer_write(&a, &piece);
		assert_in_range(piece.len, 1, ORIGIN_PIECE + 64);
		http_text_bytes(&all, piece.v, piece.len);
	}
	*close = a.head.close;
	free(piece.v);
	return all;
}

static void header_is(const char *request, int ends, const char *expected, bool close)
{
	bool closes;
	struct http_text t = answer_to(request, ends, 5, 2, &closes);
	char *end = strstr(t.v, "\r\n\r\n");

	assert_non_null(end);
	end[2] = '\0';
	assert_string_equal(t.v, expected);
	assert_int_equal(closes, close);
	free(t.v);
}

static void header_tells_how_the_answer_ends(void **state)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char close[] = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
	static const char old[] = "GET / HTTP/1.0\r\n\r\n";
	static const char old_kept[] = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";

	(void)state;
	header_is(get, ORIGIN_LENGTH, "HTTP/1.1 200 OK\r\n" COMMON "Content-Length: 5\r\n", false);
	header_is(get, ORIGIN_CHUNKED,
		  "HTTP/1.1 200 OK\r\n" COMMON "Transfer-Encoding: chunked\r\n", false);
	header_is(get, ORIGIN_CLOSE, "HTTP/1.1 200 OK\r\n" COMMON "Connection: close\r\n", true);
	header_is(close, ORIGIN_LENGTH,
		  "HTTP/1.1 200 OK\r\n" COMMON "Content-Length: 5\r\nConnection: close\r\n", true);
	header_is(old, ORIGIN_LENGTH,
		  "HTTP/1.0 200 OK\r\n" COMMON "Content-Length: 5\r\nConnection: close\r\n", true);
	header_is(old_kept, ORIGIN_LENGTH,
		  "HTTP/1.0 200 OK\r\n" COMMON "Content-Length: 5\r\nConnection: keep-alive\r\n",
		  false);
	header_is(old_kept, ORIGIN_CHUNKED, "HTTP/1.0 200 OK\r\n" COMMON "Connection: close\r\n",
		  true);
}

static void answer_to_head_is_its_header(void **state)
{
	(void)state;
	for (int ends = ORIGIN_LENGTH; ends <= ORIGIN_CLOSE; ends++) {
		bool close;
		struct http_text t =
		    answer_to("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", ends, 5, 2, &close);

		assert_ptr_equal(strstr(t.v, "\r\n\r\n"), t.v + t.len - 4);
		assert_int_equal(close, ends == ORIGIN_CLOSE);
		free(t.v);
	}
}

/* The parser of our clients reads size bytes of the body, and its end. */
static void read_answer(void *arg, const char *data, size_t len)
{
	http_text_bytes(arg, data, len);
}

static void chunks_hold_the_body(void **state)
{
	static const struct {
		uint64_t body, chunk;
	} cases[] = {{0, 7},	      {6, 7},	      {7, 7},	      {8, 7},
		     {1000, 1},	      {70000, 64},    {200000, 4096}, {200000, 65536},
		     {200000, 70000}, {65536, 300000}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_text body = {.v = NULL}, t;
		struct http_parser p;
		char *expected, first[16];
		bool close;

		t = answer_to("GET / HTTP/1.1\r\nHost: a\r\n\r\n", ORIGIN_CHUNKED, cases[i].body,
			      cases[i].chunk, &close);
		http_begin(&p, HTTP_RESPONSE, false);
		p.body = read_answer;
		p.arg = &body;
		assert_int_equal(http_feed(&p, t.v, t.len, NULL), t.len);
		assert_true(http_done(&p));
		assert_int_equal(p.body_bytes, cases[i].body);
		expected = calloc(1, cases[i].body + 1);
		origin_body(0, 0, expected, cases[i].body);
		assert_memory_equal(body.v ? body.v : "", expected, cases[i].body);
		snprintf(first, sizeof(first), "\r\n\r\n%llx\r\n",
			 (unsigned long long)(cases[i].body < cases[i].chunk ? cases[i].body
									     : cases[i].chunk));
		assert_non_null(strstr(t.v, first));
		free(expected);
		free(body.v);
		free(t.v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(body_is_the_same_wherever_one_begins),
	    cmocka_unit_test(body_is_lines_of_text),
	    cmocka_unit_test(body_is_made_from_the_seed_alone),
	    cmocka_unit_test(digest_is_the_one_others_find),
	    cmocka_unit_test(header_tells_how_the_answer_ends),
	    cmocka_unit_test(answer_to_head_is_its_header),
	    cmocka_unit_test(chunks_hold_the_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
