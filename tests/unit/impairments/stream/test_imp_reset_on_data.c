/* test_imp_reset_on_data.c - the first byte or the end begins a delay, and then both ends are
 * reset. LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment reset_on_data_impairment;
#define KIND &reset_on_data_impairment

/* The rig's host has no reset of its own: what the stage asks for is in the journal. */
static void both_ends_are_reset_once_a_byte_has_come(void **state)
{
	struct imp *m = imp_new(KIND, "delay=1s");

	(void)state;
	rig_advance(m->rig, 10 * NS_PER_S);
	assert_int_equal(imp_journalled(m, "reset", NULL), 0);
	rig_feed(m->rig, "x");
	assert_int_equal(rig_next_due(m->rig), 11 * NS_PER_S);
	rig_advance(m->rig, NS_PER_S / 2);
	rig_feed(m->rig, "more");
	rig_settle(m->rig);
	assert_string_equal(rig_text(m->rig), "");
	assert_int_equal(imp_journalled(m, "reset", NULL), 2);
	assert_int_equal(rig_now(m->rig), 11 * NS_PER_S);
	imp_free(m);
}

static void the_end_counts_like_a_byte(void **state)
{
	struct imp *m = imp_new(KIND, "delay=1s");

	(void)state;
	rig_end(m->rig, END_FIN);
	rig_settle(m->rig);
	assert_int_equal(imp_journalled(m, "reset", NULL), 2);
	imp_free(m);
}

static void a_change_counts_from_what_began_the_delay(void **state)
{
	struct imp *m = imp_new(KIND, "delay=1m");

	(void)state;
	rig_feed(m->rig, "x");
	rig_advance(m->rig, NS_PER_S);
	imp_update(m, "delay=3s");
	assert_int_equal(rig_next_due(m->rig), 3 * NS_PER_S);
	imp_free(m);
}

static void when_it_goes_in_time_what_it_held_passes(void **state)
{
	struct imp *m = imp_new(KIND, "delay=1m");

	(void)state;
	rig_feed(m->rig, "kept");
	rig_end(m->rig, END_FIN);
	rig_advance(m->rig, NS_PER_S);
	stage_detach(m->stage);
	m->stage = NULL;
	assert_string_equal(rig_log(m->rig), "1s kept\n1s FIN\n");
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(KIND, "delay=1h", LAW_LOSSLESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_ends_are_reset_once_a_byte_has_come),
	    cmocka_unit_test(the_end_counts_like_a_byte),
	    cmocka_unit_test(a_change_counts_from_what_began_the_delay),
	    cmocka_unit_test(when_it_goes_in_time_what_it_held_passes),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_reset_on_data", tests, NULL, NULL);
}
