/* test_stage.c - stages keep order, answer for every byte, and go away without a trace.
 * LAYER: wedge_stream stage_rig */
#include "proxy/stream/flow/stage_default.h"
#include "tests/rig/stage_rig.h"

#include <event2/buffer.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* "hold": keeps all bytes and the end for cfg nanoseconds after the first of them. */
struct hold {
	struct evbuffer *held;
};

static void hold_open(struct stage *st)
{
	struct hold *h = stage_state(st);

	if (!h->held)
		h->held = evbuffer_new();
}

static void hold_wait(struct stage *st)
{
	if (!timer_armed(&st->timer))
		stage_arm(st, stage_now(st) + *(const int64_t *)st->cfg);
}

static void hold_data(struct stage *st, struct evbuffer *buf)
{
	struct hold *h = stage_state(st);

	stage_hold(st, evbuffer_get_length(buf));
	evbuffer_add_buffer(h->held, buf);
	hold_wait(st);
}

static void hold_end(struct stage *st, enum flow_end end)
{
	(void)end;
	hold_wait(st);
}

static void hold_drain(struct stage *st)
{
	struct hold *h = stage_state(st);

	stage_release(st, st->held);
	stage_pass(st, h->held);
}

static void hold_timer(struct stage *st, int64_t now)
{
	(void)now;
	hold_drain(st);
	if (st->end_in != END_NONE)
		stage_pass_end(st, st->end_in);
}

static void hold_close(struct stage *st)
{
	struct hold *h = stage_state(st);

	evbuffer_free(h->held);
}

static const struct stage_ops hold_ops = {
    .state_size = sizeof(struct hold),
    .open = hold_open,
    .data = hold_data,
    .end = hold_end,
    .timer = hold_timer,
    .update = stage_default_update,
    .drain = hold_drain,
    .close = hold_close,
};

static const int64_t hold_100ms = 100 * NS_PER_MS;

/* The others act when they open, on bytes, on the end, or on an update. */
#define STAGE(name, open_, data_, end_, update_)                                                   \
	static const struct stage_ops name = {.open = open_,                                       \
					      .data = data_,                                       \
					      .end = end_,                                         \
					      .timer = stage_default_timer,                        \
					      .update = update_,                                   \
					      .drain = stage_default_drain,                        \
					      .close = stage_default_close}

static void eat_two(struct stage *st, struct evbuffer *buf)
{
	evbuffer_drain(buf, 2);
	stage_eat(st, 2, "two are too many");
	stage_pass(st, buf);
}

static void add_one(struct stage *st, struct evbuffer *buf)
{
	evbuffer_add(buf, "+", 1);
	stage_add(st, 1, "one is missing");
	stage_pass(st, buf);
}

static void cut_after_data(struct stage *st, struct evbuffer *buf)
{
	stage_pass(st, buf);
	stage_pass_end(st, END_FIN);
}

static void reset_both(struct stage *st, struct evbuffer *buf)
{
	stage_pass(st, buf);
	stage_reset(st, LEG_CLIENT, false, "as told");
	stage_reset(st, LEG_SERVER, true, "as told");
}

static void update_marks(struct stage *st)
{
	stage_event(st, "changed", "s:s", "to", (const char *)st->cfg);
}

STAGE(pass_ops, stage_default_open, stage_default_data, stage_default_end, update_marks);
STAGE(eat_ops, stage_default_open, eat_two, stage_default_end, stage_default_update);
STAGE(add_ops, stage_default_open, add_one, stage_default_end, stage_default_update);
STAGE(cut_ops, stage_default_open, cut_after_data, stage_default_end, stage_default_update);
STAGE(pause_ops, stage_pause, stage_default_data, stage_default_end, stage_default_update);
STAGE(reset_ops, stage_default_open, reset_both, stage_default_end, stage_default_update);

static void kept_bytes_come_when_their_time_has_come(void **state)
{
	struct rig *r = rig_new(&hold_ops, &hold_100ms);

	(void)state;
	rig_feed(r, "hello");
	assert_int_equal(rig_flow(r)->held, 5);
	assert_int_equal(rig_next_due(r), hold_100ms);
	rig_advance(r, hold_100ms - 1);
	assert_string_equal(rig_log(r), "");
	rig_advance(r, 1);
	assert_string_equal(rig_log(r), "100ms hello\n");
	assert_int_equal(rig_flow(r)->held, 0);
	rig_free(r);
}

static void fin_waits_behind_delayed_bytes(void **state)
{
	struct rig *r = rig_new(&hold_ops, &hold_100ms);

	(void)state;
	rig_feed(r, "bye");
	rig_end(r, END_FIN);
	rig_settle(r);
	assert_string_equal(rig_log(r), "100ms bye\n100ms FIN\n");
	rig_free(r);
}

static void rst_waits_behind_delayed_bytes(void **state)
{
	struct rig *r = rig_new(&hold_ops, &hold_100ms);

	(void)state;
	rig_feed(r, "bye");
	rig_end(r, END_RST);
	assert_string_equal(rig_log(r), "");
	rig_settle(r);
	assert_string_equal(rig_log(r), "100ms bye\n100ms RST\n");
	rig_free(r);
}

static void stages_act_in_their_order(void **state)
{
	struct rig *r = rig_new(&eat_ops, NULL);

	(void)state;
	rig_attach(r, &add_ops, NULL, "add");
	rig_attach(r, &hold_ops, &hold_100ms, "hold");
	rig_feed(r, "abc");
	rig_feed(r, "def");
	rig_settle(r);
	assert_string_equal(rig_log(r), "100ms c+f+\n");
	assert_int_equal(rig_flow(r)->eaten_bytes, 4);
	assert_int_equal(rig_flow(r)->added_bytes, 2);
	rig_free(r);
}

static void eaten_and_added_bytes_are_journalled(void **state)
{
	struct rig *r = rig_new(&eat_ops, NULL);

	(void)state;
	rig_attach(r, &add_ops, NULL, "add");
	rig_feed(r, "abc");
	assert_non_null(strstr(rig_journal(r),
			       "\"event\":\"eat\",\"stage\":\"stage\",\"session\":1,"
			       "\"direction\":\"upstream\",\"bytes\":2,"
			       "\"why\":\"two are too many\"}\n"));
	assert_non_null(strstr(rig_journal(r), "\"event\":\"add\",\"stage\":\"add\",\"session\":1,"
					       "\"direction\":\"upstream\",\"bytes\":1,"));
	rig_free(r);
}

static void bytes_after_a_stages_own_fin_are_eaten(void **state)
{
	struct rig *r = rig_new(&cut_ops, NULL);

	(void)state;
	rig_feed(r, "last");
	rig_feed(r, "too late");
	rig_end(r, END_FIN);
	assert_string_equal(rig_log(r), "0s last\n0s FIN\n");
	assert_int_equal(rig_flow(r)->eaten_bytes, 8);
	rig_free(r);
}

static void a_cut_stays_cut_when_its_stage_goes(void **state)
{
	struct rig *r = rig_new(&cut_ops, NULL);

	(void)state;
	rig_feed(r, "last");
	stage_detach(rig_stage(r));
	rig_feed(r, "too late");
	rig_end(r, END_RST);
	assert_string_equal(rig_log(r), "0s last\n0s FIN\n");
	rig_free(r);
}

static void disabling_passes_on_what_is_kept(void **state)
{
	struct rig *r = rig_new(&hold_ops, &hold_100ms);

	(void)state;
	rig_feed(r, "kept");
	rig_end(r, END_FIN);
	rig_advance(r, NS_PER_MS);
	stage_set_active(rig_stage(r), false);
	assert_string_equal(rig_log(r), "1ms kept\n1ms FIN\n");
	assert_int_equal(rig_next_due(r), INT64_MAX);
	rig_free(r);
}

static void bytes_go_past_a_disabled_stage_and_through_it_again(void **state)
{
	struct rig *r = rig_new(&hold_ops, &hold_100ms);

	(void)state;
	stage_set_active(rig_stage(r), false);
	rig_feed(r, "past");
	stage_set_active(rig_stage(r), true);
	rig_feed(r, "through");
	rig_settle(r);
	assert_string_equal(rig_log(r), "0s past\n100ms through\n");
	rig_free(r);
}

static void detaching_passes_on_what_is_kept_to_the_stages_behind(void **state)
{
	struct rig *r = rig_new(&hold_ops, &hold_100ms);

	(void)state;
	rig_attach(r, &add_ops, NULL, "add");
	rig_feed(r, "kept");
	stage_detach(rig_stage(r));
	assert_string_equal(rig_log(r), "0s kept+\n");
	rig_feed(r, "more");
	assert_string_equal(rig_log(r), "0s kept+\n0s more+\n");
	rig_free(r);
}

static void the_last_stage_may_be_detached_and_another_one_attached(void **state)
{
	struct rig *r = rig_new(&pass_ops, "");
	struct stage *last = rig_attach(r, &eat_ops, NULL, "eat");

	(void)state;
	stage_detach(last);
	rig_attach(r, &add_ops, NULL, "add");
	rig_feed(r, "abc");
	assert_string_equal(rig_log(r), "0s abc+\n");
	rig_free(r);
}

static void a_stage_attached_after_the_end_sees_nothing(void **state)
{
	struct rig *r = rig_new(NULL, NULL);

	(void)state;
	rig_end(r, END_FIN);
	rig_attach(r, &hold_ops, &hold_100ms, "hold");
	stage_detach(rig_stage(r));
	assert_string_equal(rig_log(r), "0s FIN\n");
	rig_free(r);
}

static void pauses_of_several_stages_are_counted(void **state)
{
	struct rig *r = rig_new(&pause_ops, NULL);
	struct stage *second = rig_attach(r, &pause_ops, NULL, "second");

	(void)state;
	assert_false(rig_readable(r));
	stage_pause(second); /* once more is not twice */
	stage_resume(second);
	assert_false(rig_readable(r));
	stage_set_active(rig_stage(r), false); /* takes its pause back */
	assert_true(rig_readable(r));
	rig_free(r);
}

static void kept_bytes_stop_the_source_at_the_bound(void **state)
{
	struct rig *r = rig_new(&hold_ops, &hold_100ms);

	(void)state;
	rig_feed_bytes(r, FLOW_HOLD_LIMIT);
	assert_false(rig_readable(r));
	rig_advance(r, hold_100ms);
	assert_true(rig_readable(r));
	stage_need_room(rig_stage(r), 2 * FLOW_HOLD_LIMIT);
	rig_feed_bytes(r, FLOW_HOLD_LIMIT);
	assert_true(rig_readable(r));
	rig_settle(r);
	assert_true(rig_bytes_in_order(r));
	rig_free(r);
}

static void room_of_several_stages_adds_up_and_goes_with_them(void **state)
{
	struct rig *r = rig_new(&pass_ops, "one");
	struct stage *two = stage_attach(rig_flow(r), &pass_ops, "two", "two", 1);

	(void)state;
	stage_set_active(two, true);
	stage_need_room(rig_stage(r), 1000);
	assert_int_equal(rig_flow(r)->hold_limit, FLOW_HOLD_LIMIT);
	stage_need_room(rig_stage(r), FLOW_HOLD_LIMIT);
	stage_need_room(two, 5000);
	assert_int_equal(rig_flow(r)->hold_limit, FLOW_HOLD_LIMIT + 5000);
	stage_need_room(two, 3000); /* its new configuration needs less */
	assert_int_equal(rig_flow(r)->hold_limit, FLOW_HOLD_LIMIT + 3000);
	stage_set_active(rig_stage(r), false);
	stage_need_room(two, 2 * FLOW_HOLD_LIMIT);
	assert_int_equal(rig_flow(r)->hold_limit, 2 * FLOW_HOLD_LIMIT);
	stage_detach(two);
	assert_int_equal(rig_flow(r)->hold_limit, FLOW_HOLD_LIMIT);
	rig_free(r);
}

static void a_new_configuration_reaches_the_stage(void **state)
{
	struct rig *r = rig_new(&pass_ops, "old");

	(void)state;
	stage_update(rig_stage(r), "new");
	assert_non_null(strstr(rig_journal(r), "\"to\":\"new\""));
	rig_free(r);
}

static void a_reset_names_leg_and_manner(void **state)
{
	struct rig *r = rig_new(&reset_ops, NULL);

	(void)state;
	rig_feed(r, "x");
	assert_string_equal(rig_log(r), "0s x\n0s reset client: as told\n"
					"0s reset server after delivery: as told\n");
	rig_free(r);
}

static void bytes_held_when_the_flow_dies_are_journalled(void **state)
{
	struct rig *r = rig_new(&hold_ops, &hold_100ms);
	struct flow *f = rig_flow(r);

	(void)state;
	rig_feed(r, "never");
	flow_fini(f);
	assert_non_null(strstr(rig_journal(r), "\"event\":\"discard\""));
	assert_non_null(strstr(rig_journal(r), "\"bytes\":5"));
	flow_init(f, f->env, DIR_UPSTREAM, 1, f->host, f->host_arg);
	rig_free(r);
}

static uint64_t first_decision(enum dir dir, uint64_t seed, uint64_t session, bool second)
{
	struct rig *r = rig_new_dir(&pass_ops, "", dir, seed, session);
	struct stage *st = second ? rig_attach(r, &pass_ops, "", "second") : rig_stage(r);
	uint64_t n = rng_next(&st->rng);

	rig_free(r);
	return n;
}

static void decisions_depend_on_seed_session_stage_and_direction_alone(void **state)
{
	uint64_t n = first_decision(DIR_UPSTREAM, 1, 1, false);

	(void)state;
	assert_true(n == first_decision(DIR_UPSTREAM, 1, 1, false));
	assert_true(n != first_decision(DIR_DOWNSTREAM, 1, 1, false));
	assert_true(n != first_decision(DIR_UPSTREAM, 2, 1, false));
	assert_true(n != first_decision(DIR_UPSTREAM, 1, 2, false));
	assert_true(n != first_decision(DIR_UPSTREAM, 1, 1, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kept_bytes_come_when_their_time_has_come),
	    cmocka_unit_test(fin_waits_behind_delayed_bytes),
	    cmocka_unit_test(rst_waits_behind_delayed_bytes),
	    cmocka_unit_test(stages_act_in_their_order),
	    cmocka_unit_test(eaten_and_added_bytes_are_journalled),
	    cmocka_unit_test(bytes_after_a_stages_own_fin_are_eaten),
	    cmocka_unit_test(a_cut_stays_cut_when_its_stage_goes),
	    cmocka_unit_test(disabling_passes_on_what_is_kept),
	    cmocka_unit_test(bytes_go_past_a_disabled_stage_and_through_it_again),
	    cmocka_unit_test(detaching_passes_on_what_is_kept_to_the_stages_behind),
	    cmocka_unit_test(the_last_stage_may_be_detached_and_another_one_attached),
	    cmocka_unit_test(a_stage_attached_after_the_end_sees_nothing),
	    cmocka_unit_test(pauses_of_several_stages_are_counted),
	    cmocka_unit_test(kept_bytes_stop_the_source_at_the_bound),
	    cmocka_unit_test(room_of_several_stages_adds_up_and_goes_with_them),
	    cmocka_unit_test(a_new_configuration_reaches_the_stage),
	    cmocka_unit_test(a_reset_names_leg_and_manner),
	    cmocka_unit_test(bytes_held_when_the_flow_dies_are_journalled),
	    cmocka_unit_test(decisions_depend_on_seed_session_stage_and_direction_alone),
	};

	return cmocka_run_group_tests_name("stage", tests, NULL, NULL);
}
