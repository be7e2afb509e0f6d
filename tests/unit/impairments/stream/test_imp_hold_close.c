/* test_imp_hold_close.c - the FIN never comes, the bytes do.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment hold_close_impairment;
#define KIND &hold_close_impairment

static void bytes_pass_and_the_fin_never_does(void **state)
{
	struct imp *m = imp_new(KIND, "");

	(void)state;
	rig_feed(m->rig, "bytes");
	rig_end(m->rig, END_FIN);
	rig_advance(m->rig, 86400 * NS_PER_S);
	assert_string_equal(rig_log(m->rig), "0s bytes\n");
	assert_int_equal(imp_journalled(m, "end_held", NULL), 1);
	rig_free(m->rig);
	m->rig = NULL;
	m->stage = NULL;
	imp_drop(m);
}

static void an_rst_passes(void **state)
{
	struct imp *m = imp_new(KIND, "");

	(void)state;
	rig_end(m->rig, END_RST);
	assert_string_equal(rig_log(m->rig), "0s RST\n");
	imp_free(m);
}

static void an_rst_is_swallowed_when_told_so(void **state)
{
	struct imp *m = imp_new(KIND, "swallow_rst=true");

	(void)state;
	rig_end(m->rig, END_RST);
	assert_string_equal(rig_log(m->rig), "");
	imp_free(m);
}

static void a_change_lets_a_held_rst_go_and_keeps_a_held_fin(void **state)
{
	struct imp *m = imp_new(KIND, "swallow_rst=true"), *fin = imp_new(KIND, "swallow_rst=true");

	(void)state;
	rig_end(m->rig, END_RST);
	imp_update(m, "swallow_rst=true");
	assert_string_equal(rig_log(m->rig), "");
	imp_update(m, "swallow_rst=false");
	assert_string_equal(rig_log(m->rig), "0s RST\n");
	rig_end(fin->rig, END_FIN);
	imp_update(fin, "swallow_rst=false");
	assert_string_equal(rig_log(fin->rig), "");
	imp_free(m);
	imp_free(fin);
}

static void disabled_it_lets_the_held_fin_go(void **state)
{
	struct imp *m = imp_new(KIND, "");

	(void)state;
	rig_end(m->rig, END_FIN);
	rig_advance(m->rig, NS_PER_S);
	stage_set_active(m->stage, false);
	assert_string_equal(rig_log(m->rig), "1s FIN\n");
	imp_free(m);
}

static void it_keeps_the_laws(void **state)
{
	(void)state;
	imp_laws(KIND, "", LAW_LOSSLESS);
	imp_laws(KIND, "swallow_rst=true", LAW_LOSSLESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_pass_and_the_fin_never_does),
	    cmocka_unit_test(an_rst_passes),
	    cmocka_unit_test(an_rst_is_swallowed_when_told_so),
	    cmocka_unit_test(a_change_lets_a_held_rst_go_and_keeps_a_held_fin),
	    cmocka_unit_test(disabled_it_lets_the_held_fin_go),
	    cmocka_unit_test(it_keeps_the_laws),
	};

	return cmocka_run_group_tests_name("imp_hold_close", tests, NULL, NULL);
}
