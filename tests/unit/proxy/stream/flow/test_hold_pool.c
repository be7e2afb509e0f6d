/* test_hold_pool.c - flows that take what they can get stay below the process's bound, one that
 * comes finds room, and one that waits goes on when others have let go.
 * LAYER: wedge_stream stage_rig */
#include "proxy/base/env.h"
#include "proxy/stream/flow/flow.h"
#include "tests/rig/watch.h"

#include <event2/buffer.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MIB   ((size_t)1 << 20)
#define LIMIT (16 * MIB)
#define FLOWS 100

static void deliver(struct flow *f, struct evbuffer *buf)
{
	(void)f;
	evbuffer_drain(buf, evbuffer_get_length(buf)); /* nobody reads: it stays undelivered */
}

static void interest(struct flow *f)
{
	(void)f;
}

static const struct flow_host_ops host = {.deliver = deliver, .interest = interest};

struct world {
	struct watch watch;
	struct hold_total total;
	struct hold_pool pool;
	struct flow flow[FLOWS];
};

static void world_init(struct world *w, size_t limit)
{
	watch_init(&w->watch, 1);
	hold_total_init(&w->total, limit);
	hold_pool_init(&w->pool, &w->total, &w->watch.env);
	w->watch.env.holds = &w->pool;
	for (int i = 0; i < FLOWS; i++)
		flow_init(&w->flow[i], &w->watch.env, DIR_UPSTREAM, (uint64_t)i, &host, w);
}

static void world_fini(struct world *w)
{
	for (int i = 0; i < FLOWS; i++)
		flow_fini(&w->flow[i]);
	assert_int_equal(w->total.charged, 0);
	hold_pool_fini(&w->pool);
	watch_fini(&w->watch);
}

/* Reads as long as the flow may, 8 KiB at a time; returns the bytes. */
static size_t fill_flow(struct flow *f)
{
	static const char zeros[8192];
	struct evbuffer *buf = evbuffer_new();
	size_t n = 0;

	while (flow_readable(f) && flow_room(f)) {
		size_t k = flow_room(f) < sizeof(zeros) ? flow_room(f) : sizeof(zeros);

		evbuffer_add(buf, zeros, k);
		flow_push(f, buf);
		n += k;
	}
	evbuffer_free(buf);
	return n;
}

static void all_flows_together_stay_below_the_bound(void **state)
{
	static struct world w;
	size_t all = 0;

	(void)state;
	world_init(&w, LIMIT);
	for (int i = 0; i < FLOWS; i++)
		all += fill_flow(&w.flow[i]);
	assert_int_equal(w.total.charged, all);
	assert_in_range(all, LIMIT / 2, LIMIT + FLOWS * HOLD_SHARE_MIN);
	assert_true(w.flow[FLOWS - 1].in_bytes >= HOLD_SHARE_MIN);
	assert_non_null(strstr(watch_journal(&w.watch), "\"event\":\"hold_limited\""));
	world_fini(&w);
}

static void plenty_limits_nobody(void **state)
{
	static struct world w;

	(void)state;
	world_init(&w, 1024 * MIB);
	for (int i = 0; i < FLOWS; i++)
		assert_int_equal(fill_flow(&w.flow[i]), FLOW_HOLD_LIMIT);
	assert_null(strstr(watch_journal(&w.watch), "hold_limited"));
	world_fini(&w);
}

static void who_waits_goes_on_when_others_have_let_go(void **state)
{
	static struct world w;
	struct flow *last = &w.flow[FLOWS - 1];

	(void)state;
	world_init(&w, LIMIT);
	for (int i = 0; i < FLOWS; i++)
		fill_flow(&w.flow[i]);
	assert_false(flow_readable(last));
	for (int i = 0; i < FLOWS - 1; i++)
		flow_sent(&w.flow[i], w.flow[i].undelivered);
	watch_advance(&w.watch, NS_PER_S);
	assert_true(flow_readable(last));
	world_fini(&w);
}

static void the_default_is_a_share_of_the_memory(void **state)
{
	struct hold_total t;

	(void)state;
	hold_total_init(&t, 0);
	assert_true(t.limit >= MIB && t.limit < SIZE_MAX / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_flows_together_stay_below_the_bound),
	    cmocka_unit_test(plenty_limits_nobody),
	    cmocka_unit_test(who_waits_goes_on_when_others_have_let_go),
	    cmocka_unit_test(the_default_is_a_share_of_the_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
