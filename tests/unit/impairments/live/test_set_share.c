/* test_set_share.c - the sets of one proxy in several threads: their sessions are numbered as those
 * of one set, and the last one to end an instance has the sum.
 * LAYER: wedge_impairments */
#include "impairments/live/apply.h"
#include "impairments/live/set_share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SETS = 3 };

static struct impairment_set *set[SETS];

static int set_up(void **state)
{
	(void)state;
	for (int i = 0; i < SETS; i++)
		set[i] = impairment_set_new();
	for (int i = 1; i < SETS; i++)
		set_share_join(set[i], set[0]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < SETS; i++) {
		impairment_set_stop(set[i]);
		impairment_set_free(set[i]);
	}
	return 0;
}

static void a_client_is_numbered_across_the_sets(void **state)
{
	const struct draw_identity id = {.proxy = 7, .by_client = true};
	struct impairment_set *alone = impairment_set_new();
	struct addr client;
	struct err e;

	(void)state;
	assert_int_equal(addr_parse_host("192.0.2.1", 1, &client, &e), 0);
	set_share_begin(alone, NULL, NULL);
	for (int i = 0; i < 4 * SETS; i++)
		assert_int_equal(set_share_draw(set[i % SETS]->share, &id, &client),
				 set_share_draw(alone->share, &id, &client));
	impairment_set_stop(alone);
	impairment_set_free(alone);
}

static void one_session_is_the_beginning_for_all(void **state)
{
	(void)state;
	assert_false(set_share_has_begun(set[2]));
	set_share_begin(set[1], NULL, NULL);
	assert_true(set_share_has_begun(set[2]));
}

static void the_last_one_has_the_sum(void **state)
{
	struct impair_tally first = {.sessions = 3, .acted = 1, .matched = true};
	struct impair_tally second = {.sessions = 4}, third = {.sessions = 5, .counted = true};

	(void)state;
	assert_false(set_share_complete(set[0], "latency", &first));
	assert_false(set_share_complete(set[2], "latency", &second));
	assert_true(set_share_complete(set[1], "latency", &third));
	assert_int_equal(third.sessions, 12);
	assert_int_equal(third.acted, 1);
	assert_true(third.matched && third.counted && !third.active);
}

/* Those that have ended their part are still waited for by none. */
static void who_leaves_has_had_its_say(void **state)
{
	struct impair_tally tally = {.sessions = 1};

	(void)state;
	for (int i = 0; i < SETS; i++) {
		bool last = set_share_complete(set[i], "cut", &tally);

		assert_int_equal(last, i == SETS - 1);
		tally = (struct impair_tally){.sessions = 1};
		set_share_leave(set[i]);
	}
}

/* The packets of a session may be another sharer's. */
static void what_is_drawn_for_a_session_can_be_left_to_another(void **state)
{
	uint64_t draw = 0;

	(void)state;
	for (uint64_t session = 1; session <= 100; session++)
		set_share_leave_draw(set[1]->share, session, 1000 + session);
	for (uint64_t session = 100; session > 10; session--) {
		assert_true(set_share_take_draw(set[0]->share, session, &draw));
		assert_int_equal(draw, 1000 + session);
	}
	assert_false(set_share_take_draw(set[0]->share, 100, &draw));
	assert_false(set_share_take_draw(set[0]->share, 101, &draw));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_client_is_numbered_across_the_sets, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(one_session_is_the_beginning_for_all, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(the_last_one_has_the_sum, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(who_leaves_has_had_its_say, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_is_drawn_for_a_session_can_be_left_to_another,
					    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
