/* test_imp_blackhole.c - bytes are eaten, and both ends are closed after an idle time, or when it
 * goes. LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment blackhole_impairment;
#define BLACKHOLE &blackhole_impairment

static void bytes_are_eaten_and_without_an_idle_time_nothing_is_closed(void **state)
{
	struct imp *m = imp_new(BLACKHOLE, "");
	uint64_t bytes;

	(void)state;
	rig_feed(m->rig, "lost");
	assert_int_equal(rig_next_due(m->rig), INT64_MAX);
	assert_string_equal(rig_log(m->rig), "");
	assert_int_equal(imp_journalled(m, "eat", &bytes), 1);
	assert_int_equal(bytes, 4);
	imp_free(m);
}

static void each_byte_begins_the_idle_time_anew(void **state)
{
	struct imp *m = imp_new(BLACKHOLE, "idle=2s");

	(void)state;
	rig_advance(m->rig, NS_PER_S);
	rig_feed(m->rig, "x");
	rig_advance(m->rig, NS_PER_S);
	rig_feed(m->rig, "y");
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "4s FIN\n4s FIN back\n");
	assert_int_equal(imp_journalled(m, "cut", NULL), 1);
	imp_free(m);
}

static void a_connection_on_which_nothing_comes_is_closed_too(void **state)
{
	struct imp *m = imp_new(BLACKHOLE, "idle=2s");

	(void)state;
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "2s FIN\n2s FIN back\n");
	imp_free(m);
}

static void the_senders_end_passes(void **state)
{
	struct imp *m = imp_new(BLACKHOLE, "idle=2s");

	(void)state;
	rig_feed(m->rig, "x");
	rig_end(m->rig, END_RST);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "0s RST\n");
	imp_free(m);
}

static void a_change_begins_the_idle_time_anew(void **state)
{
	struct imp *m = imp_new(BLACKHOLE, "");

	(void)state;
	rig_feed(m->rig, "x");
	rig_advance(m->rig, NS_PER_S);
	imp_update(m, "idle=300ms");
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "1.3s FIN\n1.3s FIN back\n");
	imp_free(m);
}

static void when_it_goes_the_connection_is_closed(void **state)
{
	struct imp *m = imp_new(BLACKHOLE, "idle=5s");

	(void)state;
	rig_feed(m->rig, "x");
	stage_detach(m->stage);
	m->stage = NULL;
	rig_feed(m->rig, "y");
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "0s FIN\n0s FIN back\n");
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(BLACKHOLE, "", 0);
	imp_laws(BLACKHOLE, "idle=1ms", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_are_eaten_and_without_an_idle_time_nothing_is_closed),
	    cmocka_unit_test(each_byte_begins_the_idle_time_anew),
	    cmocka_unit_test(a_connection_on_which_nothing_comes_is_closed_too),
	    cmocka_unit_test(the_senders_end_passes),
	    cmocka_unit_test(a_change_begins_the_idle_time_anew),
	    cmocka_unit_test(when_it_goes_the_connection_is_closed),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_blackhole", tests, NULL, NULL);
}
