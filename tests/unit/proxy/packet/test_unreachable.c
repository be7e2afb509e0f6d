/* test_unreachable.c - ICMP's "destination unreachable" is read as Linux has sent it, and made byte
 * by byte alike. LAYER: wedge_packet */
#include "proxy/packet/segment.h"
#include "proxy/packet/unreachable.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Captured from Linux 6.18: a router with an unreachable route, and one without any. */
static const uint8_t host4[] = {
    0x45, 0xc0, 0x00, 0x58, 0x08, 0x99, 0x00, 0x00, 0x40, 0x01, 0xed, 0x48, 0xc0, 0x00, 0x02,
    0x01, 0xc0, 0x00, 0x02, 0x02, 0x03, 0x01, 0x49, 0x2c, 0x00, 0x00, 0x00, 0x00, 0x45, 0x00,
    0x00, 0x3c, 0x65, 0xbd, 0x40, 0x00, 0x40, 0x06, 0xd6, 0xf2, 0xc0, 0x00, 0x02, 0x02, 0xcb,
    0x00, 0x71, 0x09, 0xd9, 0x12, 0x00, 0x50, 0x2c, 0x1b, 0x6b, 0xd9, 0x00, 0x00, 0x00, 0x00,
    0xa0, 0x02, 0xfa, 0xf0, 0xfe, 0x3a, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4, 0x04, 0x02, 0x08,
    0x0a, 0x9d, 0xee, 0xf3, 0x8c, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x03, 0x0a,
};

static const uint8_t noroute6[] = {
    0x60, 0x08, 0x8d, 0xf9, 0x00, 0x58, 0x3a, 0x40, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x01, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x01, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x01, 0x00, 0xd9, 0x3a, 0x00, 0x00, 0x00, 0x00,
    0x60, 0x04, 0xfc, 0x9d, 0x00, 0x28, 0x06, 0x40, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x01, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x09, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xe4, 0xfe, 0x00, 0x50, 0x3d, 0x2f, 0x75, 0x17,
    0x00, 0x00, 0x00, 0x00, 0xa0, 0x02, 0xfd, 0x20, 0x5b, 0xad, 0x00, 0x00, 0x02, 0x04, 0x05, 0xa0,
    0x04, 0x02, 0x08, 0x0a, 0xbd, 0xa8, 0xa5, 0x65, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x03, 0x0a,
};

static struct addr address(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse_host(text, 0, &a, NULL), 0);
	return a;
}

static void expect(const uint8_t *data, size_t len, const char *from, const char *src,
		   const char *dst, int error)
{
	struct unreachable u;
	char text[ADDR_TEXT];

	assert_true(unreachable_parse(&u, data, len));
	assert_string_equal(addr_format_host(&u.from, text), from);
	assert_string_equal(addr_format(&u.src, text), src);
	assert_string_equal(addr_format(&u.dst, text), dst);
	assert_int_equal(unreachable_errno(&u), error);
}

static void what_linux_sends_is_read(void **state)
{
	(void)state;
	expect(host4, sizeof(host4), "192.0.2.1", "192.0.2.2:55570", "203.0.113.9:80",
	       EHOSTUNREACH);
	expect(noroute6, sizeof(noroute6), "2001:db8:1::1", "[2001:db8:1::2]:58622",
	       "[2001:db8:9::1]:80", ENETUNREACH);
}

/* All but the IP header, which has an identification and a class of its own. */
static void made_as_linux_makes_it(const uint8_t *data, size_t len, size_t ip, const char *from,
				   const char *to, int error)
{
	struct addr src = address(from), dst = address(to);
	uint8_t out[UNREACHABLE_MAX];
	size_t n;

	n = unreachable_make(out, &src, unreachable_code(src.sa.sa_family, error), &dst,
			     data + ip + 8, len - ip - 8);
	assert_int_equal(n, len);
	assert_memory_equal(out + ip, data + ip, len - ip);
}

static void what_is_made_is_as_linux_makes_it(void **state)
{
	(void)state;
	made_as_linux_makes_it(host4, sizeof(host4), IPV4_HEADER, "192.0.2.1", "192.0.2.2",
			       EHOSTUNREACH);
	made_as_linux_makes_it(noroute6, sizeof(noroute6), IPV6_HEADER, "2001:db8:1::1",
			       "2001:db8:1::2", ENETUNREACH);
}

static void every_shorter_one_is_refused_or_read_alike(void **state)
{
	struct unreachable u;

	(void)state;
	for (size_t n = 0; n < sizeof(host4); n++)
		assert_int_equal(unreachable_parse(&u, host4, n), n >= 20 + 8 + 20 + 4);
	for (size_t n = 0; n < sizeof(noroute6); n++)
		assert_int_equal(unreachable_parse(&u, noroute6, n), n >= 40 + 8 + 40 + 4);
}

/* One byte at a time. */
static void other_icmp_is_none(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} other[] = {
	    {9, 17},	  /* UDP */
	    {20, 11},	  /* time exceeded */
	    {21, 4},	  /* fragmentation needed: RFC 1191 */
	    {28, 0x65},	  /* quotes IPv6 */
	    {28 + 9, 17}, /* quotes UDP */
	    {7, 1},	  /* a later fragment */
	};
	uint8_t data[sizeof(host4)];
	struct unreachable u;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(other); i++) {
		memcpy(data, host4, sizeof(data));
		data[other[i].at] = other[i].byte;
		assert_false(unreachable_parse(&u, data, sizeof(data)));
	}
}

/* What is said for an errno makes connect() fail with it. */
static void a_code_means_its_errno(void **state)
{
	static const int errors[] = {ENETUNREACH, EHOSTUNREACH};
	struct unreachable u = {.code = 0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		u.from = address("192.0.2.1");
		u.code = unreachable_code(AF_INET, errors[i]);
		assert_int_equal(unreachable_errno(&u), errors[i]);
		u.from = address("2001:db8::1");
		u.code = unreachable_code(AF_INET6, errors[i]);
		assert_int_equal(unreachable_errno(&u), errors[i]);
	}
	u.code = unreachable_code(AF_INET6, EACCES);
	assert_int_equal(unreachable_errno(&u), EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_linux_sends_is_read),
	    cmocka_unit_test(what_is_made_is_as_linux_makes_it),
	    cmocka_unit_test(every_shorter_one_is_refused_or_read_alike),
	    cmocka_unit_test(other_icmp_is_none),
	    cmocka_unit_test(a_code_means_its_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
