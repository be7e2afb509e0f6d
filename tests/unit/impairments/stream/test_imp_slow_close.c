/* test_imp_slow_close.c - the FIN comes late, everything else at once.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment slow_close_impairment;
#define KIND &slow_close_impairment

static void bytes_pass_at_once_and_the_fin_waits(void **state)
{
	struct imp *m = imp_new(KIND, "delay=5s");

	(void)state;
	rig_feed(m->rig, "bytes");
	rig_advance(m->rig, NS_PER_S);
	rig_end(m->rig, END_FIN);
	assert_int_equal(rig_next_due(m->rig), 6 * NS_PER_S);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "0s bytes\n6s FIN\n");
	assert_int_equal(imp_journalled(m, "end_held", NULL), 1);
	assert_int_equal(imp_journalled(m, "end_passed", NULL), 1);
	imp_free(m);
}

static void an_rst_passes_at_once(void **state)
{
	struct imp *m = imp_new(KIND, "delay=5s");

	(void)state;
	rig_end(m->rig, END_RST);
	assert_string_equal(rig_log(m->rig), "0s RST\n");
	imp_free(m);
}

static void without_delay_the_fin_passes_in_the_same_instant(void **state)
{
	struct imp *m = imp_new(KIND, "delay=0");

	(void)state;
	rig_end(m->rig, END_FIN);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "0s FIN\n");
	imp_free(m);
}

static void a_change_times_a_waiting_fin_anew_from_when_it_came(void **state)
{
	struct imp *m = imp_new(KIND, "delay=5s");

	(void)state;
	rig_end(m->rig, END_FIN);
	rig_advance(m->rig, NS_PER_S);
	imp_update(m, "delay=10s");
	rig_advance(m->rig, 8 * NS_PER_S);
	assert_string_equal(rig_log(m->rig), "");
	imp_update(m, "delay=2s");
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "9s FIN\n");
	imp_free(m);
}

static void disabled_it_lets_a_waiting_fin_go(void **state)
{
	struct imp *m = imp_new(KIND, "delay=5s");

	(void)state;
	rig_end(m->rig, END_FIN);
	rig_advance(m->rig, NS_PER_S);
	stage_set_active(m->stage, false);
	assert_string_equal(rig_log(m->rig), "1s FIN\n");
	imp_free(m);
}

static void silly_values_are_refused(void **state)
{
	char why[256];

	(void)state;
	assert_non_null(strstr(imp_refusal(KIND, "delay=-1s", why, sizeof(why)), "delay"));
	assert_non_null(strstr(imp_refusal(KIND, "delay=2d", why, sizeof(why)), "1d"));
}

static void it_keeps_the_laws(void **state)
{
	(void)state;
	imp_laws(KIND, "delay=50ms", LAW_LOSSLESS | LAW_ENDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_pass_at_once_and_the_fin_waits),
	    cmocka_unit_test(an_rst_passes_at_once),
	    cmocka_unit_test(without_delay_the_fin_passes_in_the_same_instant),
	    cmocka_unit_test(a_change_times_a_waiting_fin_anew_from_when_it_came),
	    cmocka_unit_test(disabled_it_lets_a_waiting_fin_go),
	    cmocka_unit_test(silly_values_are_refused),
	    cmocka_unit_test(it_keeps_the_laws),
	};

	return cmocka_run_group_tests_name("imp_slow_close", tests, NULL, NULL);
}
