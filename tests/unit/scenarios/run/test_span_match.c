/* test_span_match.c - which of several transactions is the same one; none is guessed.
 * LAYER: wedge_run */
#include "scenarios/run/span_match.h"

#include "proxy/base/attrs.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static enum span_match find(const struct span *list, size_t n, const struct span *outer,
			    int64_t slack, struct span *out)
{
	const struct span_list inners = {list, n}, outers = {outer, 1};

	return span_find(&inners, &outers, outer, slack, out);
}

static void the_only_one_inside_is_it(void **state)
{
	const struct span list[] = {{100, 190, 400}, {1010, 1090, 400}, {2010, 2090, 400}};
	const struct span outer = {1000, 1100, 400};
	struct span out;

	(void)state;
	assert_int_equal(find(list, ARRAY_LEN(list), &outer, 5, &out), SPAN_FOUND);
	assert_int_equal(out.from, 1010);
}

static void clocks_may_differ_by_the_slack_alone(void **state)
{
	const struct span list[] = {{995, 1104, 400}, {1003, 1090, 300}};
	const struct span outer = {1000, 1100, 400};
	struct span out;

	(void)state;
	assert_int_equal(find(list, 2, &outer, 5, &out), SPAN_FOUND);
	assert_int_equal(out.from, 995);
	assert_int_equal(find(list, 1, &outer, 3, &out), SPAN_NONE);
}

/* The request that never left may not take another client's for its own. */
static void other_bytes_are_believed_only_where_nothing_else_went_on(void **state)
{
	const struct span inner = {1010, 1500, 900};
	const struct span outer[] = {{1000, 1100, 400}, {1005, 1600, 900}};
	const struct span_list inners = {&inner, 1}, both = {outer, 2}, one = {outer, 1};
	struct span out;

	(void)state;
	assert_int_equal(span_find(&inners, &both, &outer[0], 5, &out), SPAN_AMBIGUOUS);
	assert_int_equal(span_find(&inners, &one, &outer[0], 5, &out), SPAN_FOUND);
	assert_int_equal(span_find(&inners, &both, &outer[1], 5, &out), SPAN_FOUND);
}

static void bytes_tell_those_apart_that_overlap(void **state)
{
	const struct span list[] = {{1010, 1090, 300}, {1020, 1080, 400}, {1030, 1070, 500}};
	struct span outer = {1000, 1100, 400}, out;

	(void)state;
	assert_int_equal(find(list, ARRAY_LEN(list), &outer, 5, &out), SPAN_FOUND);
	assert_int_equal(out.from, 1020);
	outer.bytes = 7;
	assert_int_equal(find(list, ARRAY_LEN(list), &outer, 5, &out), SPAN_AMBIGUOUS);
}

static void two_alike_are_not_guessed(void **state)
{
	const struct span list[] = {{1010, 1090, 400}, {1020, 1080, 400}};
	const struct span outer = {1000, 1100, 400};
	struct span out;

	(void)state;
	assert_int_equal(find(list, ARRAY_LEN(list), &outer, 5, &out), SPAN_AMBIGUOUS);
}

static void what_was_never_answered_inside_can_be_it(void **state)
{
	const struct span list[] = {{1010, 0, 0}};
	const struct span outer = {1000, 9000, 0}, open = {1000, 0, 0};
	struct span out;

	(void)state;
	assert_int_equal(find(list, 1, &outer, 5, &out), SPAN_FOUND);
	assert_int_equal(out.to, 0);
	assert_int_equal(find(list, 1, &open, 5, &out), SPAN_FOUND);
	assert_int_equal(find(list, 0, &outer, 5, &out), SPAN_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_only_one_inside_is_it),
	    cmocka_unit_test(clocks_may_differ_by_the_slack_alone),
	    cmocka_unit_test(other_bytes_are_believed_only_where_nothing_else_went_on),
	    cmocka_unit_test(bytes_tell_those_apart_that_overlap),
	    cmocka_unit_test(two_alike_are_not_guessed),
	    cmocka_unit_test(what_was_never_answered_inside_can_be_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
