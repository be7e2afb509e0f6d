/* test_addr.c - addresses are read strictly, printed so that they read back, and compared whole.
 * LAYER: wedge_base */
#include "proxy/base/addr.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct addr made(const char *text)
{
	struct err e = {.text = ""};
	struct addr a;

	if (addr_parse(text, &a, &e) == -1)
		fail_msg("%s", e.text);
	return a;
}

static void both_families_read_and_print_back(void **state)
{
	static const char *const texts[] = {"192.0.2.1:80", "[2001:db8::1]:80", "0.0.0.0:0",
					    "[::]:65535", "[fe80::1%1]:80"};
	char buf[ADDR_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct addr a = made(texts[i]);

		assert_string_equal(addr_format(&a, buf), texts[i]);
	}
}

static void a_port_alone_means_any_address_of_both_families(void **state)
{
	struct addr a = made(":80"), b = made("[::]:80");

	(void)state;
	assert_true(addr_is_any(&a));
	assert_true(addr_equal(&a, &b));
	assert_true(addr_equal_host(&a, &b));
	addr_set_port(&b, 81);
	assert_true(addr_equal_host(&a, &b) && !addr_equal(&a, &b));
	assert_int_equal(addr_port(&a), 80);
	assert_int_equal(a.len, sizeof(struct sockaddr_in6));
}

static void what_is_no_address_is_refused_in_words(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"", "has no port"},
	    {"192.0.2.1", "has no port"},
	    {"[2001:db8::1]", "has no port"},
	    {"[2001:db8::1", "closing ']'"},
	    {"2001:db8::1:80", "needs brackets"},
	    {"192.0.2.1:", "valid port"},
	    {"192.0.2.1:65536", "from 0 to 65535"},
	    {"192.0.2.1:4294967376", "valid port"},
	    {"192.0.2.1:-1", "valid port"},
	    {"192.0.2.1:80x", "valid port"},
	    {"192.0.2:80", "is not an address with a port"},
	    {"192.0.2.256:80", "is not an address with a port"},
	    {"example.org:80", "is not an address with a port"},
	    {"[192.0.2.1]:80", "is not an address with a port"},
	    {"[]:80", "is not an address with a port"},
	    {"[fe80::1%nonesuch0]:80", "is not an address with a port"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = {.text = ""};
		struct addr a;

		assert_int_equal(addr_parse(rows[i].text, &a, &e), -1);
		if (!strstr(e.text, rows[i].says))
			fail_msg("'%s' gave: %s", rows[i].text, e.text);
	}
}

static void equal_means_family_address_and_port(void **state)
{
	struct addr a = made("192.0.2.1:80"), b = made("192.0.2.1:81"), c = made("192.0.2.2:80");
	struct addr d = made("[::ffff:192.0.2.1]:80");

	(void)state;
	assert_false(addr_equal(&a, &b));
	assert_false(addr_equal(&a, &c));
	assert_false(addr_equal(&a, &d));
	addr_set_port(&b, 80);
	assert_true(addr_equal(&a, &b));
	addr_unmap(&d);
	assert_true(addr_equal(&a, &d));
	assert_int_equal(d.len, sizeof(struct sockaddr_in));
}

static bool contains(const char *network, const char *host)
{
	struct err e = {.text = ""};
	struct cidr c;
	struct addr a;

	if (cidr_parse(network, &c, &e) == -1 || addr_parse_host(host, 1, &a, &e) == -1)
		fail_msg("%s", e.text);
	return cidr_contains(&c, &a);
}

static void a_network_holds_its_addresses_only(void **state)
{
	(void)state;
	assert_true(contains("192.0.2.0/24", "192.0.2.255"));
	assert_false(contains("192.0.2.0/24", "192.0.3.0"));
	assert_true(contains("192.0.2.128/25", "192.0.2.129"));
	assert_false(contains("192.0.2.128/25", "192.0.2.127"));
	assert_true(contains("192.0.2.1", "192.0.2.1"));
	assert_false(contains("192.0.2.1", "192.0.2.2"));
	assert_true(contains("0.0.0.0/0", "203.0.113.9"));
	assert_true(contains("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(contains("2001:db8::/33", "2001:db8:8000::1"));
	assert_false(contains("::/0", "192.0.2.1"));
	assert_true(contains("192.0.2.0/24", "::ffff:192.0.2.1"));
	assert_true(contains("::ffff:192.0.2.0/120", "192.0.2.1"));
}

static void what_is_no_network_is_refused(void **state)
{
	static const char *const texts[] = {"",
					    "/24",
					    "192.0.2.0/33",
					    "192.0.2.0/",
					    "192.0.2.0/-1",
					    "2001:db8::/129",
					    "192.0.2.0/2x",
					    "192.0.2/24"};
	struct cidr c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_int_equal(cidr_parse(texts[i], &c, &e), -1);
}

static void names_are_split_not_resolved(void **state)
{
	struct host_port hp;
	struct err e;
	char name[400];

	(void)state;
	assert_int_equal(host_port_parse("mail.example.org:443", &hp, &e), 0);
	assert_string_equal(hp.host, "mail.example.org");
	assert_int_equal(hp.port, 443);
	assert_int_equal(host_port_parse("[2001:db8::1]:25", &hp, &e), 0);
	assert_string_equal(hp.host, "2001:db8::1");
	assert_int_equal(host_port_parse(":80", &hp, &e), -1);
	assert_int_equal(host_port_parse("example.org", &hp, &e), -1);
	assert_int_equal(host_port_parse("example.org:0", &hp, &e), -1);
	memset(name, 'a', sizeof(name));
	memcpy(name + sizeof(name) - 4, ":80", 4);
	assert_int_equal(host_port_parse(name, &hp, &e), -1);
}

static void only_what_a_host_can_be_called_is_a_host(void **state)
{
	static const char *const good[] = {"a-b.example:1", "a_b:1",	   "example.org.:1",
					   "127.1:1",	    "192.0.2.1:1", "[::1]:1"};
	static const char *const bad[] = {
	    "a b:1", "u@h:1",  "a/b:1",		"-h:1", ".a:1",	       "a..b:1",
	    ".:1",   "[zz]:1", "[192.0.2.1]:1", "[]:1", "1.2.3.256:1", "caf\xc3\xa9:1"};
	struct host_port hp;
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(host_port_parse(good[i], &hp, &e), 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(host_port_parse(bad[i], &hp, &e), -1);
	assert_int_equal(host_port_parse("u@h:1", &hp, &e), -1);
	assert_string_equal(e.text, "'u@h:1' has no valid host; example.org:80, 192.0.2.1:80 or "
				    "[2001:db8::1]:80 would have one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_families_read_and_print_back),
	    cmocka_unit_test(a_port_alone_means_any_address_of_both_families),
	    cmocka_unit_test(what_is_no_address_is_refused_in_words),
	    cmocka_unit_test(equal_means_family_address_and_port),
	    cmocka_unit_test(a_network_holds_its_addresses_only),
	    cmocka_unit_test(what_is_no_network_is_refused),
	    cmocka_unit_test(names_are_split_not_resolved),
	    cmocka_unit_test(only_what_a_host_can_be_called_is_a_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
