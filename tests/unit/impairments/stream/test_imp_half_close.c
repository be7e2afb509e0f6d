/* test_imp_half_close.c - FIN in one direction; later bytes are eaten, not read, or answered by
 * RST. LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment half_close_impairment;
#define HALF_CLOSE &half_close_impairment

static void the_receiver_gets_a_fin_and_later_bytes_are_eaten(void **state)
{
	struct imp *m = imp_new(HALF_CLOSE, "");
	uint64_t bytes;

	(void)state;
	assert_string_equal(rig_log(m->rig), "0s FIN\n");
	assert_true(rig_readable(m->rig));
	rig_feed(m->rig, "late");
	rig_end(m->rig, END_FIN);
	assert_string_equal(rig_log(m->rig), "0s FIN\n");
	stage_detach(m->stage);
	m->stage = NULL;
	assert_int_equal(imp_journalled(m, "eat", &bytes), 1);
	assert_int_equal(bytes, 4);
	imp_free(m);
}

static void held_later_bytes_are_not_read(void **state)
{
	struct imp *m = imp_new(HALF_CLOSE, "later=hold");

	(void)state;
	assert_false(rig_readable(m->rig));
	stage_set_active(m->stage, false);
	assert_true(rig_readable(m->rig));
	imp_free(m);
}

static void the_first_later_byte_is_answered_by_rst_to_its_sender(void **state)
{
	struct rig *r = rig_new_dir(NULL, NULL, DIR_DOWNSTREAM, 1, 1);
	struct imp *m = imp_behind(r, HALF_CLOSE, "later=reset");

	(void)state;
	assert_string_equal(rig_log(r), "0s FIN\n");
	rig_feed(r, "late");
	rig_feed(r, "later");
	assert_string_equal(rig_log(r), "0s FIN\n0s reset server: bytes came after its end\n");
	imp_free(m);
}

static void its_own_fin_later_is_no_reason_for_rst(void **state)
{
	struct imp *m = imp_new(HALF_CLOSE, "later=reset");

	(void)state;
	rig_end(m->rig, END_FIN);
	assert_string_equal(rig_log(m->rig), "0s FIN\n");
	imp_free(m);
}

static void a_changed_later_counts_for_the_next_bytes(void **state)
{
	struct imp *m = imp_new(HALF_CLOSE, "later=hold");

	(void)state;
	imp_update(m, "later=reset");
	assert_true(rig_readable(m->rig));
	imp_update(m, "later=eat");
	rig_feed(m->rig, "late");
	assert_string_equal(rig_log(m->rig), "0s FIN\n");
	imp_update(m, "later=reset");
	rig_feed(m->rig, "late");
	assert_string_equal(rig_log(m->rig), "0s FIN\n0s reset client: bytes came after its end\n");
	imp_free(m);
}

static void disabled_it_eats(void **state)
{
	struct imp *m = imp_new(HALF_CLOSE, "later=reset");

	(void)state;
	stage_set_active(m->stage, false);
	rig_feed(m->rig, "late");
	assert_string_equal(rig_log(m->rig), "0s FIN\n");
	imp_free(m);
}

static void where_the_end_has_passed_nothing_is_paused(void **state)
{
	struct rig *r = rig_new(NULL, NULL);
	struct imp *m;

	(void)state;
	rig_end(r, END_FIN);
	m = imp_behind(r, HALF_CLOSE, "later=hold");
	imp_update(m, "later=hold");
	assert_int_equal(rig_flow(r)->stage_pauses, 0);
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(HALF_CLOSE, "", 0);
	imp_laws(HALF_CLOSE, "later=hold", 0);
	imp_laws(HALF_CLOSE, "later=reset", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_receiver_gets_a_fin_and_later_bytes_are_eaten),
	    cmocka_unit_test(held_later_bytes_are_not_read),
	    cmocka_unit_test(the_first_later_byte_is_answered_by_rst_to_its_sender),
	    cmocka_unit_test(its_own_fin_later_is_no_reason_for_rst),
	    cmocka_unit_test(a_changed_later_counts_for_the_next_bytes),
	    cmocka_unit_test(disabled_it_eats),
	    cmocka_unit_test(where_the_end_has_passed_nothing_is_paused),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_half_close", tests, NULL, NULL);
}
