/* test_imp_filler.c - useless bytes on a grid of intervals; in chunked coding only where they
 * change nothing. LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include "impairments/stream/parts/chunked.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment filler_impairment;
#define FILLER &filler_impairment
#define MS     NS_PER_MS
#define HEAD   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static void a_space_is_added_every_interval(void **state)
{
	struct imp *m = imp_new(FILLER, "interval=100ms");

	(void)state;
	rig_feed(m->rig, "a");
	rig_advance(m->rig, 250 * MS);
	rig_feed(m->rig, "b");
	rig_advance(m->rig, 100 * MS);
	assert_string_equal(rig_log(m->rig), "0s a\n100ms  \n200ms  \n250ms b\n300ms  \n");
	imp_free(m);
}

static void additions_are_journalled_and_end_with_the_stream(void **state)
{
	struct imp *m = imp_new(FILLER, "interval=100ms,kind=text,text=ping");
	uint64_t bytes;

	(void)state;
	rig_advance(m->rig, 200 * MS);
	rig_end(m->rig, END_FIN);
	rig_advance(m->rig, NS_PER_S);
	assert_string_equal(rig_log(m->rig), "100ms ping\n200ms ping\n200ms FIN\n");
	assert_int_equal(imp_journalled(m, "add", &bytes), 2);
	assert_int_equal(bytes, 8);
	imp_free(m);
}

static void a_newline_is_cr_lf(void **state)
{
	struct imp *m = imp_new(FILLER, "interval=1s,kind=newline");

	(void)state;
	rig_advance(m->rig, NS_PER_S);
	assert_string_equal(rig_text(m->rig), "\r\n");
	imp_free(m);
}

static void zeros_stand_only_before_a_chunk(void **state)
{
	struct imp *m = imp_new(FILLER, "interval=1s,kind=http_chunk");

	(void)state;
	rig_advance(m->rig, NS_PER_S); /* before the head */
	rig_feed(m->rig, HEAD);
	rig_advance(m->rig, 2 * NS_PER_S); /* before the first chunk: twice */
	rig_feed(m->rig, "5\r\nhel");
	rig_advance(m->rig, NS_PER_S); /* in its data */
	rig_feed(m->rig, "lo\r");
	rig_advance(m->rig, NS_PER_S); /* in the line end behind it */
	rig_feed(m->rig, "\n");
	rig_advance(m->rig, NS_PER_S); /* before the second: once */
	rig_feed(m->rig, "1");
	rig_advance(m->rig, NS_PER_S); /* in a size */
	rig_feed(m->rig, "0;x=1\r\n0123456789abcdef\r\n0\r\n");
	rig_advance(m->rig, NS_PER_S); /* in the trailer */
	rig_feed(m->rig, "\r\n");
	rig_advance(m->rig, NS_PER_S); /* behind the message */
	assert_string_equal(rig_text(m->rig),
			    HEAD "005\r\nhello\r\n010;x=1\r\n0123456789abcdef\r\n0\r\n\r\n");
	imp_free(m);
}

static void zeros_before_one_chunk_are_limited(void **state)
{
	struct imp *m = imp_new(FILLER, "interval=1s,kind=http_chunk,zeros=3");

	(void)state;
	rig_feed(m->rig, HEAD);
	rig_advance(m->rig, 10 * NS_PER_S);
	rig_feed(m->rig, "1\r\nx\r\n");
	rig_advance(m->rig, NS_PER_S);
	assert_string_equal(rig_text(m->rig), HEAD "0001\r\nx\r\n0");
	imp_free(m);
}

static void what_is_not_chunked_is_left_alone(void **state)
{
	struct imp *m = imp_new(FILLER, "interval=1s,kind=http_chunk");

	(void)state;
	rig_feed(m->rig, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
	rig_advance(m->rig, 10 * NS_PER_S);
	assert_int_equal(imp_journalled(m, "add", NULL), 0);
	imp_free(m);
}

static struct chunked fed(const char *text)
{
	struct chunked c = {0};

	for (const char *p = text; *p; p++)
		chunked_feed(&c, (const unsigned char *)p, 1);
	return c;
}

static void broken_chunks_are_given_up(void **state)
{
	const char *const broken[] = {HEAD "x\r\n", HEAD "\r\n", HEAD "fffffffffffffffff\r\n",
				      HEAD " 5\r\n"};
	struct chunked c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++)
		assert_int_equal(fed(broken[i]).at, CHUNKED_LOST);
	c = fed(HEAD "0000000000000000000005\r\nhello\r\n");
	assert_true(chunked_before_chunk(&c));
	c = fed("HTTP/1.1 200 OK\ntransfer-ENCODING:gzip, Chunked\n\n");
	assert_true(chunked_before_chunk(&c));
	c = fed(HEAD "0\r\nTrailer: of more than sixty-four characters, so that it doesn't "
		     "fit\r\n\r\n" HEAD);
	assert_true(chunked_before_chunk(&c));
}

static void a_shorter_interval_shortens_the_running_one(void **state)
{
	struct imp *m = imp_new(FILLER, "interval=1h");

	(void)state;
	rig_advance(m->rig, 50 * MS);
	imp_update(m, "interval=100ms,kind=text,text=x");
	rig_advance(m->rig, 250 * MS);
	assert_string_equal(rig_log(m->rig), "150ms x\n250ms x\n");
	imp_free(m);
}

static void disabled_it_adds_no_more(void **state)
{
	struct imp *m = imp_new(FILLER, "interval=100ms");

	(void)state;
	rig_advance(m->rig, 100 * MS);
	stage_set_active(m->stage, false);
	rig_advance(m->rig, NS_PER_S);
	assert_string_equal(rig_text(m->rig), " ");
	imp_free(m);
}

static void a_text_and_its_kind_need_each_other(void **state)
{
	char buf[800];

	(void)state;
	assert_string_not_equal(imp_refusal(FILLER, "kind=text", buf, sizeof(buf)), "");
	assert_string_not_equal(imp_refusal(FILLER, "text=x", buf, sizeof(buf)), "");
	assert_string_not_equal(imp_refusal(FILLER, "interval=0", buf, sizeof(buf)), "");
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(FILLER, "interval=10ms", LAW_ENDS);
	imp_laws(FILLER, "interval=10ms,kind=http_chunk", LAW_ENDS | LAW_LOSSLESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_space_is_added_every_interval),
	    cmocka_unit_test(additions_are_journalled_and_end_with_the_stream),
	    cmocka_unit_test(a_newline_is_cr_lf),
	    cmocka_unit_test(zeros_stand_only_before_a_chunk),
	    cmocka_unit_test(zeros_before_one_chunk_are_limited),
	    cmocka_unit_test(what_is_not_chunked_is_left_alone),
	    cmocka_unit_test(broken_chunks_are_given_up),
	    cmocka_unit_test(a_shorter_interval_shortens_the_running_one),
	    cmocka_unit_test(disabled_it_adds_no_more),
	    cmocka_unit_test(a_text_and_its_kind_need_each_other),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_filler", tests, NULL, NULL);
}
