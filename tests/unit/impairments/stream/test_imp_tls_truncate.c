/* test_imp_tls_truncate.c - the end is asked to come without a goodbye, at the sender's end or at
 * once. LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment tls_truncate_impairment;
#define TRUNCATE &tls_truncate_impairment

static void the_senders_fin_comes_without_a_goodbye(void **state)
{
	struct imp *m = imp_new(TRUNCATE, "");

	(void)state;
	rig_feed(m->rig, "all of it");
	assert_int_equal(imp_journalled(m, "end_abruptly", NULL), 0);
	rig_end(m->rig, END_FIN);
	assert_string_equal(rig_log(m->rig), "0s all of it\n0s FIN\n");
	assert_int_equal(imp_journalled(m, "end_abruptly", NULL), 1);
	imp_free(m);
}

static void at_once_is_where_it_begins_to_act(void **state)
{
	struct rig *r = rig_new(NULL, NULL);
	struct imp *m;

	(void)state;
	rig_feed(r, "passed");
	m = imp_behind(r, TRUNCATE, "where=once");
	rig_feed(r, "too late");
	assert_string_equal(rig_log(r), "0s passed\n0s FIN\n");
	assert_int_equal(imp_journalled(m, "end_abruptly", NULL), 1);
	assert_int_equal(rig_flow(r)->eaten_bytes, 8);
	imp_free(m);
}

static void changed_to_at_once_it_ends_the_stream(void **state)
{
	struct imp *m = imp_new(TRUNCATE, "");

	(void)state;
	rig_feed(m->rig, "so far");
	imp_update(m, "where=once");
	assert_string_equal(rig_log(m->rig), "0s so far\n0s FIN\n");
	imp_free(m);
}

static void an_rst_stays_an_rst(void **state)
{
	struct imp *m = imp_new(TRUNCATE, "");

	(void)state;
	rig_end(m->rig, END_RST);
	assert_string_equal(rig_log(m->rig), "0s RST\n");
	assert_int_equal(imp_journalled(m, "end_abruptly", NULL), 0);
	imp_free(m);
}

static void disabled_before_the_end_it_has_no_effect(void **state)
{
	struct imp *m = imp_new(TRUNCATE, "");

	(void)state;
	stage_set_active(m->stage, false);
	rig_end(m->rig, END_FIN);
	assert_int_equal(imp_journalled(m, "end_abruptly", NULL), 0);
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(TRUNCATE, "", LAW_LOSSLESS | LAW_ENDS);
	imp_laws(TRUNCATE, "where=once", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_senders_fin_comes_without_a_goodbye),
	    cmocka_unit_test(at_once_is_where_it_begins_to_act),
	    cmocka_unit_test(changed_to_at_once_it_ends_the_stream),
	    cmocka_unit_test(an_rst_stays_an_rst),
	    cmocka_unit_test(disabled_before_the_end_it_has_no_effect),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_tls_truncate", tests, NULL, NULL);
}
