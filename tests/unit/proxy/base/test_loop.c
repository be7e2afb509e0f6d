/* test_loop.c - the loop's alarms are never early, its deferred work waits for the turn's end.
 * LAYER: wedge_base */
#include "proxy/base/loop.h"

#include <event2/event.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct world {
	struct loop *loop;
	struct timer timer[3];
	struct event *event;
	int pipe[2];
	unsigned ran, early, deferred;
	bool freed_inside;
};

static int set_up(void **state)
{
	static struct world w;
	struct err e;

	w = (struct world){.loop = loop_new(&e)};
	*state = &w;
	return w.loop && pipe(w.pipe) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	if (w->event)
		event_free(w->event);
	close(w->pipe[0]);
	close(w->pipe[1]);
	loop_free(w->loop);
	return 0;
}

static void alarm_rings(void *arg, int64_t now)
{
	struct world *w = arg;
	struct timer *t = &w->timer[w->ran++];

	w->early += now < t->due || clock_now(loop_clock(w->loop)) < t->due;
	if (w->ran == ARRAY_LEN(w->timer))
		loop_stop(w->loop);
}

static void timers_are_never_early(void **state)
{
	struct world *w = *state;
	int64_t now = clock_now(loop_clock(w->loop));

	for (size_t i = 0; i < ARRAY_LEN(w->timer); i++) {
		w->timer[i].fn = alarm_rings;
		w->timer[i].arg = w;
		timer_arm(loop_timers(w->loop), &w->timer[i], now + (int64_t)i * NS_PER_MS);
	}
	assert_int_equal(loop_run(w->loop), 0);
	assert_int_equal(w->ran, 3);
	assert_int_equal(w->early, 0);
}

static void a_due_time_in_the_past_rings_at_once(void **state)
{
	struct world *w = *state;

	w->ran = 2;
	w->timer[2] = (struct timer){.fn = alarm_rings, .arg = w};
	timer_arm(loop_timers(w->loop), &w->timer[2], -5);
	assert_int_equal(loop_run(w->loop), 0);
	assert_int_equal(w->ran, 3);
}

static void the_kernel_adds_no_slack(void **state)
{
	(void)state;
	assert_int_equal(prctl(PR_GET_TIMERSLACK), 1);
}

static void stop_soon(void *arg)
{
	struct world *w = arg;

	if (++w->deferred == 3)
		loop_stop(w->loop);
	else
		loop_defer(w->loop, stop_soon, w);
}

static void readable(evutil_socket_t fd, short what, void *arg)
{
	struct world *w = arg;
	char c;

	(void)what;
	assert_int_equal(read(fd, &c, 1), 1);
	loop_defer(w->loop, stop_soon, w);
	w->freed_inside = w->deferred > 0;
}

static void deferred_work_waits_for_the_end_of_the_turn_and_never_sleeps(void **state)
{
	struct world *w = *state;

	w->event = event_new(loop_base(w->loop), w->pipe[0], EV_READ | EV_PERSIST, readable, w);
	event_add(w->event, NULL);
	assert_int_equal(write(w->pipe[1], "x", 1), 1);
	assert_int_equal(loop_run(w->loop), 0); /* turns 2 and 3 have only deferred work */
	assert_int_equal(w->deferred, 3);
	assert_false(w->freed_inside);
}

static void what_is_still_deferred_runs_when_the_loop_is_freed(void **state)
{
	struct world *w = *state;

	loop_defer(w->loop, stop_soon, w);
	loop_free(w->loop);
	w->loop = NULL;
	assert_int_equal(w->deferred, 3);
}

static void a_stop_before_the_run_counts(void **state)
{
	struct world *w = *state;

	loop_stop(w->loop);
	assert_int_equal(loop_run(w->loop), 0);
}

#define LOOP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LOOP_TEST(timers_are_never_early),
	    LOOP_TEST(a_due_time_in_the_past_rings_at_once),
	    LOOP_TEST(the_kernel_adds_no_slack),
	    LOOP_TEST(deferred_work_waits_for_the_end_of_the_turn_and_never_sleeps),
	    LOOP_TEST(what_is_still_deferred_runs_when_the_loop_is_freed),
	    LOOP_TEST(a_stop_before_the_run_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
