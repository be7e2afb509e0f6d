/* test_lab_address.c - the addresses and cables of labs with more hosts than three.
 * LAYER: wedge_lab */
#include "scenarios/lab/lab_address.h"
#include "scenarios/lab/net_plan.h"

#include "proxy/base/attrs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct lab_host_spec hosts[] = {{"edge1", LAB_SERVER_SIDE, NULL, 0},
					     {"bob", LAB_CLIENT_SIDE, NULL, 0},
					     {"edge2", LAB_SERVER_SIDE, NULL, 0}};
static const struct lab_spec several = {.hosts = hosts, .nhosts = ARRAY_LEN(hosts)};
static const struct lab_spec three = {.congestion = "reno"};

enum { EDGE1 = LAB_HOST_COUNT, BOB, EDGE2 };

static void hosts_are_numbered_on_their_side(void **state)
{
	static const struct {
		int host;
		const char *name, *ip, *ip6;
	} rows[] = {
	    {LAB_CLIENT, "client", "192.0.2.2", "2001:db8:1::2"},
	    {LAB_SERVER, "server", "198.51.100.2", "2001:db8:2::2"},
	    {EDGE1, "edge1", "198.51.100.3", "2001:db8:2::3"},
	    {BOB, "bob", "192.0.2.3", "2001:db8:1::3"},
	    {EDGE2, "edge2", "198.51.100.4", "2001:db8:2::4"},
	};
	char ip[LAB_IP_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_string_equal(lab_host_name(&several, rows[i].host), rows[i].name);
		assert_string_equal(lab_host_ip(&several, rows[i].host, false, ip), rows[i].ip);
		assert_string_equal(lab_host_ip(&several, rows[i].host, true, ip), rows[i].ip6);
	}
}

static void each_server_has_an_address_of_wedges(void **state)
{
	char ip[LAB_IP_TEXT];

	(void)state;
	assert_string_equal(lab_front_ip(&several, LAB_SERVER, false, ip), LAB_WEDGE_CLIENT_IP);
	assert_string_equal(lab_front_ip(&several, LAB_SERVER, true, ip), LAB_WEDGE_CLIENT_IP6);
	assert_string_equal(lab_front_ip(&several, EDGE1, false, ip), "192.0.2.101");
	assert_string_equal(lab_front_ip(&several, EDGE2, true, ip), "2001:db8:1::66");
}

static void three_hosts_have_two_plain_cables(void **state)
{
	struct net_plan plan;

	(void)state;
	net_plan_make(&plan, &three);
	assert_int_equal(plan.ncables, 2);
	assert_false(plan.side[LAB_CLIENT_SIDE].bridged || plan.side[LAB_SERVER_SIDE].bridged);
	assert_string_equal(net_plan_cable(&plan, LAB_CLIENT)->far.name, "client0");
	assert_string_equal(net_plan_cable(&plan, LAB_SERVER)->far.name, "server0");
}

static void side_with_more_hosts_has_a_bridge(void **state)
{
	struct net_plan plan;

	(void)state;
	net_plan_make(&plan, &several);
	assert_int_equal(plan.ncables, 5);
	assert_true(plan.side[LAB_CLIENT_SIDE].bridged && plan.side[LAB_SERVER_SIDE].bridged);
	for (size_t i = 0; i < plan.ncables; i++)
		for (size_t k = 0; k < i; k++) {
			const struct net_cable *a = &plan.cable[i], *b = &plan.cable[k];

			assert_string_not_equal(a->far.name, b->far.name);
			assert_int_not_equal(a->far.index, b->far.index);
			assert_int_not_equal(a->at_host.mac[5], b->at_host.mac[5]);
			assert_int_not_equal(a->far.mac[5], b->at_host.mac[5]);
		}
}

static void pluggable_host_is_behind_a_bridge(void **state)
{
	struct lab_spec spec = {.pluggable = true};
	struct net_plan plan;

	(void)state;
	net_plan_make(&plan, &spec);
	assert_int_equal(plan.ncables, 2);
	assert_true(plan.side[LAB_CLIENT_SIDE].bridged && plan.side[LAB_SERVER_SIDE].bridged);
}

static void switch_is_between_a_sides_hosts_and_wedge(void **state)
{
	struct lab_spec spec = {.has_switch = true, .switch_side = LAB_CLIENT_SIDE};
	struct net_plan plan;

	(void)state;
	net_plan_make(&plan, &spec);
	assert_int_equal(plan.side[LAB_CLIENT_SIDE].site, lab_switch_site(&spec));
	assert_int_equal(lab_switch_site(&spec), LAB_HOST_COUNT);
	assert_true(plan.side[LAB_CLIENT_SIDE].bridged);
	assert_string_equal(plan.side[LAB_CLIENT_SIDE].wedge.name, "client0");
	assert_string_equal(plan.side[LAB_CLIENT_SIDE].uplink.name, LAB_SWITCH_IF);
	assert_int_not_equal(plan.side[LAB_CLIENT_SIDE].uplink.mac[5],
			     plan.side[LAB_CLIENT_SIDE].bridge.mac[5]);
	assert_int_equal(plan.side[LAB_SERVER_SIDE].site, LAB_WEDGE);
	assert_false(plan.side[LAB_SERVER_SIDE].bridged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hosts_are_numbered_on_their_side),
	    cmocka_unit_test(each_server_has_an_address_of_wedges),
	    cmocka_unit_test(three_hosts_have_two_plain_cables),
	    cmocka_unit_test(side_with_more_hosts_has_a_bridge),
	    cmocka_unit_test(pluggable_host_is_behind_a_bridge),
	    cmocka_unit_test(switch_is_between_a_sides_hosts_and_wedge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
