/* test_match.c - which sessions an instance is for: addresses, ports, numbers, and server names as
 * OpenSSL writes them, however they are cut. LAYER: wedge_impairments set_rig */
#include "impairments/trigger/match.h"

#include "proxy/base/mem.h"
#include "tests/rig/set_rig.h"

#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The first flight of a real TLS client; returns its length. */
static size_t client_hello(const char *name, bool long_alpn, unsigned char *out, size_t room)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	BIO *in = BIO_new(BIO_s_mem()), *wire = BIO_new(BIO_s_mem());
	unsigned char alpn[6000];
	int n;

	for (size_t i = 0; i < sizeof(alpn); i += 100) {
		alpn[i] = 99;
		memset(alpn + i + 1, 'a', 99);
	}
	SSL_set_bio(ssl, in, wire);
	SSL_set_connect_state(ssl);
	if (name)
		assert_int_equal(SSL_set_tlsext_host_name(ssl, name), 1);
	if (long_alpn)
		assert_int_equal(SSL_set_alpn_protos(ssl, alpn, sizeof(alpn)), 0);
	assert_int_equal(SSL_do_handshake(ssl), -1);
	n = BIO_read(wire, out, (int)room);
	assert_true(n > 0);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	return (size_t)n;
}

/* The same handshake bytes in records of at most size bytes. */
static size_t in_records(const unsigned char *hello, size_t n, size_t size, unsigned char *out)
{
	size_t len = 0;

	for (size_t at = 5; at < n; at += size) {
		size_t k = at + size < n ? size : n - at;

		memcpy(out + len, hello, 3);
		out[len + 3] = (unsigned char)(k >> 8);
		out[len + 4] = (unsigned char)k;
		memcpy(out + len + 5, hello + at, k);
		len += 5 + k;
	}
	return len;
}

static enum sni_state read_in_pieces(struct sni *s, const unsigned char *p, size_t n, size_t piece)
{
	memset(s, 0, sizeof(*s));
	for (size_t at = 0; at < n; at += piece) {
		/* It isn't known before the last byte. */
		if (at + piece < n)
			assert_int_equal(sni_feed(s, p + at, piece), SNI_MORE);
		else
			sni_feed(s, p + at, n - at);
	}
	return s->state;
}

static void server_name_is_found_in_any_number_of_pieces_and_records(void **state)
{
	static unsigned char hello[20000], cut[200000];
	size_t n = client_hello("Mail.Example.org", false, hello, sizeof(hello)), len;
	struct sni s;

	(void)state;
	for (size_t size = 1; size < n; size += 13) {
		len = in_records(hello, n, size, cut);
		for (size_t piece = 1; piece < 40; piece += 3) {
			assert_int_equal(read_in_pieces(&s, cut, len, piece), SNI_FOUND);
			assert_string_equal(s.name, "mail.example.org");
			sni_fini(&s);
		}
	}
	n = client_hello("big.example.org", true, hello, sizeof(hello));
	assert_true(n > 6000);
	assert_int_equal(read_in_pieces(&s, hello, n, 1448), SNI_FOUND);
	assert_string_equal(s.name, "big.example.org");
	sni_fini(&s);
}

static void what_has_no_server_name_is_known_to_have_none(void **state)
{
	static unsigned char hello[20000];
	size_t n = client_hello(NULL, false, hello, sizeof(hello));
	struct sni s = {SNI_MORE};

	(void)state;
	assert_int_equal(read_in_pieces(&s, hello, n, 100), SNI_NONE);
	assert_null(s.name);
	memset(&s, 0, sizeof(s));
	assert_int_equal(sni_feed(&s, (const unsigned char *)"GET / HTTP/1.1\r\n", 16), SNI_NONE);
}

static void endless_hello_is_given_up(void **state)
{
	unsigned char record[5 + 16000] = {22, 3, 1, 16000 >> 8, 16000 & 255, 1, 0, 255, 255};
	static unsigned char more_than_it_says[30000] = {22, 3, 1, 255, 255, 1, 0, 0x3e, 0};
	struct sni s = {SNI_MORE};

	(void)state;
	assert_int_equal(sni_feed(&s, record, sizeof(record)), SNI_MORE);
	assert_int_equal(sni_feed(&s, record, 5 + 383), SNI_MORE);
	assert_int_equal(sni_feed(&s, record + 388, 1), SNI_NONE);
	s = (struct sni){SNI_MORE};
	assert_int_equal(sni_feed(&s, more_than_it_says, sizeof(more_than_it_says)), SNI_NONE);
}

/* Its name stands at the front; the handshake's length and that of the extensions say more. */
static void name_is_found_in_a_hello_longer_than_what_is_kept(void **state)
{
	static unsigned char hello[1000], cut[70000];
	size_t n = client_hello("mail.example.org", false, hello, sizeof(hello)), len;
	unsigned char *lists = hello + 5 + 4 + 2 + 32;
	struct sni s;

	(void)state;
	lists += 1 + *lists;				 /* session id */
	lists += 2 + ((size_t)lists[0] << 8 | lists[1]); /* cipher suites */
	lists += 1 + *lists;				 /* compression methods */
	memset(lists, 0xee, 2);				 /* 61,166 bytes of extensions */
	memset(hello + 7, 0xef, 2);
	len = in_records(hello, n, 16384, cut);
	assert_int_equal(read_in_pieces(&s, cut, len, len), SNI_MORE);
	sni_fini(&s);
	for (size_t at = len; at < 60000; at += 5 + 1000)
		memcpy(cut + at, (unsigned char[]){22, 3, 1, 1000 >> 8, 1000 & 255}, 5);
	for (size_t piece = 1; piece < 40; piece += 3) {
		memset(&s, 0, sizeof(s));
		for (size_t at = 0; at < 60000 && s.state == SNI_MORE; at += piece)
			sni_feed(&s, cut + at, piece);
		assert_int_equal(s.state, SNI_FOUND);
		assert_string_equal(s.name, "mail.example.org");
		sni_fini(&s);
	}
}

/* Every byte changed to every other value of a few: nothing but an answer may come of it. */
static void broken_hellos_do_no_harm(void **state)
{
	static unsigned char hello[20000];
	size_t n = client_hello("mail.example.org", false, hello, sizeof(hello));
	static const unsigned char values[] = {0, 1, 127, 128, 255};

	(void)state;
	for (size_t i = 0; i < n; i++) {
		unsigned char was = hello[i];

		for (size_t k = 0; k < ARRAY_LEN(values); k++) {
			struct sni s = {SNI_MORE};

			hello[i] = values[k];
			sni_feed(&s, hello, n);
			sni_fini(&s);
		}
		hello[i] = was;
	}
}

static void names_match_themselves_and_wildcards(void **state)
{
	(void)state;
	assert_true(match_sni("mail.example.org", "mail.example.org"));
	assert_true(match_sni("Mail.Example.org", "mail.example.org"));
	assert_true(match_sni("*.example.org", "a.b.example.org"));
	assert_false(match_sni("*.example.org", "example.org"));
	assert_false(match_sni("*.example.org", "badexample.org"));
	assert_false(match_sni("example.org", "mail.example.org"));
}

/* Inactive before the ClientHello is complete; then at once, on either direction. */
static void instance_waits_for_the_server_name(void **state)
{
	static unsigned char hello[20000];
	size_t n = client_hello("mail.example.org", false, hello, sizeof(hello));
	struct set_rig *r = set_rig_new("stall{side=write,direction=both,sni=*.example.org} + "
					"cut{sni=other.example.org}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed_data(r, 1, DIR_UPSTREAM, hello, n - 1);
	set_rig_feed(r, 1, DIR_DOWNSTREAM, "early");
	assert_int_equal(set_rig_flow(r, 1, DIR_UPSTREAM)->out_bytes, n - 1);
	assert_int_equal(set_rig_flow(r, 1, DIR_DOWNSTREAM)->out_bytes, 5);
	set_rig_feed_data(r, 1, DIR_UPSTREAM, hello + n - 1, 1);
	set_rig_feed(r, 1, DIR_DOWNSTREAM, "late");
	assert_int_equal(set_rig_flow(r, 1, DIR_UPSTREAM)->held, 1);
	assert_int_equal(set_rig_flow(r, 1, DIR_DOWNSTREAM)->held, 4);
	assert_int_equal(set_rig_flow(r, 1, DIR_DOWNSTREAM)->end_out, END_NONE);
	set_rig_open(r, 2);
	set_rig_feed(r, 2, DIR_UPSTREAM, "no TLS at all");
	assert_int_equal(set_rig_flow(r, 2, DIR_UPSTREAM)->out_bytes, 13);
	set_rig_open(r, 3);
	set_rig_end(r, 3, DIR_UPSTREAM, END_FIN);
	assert_int_equal(set_rig_flow(r, 3, DIR_UPSTREAM)->end_out, END_FIN);
	set_rig_free(r);
}

static struct addr address(const char *text)
{
	struct addr a;
	struct err e;

	assert_int_equal(addr_parse_host(text, 1234, &a, &e), 0);
	return a;
}

static void unknown_facts_wait_and_known_ones_decide(void **state)
{
	struct match_config c = {.by_client = true, .by_server = true, .port = 443, .nth = 2};
	struct facts f = {.ordinal = 2, .client = address("192.0.2.9")};
	const char *why;
	struct err e;

	(void)state;
	assert_int_equal(cidr_parse("192.0.2.0/24", &c.client, &e), 0);
	assert_int_equal(cidr_parse("2001:db8::/32", &c.server, &e), 0);
	assert_int_equal(match_session(&c, &f, &why), MATCH_LATER);
	f.port = 443;
	f.server = address("2001:db8::9");
	assert_int_equal(match_session(&c, &f, &why), MATCH_YES);
	f.server = address("198.51.100.1");
	assert_int_equal(match_session(&c, &f, &why), MATCH_NO);
	f.server.len = 0;
	f.client = address("192.0.3.9");
	assert_int_equal(match_session(&c, &f, &why), MATCH_NO);
	assert_string_equal(why, "the client's address");
	f.client = address("192.0.2.9");
	f.ordinal = 3;
	assert_int_equal(match_session(&c, &f, &why), MATCH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(server_name_is_found_in_any_number_of_pieces_and_records),
	    cmocka_unit_test(what_has_no_server_name_is_known_to_have_none),
	    cmocka_unit_test(endless_hello_is_given_up),
	    cmocka_unit_test(name_is_found_in_a_hello_longer_than_what_is_kept),
	    cmocka_unit_test(broken_hellos_do_no_harm),
	    cmocka_unit_test(names_match_themselves_and_wildcards),
	    cmocka_unit_test(instance_waits_for_the_server_name),
	    cmocka_unit_test(unknown_facts_wait_and_known_ones_decide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
