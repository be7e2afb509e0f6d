/* test_imp_tls_stall.c - nothing passes and nothing is lost.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment tls_stall_impairment;
#define STALL &tls_stall_impairment

static void nothing_passes_for_ever(void **state)
{
	struct imp *m = imp_new(STALL, "");

	(void)state;
	rig_feed(m->rig, "hello");
	rig_end(m->rig, END_FIN);
	rig_advance(m->rig, 86400 * NS_PER_S);
	assert_string_equal(rig_log(m->rig), "");
	assert_true(rig_readable(m->rig));
	imp_free(m);
}

static void behind_what_has_passed(void **state)
{
	struct rig *r = rig_new(NULL, NULL);
	struct imp *m;

	(void)state;
	rig_feed(r, "hello");
	m = imp_behind(r, STALL, "");
	rig_feed(r, "certificate");
	assert_string_equal(rig_log(r), "0s hello\n");
	imp_free(m);
}

static void disabled_it_lets_the_handshake_go_on(void **state)
{
	struct imp *m = imp_new(STALL, "");

	(void)state;
	rig_feed(m->rig, "hello, ");
	rig_feed(m->rig, "certificate");
	rig_advance(m->rig, NS_PER_S);
	stage_set_active(m->stage, false);
	rig_feed(m->rig, " finished");
	rig_end(m->rig, END_FIN);
	assert_string_equal(rig_log(m->rig), "1s hello, certificate\n1s  finished\n1s FIN\n");
	assert_int_equal(imp_journalled(m, "stall_over", NULL), 1);
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(STALL, "", LAW_LOSSLESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_passes_for_ever),
	    cmocka_unit_test(behind_what_has_passed),
	    cmocka_unit_test(disabled_it_lets_the_handshake_go_on),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_tls_stall", tests, NULL, NULL);
}
