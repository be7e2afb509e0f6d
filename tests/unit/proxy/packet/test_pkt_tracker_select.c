/* test_pkt_tracker_select.c - what a plane selects may change while connections are known; nothing
 * held is lost by it. LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct pkt_rig rig;
static unsigned opened, closed;

static void count_open(void *arg, struct pkt_conn *c)
{
	(void)arg;
	(void)c;
	opened++;
}

static void count_close(void *arg, struct pkt_conn *c)
{
	(void)arg;
	(void)c;
	closed++;
}

static struct pkt_select select_at(const char *text, bool forwarded)
{
	struct pkt_select s = {.match.forwarded = forwarded,
			       .hooks = {.open = count_open, .close = count_close, .arg = &opened}};

	assert_int_equal(addr_parse(text, &s.match.addr, NULL), 0);
	opened = closed = 0;
	return s;
}

static struct pkt_stats stats(void)
{
	struct pkt_stats s;

	pkt_tracker_stats(rig.tracker, &s);
	return s;
}

static void forwarded_connection_that_nobody_selects_is_released_and_passes(void **state)
{
	unsigned held;

	(void)state;
	pkt_rig_open(&rig, "delayed_ack");
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, DIR_DOWNSTREAM, 1, 100);
	held = pkt_rig_ack(&rig, DIR_UPSTREAM, 101);
	assert_int_equal(pkt_rig_fate(&rig, held), RIG_HELD);
	pkt_tracker_select(rig.tracker, NULL, 0);
	assert_int_equal(pkt_rig_fate(&rig, held), RIG_ACCEPTED);
	pkt_rig_data(&rig, DIR_DOWNSTREAM, 101, 100);
	assert_int_equal(stats().foreign, 1);
	pkt_rig_close(&rig);
}

static void forwarded_connection_changes_hands_in_its_middle(void **state)
{
	struct pkt_select other = select_at("198.51.100.3:80", true);

	(void)state;
	pkt_rig_open(&rig, "delayed_ack");
	pkt_rig_handshake(&rig);
	pkt_tracker_select(rig.tracker, &other, 1);
	pkt_rig_data(&rig, DIR_DOWNSTREAM, 1, 100);
	assert_int_equal(opened, 1);
	assert_int_equal(stats().foreign, 0);
	pkt_rig_close(&rig);
	assert_int_equal(closed, 1);
}

static void forwarded_connection_that_is_selected_again_notices_nothing(void **state)
{
	struct pkt_select same[2] = {select_at("198.51.100.3:81", true),
				     select_at("198.51.100.3:80", true)};
	uint64_t known;

	(void)state;
	pkt_rig_open(&rig, NULL);
	pkt_tracker_select(rig.tracker, &same[1], 1);
	pkt_rig_handshake(&rig);
	known = stats().connections;
	pkt_tracker_select(rig.tracker, same, 2);
	pkt_rig_data(&rig, DIR_DOWNSTREAM, 1, 100);
	assert_int_equal(stats().connections, known);
	assert_int_equal(closed, 0);
	pkt_rig_close(&rig);
}

static void terminated_session_keeps_the_hooks_that_opened_it(void **state)
{
	struct pkt_select mine = select_at("198.51.100.3:80", false);

	(void)state;
	pkt_rig_open_client_leg(&rig, NULL);
	pkt_tracker_select(rig.tracker, &mine, 1);
	pkt_rig_handshake(&rig);
	assert_int_equal(opened, 1);
	pkt_tracker_select(rig.tracker, NULL, 0);
	assert_int_equal(closed, 0);
	pkt_rig_close(&rig);
	assert_int_equal(closed, 1);
}

static void session_older_than_the_plane_is_known_under_its_number(void **state)
{
	struct addr client, local, nobody;
	_Atomic uint64_t numbers = 70;

	(void)state;
	pkt_rig_open_client_leg(&rig, NULL);
	assert_int_equal(addr_parse("192.0.2.3:40000", &client, NULL), 0);
	assert_int_equal(addr_parse("198.51.100.3:80", &local, NULL), 0);
	assert_int_equal(addr_parse("198.51.100.9:80", &nobody, NULL), 0);
	pkt_tracker_count_in(rig.tracker, &numbers);
	pkt_tracker_adopt(rig.tracker, &client, &local, 41);
	pkt_tracker_adopt(rig.tracker, &client, &nobody, 42);
	assert_int_equal(stats().connections, 1);
	assert_int_equal(pkt_tracker_session_number(rig.tracker, &client, &local, &(void *){NULL}),
			 41);
	addr_set_port(&client, 40001);
	assert_int_equal(pkt_tracker_session_number(rig.tracker, &client, &local, &(void *){NULL}),
			 71);
	numbers++; /* another thread's session */
	addr_set_port(&client, 40002);
	assert_int_equal(pkt_tracker_session_number(rig.tracker, &client, &local, &(void *){NULL}),
			 73);
	pkt_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(forwarded_connection_that_nobody_selects_is_released_and_passes),
	    cmocka_unit_test(forwarded_connection_changes_hands_in_its_middle),
	    cmocka_unit_test(forwarded_connection_that_is_selected_again_notices_nothing),
	    cmocka_unit_test(terminated_session_keeps_the_hooks_that_opened_it),
	    cmocka_unit_test(session_older_than_the_plane_is_known_under_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
