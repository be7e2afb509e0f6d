/* test_proxy_protocol.c - the PROXY header against bytes that HAProxy 2.6.12, nginx 1.22.1 and curl
 * 7.88.1 have sent, and against the document's own rules. LAYER: wedge_stream */
#include "proxy/stream/proxy_protocol/proxy_protocol_format.h"
#include "proxy/stream/proxy_protocol/proxy_protocol_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define HOST6	  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
#define HEADER(text)                                                                               \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}
#define SSL_TLV                                                                                    \
	" \0D\x01\0\0\0\0!\0\x07TLSv1.3%\0\x05"                                                    \
	"EC256$\0\x11"                                                                             \
	"ecdsa-with-SHA256#\0\x16TLS_AES_256_GCM_SHA384"

struct bytes {
	const char *p;
	size_t n;
};

static enum proxy_protocol_parse_result parse(struct bytes b, struct proxy_protocol_header *h,
					      size_t *len, struct err *e)
{
	return proxy_protocol_parse(b.p, b.n, h, len, e);
}

static void assert_addr(const struct addr *a, const char *text)
{
	char got[ADDR_TEXT];

	assert_string_equal(addr_format(a, got), text);
}

/* Others' headers, with the server and port that their connections had; and the data behind them.
 */
static const struct {
	struct bytes header;
	enum proxy_protocol_version version;
	const char *client, *target, *authority;
} seen[] = {
    /* haproxy: send-proxy */
    {HEADER("PROXY TCP4 127.0.0.1 127.0.0.1 58512 7001\r\n"), PROXY_PROTOCOL_VERSION_1,
     "127.0.0.1:58512", "127.0.0.1:7001", ""},
    {HEADER("PROXY TCP6 ::1 ::1 40074 7001\r\n"), PROXY_PROTOCOL_VERSION_1, "[::1]:40074",
     "[::1]:7001", ""},
    /* nginx: stream { proxy_protocol on; } */
    {HEADER("PROXY TCP4 127.0.0.1 127.0.0.1 58782 7011\r\n"), PROXY_PROTOCOL_VERSION_1,
     "127.0.0.1:58782", "127.0.0.1:7011", ""},
    {HEADER("PROXY TCP6 ::1 ::1 49538 7011\r\n"), PROXY_PROTOCOL_VERSION_1, "[::1]:49538",
     "[::1]:7011", ""},
    /* curl --haproxy-protocol */
    {HEADER("PROXY TCP4 127.0.0.1 127.0.0.1 55592 7000\r\n"), PROXY_PROTOCOL_VERSION_1,
     "127.0.0.1:55592", "127.0.0.1:7000", ""},
    /* haproxy: send-proxy-v2 */
    {HEADER(SIGNATURE "!\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01\xd0\xa0\x1bZ"), PROXY_PROTOCOL_VERSION_2,
     "127.0.0.1:53408", "127.0.0.1:7002", ""},
    {HEADER(SIGNATURE "!!\0$" HOST6 HOST6 "\xa7>\x1bZ"), PROXY_PROTOCOL_VERSION_2, "[::1]:42814",
     "[::1]:7002", ""},
    /* proxy-v2-options crc32c,unique-id */
    {HEADER(SIGNATURE "!\x11\0D\x7f\0\0\x01\x7f\0\0\x01\xce\xac\x1b\\\x03\0\x04\xd3\xfaXV\x05\0."
		      "7F000001:CEAC_7F000001:1B5C_6B09DA47_0004:7460"),
     PROXY_PROTOCOL_VERSION_2, "127.0.0.1:52908", "127.0.0.1:7004", ""},
    /* proxy-v2-options ssl,ssl-cipher,cert-sig,cert-key,authority,crc32c,unique-id */
    {HEADER(SIGNATURE "!\x11\0z\x7f\0\0\x01\x7f\0\0\x01\xbf\x06\x1b[\x03\0\x04O\xa6\x9b\x08\x01\0"
		      "\x08http/1.1\x02\0\x0fwww.example.org\x05\0\0" SSL_TLV),
     PROXY_PROTOCOL_VERSION_2, "127.0.0.1:48902", "127.0.0.1:7003", "www.example.org"},
    {HEADER(SIGNATURE "!!\0\x92" HOST6 HOST6 "\xd5Z\x1b[\x03\0\x04PV\xe2\xab\x01\0\x08http/1.1"
		      "\x02\0\x0fwww.example.org\x05\0\0" SSL_TLV),
     PROXY_PROTOCOL_VERSION_2, "[::1]:54618", "[::1]:7003", "www.example.org"},
};

static void what_others_send_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		struct bytes b = seen[i].header;
		struct proxy_protocol_header h;
		size_t len;
		struct err e;

		assert_int_equal(parse(b, &h, &len, &e), PROXY_PROTOCOL_PARSE_DONE);
		assert_int_equal(len, b.n);
		assert_int_equal(h.version, seen[i].version);
		assert_true(h.relayed);
		assert_addr(&h.client, seen[i].client);
		assert_addr(&h.target, seen[i].target);
		assert_string_equal(h.authority, seen[i].authority);
		for (size_t n = 0; n < b.n; n++)
			assert_int_equal(parse((struct bytes){b.p, n}, &h, &len, &e),
					 PROXY_PROTOCOL_PARSE_MORE);
	}
}

static void data_behind_a_header_is_not_its(void **state)
{
	static const struct bytes both[] = {HEADER("PROXY TCP6 ::1 ::1 1 2\r\n\r\nhello"),
					    HEADER(SIGNATURE " \0\0\0hello")};
	static const size_t lens[] = {24, 16};
	struct proxy_protocol_header h;
	struct err e;
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		assert_int_equal(parse(both[i], &h, &len, &e), PROXY_PROTOCOL_PARSE_DONE);
		assert_int_equal(len, lens[i]);
	}
}

static void what_others_send_is_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		struct bytes b = seen[i].header;
		uint8_t out[PROXY_PROTOCOL_ROOM];
		struct proxy_protocol_header h;
		struct err e;
		size_t len;

		if (b.n > 100)
			continue; /* TLVs that wedge doesn't send */
		assert_int_equal(parse(b, &h, &len, &e), PROXY_PROTOCOL_PARSE_DONE);
		if (b.p[0] == '\r' && b.p[15] == 'D')
			continue;
		assert_int_equal(proxy_protocol_format(&h, out), b.n);
		assert_memory_equal(out, b.p, b.n);
	}
}

static void own_addresses_are_meant(void **state)
{
	static const struct bytes rows[] = {
	    HEADER(SIGNATURE " \0\0\0"), /* haproxy's check-send-proxy */
	    HEADER(SIGNATURE "\x20\xff\0\x03\x03\0\x09"),
	    HEADER(SIGNATURE "!\0\0\x05whatever"),
	    HEADER(SIGNATURE "!\x12\0\x0c\x7f\0\0\x01\x7f\0\0\x01\xd0\xa0\x1bZ"), /* UDP */
	    HEADER("PROXY UNKNOWN\r\n"),
	    HEADER("PROXY UNKNOWN ffff::1 or anything, \r too\r\n"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct proxy_protocol_header h;
		struct err e;
		size_t len;

		assert_int_equal(parse(rows[i], &h, &len, &e), PROXY_PROTOCOL_PARSE_DONE);
		assert_false(h.relayed);
	}
}

static void unix_addresses_are_skipped(void **state)
{
	char text[16 + 216 + 3] = SIGNATURE "!1\0\xdb";
	struct bytes b = {text, sizeof(text)};
	struct proxy_protocol_header h;
	struct err e;
	size_t len;

	(void)state;
	text[16 + 216] = 4; /* a NOOP of no bytes */
	assert_int_equal(parse(b, &h, &len, &e), PROXY_PROTOCOL_PARSE_DONE);
	assert_int_equal(len, b.n);
	assert_false(h.relayed);
	text[16 + 216 + 2] = 1; /* of one, which isn't there */
	assert_int_equal(parse(b, &h, &len, &e), PROXY_PROTOCOL_PARSE_BAD);
}

static void what_is_no_header_is_refused(void **state)
{
	static const struct {
		struct bytes bytes;
		const char *why;
	} rows[] = {
	    {HEADER("G"), "no PROXY header, but what begins with 'G'"},
	    {HEADER("\x16\x03\x01\x02"), "begins with '\\x16\\x03\\x01\\x02'"},
	    {HEADER("PROXX"), "'PROXX'"},
	    {HEADER("PROXY\tTCP4"), "'PROXY\\x09TC'"},
	    {HEADER("\r\n\r\n\r"), "begins with"},
	    {HEADER(SIGNATURE "\x11"), "unknown version"},
	    {HEADER(SIGNATURE "\x22"), "unknown version, command"},
	    {HEADER(SIGNATURE "!A"), "or family"},
	    {HEADER(SIGNATURE "!\x13"), "or family"},
	    {HEADER(SIGNATURE "!\x11\x3f\xf1"), "more than 16384"},
	    {HEADER(SIGNATURE "!\x11\0\x0b\x7f\0\0\x01\x7f\0\0\x01\xd0\xa0\x1b"), "too short"},
	    {HEADER("PROXY TCP4 127.0.0.1 127.0.0.1 1 2\n"), "LF instead of CRLF"},
	    {HEADER("PROXY \n"), "LF instead of CRLF"},
	    {HEADER("PROXY \r\n"), "isn't"},
	    {HEADER("PROXY UNKNOWNS\r\n"), "isn't"},
	    {HEADER("PROXY TCP4 127.0.0.1 127.0.0.1 1\r\n"), "isn't"},
	    {HEADER("PROXY TCP4 127.0.0.1 127.0.0.1 1 2 3\r\n"), "isn't"},
	    {HEADER("PROXY TCP4 127.0.0.1 127.0.0.1 1 2 \r\n"), "isn't"},
	    {HEADER("PROXY TCP4  127.0.0.1 127.0.0.1 1 2\r\n"), "isn't"},
	    {HEADER("PROXY TCP4 127.0.0.1 127.0.0.1 1 65536\r\n"), "isn't"},
	    {HEADER("PROXY TCP4 127.0.0.1 127.0.0.1 1 4294967298\r\n"), "isn't"},
	    {HEADER("PROXY TCP4 127.0.0.1 127.0.0.1 1 02\r\n"), "isn't"},
	    {HEADER("PROXY TCP4 127.0.0.1 127.0.0.1 -1 2\r\n"), "isn't"},
	    {HEADER("PROXY TCP4 127.0.0.01 127.0.0.1 1 2\r\n"), "isn't"},
	    {HEADER("PROXY TCP4 127.1 127.0.0.1 1 2\r\n"), "isn't"},
	    {HEADER("PROXY TCP4 ::1 ::1 1 2\r\n"), "isn't"},
	    {HEADER("PROXY TCP6 127.0.0.1 127.0.0.1 1 2\r\n"), "isn't"},
	    {HEADER("PROXY TCP6 fe80::1%1 ::1 1 2\r\n"), "isn't"},
	    {HEADER("PROXY tcp4 127.0.0.1 127.0.0.1 1 2\r\n"), "isn't"},
	    {HEADER("PROXY TCP4 127.0.0.1 127.0.0.1 1 2\0 \r\n"), "isn't"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct proxy_protocol_header h;
		struct err e;
		size_t len;

		assert_int_equal(parse(rows[i].bytes, &h, &len, &e), PROXY_PROTOCOL_PARSE_BAD);
		if (!strstr(e.text, rows[i].why))
			fail_msg("'%s' doesn't say '%s'", e.text, rows[i].why);
	}
}

/* Section 2.1: 107 characters are always enough. */
static void a_line_without_an_end_is_refused(void **state)
{
	char line[128] = "PROXY UNKNOWN ";
	struct proxy_protocol_header h;
	struct err e;
	size_t len;

	(void)state;
	memset(line + 14, 'f', sizeof(line) - 14);
	assert_int_equal(parse((struct bytes){line, 106}, &h, &len, &e), PROXY_PROTOCOL_PARSE_MORE);
	assert_int_equal(parse((struct bytes){line, 107}, &h, &len, &e), PROXY_PROTOCOL_PARSE_BAD);
	memcpy(line + 105, "\r\n", 2);
	assert_int_equal(parse((struct bytes){line, 107}, &h, &len, &e), PROXY_PROTOCOL_PARSE_DONE);
	assert_int_equal(len, 107);
}

/* Every bit of a header with a checksum counts: the one of HAProxy. */
static void a_changed_header_has_a_wrong_checksum(void **state)
{
	struct bytes b = seen[7].header;
	size_t refused = 0, flips = 0;
	struct proxy_protocol_header h;
	struct err e;
	char copy[128];
	size_t len;

	(void)state;
	assert_int_equal(b.n, 16 + 0x44);
	for (size_t at = 16; at < b.n; at++) {
		if (at >= 28 && at < 31) /* the TLV itself: it would be none, or end elsewhere */
			continue;
		for (int bit = 0; bit < 8; bit++) {
			memcpy(copy, b.p, b.n);
			copy[at] = (char)(copy[at] ^ 1 << bit);
			refused += parse((struct bytes){copy, b.n}, &h, &len, &e) ==
				   PROXY_PROTOCOL_PARSE_BAD;
			flips++;
		}
	}
	assert_int_equal(refused, flips);
	memcpy(copy, b.p, b.n);
	copy[20] ^= 1;
	assert_int_equal(parse((struct bytes){copy, b.n}, &h, &len, &e), PROXY_PROTOCOL_PARSE_BAD);
	assert_non_null(strstr(e.text, "CRC32c"));
}

static struct proxy_protocol_header example(const char *client, const char *target)
{
	struct proxy_protocol_header h = {.version = PROXY_PROTOCOL_VERSION_2, .relayed = true};

	assert_int_equal(addr_parse(client, &h.client, NULL), 0);
	assert_int_equal(addr_parse(target, &h.target, NULL), 0);
	return h;
}

/* As HAProxy does it; and a receiver finds the IPv4 address in it. */
static void two_families_become_ipv6(void **state)
{
	struct proxy_protocol_header h = example("192.0.2.1:1000", "[2001:db8::1]:80"), back;
	uint8_t out[PROXY_PROTOCOL_ROOM];
	struct err e;
	size_t n, len;

	(void)state;
	h.version = PROXY_PROTOCOL_VERSION_1;
	n = proxy_protocol_format(&h, out);
	out[n] = '\0';
	assert_string_equal((char *)out, "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1000 80\r\n");
	assert_int_equal(proxy_protocol_parse(out, n, &back, &len, &e), PROXY_PROTOCOL_PARSE_DONE);
	assert_addr(&back.client, "192.0.2.1:1000");
	h.version = PROXY_PROTOCOL_VERSION_2;
	n = proxy_protocol_format(&h, out);
	assert_int_equal(n, 16 + 36);
	assert_memory_equal(out + 16, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\x02\x01", 16);
	assert_int_equal(proxy_protocol_parse(out, n, &back, &len, &e), PROXY_PROTOCOL_PARSE_DONE);
	assert_addr(&back.client, "192.0.2.1:1000");
	assert_addr(&back.target, "[2001:db8::1]:80");
}

/* The longest that is known fits: a name of 255 bytes, and what OpenSSL calls versions and suites.
 */
static void name_and_tls_are_told(void **state)
{
	struct proxy_protocol_header h = example("[2001:db8::2]:1", "[2001:db8::1]:2"), back;
	uint8_t out[PROXY_PROTOCOL_ROOM];
	struct err e;
	size_t len;

	(void)state;
	memset(h.authority, 'a', PROXY_PROTOCOL_AUTHORITY_MAX);
	memset(h.tls_version, 'v', sizeof(h.tls_version) - 1);
	memset(h.tls_cipher, 'c', sizeof(h.tls_cipher) - 1);
	assert_int_equal(proxy_protocol_format(&h, out), 16 + 36 + 258 + 8 + 18 + 66);
	assert_memory_equal(out + 16 + 36, "\x02\0\xff", 3);
	assert_memory_equal(out + 16 + 36 + 258, "\x20\0\x59\x01\0\0\0\x01!\0\x0fvvv", 14);
	assert_int_equal(proxy_protocol_parse(out, sizeof(out), &back, &len, &e),
			 PROXY_PROTOCOL_PARSE_DONE);
	assert_string_equal(back.authority, h.authority);
}

/* It goes into logs and to servers. */
static void a_name_that_is_none_is_left_out(void **state)
{
	static const struct bytes rows[] = {
	    HEADER(SIGNATURE "!\x11\0\x12\x7f\0\0\x01\x7f\0\0\x01\xd0\xa0\x1bZ\x02\0\x03"
			     "a\nb"),
	    HEADER(SIGNATURE "!\x11\0\x12\x7f\0\0\x01\x7f\0\0\x01\xd0\xa0\x1bZ\x02\0\x03"
			     "a\0b"),
	    HEADER(SIGNATURE "!\x11\0\x12\x7f\0\0\x01\x7f\0\0\x01\xd0\xa0\x1bZ\x02\0\x03\xc3\xa4 "),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct proxy_protocol_header h;
		struct err e;
		size_t len;

		assert_int_equal(parse(rows[i], &h, &len, &e), PROXY_PROTOCOL_PARSE_DONE);
		assert_string_equal(h.authority, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_others_send_is_read),
	    cmocka_unit_test(data_behind_a_header_is_not_its),
	    cmocka_unit_test(what_others_send_is_sent),
	    cmocka_unit_test(own_addresses_are_meant),
	    cmocka_unit_test(unix_addresses_are_skipped),
	    cmocka_unit_test(what_is_no_header_is_refused),
	    cmocka_unit_test(a_line_without_an_end_is_refused),
	    cmocka_unit_test(a_changed_header_has_a_wrong_checksum),
	    cmocka_unit_test(two_families_become_ipv6),
	    cmocka_unit_test(name_and_tls_are_told),
	    cmocka_unit_test(a_name_that_is_none_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
