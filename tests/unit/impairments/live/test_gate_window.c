/* test_gate_window.c - what becomes of held bytes when a window closes.
 * LAYER: wedge_impairments set_rig */
#include "tests/rig/set_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What came inside the window keeps its delay, and what comes later its order. */
static void delay_outlasts_the_window_of_a_message(void **state)
{
	struct set_rig *r = set_rig_new("latency{delay=500ms,per=message,framing=line,every=2 "
					"messages}");
	struct flow *f;

	(void)state;
	set_rig_open(r, 1);
	f = set_rig_flow(r, 1, DIR_DOWNSTREAM);
	set_rig_feed(r, 1, DIR_DOWNSTREAM, "a\n");
	set_rig_advance(r, 100 * NS_PER_MS);
	set_rig_feed(r, 1, DIR_DOWNSTREAM, "b\n");
	set_rig_advance(r, 100 * NS_PER_MS);
	set_rig_feed(r, 1, DIR_DOWNSTREAM, "c\n");
	set_rig_advance(r, 299 * NS_PER_MS);
	assert_int_equal(f->out_bytes, 0);
	set_rig_advance(r, 1 * NS_PER_MS);
	assert_int_equal(f->out_bytes, 4);
	set_rig_advance(r, 200 * NS_PER_MS);
	assert_int_equal(f->out_bytes, 6);
	assert_false(f->first->active);
	set_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(delay_outlasts_the_window_of_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
