/* test_edge_set.c - each edge is told once, an end is told apart, and nothing of what was removed.
 * LAYER: wedge_base */
#include "proxy/base/edge_set.h"

#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct end {
	struct edge_watch watch;
	struct end *removes; /* it is removed when this one hears of an edge */
	int pipe[2];	     /* the first is watched */
	unsigned times, edges;
};

static struct edge_set *set;
static struct end ends[2];

static void hear(void *arg, unsigned edges)
{
	struct end *e = arg;

	e->times++;
	e->edges = edges;
	if (e->removes)
		edge_set_remove(set, &e->removes->watch, e->removes->pipe[0]);
}

static int set_up(void **state)
{
	(void)state;
	set = edge_set_new();
	for (int i = 0; i < 2; i++) {
		ends[i] = (struct end){.watch = {.fn = hear, .arg = &ends[i]}};
		if (pipe(ends[i].pipe) == -1 ||
		    edge_set_add(set, &ends[i].watch, ends[i].pipe[0]) == -1)
			return -1;
	}
	return set ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		close(ends[i].pipe[0]);
		close(ends[i].pipe[1]);
	}
	edge_set_free(set);
	return 0;
}

static void put_byte(struct end *e)
{
	assert_int_equal(write(e->pipe[1], "x", 1), 1);
}

static void an_edge_is_told_once(void **state)
{
	(void)state;
	assert_int_equal(edge_set_run(set), 0);
	put_byte(&ends[0]);
	assert_int_equal(edge_set_run(set), 1);
	assert_int_equal(ends[0].edges, EDGE_IN);
	assert_int_equal(edge_set_run(set), 0);
	put_byte(&ends[0]); /* another one, though the first byte wasn't read */
	assert_int_equal(edge_set_run(set), 1);
	assert_int_equal(ends[0].times, 2);
	assert_int_equal(ends[1].times, 0);
}

static void an_end_is_told_apart_from_the_bytes_before_it(void **state)
{
	(void)state;
	put_byte(&ends[0]);
	close(ends[0].pipe[1]);
	assert_int_equal(edge_set_run(set), 1);
	assert_int_equal(ends[0].edges & (EDGE_IN | EDGE_END), EDGE_IN | EDGE_END);
	ends[0].pipe[1] = dup(ends[1].pipe[1]);
}

static void what_is_removed_within_a_run_hears_nothing_more(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		ends[i].removes = &ends[!i];
		put_byte(&ends[i]);
	}
	assert_int_equal(edge_set_run(set), 2);
	assert_int_equal(ends[0].times + ends[1].times, 1);
	put_byte(&ends[0]);
	put_byte(&ends[1]);
	assert_int_equal(edge_set_run(set), 1);
}

/* Its former watch isn't looked at any more: it may be gone. */
static void another_watch_can_take_what_is_watched(void **state)
{
	struct end taker = {.watch = {.fn = hear, .arg = &taker}};

	(void)state;
	put_byte(&ends[0]);
	assert_int_equal(edge_set_run(set), 1);
	assert_int_equal(edge_set_take(set, &taker.watch, ends[0].pipe[0]), 0);
	ends[0].watch = (struct edge_watch){.fn = NULL};
	assert_int_equal(edge_set_run(set), 1); /* the byte is there */
	put_byte(&ends[0]);
	assert_int_equal(edge_set_run(set), 1);
	assert_int_equal(taker.times, 2);
	assert_int_equal(ends[0].times, 1);
	edge_set_remove(set, &taker.watch, ends[0].pipe[0]);
	assert_int_equal(edge_set_take(set, &taker.watch, ends[0].pipe[0]), 0);
	assert_int_equal(edge_set_run(set), 1);
	edge_set_remove(set, &taker.watch, ends[0].pipe[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_edge_is_told_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_end_is_told_apart_from_the_bytes_before_it, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(what_is_removed_within_a_run_hears_nothing_more, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(another_watch_can_take_what_is_watched, set_up,
					    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
