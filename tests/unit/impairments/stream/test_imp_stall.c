/* test_imp_stall.c - bytes and the end are kept until it is drained; reading stops as side says.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment stall_impairment;
#define STALL &stall_impairment

static void nothing_passes_and_the_source_is_not_read(void **state)
{
	struct imp *m = imp_new(STALL, "side=read");

	(void)state;
	assert_false(rig_readable(m->rig));
	rig_feed(m->rig, "read before it was known");
	rig_end(m->rig, END_FIN);
	rig_advance(m->rig, 86400 * NS_PER_S);
	assert_string_equal(rig_log(m->rig), "");
	imp_free(m);
}

static void removed_it_passes_everything_and_reads_again(void **state)
{
	struct imp *m = imp_new(STALL, "side=read");

	(void)state;
	rig_feed(m->rig, "kept");
	rig_end(m->rig, END_RST);
	rig_advance(m->rig, NS_PER_S);
	stage_detach(m->stage);
	m->stage = NULL;
	assert_string_equal(rig_log(m->rig), "1s kept\n1s RST\n");
	assert_true(rig_readable(m->rig));
	imp_free(m);
}

static void on_the_write_side_reading_goes_on_to_the_flows_bound(void **state)
{
	struct imp *m = imp_new(STALL, "side=write");

	(void)state;
	rig_feed_bytes(m->rig, 262143);
	assert_true(rig_readable(m->rig));
	rig_feed_bytes(m->rig, 1);
	assert_false(rig_readable(m->rig));
	assert_string_equal(rig_log(m->rig), "");
	stage_set_active(m->stage, false);
	assert_true(rig_bytes_in_order(m->rig));
	assert_int_equal(rig_flow(m->rig)->out_bytes, 262144);
	assert_true(rig_readable(m->rig));
	imp_free(m);
}

static void a_changed_side_stops_reading_or_lets_it_go_on(void **state)
{
	struct imp *m = imp_new(STALL, "side=read");

	(void)state;
	rig_feed(m->rig, "x");
	imp_update(m, "side=write");
	assert_true(rig_readable(m->rig));
	imp_update(m, "side=read");
	assert_false(rig_readable(m->rig));
	assert_string_equal(rig_log(m->rig), "");
	imp_free(m);
}

static void after_the_end_it_has_nothing_to_stop(void **state)
{
	struct imp *m = imp_new(STALL, "side=read");

	(void)state;
	stage_set_active(m->stage, false);
	rig_end(m->rig, END_FIN);
	stage_set_active(m->stage, true);
	assert_int_equal(rig_flow(m->rig)->stage_pauses, 0);
	imp_free(m);
}

static void the_window_asks_for_a_receive_buffer_on_the_read_side_only(void **state)
{
	struct imp *m = imp_new(STALL, "window=32KiB");

	(void)state;
	assert_int_equal(stall_impairment.rcvbuf(m->cfg), 32768);
	imp_update(m, "side=read");
	assert_int_equal(stall_impairment.rcvbuf(m->cfg), 16384);
	imp_update(m, "side=write");
	assert_int_equal(stall_impairment.rcvbuf(m->cfg), 0);
	imp_free(m);
}

static void its_begin_and_its_end_are_journalled(void **state)
{
	struct imp *m = imp_new(STALL, "");

	(void)state;
	rig_feed(m->rig, "four");
	stage_set_active(m->stage, false);
	assert_int_equal(imp_journalled(m, "stall", NULL), 1);
	assert_int_equal(imp_journalled(m, "stall_over", NULL), 1);
	assert_non_null(strstr(rig_journal(m->rig), "\"kept\":4"));
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(STALL, "side=read", LAW_LOSSLESS);
	imp_laws(STALL, "side=write", LAW_LOSSLESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_passes_and_the_source_is_not_read),
	    cmocka_unit_test(removed_it_passes_everything_and_reads_again),
	    cmocka_unit_test(on_the_write_side_reading_goes_on_to_the_flows_bound),
	    cmocka_unit_test(a_changed_side_stops_reading_or_lets_it_go_on),
	    cmocka_unit_test(after_the_end_it_has_nothing_to_stop),
	    cmocka_unit_test(the_window_asks_for_a_receive_buffer_on_the_read_side_only),
	    cmocka_unit_test(its_begin_and_its_end_are_journalled),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_stall", tests, NULL, NULL);
}
