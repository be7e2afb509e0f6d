/* test_capture_filter.c - what a capture is to take, in libpcap's words, which libpcap itself
 * compiles in tests/loopback/test_capture_*. LAYER: wedge_service */
#include "proxy/service/capture_filter.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void expect(struct capture_filter *f, const char *text)
{
	char *said = capture_filter_text(f);

	assert_string_equal(said, text);
	free(said);
	capture_filter_free(f);
}

static void address(struct capture_filter *f, const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a, NULL), 0);
	capture_filter_address(f, &a);
}

static void server(struct capture_filter *f, const char *text)
{
	struct host_port hp;

	assert_int_equal(host_port_parse(text, &hp, NULL), 0);
	capture_filter_server(f, &hp);
}

static void a_proxy_is_its_listener_and_its_server(void **state)
{
	struct capture_filter f = {.n = 0};

	(void)state;
	address(&f, "127.0.0.1:8080");
	server(&f, "[2001:db8::1]:80");
	expect(&f, "icmp or icmp6 or (tcp port 8080 and host 127.0.0.1) or (tcp port 80 and host "
		   "2001:db8::1)");
}

static void a_name_and_every_address_count_by_their_port(void **state)
{
	struct capture_filter f = {.n = 0};

	(void)state;
	address(&f, ":8080");
	server(&f, "example.org:80");
	address(&f, "[::ffff:192.0.2.1]:80");
	expect(&f, "icmp or icmp6 or (tcp port 8080) or (tcp port 80) or (tcp port 80 and host "
		   "192.0.2.1)");
}

static void a_zone_is_no_part_of_an_address(void **state)
{
	struct capture_filter f = {.n = 0};
	struct addr a;

	(void)state;
	assert_int_equal(addr_parse("[fe80::1]:80", &a, NULL), 0);
	a.in6.sin6_scope_id = 3;
	capture_filter_address(&f, &a);
	expect(&f, "icmp or icmp6 or (tcp port 80 and host fe80::1)");
}

static void every_port_of_a_forwarded_server(void **state)
{
	struct capture_filter f = {.n = 0};

	(void)state;
	address(&f, "192.0.2.1:0");
	address(&f, ":443");
	expect(&f, "icmp or icmp6 or (tcp and host 192.0.2.1) or (tcp port 443)");
}

static void what_is_taken_is_ports_and_networks(void **state)
{
	struct intercept_match s = {.nports = 0};
	struct capture_filter f = {.n = 0};

	(void)state;
	assert_int_equal(intercept_match_ports(&s, "80,8000-8100", NULL), 0);
	assert_int_equal(intercept_match_to(&s, "192.0.2.7/24,2001:db8::1/33", NULL), 0);
	capture_filter_intercept(&f, &s);
	expect(&f, "icmp or icmp6 or (tcp and (portrange 80-80 or portrange 8000-8100) and (net "
		   "192.0.2.0/24 or net "
		   "2001:db8::/33))");
	capture_filter_intercept(&f, &(struct intercept_match){.nports = 0});
	expect(&f, "icmp or icmp6 or (tcp)");
}

static void the_same_is_said_once_and_too_much_is_everything(void **state)
{
	struct capture_filter f = {.n = 0};
	char text[32];

	(void)state;
	address(&f, ":80");
	address(&f, ":80");
	assert_int_equal(f.n, 1);
	for (int port = 1000; port < 1100; port++) {
		snprintf(text, sizeof(text), ":%d", port);
		address(&f, text);
	}
	expect(&f, "tcp or icmp or icmp6");
	expect(&f, "tcp or icmp or icmp6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_proxy_is_its_listener_and_its_server),
	    cmocka_unit_test(a_name_and_every_address_count_by_their_port),
	    cmocka_unit_test(a_zone_is_no_part_of_an_address),
	    cmocka_unit_test(every_port_of_a_forwarded_server),
	    cmocka_unit_test(what_is_taken_is_ports_and_networks),
	    cmocka_unit_test(the_same_is_said_once_and_too_much_is_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
