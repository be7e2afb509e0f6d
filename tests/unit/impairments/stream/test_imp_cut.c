/* test_imp_cut.c - FIN at the moment it begins to act, on one side or both; later bytes are eaten.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment cut_impairment;
#define CUT &cut_impairment

/* As its window does: it begins to act in the middle of a stream. */
static struct imp *cut_after(const char *text, const char *sides)
{
	struct rig *r = rig_new(NULL, NULL);

	rig_feed(r, text);
	return imp_behind(r, CUT, sides);
}

static void the_receiver_gets_a_fin_behind_what_has_passed(void **state)
{
	struct imp *m = cut_after("passed", "");

	(void)state;
	assert_string_equal(rig_log(m->rig), "0s passed\n0s FIN\n");
	assert_int_equal(imp_journalled(m, "cut", NULL), 1);
	imp_free(m);
}

static void what_the_sender_still_sends_is_read_and_eaten(void **state)
{
	struct imp *m = cut_after("passed", "");
	uint64_t bytes;

	(void)state;
	rig_feed(m->rig, "too late");
	assert_true(rig_readable(m->rig));
	rig_end(m->rig, END_FIN);
	assert_string_equal(rig_log(m->rig), "0s passed\n0s FIN\n");
	stage_detach(m->stage);
	m->stage = NULL;
	assert_int_equal(imp_journalled(m, "eat", &bytes), 1);
	assert_int_equal(bytes, 8);
	imp_free(m);
}

static void with_both_sides_the_sender_gets_one_too(void **state)
{
	struct imp *m = cut_after("passed", "sides=both");

	(void)state;
	assert_string_equal(rig_log(m->rig), "0s passed\n0s FIN\n0s FIN back\n");
	imp_free(m);
}

static void where_the_end_has_passed_there_is_nothing_to_cut(void **state)
{
	struct rig *r = rig_new(NULL, NULL);
	struct imp *m;

	(void)state;
	rig_end(r, END_RST);
	m = imp_behind(r, CUT, "sides=both");
	assert_string_equal(rig_log(r), "0s RST\n");
	assert_int_equal(imp_journalled(m, "cut", NULL), 0);
	imp_free(m);
}

static void a_fin_is_not_taken_back(void **state)
{
	struct imp *m = cut_after("passed", "");

	(void)state;
	imp_update(m, "sides=both");
	rig_feed(m->rig, "x");
	stage_set_active(m->stage, false);
	rig_feed(m->rig, "y");
	stage_set_active(m->stage, true);
	rig_feed(m->rig, "z");
	assert_string_equal(rig_log(m->rig), "0s passed\n0s FIN\n");
	imp_free(m);
}

static void a_flow_that_is_cut_from_outside_eats_and_journals(void **state)
{
	struct rig *r = rig_new(NULL, NULL);

	(void)state;
	rig_feed(r, "in time");
	flow_cut(rig_flow(r));
	flow_cut(rig_flow(r));
	rig_feed(r, "late");
	rig_end(r, END_RST);
	assert_string_equal(rig_log(r), "0s in time\n0s FIN\n");
	assert_int_equal(rig_flow(r)->eaten_bytes, 4);
	assert_int_equal(rig_flow(r)->late, 4);
	rig_free(r);
}

static void with_on_data_it_waits_for_the_next_byte_and_eats_it(void **state)
{
	struct imp *m = cut_after("passed", "sides=both,on_data=yes");
	uint64_t bytes;

	(void)state;
	assert_string_equal(rig_log(m->rig), "0s passed\n");
	rig_feed(m->rig, "eaten");
	assert_string_equal(rig_log(m->rig), "0s passed\n0s FIN\n0s FIN back\n");
	assert_int_equal(imp_journalled(m, "eat", &bytes), 1);
	assert_int_equal(bytes, 5);
	imp_free(m);
}

static void with_on_data_an_end_passes(void **state)
{
	struct imp *m = imp_new(CUT, "on_data=yes");

	(void)state;
	rig_end(m->rig, END_RST);
	assert_string_equal(rig_log(m->rig), "0s RST\n");
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(CUT, "", 0);
	imp_laws(CUT, "sides=both", 0);
	imp_laws(CUT, "sides=both,on_data=yes", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_receiver_gets_a_fin_behind_what_has_passed),
	    cmocka_unit_test(what_the_sender_still_sends_is_read_and_eaten),
	    cmocka_unit_test(with_both_sides_the_sender_gets_one_too),
	    cmocka_unit_test(where_the_end_has_passed_there_is_nothing_to_cut),
	    cmocka_unit_test(a_fin_is_not_taken_back),
	    cmocka_unit_test(a_flow_that_is_cut_from_outside_eats_and_journals),
	    cmocka_unit_test(with_on_data_it_waits_for_the_next_byte_and_eats_it),
	    cmocka_unit_test(with_on_data_an_end_passes),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_cut", tests, NULL, NULL);
}
