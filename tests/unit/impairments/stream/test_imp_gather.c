/* test_imp_gather.c - nothing passes until enough has come, the end, or the time is over.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment gather_impairment;
#define GATHER &gather_impairment
#define MS     NS_PER_MS

static void too_few_bytes_without_an_end_never_pass(void **state)
{
	struct imp *m = imp_new(GATHER, "bytes=10");

	(void)state;
	rig_feed(m->rig, "123456789");
	rig_advance(m->rig, 86400 * NS_PER_S);
	assert_string_equal(rig_log(m->rig), "");
	imp_free(m);
}

static void enough_bytes_pass_together_and_the_rest_untouched(void **state)
{
	struct imp *m = imp_new(GATHER, "bytes=10");

	(void)state;
	rig_feed(m->rig, "12345");
	rig_advance(m->rig, MS);
	rig_feed(m->rig, "67890");
	rig_advance(m->rig, MS);
	rig_feed(m->rig, "x");
	assert_string_equal(rig_log(m->rig), "1ms 1234567890\n2ms x\n");
	imp_free(m);
}

static void the_end_releases_a_short_stream(void **state)
{
	struct imp *m = imp_new(GATHER, "bytes=10");

	(void)state;
	rig_feed(m->rig, "123");
	rig_advance(m->rig, MS);
	rig_end(m->rig, END_FIN);
	assert_string_equal(rig_log(m->rig), "1ms 123\n1ms FIN\n");
	imp_free(m);
}

static void the_timeout_runs_from_the_first_byte(void **state)
{
	struct imp *m = imp_new(GATHER, "bytes=10,timeout=50ms");

	(void)state;
	rig_advance(m->rig, 100 * MS);
	rig_feed(m->rig, "1");
	rig_advance(m->rig, 40 * MS);
	rig_feed(m->rig, "2");
	rig_settle(m->rig);
	rig_feed(m->rig, "3");
	assert_string_equal(rig_log(m->rig), "150ms 12\n150ms 3\n");
	imp_free(m);
}

/* It needs more than a flow holds otherwise, or it would wait for what isn't read. */
static void a_large_amount_can_be_gathered(void **state)
{
	struct imp *m = imp_new(GATHER, "bytes=1MB");

	(void)state;
	rig_feed_bytes(m->rig, 999999);
	assert_true(rig_readable(m->rig));
	assert_int_equal(rig_flow(m->rig)->out_bytes, 0);
	rig_feed_bytes(m->rig, 1);
	assert_int_equal(rig_flow(m->rig)->out_bytes, 1000000);
	imp_free(m);
}

static void a_change_judges_anew_what_is_kept(void **state)
{
	struct imp *m = imp_new(GATHER, "bytes=10");

	(void)state;
	rig_feed(m->rig, "12345");
	rig_advance(m->rig, 30 * MS);
	imp_update(m, "bytes=20,timeout=50ms");
	assert_int_equal(rig_next_due(m->rig), 50 * MS);
	imp_update(m, "bytes=20");
	assert_int_equal(rig_next_due(m->rig), INT64_MAX);
	assert_string_equal(rig_log(m->rig), "");
	imp_update(m, "bytes=5");
	assert_string_equal(rig_log(m->rig), "30ms 12345\n");
	imp_update(m, "bytes=50");
	rig_feed(m->rig, "6");
	assert_string_equal(rig_log(m->rig), "30ms 12345\n30ms 6\n");
	imp_free(m);
}

static void disabled_it_lets_go_and_acting_again_it_gathers_again(void **state)
{
	struct imp *m = imp_new(GATHER, "bytes=10,timeout=1s");

	(void)state;
	rig_feed(m->rig, "1");
	stage_set_active(m->stage, false);
	assert_string_equal(rig_log(m->rig), "0s 1\n");
	stage_set_active(m->stage, true);
	rig_feed(m->rig, "2");
	assert_string_equal(rig_log(m->rig), "0s 1\n");
	imp_free(m);
}

static void letting_go_is_journalled_with_its_cause(void **state)
{
	struct imp *m = imp_new(GATHER, "bytes=2");
	uint64_t bytes;

	(void)state;
	rig_feed(m->rig, "123");
	assert_int_equal(imp_journalled(m, "gathered", &bytes), 1);
	assert_int_equal(bytes, 3);
	assert_non_null(strstr(rig_journal(m->rig), "\"why\":\"bytes\""));
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(GATHER, "bytes=5KB", LAW_LOSSLESS | LAW_ENDS);
	imp_laws(GATHER, "bytes=1MB,timeout=100ms", LAW_LOSSLESS | LAW_ENDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(too_few_bytes_without_an_end_never_pass),
	    cmocka_unit_test(enough_bytes_pass_together_and_the_rest_untouched),
	    cmocka_unit_test(the_end_releases_a_short_stream),
	    cmocka_unit_test(the_timeout_runs_from_the_first_byte),
	    cmocka_unit_test(a_large_amount_can_be_gathered),
	    cmocka_unit_test(a_change_judges_anew_what_is_kept),
	    cmocka_unit_test(disabled_it_lets_go_and_acting_again_it_gathers_again),
	    cmocka_unit_test(letting_go_is_journalled_with_its_cause),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_gather", tests, NULL, NULL);
}
