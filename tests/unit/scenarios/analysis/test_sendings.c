/* test_sendings.c - when each byte was last sent.
 * LAYER: wedge_analysis */
#include "scenarios/analysis/sendings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Sends [start, end) at that time; the byte start was last sent at before, 0 for never. */
static void sent(struct sendings *s, uint64_t start, uint64_t end, int64_t at, int64_t before,
		 int64_t gap_before)
{
	struct sending had;

	assert_int_equal(sendings_take(s, start, end, at, before != 0, &had), before != 0);
	assert_int_equal(had.at, before);
	assert_int_equal(had.gap, gap_before);
}

static void each_byte_has_its_own_time(void **state)
{
	struct sendings s = {0};

	(void)state;
	sent(&s, 100, 200, 1, 0, 0);
	sent(&s, 200, 500, 2, 0, 0);
	sent(&s, 300, 400, 10, 2, 0); /* out of the middle */
	sent(&s, 200, 250, 20, 2, 0);
	sent(&s, 450, 500, 30, 2, 0);
	sent(&s, 300, 350, 40, 10, 8);
	sent(&s, 350, 360, 50, 10, 8); /* what is left of it */
	sent(&s, 100, 500, 60, 1, 0);  /* all in one */
	assert_int_equal(s.n, 1);
	sent(&s, 460, 600, 70, 60, 59);
	sent(&s, 590, 600, 80, 70, 10);
	sendings_fini(&s);
	assert_int_equal(s.n, 0);
}

static void a_hole_was_not_sent(void **state)
{
	struct sendings s = {0};

	(void)state;
	sent(&s, 100, 200, 1, 0, 0);
	sent(&s, 300, 400, 2, 0, 0);
	sent(&s, 200, 300, 3, 0, 0);
	assert_int_equal(s.n, 3);
	assert_false(sendings_any_resent(&s, 0, 1000));
	sent(&s, 250, 350, 4, 3, 0); /* over an edge */
	assert_true(sendings_any_resent(&s, 349, 350));
	assert_false(sendings_any_resent(&s, 350, 400));
	assert_false(sendings_any_resent(&s, 100, 250));
	assert_true(sendings_any_resent(&s, 100, 251));
	sendings_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_byte_has_its_own_time),
	    cmocka_unit_test(a_hole_was_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
