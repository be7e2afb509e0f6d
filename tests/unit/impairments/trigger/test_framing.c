/* test_framing.c - message boundaries are where each framing's specification says, however the
 * bytes are cut into pieces. LAYER: wedge_trigger */
#include "impairments/trigger/framing.h"
#include "proxy/stream/flow/message_marks.h"

#include "proxy/base/mem.h"
#include "proxy/base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Marks with the bytes behind which they stand, as "H16 B38 E43 ". */
struct trace {
	char text[8192];
	uint64_t at;
	enum framing_mark last;
	struct framing framing;
};

static void note(struct trace *t, enum framing_mark mark)
{
	size_t n = strlen(t->text);

	t->last = mark;
	if (mark != MARK_NONE)
		snprintf(t->text + n, sizeof(t->text) - n, "%c%llu ", "-HBEL"[mark],
			 (unsigned long long)t -> at);
}

static void feed(struct trace *t, const unsigned char *p, size_t n)
{
	enum framing_mark mark;

	while (n) {
		size_t k = framing_read(&t->framing, p, n, &mark);

		assert_true(k <= n && (k == n || mark != MARK_NONE));
		t->at += k;
		p += k;
		n -= k;
		note(t, mark);
		if (mark == MARK_BODY) {
			assert_int_equal(framing_read(&t->framing, p, 0, &mark), 0);
			note(t, mark);
		}
	}
}

static void trace(struct trace *t, const struct framing_config *c, enum dir dir, const void *data,
		  size_t n, size_t piece)
{
	memset(t, 0, sizeof(*t));
	framing_init(&t->framing, c, dir);
	for (size_t at = 0; at < n; at += piece)
		feed(t, (const unsigned char *)data + at, at + piece < n ? piece : n - at);
	note(t, framing_finish(&t->framing));
}

/* Whole, in pieces of every size, and cut once at every place. */
static void assert_marks(const struct framing_config *c, enum dir dir, const void *data, size_t n,
			 const char *wanted)
{
	struct trace *t = xcalloc(1, sizeof(*t));

	for (size_t piece = n; piece >= 1; piece--) {
		trace(t, c, dir, data, n, piece);
		assert_string_equal(t->text, wanted);
	}
	for (size_t at = 1; at < n; at++) {
		memset(t, 0, sizeof(*t));
		framing_init(&t->framing, c, dir);
		feed(t, data, at);
		feed(t, (const unsigned char *)data + at, n - at);
		note(t, framing_finish(&t->framing));
		assert_string_equal(t->text, wanted);
	}
	free(t);
}

static void http_is(enum dir dir, const char *text, const char *wanted)
{
	static const struct framing_config c = {.kind = FRAMING_HTTP1};

	assert_marks(&c, dir, text, strlen(text), wanted);
}

static void lines_end_with_a_line_feed(void **state)
{
	static const struct framing_config c = {.kind = FRAMING_LINE};

	(void)state;
	assert_marks(&c, DIR_UPSTREAM, "a\nbc\r\n\nrest", 11, "E2 E6 E7 ");
}

static void delimiters_are_found_also_where_they_overlap_themselves(void **state)
{
	struct framing_config c = {.kind = FRAMING_DELIMITER};
	struct err e;

	(void)state;
	assert_int_equal(framing_set_delimiter(&c, "aab", &e), 0);
	assert_marks(&c, DIR_UPSTREAM, "aaabxaab", 8, "E4 E8 ");
	assert_int_equal(framing_set_delimiter(&c, "\\r\\n\\r\\n", &e), 0);
	assert_marks(&c, DIR_UPSTREAM, "a\r\n\r\r\n\r\nb\r\n\r\n", 13, "E8 E13 ");
	assert_int_equal(framing_set_delimiter(&c, "]]>]]>", &e), 0); /* NETCONF, RFC 6242 */
	assert_marks(&c, DIR_UPSTREAM, "<rpc/>]]>]]><x/>]]>]]>]]>]]>", 28, "E12 E22 E28 ");
	assert_int_equal(framing_set_delimiter(&c, "", &e), -1);
	assert_int_equal(framing_set_delimiter(&c, "\\q", &e), -1);
}

#define CHUNKED "HTTP/1.1 200 aab\r\nTransfer-Encoding: chunked\r\n\r\n"

/* Of "aab" where a chunk's edge is inside it, too; none of the fields' or chunk sizes' bytes count.
 */
static void delimiters_in_a_body_are_told_where_their_chunk_ends(void **state)
{
	static const char list[] = CHUNKED "9\r\naabxaabaa\r\n3\r\nbaa\r\n2;aab\r\nxx\r\n0\r\n\r\n"
					   "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbaaby";
	struct framing_config c = {.kind = FRAMING_CHUNKED};
	struct err e;

	(void)state;
	assert_int_equal(strlen(CHUNKED), 48);
	assert_int_equal(framing_set_delimiter(&c, "aab", &e), 0);
	assert_marks(&c, DIR_DOWNSTREAM, list, strlen(list), "E62 E62 E70 E128 ");
	assert_marks(&c, DIR_DOWNSTREAM, "aab\r\n", 5, "L5 ");
}

static void length_fields_of_all_shapes_are_read(void **state)
{
	struct framing_config c = {.kind = FRAMING_LENGTH, .width = 2};

	(void)state;
	/* DNS over TCP, RFC 1035 4.2.2 */
	assert_marks(&c, DIR_UPSTREAM, "\0\3abc\0\0\0\1x", 10, "B2 E5 B7 E7 B9 E10 ");
	/* A type before it, its own five bytes counted, little endian */
	c = (struct framing_config){
	    .kind = FRAMING_LENGTH, .offset = 1, .width = 4, .little = true, .extra = -5};
	assert_marks(&c, DIR_UPSTREAM, "t\6\0\0\0au\5\0\0\0", 11, "B5 E6 B11 E11 ");
	assert_marks(&c, DIR_UPSTREAM, "t\4\0\0\0au", 7, "L5 ");
	c = (struct framing_config){.kind = FRAMING_LENGTH, .width = 8};
	assert_marks(&c, DIR_UPSTREAM, "\377\377\377\377\377\377\377\377aa", 10, "L8 ");
}

static void tls_records_are_counted_and_garbage_isnt(void **state)
{
	static const struct framing_config c = {.kind = FRAMING_TLS};

	(void)state;
	assert_marks(&c, DIR_UPSTREAM, "\26\3\1\0\2ab\27\3\3\0\0\25\3\3\0\1!", 18,
		     "B5 E7 B12 E12 B17 E18 ");
	assert_marks(&c, DIR_UPSTREAM, "GET / HTTP/1.1", 14, "L1 ");
	assert_marks(&c, DIR_UPSTREAM, "\27\3\3\377\377xx", 7, "L5 ");
}

/* A ServerHello of 2 bytes and the beginning of another message in one record, its rest and an
 * empty third in the next; change_cipher_spec; an encrypted message; data. */
static void handshake_messages_are_counted_across_records_until_all_is_encrypted(void **state)
{
	static const struct framing_config c = {.kind = FRAMING_TLS_HANDSHAKE};

	(void)state;
	assert_marks(&c, DIR_DOWNSTREAM,
		     "\26\3\3\0\11\2\0\0\2hi\13\0\0"
		     "\26\3\3\0\7\3abc\16\0\0"
		     "\26\3\3\0\1\0"
		     "\24\3\3\0\1\1"
		     "\26\3\3\0\3xyz"
		     "\27\3\3\0\1d",
		     52, "E11 E23 E32 E46 L51 ");
	assert_marks(&c, DIR_UPSTREAM, "GET / HTTP/1.1", 14, "L1 ");
	assert_marks(&c, DIR_UPSTREAM, "\26\3\3\0\0\26\3\3\1\0\1", 11, "");
	assert_marks(&c, DIR_UPSTREAM, "\26\3\3\377\377x", 6, "L5 ");
}

static void where_whoever_speaks_tells_the_bytes_are_not_looked_at(void **state)
{
	static const struct framing_config c = {.kind = FRAMING_TLS_HANDSHAKE};
	static const struct message_marks marks = {.n = 3, .end = {3, 5, 9}};
	enum framing_mark mark;
	struct framing f;

	(void)state;
	framing_init(&f, &c, DIR_DOWNSTREAM);
	assert_int_equal(framing_use_marks(&f, &marks, 4), 1);
	assert_int_equal(framing_read(&f, (const unsigned char *)"xxxxxxx", 7, &mark), 1);
	assert_int_equal(mark, MARK_END);
	assert_int_equal(framing_read(&f, (const unsigned char *)"xxx", 3, &mark), 3);
	assert_int_equal(mark, MARK_NONE);
	assert_int_equal(framing_read(&f, (const unsigned char *)"xxx", 3, &mark), 1);
	assert_int_equal(mark, MARK_END);
	assert_int_equal(framing_read(&f, (const unsigned char *)"xxx", 3, &mark), 3);
	assert_int_equal(mark, MARK_NONE);
}

static void http_requests_are_told_apart_when_pipelined(void **state)
{
	(void)state;
	http_is(DIR_UPSTREAM,
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
		"POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
		"\r\nPUT /y HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n"
		"5;ext=1\r\nhello\r\n0\r\nTrailer: 1\r\n\r\n",
		"H16 B27 E27 H45 B66 E71 H90 B120 E153 ");
}

static void http_responses_without_a_body_have_none(void **state)
{
	(void)state;
	http_is(DIR_DOWNSTREAM,
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\n\n"
		"HTTP/1.0 200\nContent-Length: 0\n\n",
		"H27 B50 E50 H91 B92 E92 H105 B124 E124 ");
}

static void http_response_of_unknown_length_ends_with_the_stream(void **state)
{
	(void)state;
	http_is(DIR_DOWNSTREAM, "HTTP/1.1 200 OK\r\n\r\nall the rest\r\n\r\n", "H17 B19 E35 ");
	http_is(DIR_DOWNSTREAM, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
		"H17 B44 E47 ");
}

static void what_isnt_http_is_given_up(void **state)
{
	(void)state;
	http_is(DIR_UPSTREAM, "\26\3\1 garbage\n", "L12 ");
	http_is(DIR_DOWNSTREAM, "HTTP/2 200\r\n\r\n", "L12 ");
	http_is(DIR_DOWNSTREAM, "HTTP/1.1 101 Switching\r\n\r\nabc", "H24 B26 E26 L26 ");
	http_is(DIR_UPSTREAM, "GET / HTTP/1.1\r\nContent-Length: 5x\r\n\r\n", "H16 L36 ");
	http_is(DIR_UPSTREAM, "GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
		"H16 L54 ");
	http_is(DIR_UPSTREAM, "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"H16 L54 ");
	http_is(DIR_UPSTREAM, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
		"H16 B46 L51 ");
	http_is(DIR_UPSTREAM, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
		"H16 B46 L53 ");
}

static void line_without_end_is_given_up_in_bounded_memory(void **state)
{
	static const struct framing_config c = {.kind = FRAMING_HTTP1};
	struct trace *t = xcalloc(1, sizeof(*t));
	unsigned char piece[1000];

	(void)state;
	memset(piece, 'a', sizeof(piece));
	framing_init(&t->framing, &c, DIR_UPSTREAM);
	for (int i = 0; i < 70; i++)
		feed(t, piece, sizeof(piece));
	assert_string_equal(t->text, "L66000 ");
	free(t);
}

/* Random bytes must neither crash nor loop, whatever the framing. */
static void random_bytes_do_no_harm(void **state)
{
	static const char *const seeds[] = {"GET / HTTP/1.1\r\n",
					    "HTTP/1.1 200 OK\r\n",
					    "Content-Length: 12\r\n",
					    "Transfer-Encoding: chunked\r\n",
					    "\r\n",
					    "a\r\n0123456789\r\n",
					    "0\r\n\r\n",
					    "\27\3\3\0\5"};
	struct rng rng = rng_make(1, 2, 3);
	struct trace *t = xcalloc(1, sizeof(*t)), *u = xcalloc(1, sizeof(*u));
	struct err e;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct framing_config c = {
		    .kind = (enum framing_kind)(1 + rng_below(&rng, FRAMING_KINDS - 1)),
		    .width = 1 + (unsigned)rng_below(&rng, 8),
		    .offset = rng_below(&rng, 4)};
		enum dir dir = (enum dir)rng_below(&rng, 2);
		char data[600];
		size_t n = 0;

		assert_int_equal(framing_set_delimiter(&c, "0\\r\\n", &e), 0);
		while (n < 500) {
			const char *s = seeds[rng_below(&rng, ARRAY_LEN(seeds))];

			if (rng_chance(&rng, 0.8)) {
				memcpy(data + n, s, strlen(s));
				n += strlen(s);
			} else {
				data[n++] = (char)rng_next(&rng);
			}
		}
		trace(t, &c, dir, data, n, n);
		trace(u, &c, dir, data, n, 1 + (size_t)rng_below(&rng, 40));
		assert_string_equal(t->text, u->text);
	}
	free(t);
	free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_end_with_a_line_feed),
	    cmocka_unit_test(delimiters_are_found_also_where_they_overlap_themselves),
	    cmocka_unit_test(delimiters_in_a_body_are_told_where_their_chunk_ends),
	    cmocka_unit_test(length_fields_of_all_shapes_are_read),
	    cmocka_unit_test(tls_records_are_counted_and_garbage_isnt),
	    cmocka_unit_test(handshake_messages_are_counted_across_records_until_all_is_encrypted),
	    cmocka_unit_test(where_whoever_speaks_tells_the_bytes_are_not_looked_at),
	    cmocka_unit_test(http_requests_are_told_apart_when_pipelined),
	    cmocka_unit_test(http_responses_without_a_body_have_none),
	    cmocka_unit_test(http_response_of_unknown_length_ends_with_the_stream),
	    cmocka_unit_test(what_isnt_http_is_given_up),
	    cmocka_unit_test(line_without_end_is_given_up_in_bounded_memory),
	    cmocka_unit_test(random_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
