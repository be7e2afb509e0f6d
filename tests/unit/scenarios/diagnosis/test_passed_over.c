/* test_passed_over.c - a SYN that nobody answers while the same client's other one is answered; and
 * a server that is away for a while, or that one client can't reach.
 * LAYER: wedge_diagnosis diagnosis_script */
#include "tests/rig/diagnosis_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect(const char *script, uint64_t passed_over)
{
	struct diagnosis d;

	diagnose(script, &d);
	assert_int_equal(d.services.n, 1);
	assert_int_equal(d.services.list[0]->counts.passed_over, passed_over);
	diagnosis_fini(&d);
}

static void another_one_is_answered_meanwhile(void **state)
{
	(void)state;
	expect("0 1> syn\n 300 2> syn\n 300.2 2< syn-ack\n 300.3 2> ack\n 1010 1> again syn\n", 1);
	/* The one that was answered had to be sent again. */
	expect("0 1> syn\n 300 2> syn\n 900 2> again syn\n 900.2 2< syn-ack\n 1010 1> again syn\n",
	       1);
	/* Sent once, or before that answer only: it may have been the last to come too early. */
	expect("0 1> syn\n 300 2> syn\n 300.2 2< syn-ack\n 300.3 2> ack\n", 0);
	expect("0 1> syn\n 1010 1> again syn\n 1300 2> syn\n 1300.2 2< syn-ack\n 1300.3 2> ack\n",
	       0);
}

static void it_is_answered_in_the_end(void **state)
{
	(void)state;
	expect("0 1> syn\n 300 2> syn\n 300.2 2< syn-ack\n 300.3 2> ack\n 1010 1> again syn\n"
	       "1010.2 1< syn-ack\n 1010.3 1> ack\n",
	       0);
	expect("0 1> syn\n 300 2> syn\n 300.2 2< syn-ack\n 300.3 2> ack\n 1010 1> again syn\n"
	       "1010.2 1< rst\n",
	       0);
}

static void nobody_is_answered_while_the_server_is_away(void **state)
{
	(void)state;
	/* Who was answered had begun before. */
	expect("0 2> syn\n 0.2 2< syn-ack\n 0.3 2> ack\n 10 1> syn\n 1020 1> again syn\n", 0);
	/* It is back: the older try has been given up, and the younger is answered at last. */
	expect("0 1> syn\n 500 2> syn\n 1010 1> again syn\n 1510 2> again syn\n 1510.2 2< syn-ack\n"
	       "1510.3 2> ack\n",
	       0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(another_one_is_answered_meanwhile),
	    cmocka_unit_test(it_is_answered_in_the_end),
	    cmocka_unit_test(nobody_is_answered_while_the_server_is_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
