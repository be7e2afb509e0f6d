/* test_imp_tls_half_record.c - the header and a part of one record pass, and nothing more.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment tls_half_record_impairment;
#define HALF &tls_half_record_impairment

/* A handshake record whose content is 257 bytes: a text without a zero byte. */
#define CONTENT 257
static const char *record(void)
{
	static char text[5 + CONTENT + 1] = "\x16\x03\x01\x01\x01";

	memset(text + 5, 'c', CONTENT);
	return text;
}

static size_t arrived(struct imp *m)
{
	size_t n;

	rig_bytes(m->rig, &n);
	return n;
}

static void half_of_the_content_arrives_behind_the_whole_header(void **state)
{
	struct imp *m = imp_new(HALF, "");

	(void)state;
	rig_feed(m->rig, record());
	assert_int_equal(arrived(m), 5 + CONTENT / 2);
	rig_feed(m->rig, record());
	rig_end(m->rig, END_FIN);
	assert_int_equal(arrived(m), 5 + CONTENT / 2);
	assert_int_equal(rig_ended(m->rig), END_NONE);
	assert_int_equal(imp_journalled(m, "half_record", NULL), 1);
	imp_free(m);
}

static void so_it_does_when_the_record_comes_in_single_bytes(void **state)
{
	struct imp *m = imp_new(HALF, "part=10%");

	(void)state;
	for (const char *p = record(); *p; p++)
		rig_feed(m->rig, (char[]){*p, '\0'});
	assert_int_equal(arrived(m), 5 + CONTENT / 10);
	imp_free(m);
}

static void a_changed_part_counts_for_the_next_record_that_is_cut(void **state)
{
	struct imp *m = imp_new(HALF, "part=0%");

	(void)state;
	rig_feed(m->rig, record());
	imp_update(m, "part=100%");
	rig_feed(m->rig, record());
	assert_int_equal(arrived(m), 5);
	stage_set_active(m->stage, false);
	assert_int_equal(arrived(m), 2 * (5 + CONTENT));
	stage_set_active(m->stage, true);
	rig_feed(m->rig, record());
	rig_feed(m->rig, record());
	assert_int_equal(arrived(m), 3 * (5 + CONTENT));
	imp_free(m);
}

static void disabled_it_lets_everything_go_the_end_too(void **state)
{
	struct imp *m = imp_new(HALF, "");

	(void)state;
	rig_feed(m->rig, record());
	rig_end(m->rig, END_FIN);
	stage_set_active(m->stage, false);
	assert_int_equal(arrived(m), 5 + CONTENT);
	assert_string_equal(rig_text(m->rig), record());
	assert_int_equal(rig_ended(m->rig), END_FIN);
	imp_free(m);
}

static void what_is_no_tls_passes_untouched(void **state)
{
	struct imp *m = imp_new(HALF, "");

	(void)state;
	rig_feed(m->rig, "GE");
	rig_feed(m->rig, "T / HTTP/1.1");
	rig_feed(m->rig, " and more");
	rig_end(m->rig, END_FIN);
	assert_string_equal(rig_text(m->rig), "GET / HTTP/1.1 and more");
	assert_int_equal(rig_ended(m->rig), END_FIN);
	assert_int_equal(imp_journalled(m, "no_tls_record", NULL), 1);
	imp_free(m);
}

static void an_end_before_a_header_is_there_passes_with_its_bytes(void **state)
{
	struct imp *m = imp_new(HALF, "");

	(void)state;
	rig_feed(m->rig, "\x16\x03");
	rig_end(m->rig, END_RST);
	assert_int_equal(arrived(m), 2);
	assert_int_equal(rig_ended(m->rig), END_RST);
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(HALF, "", LAW_LOSSLESS);
	imp_laws(HALF, "part=100%", LAW_LOSSLESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(half_of_the_content_arrives_behind_the_whole_header),
	    cmocka_unit_test(so_it_does_when_the_record_comes_in_single_bytes),
	    cmocka_unit_test(a_changed_part_counts_for_the_next_record_that_is_cut),
	    cmocka_unit_test(disabled_it_lets_everything_go_the_end_too),
	    cmocka_unit_test(what_is_no_tls_passes_untouched),
	    cmocka_unit_test(an_end_before_a_header_is_there_passes_with_its_bytes),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_tls_half_record", tests, NULL, NULL);
}
