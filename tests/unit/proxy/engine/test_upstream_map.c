/* test_upstream_map.c - where connections go instead of where their clients wanted.
 * LAYER: wedge_engine */
#include "proxy/engine/upstream_map.h"

#include "proxy/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The rules, ended by NULL. */
static struct upstream_map make(const char *const *rules)
{
	struct upstream_map m = {0};
	struct err e;

	for (; *rules; rules++)
		if (upstream_map_parse(&m, *rules, &e) == -1)
			fail_msg("%s: %s", *rules, e.text);
	return m;
}

static void expect(const struct upstream_map *m, const char *orig_dst, const char *goes)
{
	struct host_port to = {"", 0};
	struct addr a;
	char text[300] = "as wanted";

	assert_int_equal(addr_parse(orig_dst, &a, NULL), 0);
	if (upstream_map_find(m, &a, &to))
		snprintf(text, sizeof(text), "%s %u", to.host, to.port);
	if (strcmp(text, goes) != 0)
		fail_msg("%s goes to %s, not to %s", orig_dst, text, goes);
}

static void a_destination_goes_elsewhere_and_others_as_wanted(void **state)
{
	struct upstream_map m = make((const char *const[]){"192.0.2.7:443=127.0.0.1:8443",
							   "[2001:db8::7]:443=[::1]:8443", NULL});

	(void)state;
	expect(&m, "192.0.2.7:443", "127.0.0.1 8443");
	expect(&m, "[2001:db8::7]:443", "::1 8443");
	expect(&m, "192.0.2.7:444", "as wanted");
	expect(&m, "192.0.2.8:443", "as wanted");
	expect(&m, "[2001:db8::8]:443", "as wanted");
	upstream_map_free(&m);
}

static void without_a_port_the_wanted_one_is_kept(void **state)
{
	struct upstream_map m =
	    make((const char *const[]){"192.0.2.7=198.51.100.9", "192.0.2.8=198.51.100.9:1",
				       "[2001:db8::7]=[2001:db8::9]", NULL});

	(void)state;
	expect(&m, "192.0.2.7:25", "198.51.100.9 25");
	expect(&m, "192.0.2.7:65535", "198.51.100.9 65535");
	expect(&m, "192.0.2.8:25", "198.51.100.9 1");
	expect(&m, "[2001:db8::7]:80", "2001:db8::9 80");
	upstream_map_free(&m);
}

static void the_first_that_fits_wins(void **state)
{
	struct upstream_map m = make(
	    (const char *const[]){"192.0.2.7:80=first.example", "192.0.2.0/24:80=second.example",
				  ":80=third.example", "192.0.2.0/24=fourth.example", NULL});

	(void)state;
	expect(&m, "192.0.2.7:80", "first.example 80");
	expect(&m, "192.0.2.9:80", "second.example 80");
	expect(&m, "203.0.113.1:80", "third.example 80");
	expect(&m, "[2001:db8::1]:80", "third.example 80");
	expect(&m, "192.0.2.7:81", "fourth.example 81");
	expect(&m, "203.0.113.1:81", "as wanted");
	upstream_map_free(&m);
}

static void networks_of_ipv6_are_written_with_and_without_a_port(void **state)
{
	struct upstream_map m = make((const char *const[]){"[2001:db8:1::/48]:80=a.example:1",
							   "2001:db8:2::/48=b.example:2", NULL});

	(void)state;
	expect(&m, "[2001:db8:1::5]:80", "a.example 1");
	expect(&m, "[2001:db8:1::5]:81", "as wanted");
	expect(&m, "[2001:db8:2::5]:81", "b.example 2");
	upstream_map_free(&m);
}

static void what_is_no_rule_is_refused_with_what_would_be_one(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
	    {"192.0.2.7:443", "lacks '='"},
	    {"=127.0.0.1:80", "no destination"},
	    {":=127.0.0.1:80", "no port"},
	    {"192.0.2.7:0=127.0.0.1", "no port"},
	    {"192.0.2.7:65536=127.0.0.1", "no port"},
	    {"192.0.2.7:=127.0.0.1", "no port"},
	    {"192.0.2.7:80x=127.0.0.1", "no port"},
	    {"192.0.2.7:+80=127.0.0.1", "no port"},
	    {"192.0.2.0/33:80=127.0.0.1", "no destination"},
	    {"www.example.org:80=127.0.0.1:80", "no destination"},
	    {"[2001:db8::7]443=[::1]", "no port"},
	    {"[2001:db8::7:443=[::1]", "needs brackets"},
	    {"2001:db8::7:443=[::1]", "needs brackets"},
	    {":443=2001:db8::7:443", "needs brackets"},
	    {"2001:db8::/32:443=[::1]", "no destination"},
	    {"192.0.2.7:80=", "no host"},
	    {"192.0.2.7:80=:8080", "no host"},
	    {"192.0.2.7:80=a b", "no host"},
	    {"192.0.2.7:80=example.org:99999", "no port"},
	    {"192.0.2.7:80=0.0.0.0:80", "every address"},
	    {"192.0.2.7:80=[::]:80", "every address"},
	};
	struct upstream_map m = {0};
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		if (upstream_map_parse(&m, wrong[i].text, &e) == 0)
			fail_msg("'%s' was accepted", wrong[i].text);
		if (!strstr(e.text, wrong[i].says))
			fail_msg("'%s': %s", wrong[i].text, e.text);
	}
	assert_int_equal(m.n, 0);
}

static void a_host_that_fills_its_room_is_refused(void **state)
{
	char text[400] = "192.0.2.7:80=";
	struct upstream_map m = {0};
	struct err e;

	(void)state;
	memset(text + strlen(text), 'a', 300);
	assert_int_equal(upstream_map_parse(&m, text, &e), -1);
}

static void there_is_a_bound(void **state)
{
	struct upstream_map m = {0};
	struct err e;

	(void)state;
	for (int i = 0; i < UPSTREAM_RULES_MAX; i++)
		assert_int_equal(upstream_map_parse(&m, ":80=[::1]", &e), 0);
	assert_int_equal(upstream_map_parse(&m, ":80=[::1]", &e), -1);
	upstream_map_free(&m);
}

static void copies_are_equal_until_one_changes(void **state)
{
	struct upstream_map m = make((const char *const[]){"192.0.2.7:80=a.example", NULL});
	struct upstream_map copy = upstream_map_copy(&m), none = {0};
	struct err e;

	(void)state;
	assert_true(upstream_map_equal(&m, &copy));
	assert_true(upstream_map_equal(&none, &none));
	assert_false(upstream_map_equal(&m, &none));
	assert_int_equal(upstream_map_parse(&copy, ":80=b.example", &e), 0);
	assert_false(upstream_map_equal(&m, &copy));
	assert_int_equal(upstream_map_parse(&m, ":80=c.example", &e), 0);
	assert_false(upstream_map_equal(&m, &copy));
	upstream_map_free(&m);
	upstream_map_free(&copy);
}

static void a_name_is_told_from_an_address(void **state)
{
	struct upstream_map m = make(
	    (const char *const[]){"192.0.2.7:80=127.0.0.1", ":80=[::1]", ":81=db.example", NULL});

	(void)state;
	assert_false(m.rule[0].to_name);
	assert_false(m.rule[1].to_name);
	assert_true(m.rule[2].to_name);
	upstream_map_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_destination_goes_elsewhere_and_others_as_wanted),
	    cmocka_unit_test(without_a_port_the_wanted_one_is_kept),
	    cmocka_unit_test(the_first_that_fits_wins),
	    cmocka_unit_test(networks_of_ipv6_are_written_with_and_without_a_port),
	    cmocka_unit_test(what_is_no_rule_is_refused_with_what_would_be_one),
	    cmocka_unit_test(a_host_that_fills_its_room_is_refused),
	    cmocka_unit_test(there_is_a_bound),
	    cmocka_unit_test(copies_are_equal_until_one_changes),
	    cmocka_unit_test(a_name_is_told_from_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
