/* test_turns.c - a call into a flow makes a bounded number of cuts, and what it leaves goes on in
 * order, the end behind it; what is passed in one call leaves in one write.
 * LAYER: wedge_stream */
#include "proxy/base/mem.h"
#include "proxy/stream/flow/stage.h"
#include "proxy/stream/flow/stage_default.h"

#include <event2/buffer.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BYTES 50000u
#define CUTS  4096u /* more than any turn makes */

struct world {
	struct clock clock;
	struct env env;
	struct flow flow;
	int64_t now, step; /* each look at the clock takes so long */
	struct evbuffer *out;
	unsigned writes, wakes, cuts;
	enum flow_end ended;
};

static int64_t world_now(const struct clock *c)
{
	struct world *w = (struct world *)(uintptr_t)c; /* the clock is its first member */

	w->now += w->step;
	return w->now;
}

static struct world *world_of(struct flow *f)
{
	return f->host_arg;
}

static void deliver(struct flow *f, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	assert_int_equal(world_of(f)->ended, END_NONE);
	evbuffer_add_buffer(world_of(f)->out, buf);
	flow_sent(f, n);
}

static void flush(struct flow *f)
{
	world_of(f)->writes++;
}

static void work(struct flow *f)
{
	world_of(f)->wakes++;
}

static void deliver_end(struct flow *f, enum flow_end end)
{
	world_of(f)->ended = end;
}

static void interest(struct flow *f)
{
	(void)f;
}

static const struct flow_host_ops host = {.deliver = deliver,
					  .flush = flush,
					  .work = work,
					  .deliver_end = deliver_end,
					  .interest = interest};

/* A message a byte: every one is a cut. */
static size_t admit(struct stage *st, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	if (n)
		world_of(st->flow)->cuts++;
	return n ? 1 : 0;
}

static void gate_end(struct stage *st, enum flow_end end)
{
	(void)st;
	(void)end;
}

static const struct stage_gate gate = {.admit = admit, .end = gate_end};

static const struct stage_ops pass_ops = {.open = stage_default_open,
					  .data = stage_default_data,
					  .end = stage_default_end,
					  .timer = stage_default_timer,
					  .update = stage_default_update,
					  .drain = stage_default_drain,
					  .close = stage_default_close};

static struct stage *add_stage(struct world *w)
{
	struct stage *st = stage_attach(&w->flow, &pass_ops, NULL, "stage", 0);

	st->gate = &gate;
	stage_set_active(st, true);
	return st;
}

static void world_init(struct world *w, int stages)
{
	*w = (struct world){.clock = {.now = world_now}};
	w->env = (struct env){.clock = &w->clock, .timers = timerq_new()};
	w->out = evbuffer_new();
	flow_init(&w->flow, &w->env, DIR_UPSTREAM, 1, &host, w);
	for (int i = 0; i < stages; i++)
		add_stage(w);
}

static void world_fini(struct world *w)
{
	flow_fini(&w->flow);
	evbuffer_free(w->out);
	timerq_free(w->env.timers);
}

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 2654435761u >> 24);
}

static void feed(struct world *w, size_t n)
{
	struct evbuffer *buf = evbuffer_new();
	size_t from = w->flow.in_bytes;

	for (size_t i = from; i < from + n; i++) {
		unsigned char c = byte_at(i);

		evbuffer_add(buf, &c, 1);
	}
	flow_push(&w->flow, buf);
	evbuffer_free(buf);
}

static void assert_in_order(struct world *w, size_t n)
{
	const unsigned char *p = evbuffer_pullup(w->out, -1);

	assert_int_equal(evbuffer_get_length(w->out), n);
	for (size_t i = 0; i < n; i++)
		if (p[i] != byte_at(i))
			fail_msg("byte %zu has changed", i);
}

/* Runs turns until nothing waits; returns the most cuts of one. */
static unsigned run_turns(struct world *w)
{
	unsigned most = 0;

	while (w->flow.pause & PAUSE_WORK) {
		assert_true(w->wakes);
		w->wakes = w->cuts = 0;
		flow_work(&w->flow);
		most = w->cuts > most ? w->cuts : most;
	}
	return most;
}

static void a_turn_makes_a_bounded_number_of_cuts(void **state)
{
	for (int stages = 1; stages <= 3; stages++) {
		struct world w;

		(void)state;
		world_init(&w, stages);
		feed(&w, BYTES);
		assert_in_range(w.cuts, 1, CUTS);
		assert_false(flow_readable(&w.flow));
		feed(&w, 10); /* what comes all the same waits behind */
		assert_in_range(run_turns(&w), 1, CUTS);
		assert_true(flow_readable(&w.flow));
		assert_int_equal(w.flow.held, 0);
		assert_in_order(&w, BYTES + 10);
		world_fini(&w);
	}
}

static void a_turn_is_bounded_by_time_where_cuts_take_long(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	w.step = NS_PER_S;
	feed(&w, BYTES);
	assert_in_range(w.cuts, 1, 100);
	w.step = 0;
	run_turns(&w);
	assert_in_order(&w, BYTES);
	world_fini(&w);
}

static void the_end_waits_behind_the_bytes(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 2);
	feed(&w, BYTES);
	flow_finish(&w.flow, END_FIN);
	assert_int_equal(w.ended, END_NONE);
	run_turns(&w);
	assert_int_equal(w.ended, END_FIN);
	assert_in_order(&w, BYTES);
	world_fini(&w);
}

static void a_stage_that_goes_leaves_what_waits_to_the_next(void **state)
{
	struct world w;
	struct stage *st;

	(void)state;
	world_init(&w, 0);
	st = add_stage(&w);
	add_stage(&w);
	feed(&w, BYTES);
	flow_finish(&w.flow, END_RST);
	stage_detach(st);
	run_turns(&w);
	assert_int_equal(w.ended, END_RST);
	assert_in_order(&w, BYTES);
	world_fini(&w);
}

static void what_waits_is_freed_with_the_flow(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	feed(&w, BYTES);
	world_fini(&w);
}

static void pieces_of_one_call_leave_in_one_write(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	feed(&w, 1000);
	assert_int_equal(w.writes, 1);
	assert_int_equal(evbuffer_get_length(w.out), 1000);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_turn_makes_a_bounded_number_of_cuts),
	    cmocka_unit_test(a_turn_is_bounded_by_time_where_cuts_take_long),
	    cmocka_unit_test(the_end_waits_behind_the_bytes),
	    cmocka_unit_test(a_stage_that_goes_leaves_what_waits_to_the_next),
	    cmocka_unit_test(what_waits_is_freed_with_the_flow),
	    cmocka_unit_test(pieces_of_one_call_leave_in_one_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
