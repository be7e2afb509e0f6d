/* test_flow_bypass.c - bytes go past a flow only where no stage acts on them or has to see them,
 * and are counted as if they hadn't. LAYER: wedge_stream stage_rig */
#include "proxy/stream/flow/flow_bypass.h"
#include "proxy/stream/flow/stage.h"
#include "proxy/stream/flow/stage_default.h"
#include "tests/rig/stage_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct stage_ops pass_ops = {.open = stage_default_open,
					  .data = stage_default_data,
					  .end = stage_default_end,
					  .timer = stage_default_timer,
					  .update = stage_default_update,
					  .drain = stage_default_drain,
					  .close = stage_default_close};

static size_t bypassed;

static size_t admit(struct stage *st, struct evbuffer *buf)
{
	(void)st;
	(void)buf;
	return 0;
}

static void gate_end(struct stage *st, enum flow_end end)
{
	(void)st;
	(void)end;
}

static size_t see_nothing_of_1000(struct stage *st)
{
	(void)st;
	return 1000 - bypassed;
}

static size_t switch_on(struct stage *st)
{
	stage_set_active(st, true);
	return SIZE_MAX;
}

static void count(struct stage *st, size_t n)
{
	(void)st;
	bypassed += n;
}

static const struct stage_gate sees_all = {.admit = admit, .end = gate_end};
static const struct stage_gate bounded = {
    .admit = admit, .end = gate_end, .blind = see_nothing_of_1000, .bypassed = count};
static const struct stage_gate due = {
    .admit = admit, .end = gate_end, .blind = switch_on, .bypassed = count};

/* A flow with one stage that doesn't act. */
static int begin(void **state)
{
	struct rig *r = rig_new(&pass_ops, NULL);

	bypassed = 0;
	stage_set_active(rig_stage(r), false);
	*state = r;
	return 0;
}

static int finish(void **state)
{
	rig_free(*state);
	return 0;
}

static void all_bytes_pass_a_stage_that_does_not_act(void **state)
{
	assert_true(flow_bypass(rig_flow(*state)) == SIZE_MAX);
}

static void none_pass_one_that_acts(void **state)
{
	stage_set_active(rig_stage(*state), true);
	assert_int_equal(flow_bypass(rig_flow(*state)), 0);
}

static void none_pass_a_gate_that_sees_them_all(void **state)
{
	rig_stage(*state)->gate = &sees_all;
	assert_int_equal(flow_bypass(rig_flow(*state)), 0);
}

static void they_pass_up_to_the_place_where_the_gate_looks(void **state)
{
	struct flow *f = rig_flow(*state);

	rig_stage(*state)->gate = &bounded;
	assert_int_equal(flow_bypass(f), 1000);
	flow_bypassed(f, 400);
	assert_int_equal(bypassed, 0); /* they are still to be sent */
	flow_bypass_settle(f, 400);
	assert_int_equal(bypassed, 400);
	assert_int_equal(flow_bypass(f), 600);
	assert_int_equal(f->in_bytes, 400);
	assert_int_equal(f->out_bytes, 400);
	assert_int_equal(f->undelivered, 400);
	flow_sent(f, 400);
	flow_bypassed(f, 600);
	flow_bypass_settle(f, 600);
	assert_int_equal(flow_bypass(f), 0);
	flow_sent(f, 600);
}

static void none_pass_when_the_gate_switches_its_stage_on(void **state)
{
	rig_stage(*state)->gate = &due;
	assert_int_equal(flow_bypass(rig_flow(*state)), 0);
	rig_stage(*state)->gate = NULL;
}

static void none_pass_an_end_or_a_pause(void **state)
{
	struct flow *f = rig_flow(*state);

	flow_pause(f, PAUSE_CONNECT);
	assert_int_equal(flow_bypass(f), 0);
	flow_resume(f, PAUSE_CONNECT);
	assert_true(flow_bypass(f) == SIZE_MAX);
	rig_end(*state, END_FIN);
	assert_int_equal(flow_bypass(f), 0);
}

static void bytes_on_their_way_stop_the_source(void **state)
{
	struct flow *f = rig_flow(*state);

	flow_bypassed(f, FLOW_HOLD_LIMIT);
	assert_false(flow_readable(f));
	assert_int_equal(flow_bypass(f), 0);
	flow_sent(f, FLOW_HOLD_LIMIT);
	assert_true(flow_readable(f));
}

#define BYPASS_TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BYPASS_TEST(all_bytes_pass_a_stage_that_does_not_act),
	    BYPASS_TEST(none_pass_one_that_acts),
	    BYPASS_TEST(none_pass_a_gate_that_sees_them_all),
	    BYPASS_TEST(they_pass_up_to_the_place_where_the_gate_looks),
	    BYPASS_TEST(none_pass_when_the_gate_switches_its_stage_on),
	    BYPASS_TEST(none_pass_an_end_or_a_pause),
	    BYPASS_TEST(bytes_on_their_way_stop_the_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
