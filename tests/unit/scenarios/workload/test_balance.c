/* test_balance.c - which server a new connection goes to. The checks themselves need sockets:
 * tests/lab/test_scenario_edge_pool_gray_failure.py.
 * LAYER: wedge_workload */
#include "scenarios/workload/balance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct addr addresses[3];

static struct balance begun(enum balance_how kind)
{
	struct balance b;

	for (size_t i = 0; i < 3; i++) {
		char text[] = "192.0.2.0";

		text[8] = (char)('1' + i);
		assert_int_equal(addr_parse_host(text, 80, &addresses[i], NULL), 0);
	}
	b = (struct balance){.how = kind, .every = 2000000000, .timeout = 1000000000};
	balance_init(&b, addresses, 3, 7);
	return b;
}

/* The places of the next n servers, as digits. */
static const char *picked(struct balance *b, size_t n)
{
	static char text[16];

	for (size_t i = 0; i < n; i++)
		text[i] = (char)('0' + (balance_pick(b) - addresses));
	text[n] = '\0';
	return text;
}

static void first_is_always_the_first(void **state)
{
	struct balance b = begun(BALANCE_FIRST);

	(void)state;
	assert_string_equal(picked(&b, 4), "0000");
	balance_free(&b);
}

static void servers_take_turns(void **state)
{
	struct balance b = begun(BALANCE_ROUND_ROBIN);

	(void)state;
	assert_string_equal(picked(&b, 7), "0120120");
	balance_free(&b);
}

static void one_that_is_down_is_passed_over(void **state)
{
	struct balance b = begun(BALANCE_REQUEST_PROBE);

	(void)state;
	assert_string_equal(picked(&b, 3), "012"); /* all are well before the first check */
	b.targets[1].down = true;
	assert_string_equal(picked(&b, 4), "0202");
	b.targets[1].down = false;
	assert_string_equal(picked(&b, 3), "012");
	balance_free(&b);
}

static void while_all_are_down_all_are_tried(void **state)
{
	struct balance b = begun(BALANCE_CONNECT_PROBE);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		b.targets[i].down = true;
	assert_string_equal(picked(&b, 6), "012012");
	balance_free(&b);
}

static void the_checks_of_several_servers_are_spread(void **state)
{
	struct balance b = begun(BALANCE_CONNECT_PROBE);

	(void)state;
	assert_int_equal(b.targets[0].due, 7);
	assert_int_equal(b.targets[1].due, 7 + 666666666);
	assert_int_equal(b.targets[2].due, 7 + 1333333333);
	balance_free(&b);
}

static void checks_are_due_at_once_and_only_where_they_are_wanted(void **state)
{
	struct balance probing = begun(BALANCE_CONNECT_PROBE), blind;
	struct pollfd fds[3];
	int64_t due = INT64_MAX;

	(void)state;
	balance_watch(&probing, fds, &due);
	assert_int_equal(due, 7);
	assert_int_equal(fds[2].fd, -1);
	balance_free(&probing);
	blind = begun(BALANCE_ROUND_ROBIN);
	due = INT64_MAX;
	balance_watch(&blind, fds, &due);
	assert_int_equal(due, INT64_MAX);
	balance_free(&blind);
}

static void one_server_needs_no_list(void **state)
{
	struct balance b = {.how = BALANCE_ROUND_ROBIN};
	struct addr lone;

	(void)state;
	assert_int_equal(addr_parse_host("192.0.2.9", 80, &lone, NULL), 0);
	balance_init(&b, &lone, 1, 0);
	assert_ptr_equal(balance_pick(&b), &lone);
	assert_ptr_equal(balance_pick(&b), &lone);
	balance_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_is_always_the_first),
	    cmocka_unit_test(servers_take_turns),
	    cmocka_unit_test(one_that_is_down_is_passed_over),
	    cmocka_unit_test(while_all_are_down_all_are_tried),
	    cmocka_unit_test(the_checks_of_several_servers_are_spread),
	    cmocka_unit_test(checks_are_due_at_once_and_only_where_they_are_wanted),
	    cmocka_unit_test(one_server_needs_no_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
