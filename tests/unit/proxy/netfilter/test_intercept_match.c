/* test_intercept_match.c - which connections a transparent proxy takes, and what others' rules
 * take. LAYER: wedge_netfilter */
#include "proxy/netfilter/intercept_match.h"
#include "proxy/netfilter/tproxy_conflict.h"

#include "proxy/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct intercept_match make(const char *interface, const char *ports, const char *to)
{
	struct intercept_match s = {.listen = 1234};
	struct err e;

	assert_int_equal(intercept_match_interface(&s, interface, &e), 0);
	assert_int_equal(intercept_match_ports(&s, ports, &e), 0);
	assert_int_equal(intercept_match_to(&s, to, &e), 0);
	return s;
}

static bool takes(const struct intercept_match *s, const char *server)
{
	struct addr a;

	assert_int_equal(addr_parse(server, &a, NULL), 0);
	return intercept_match_covers(s, &a);
}

static void ports_and_networks_say_what_is_taken(void **state)
{
	struct intercept_match s = make("eth1", "80,8000-8010", "192.0.2.0/24,2001:db8::1");

	(void)state;
	assert_true(takes(&s, "192.0.2.9:80"));
	assert_true(takes(&s, "192.0.2.9:8010"));
	assert_true(takes(&s, "[2001:db8::1]:8000"));
	assert_false(takes(&s, "192.0.2.9:81"));
	assert_false(takes(&s, "192.0.3.9:80"));
	assert_false(takes(&s, "[2001:db8::2]:80"));
}

static void nothing_said_is_everything(void **state)
{
	struct intercept_match s = make("eth1", "", "");

	(void)state;
	assert_true(takes(&s, "203.0.113.1:1"));
	assert_true(takes(&s, "[2001:db8::1]:65535"));
}

static void what_is_no_port_is_refused(void **state)
{
	static const char *const wrong[] = {"0",      "65536",	  "80,",   ",80", "80-70",
					    "nosuch", "80-",	  "-80",   "8x",  "80-90x",
					    " 80",    "99999999", "80--90"};
	struct intercept_match s = {0};
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (intercept_match_ports(&s, wrong[i], &e) == 0)
			fail_msg("'%s' was accepted", wrong[i]);
}

static void more_than_there_is_room_for_is_refused(void **state)
{
	struct intercept_match s = {0};
	struct err e;

	(void)state;
	for (int i = 0; i < INTERCEPT_PORTS_MAX; i++)
		assert_int_equal(intercept_match_ports(&s, "80", &e), 0);
	assert_int_equal(intercept_match_ports(&s, "80", &e), -1);
	for (int i = 0; i < INTERCEPT_NETS_MAX; i++)
		assert_int_equal(intercept_match_to(&s, "192.0.2.1", &e), 0);
	assert_int_equal(intercept_match_to(&s, "192.0.2.1", &e), -1);
}

/* An interface's name becomes part of rules. */
static void names_that_would_be_rules_are_refused(void **state)
{
	static const char *const wrong[] = {"",	   "eth1 -j ACCEPT", "eth\"1", "eth1;",
					    "a/b", "eth+",	     "..",     "abcdefghijklmnop"};
	struct intercept_match s = {0};
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(intercept_match_interface(&s, wrong[i], &e), -1);
	assert_int_equal(intercept_match_interface(&s, "br-lan.5", &e), 0);
}

static bool meet(struct intercept_match a, struct intercept_match b)
{
	assert_int_equal(intercept_match_overlap(&a, &b), intercept_match_overlap(&b, &a));
	return intercept_match_overlap(&a, &b);
}

static void selections_meet_where_a_connection_could_be_of_both(void **state)
{
	(void)state;
	assert_true(meet(make("eth1", "80", ""), make("eth1", "", "")));
	assert_true(meet(make("eth1", "80-90", ""), make("eth1", "85", "192.0.2.0/24")));
	assert_true(meet(make("eth1", "", "192.0.2.0/24"), make("eth1", "", "192.0.2.128/25")));
	assert_false(meet(make("eth1", "80", ""), make("eth2", "80", "")));
	assert_false(meet(make("eth1", "80", ""), make("eth1", "81", "")));
	assert_false(meet(make("eth1", "", "192.0.2.0/24"), make("eth1", "", "198.51.100.0/24")));
	assert_false(meet(make("eth1", "", "192.0.2.0/24"), make("eth1", "", "2001:db8::/32")));
}

static void others_rules_are_understood(void **state)
{
	struct intercept_match s;

	(void)state;
	assert_true(
	    tproxy_conflict_line("-A PREROUTING -i eth1 -d 192.0.2.0/24 -p tcp -m tcp --dport "
				 "80:90 -j TPROXY --on-port 9",
				 &s));
	assert_string_equal(s.interface, "eth1");
	assert_int_equal(s.ports[0].first, 80);
	assert_int_equal(s.ports[0].last, 90);
	assert_int_equal(s.nto, 1);
	assert_true(
	    tproxy_conflict_line("\t\tiifname \"eth2\" ip6 daddr { 2001:db8::1, 2001:db8::2 } "
				 "tcp dport { 80, 443 } tproxy to :9",
				 &s));
	assert_string_equal(s.interface, "eth2");
	assert_int_equal(s.nports, 2);
	assert_int_equal(s.nto, 2);
	assert_true(
	    tproxy_conflict_line("-A X -p tcp -m multiport --dports 80,443 -j TPROXY --x", &s));
	assert_int_equal(s.nports, 2);
	assert_false(tproxy_conflict_line("-A X -p udp -j TPROXY --on-port 9", &s));
	assert_false(tproxy_conflict_line("-A X -p tcp -j ACCEPT", &s));
}

static void what_cant_be_understood_is_everything(void **state)
{
	struct intercept_match s;

	(void)state;
	assert_true(tproxy_conflict_line("-A X ! -i eth1 -p tcp -j TPROXY --on-port 9", &s));
	assert_string_equal(s.interface, "");
	assert_true(tproxy_conflict_line("iifname @lan tcp dport @web tproxy to :9", &s));
	assert_string_equal(s.interface, "");
	assert_int_equal(s.nports, 0);
}

static void text_tells_it_as_it_was_asked(void **state)
{
	struct intercept_match s = make("eth1", "80,443-444", "192.0.2.0/24");
	char *text = intercept_match_text(&s);

	(void)state;
	assert_string_equal(text, "eth1, port 80,443-444, to 192.0.2.0/24");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ports_and_networks_say_what_is_taken),
	    cmocka_unit_test(nothing_said_is_everything),
	    cmocka_unit_test(what_is_no_port_is_refused),
	    cmocka_unit_test(more_than_there_is_room_for_is_refused),
	    cmocka_unit_test(names_that_would_be_rules_are_refused),
	    cmocka_unit_test(selections_meet_where_a_connection_could_be_of_both),
	    cmocka_unit_test(others_rules_are_understood),
	    cmocka_unit_test(what_cant_be_understood_is_everything),
	    cmocka_unit_test(text_tells_it_as_it_was_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
