/* test_host_table.c - what is known of a host serves its next connection.
 * LAYER: wedge_packet */
#include "proxy/packet/host_table.h"

#include "proxy/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct addr address(const char *text)
{
	struct addr a;
	struct err e;

	assert_int_equal(addr_parse(text, &a, &e), 0);
	return a;
}

static void host_is_known_by_address_whatever_the_port(void **state)
{
	static const char *const one[] = {"192.0.2.1:40000", "[2001:db8::1]:40000"};
	static const char *const same[] = {"192.0.2.1:5", "[2001:db8::1]:5"};
	static const char *const other[] = {"192.0.2.2:40000", "[2001:db8::2]:40000"};
	struct host_table *t = xcalloc(1, sizeof(*t));

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pkt_sender s = {
		    .seen = true, .marks = {.hop_limit = 128}, .clock = {.known = 100}};
		struct addr a = address(one[i]);

		host_table_put(t, &a, &s);
		s = (struct pkt_sender){.seen = false};
		a = address(other[i]);
		host_table_get(t, &a, &s);
		assert_false(s.seen);
		a = address(same[i]);
		host_table_get(t, &a, &s);
		assert_true(s.seen && s.clock.known == 100);
		assert_int_equal(s.marks.hop_limit, 128);
		assert_false(s.clock.seen || s.id.seen); /* those are a connection's */
	}
	free(t);
}

static void table_is_bounded_and_the_newest_is_known(void **state)
{
	struct host_table *t = xcalloc(1, sizeof(*t));
	struct pkt_sender s = {.seen = true}, got = {.seen = false};
	struct addr a = address("192.0.2.1:1");

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		a.in.sin_addr.s_addr = i * 2654435761U;
		s.marks.hop_limit = (uint8_t)i;
		host_table_put(t, &a, &s);
		host_table_get(t, &a, &got);
		assert_int_equal(got.marks.hop_limit, (uint8_t)i);
	}
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(host_is_known_by_address_whatever_the_port),
	    cmocka_unit_test(table_is_bounded_and_the_newest_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
