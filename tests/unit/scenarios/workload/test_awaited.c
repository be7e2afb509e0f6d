/* test_awaited.c - what a step awaits is counted from the time that the runner names, whatever has
 * ended when the client hears of it.
 * LAYER: wedge_workload */
#include "scenarios/workload/awaited.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define SINCE 1000

static struct tally_exchange exchange(int64_t start, bool ok)
{
	return (struct tally_exchange){.start = start, .end = start + 10, .ok = ok};
}

/* Begins to await n of those that fail, or succeed. */
static bool begin(struct awaited *a, const struct tally *t, int n, bool failed)
{
	json_t *m = json_pack("{s:i,s:b,s:i}", "n", n, "failed", failed, "since", SINCE);
	bool reached = awaited_begin(a, m, t);

	json_decref(m);
	return reached;
}

static void add(struct tally *t, int64_t start, bool ok)
{
	struct tally_exchange x = exchange(start, ok);

	tally_add(t, &x);
}

static void what_ends_later_is_counted(void **state)
{
	struct tally_exchange late = exchange(SINCE, false), ok = exchange(SINCE + 1, true),
			      before = exchange(SINCE - 1, false);
	struct tally t = {.msg_fd = -1};
	struct awaited a;

	(void)state;
	assert_false(begin(&a, &t, 2, true));
	assert_false(awaited_count(&a, &late));
	assert_false(awaited_count(&a, &ok));
	assert_false(awaited_count(&a, &before));
	assert_true(awaited_count(&a, &late));
	assert_false(awaited_count(&a, &late));
}

static void what_has_ended_counts_too(void **state)
{
	struct tally_exchange more = exchange(SINCE + 5, false);
	struct tally t = {.msg_fd = -1};
	struct awaited a;

	(void)state;
	add(&t, SINCE - 1, false);
	add(&t, SINCE, false);
	add(&t, SINCE + 2, true);
	add(&t, SINCE + 3, false);
	assert_false(begin(&a, &t, 3, true));
	assert_true(awaited_count(&a, &more));
	assert_true(begin(&a, &t, 2, true));
	assert_false(awaited_count(&a, &more));
	assert_true(begin(&a, &t, 1, false));
	tally_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_ends_later_is_counted),
	    cmocka_unit_test(what_has_ended_counts_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
