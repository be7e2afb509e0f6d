/* test_imp_chaos.c - what it does is invisible end to end.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment chaos_impairment;
#define KIND &chaos_impairment

static unsigned lines(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void bytes_come_in_pieces_and_in_order(void **state)
{
	struct imp *m = imp_new(KIND, "piece=100B,share=0%");

	(void)state;
	rig_feed_bytes(m->rig, 10000);
	assert_int_equal(rig_flow(m->rig)->out_bytes, 10000);
	assert_true(rig_bytes_in_order(m->rig));
	assert_in_range(lines(rig_log(m->rig)), 150, 260); /* 10,000 / 50.5 in the mean: 198 */
	imp_free(m);
}

static void nothing_waits_longer_than_hold_where_the_source_pauses(void **state)
{
	struct imp *m = imp_new(KIND, "piece=10B,hold=5ms,share=100%");

	(void)state;
	for (int i = 0; i < 100; i++) {
		rig_feed_bytes(m->rig, 100);
		rig_advance(m->rig, 5 * NS_PER_MS);
		assert_int_equal(rig_flow(m->rig)->held, 0);
	}
	rig_end(m->rig, END_FIN);
	rig_advance(m->rig, 5 * NS_PER_MS);
	assert_int_equal(rig_ended(m->rig), END_FIN);
	assert_true(rig_bytes_in_order(m->rig));
	imp_free(m);
}

static char *history(uint64_t seed)
{
	struct impairment im = *KIND;
	struct rig *r = rig_new_dir(NULL, NULL, DIR_UPSTREAM, seed, 7);
	struct imp *m = imp_behind(r, &im, "piece=50B,hold=20ms");
	char *log;

	for (int i = 0; i < 20; i++) {
		rig_feed_bytes(r, 500);
		rig_advance(r, NS_PER_MS);
	}
	rig_settle(r);
	log = strdup(rig_log(r));
	imp_drop(m);
	rig_free(r);
	return log;
}

static void one_seed_tells_one_story(void **state)
{
	char *a = history(1), *b = history(1), *c = history(2);

	(void)state;
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	free(a);
	free(b);
	free(c);
}

static void a_change_shortens_what_waits(void **state)
{
	struct imp *m = imp_new(KIND, "piece=10B,hold=1m,share=100%");

	(void)state;
	rig_feed_bytes(m->rig, 1000);
	assert_int_not_equal(rig_flow(m->rig)->held, 0);
	imp_update(m, "piece=10B,hold=1ms,share=100%");
	rig_advance(m->rig, NS_PER_MS);
	assert_int_equal(rig_flow(m->rig)->out_bytes, 1000);
	assert_true(rig_bytes_in_order(m->rig));
	imp_free(m);
}

static void many_small_pieces_pause_the_source(void **state)
{
	struct imp *m = imp_new(KIND, "piece=1B,hold=1m,share=100%");

	(void)state;
	rig_feed_bytes(m->rig, 17000);
	assert_false(rig_readable(m->rig));
	rig_advance(m->rig, 60 * NS_PER_S);
	assert_true(rig_readable(m->rig));
	assert_int_equal(rig_flow(m->rig)->out_bytes, 17000);
	imp_free(m);
}

static void silly_values_are_refused(void **state)
{
	char why[256];

	(void)state;
	assert_non_null(strstr(imp_refusal(KIND, "piece=0B", why, sizeof(why)), "piece"));
	assert_non_null(strstr(imp_refusal(KIND, "hold=1h", why, sizeof(why)), "hold"));
	assert_non_null(strstr(imp_refusal(KIND, "share=101%", why, sizeof(why)), "share"));
}

static void it_keeps_the_laws(void **state)
{
	(void)state;
	imp_laws(KIND, "", LAW_LOSSLESS | LAW_ENDS);
	imp_laws(KIND, "piece=300B,hold=40ms,share=100%", LAW_LOSSLESS | LAW_ENDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_come_in_pieces_and_in_order),
	    cmocka_unit_test(nothing_waits_longer_than_hold_where_the_source_pauses),
	    cmocka_unit_test(one_seed_tells_one_story),
	    cmocka_unit_test(a_change_shortens_what_waits),
	    cmocka_unit_test(many_small_pieces_pause_the_source),
	    cmocka_unit_test(silly_values_are_refused),
	    cmocka_unit_test(it_keeps_the_laws),
	};

	return cmocka_run_group_tests_name("imp_chaos", tests, NULL, NULL);
}
