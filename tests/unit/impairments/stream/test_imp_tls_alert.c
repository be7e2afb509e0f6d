/* test_imp_tls_alert.c - seven bytes of alert and a FIN, once.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment tls_alert_impairment;
#define ALERT &tls_alert_impairment

static void the_receiver_gets_an_alert_instead_of_the_answer_and_a_fin(void **state)
{
	/* Type alert, version 0x0303, length 2, level fatal, unrecognized_name. */
	static const unsigned char expected[] = {0x15, 3, 3, 0, 2, 2, 112};
	struct imp *m = imp_new(ALERT, "description=unrecognized_name");
	const unsigned char *p;
	uint64_t bytes;
	size_t n;

	(void)state;
	rig_bytes(m->rig, &n);
	assert_int_equal(n, 0);
	rig_advance(m->rig, NS_PER_S);
	rig_feed(m->rig, "the answer");
	p = rig_bytes(m->rig, &n);
	assert_int_equal(n, sizeof(expected));
	assert_memory_equal(p, expected, n);
	assert_string_equal(rig_log(m->rig), "1s 7B\n1s FIN\n1s FIN back\n");
	assert_int_equal(imp_journalled(m, "add", &bytes), 1);
	assert_int_equal(bytes, 7);
	assert_int_equal(imp_journalled(m, "eat", &bytes), 1);
	assert_int_equal(bytes, 10);
	imp_free(m);
}

static void at_once_it_waits_for_nothing(void **state)
{
	struct imp *m = imp_new(ALERT, "where=once");

	(void)state;
	assert_string_equal(rig_log(m->rig), "0s 7B\n0s FIN\n0s FIN back\n");
	imp_free(m);
	m = imp_new(ALERT, "");
	imp_update(m, "where=once,both=no");
	assert_string_equal(rig_log(m->rig), "0s 7B\n0s FIN\n");
	imp_free(m);
}

static void an_end_instead_of_an_answer_stays_one(void **state)
{
	struct imp *m = imp_new(ALERT, "");

	(void)state;
	rig_end(m->rig, END_RST);
	assert_string_equal(rig_log(m->rig), "0s RST\n");
	imp_free(m);
}

static void behind_what_has_passed_and_with_the_rest_eaten(void **state)
{
	struct rig *r = rig_new(NULL, NULL);
	struct imp *m;

	(void)state;
	rig_feed(r, "passed");
	m = imp_behind(r, ALERT, "both=no");
	rig_feed(r, "too late");
	rig_end(r, END_FIN);
	assert_string_equal(rig_log(r), "0s passed\n0s 7B\n0s FIN\n");
	assert_int_equal(rig_flow(r)->eaten_bytes, 8);
	imp_free(m);
}

static void it_is_not_taken_back_and_not_repeated(void **state)
{
	struct imp *m = imp_new(ALERT, "both=no,where=once");

	(void)state;
	imp_update(m, "both=yes");
	stage_set_active(m->stage, false);
	stage_set_active(m->stage, true);
	assert_string_equal(rig_log(m->rig), "0s 7B\n0s FIN\n");
	imp_free(m);
}

static void where_the_end_has_passed_there_is_nothing_to_say(void **state)
{
	struct rig *r = rig_new(NULL, NULL);
	struct imp *m;

	(void)state;
	rig_end(r, END_FIN);
	m = imp_behind(r, ALERT, "");
	assert_string_equal(rig_log(r), "0s FIN\n");
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(ALERT, "", 0);
	imp_laws(ALERT, "where=once", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_receiver_gets_an_alert_instead_of_the_answer_and_a_fin),
	    cmocka_unit_test(at_once_it_waits_for_nothing),
	    cmocka_unit_test(an_end_instead_of_an_answer_stays_one),
	    cmocka_unit_test(behind_what_has_passed_and_with_the_rest_eaten),
	    cmocka_unit_test(it_is_not_taken_back_and_not_repeated),
	    cmocka_unit_test(where_the_end_has_passed_there_is_nothing_to_say),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_tls_alert", tests, NULL, NULL);
}
