/* test_processors.c - when requests are done by so many processors.
 * LAYER: wedge_workload */
#include "scenarios/workload/processors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void without_a_number_none_waits(void **state)
{
	struct processors p;

	(void)state;
	processors_init(&p, 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(processors_take(&p, 100, 10), 110);
	processors_fini(&p);
}

static void one_does_them_in_turn(void **state)
{
	struct processors p;

	(void)state;
	processors_init(&p, 1);
	assert_int_equal(processors_take(&p, 100, 10), 110);
	assert_int_equal(processors_take(&p, 103, 10), 120);
	assert_int_equal(processors_take(&p, 120, 10), 130);
	assert_int_equal(processors_take(&p, 500, 10), 510); /* idle time is lost */
	processors_fini(&p);
}

static void the_first_that_is_free_takes_the_next(void **state)
{
	struct processors p;

	(void)state;
	processors_init(&p, 2);
	assert_int_equal(processors_take(&p, 0, 10), 10);
	assert_int_equal(processors_take(&p, 1, 30), 31);
	assert_int_equal(processors_take(&p, 2, 10), 20);
	assert_int_equal(processors_take(&p, 3, 10), 30);
	assert_int_equal(processors_take(&p, 4, 10), 40);
	assert_int_equal(processors_take(&p, 5, 10), 41);
	processors_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_number_none_waits),
	    cmocka_unit_test(one_does_them_in_turn),
	    cmocka_unit_test(the_first_that_is_free_takes_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
