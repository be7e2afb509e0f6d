/* test_imp_drop.c - bytes are eaten and journalled while it acts, and the end passes.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment drop_impairment;
#define DROP &drop_impairment

static void bytes_are_eaten_and_the_end_passes(void **state)
{
	struct imp *m = imp_new(DROP, "");
	uint64_t bytes;

	(void)state;
	rig_feed(m->rig, "lost");
	rig_feed(m->rig, "too");
	assert_true(rig_readable(m->rig));
	rig_end(m->rig, END_FIN);
	assert_string_equal(rig_log(m->rig), "0s FIN\n");
	assert_int_equal(imp_journalled(m, "eat", &bytes), 2);
	assert_int_equal(bytes, 7);
	imp_free(m);
}

static void bytes_before_and_after_close_up(void **state)
{
	struct imp *m = imp_new(DROP, "");

	(void)state;
	stage_set_active(m->stage, false);
	rig_feed(m->rig, "before");
	stage_set_active(m->stage, true);
	rig_feed(m->rig, "hole");
	stage_set_active(m->stage, false);
	rig_feed(m->rig, "after");
	assert_string_equal(rig_text(m->rig), "beforeafter");
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(DROP, "", LAW_ENDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_are_eaten_and_the_end_passes),
	    cmocka_unit_test(bytes_before_and_after_close_up),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_drop", tests, NULL, NULL);
}
