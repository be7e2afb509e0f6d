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

/* The RSTs of a rebooted host, on one old connection after the other; Linux's have 0. */
static void a_host_counts_what_belongs_to_no_connection(void **state)
{
	static const struct ip_marks unknown = {.hop_limit = 64};
	struct host_table *t = xcalloc(1, sizeof(*t));
	struct addr a = address("192.0.2.1:1"), b = address("192.0.2.2:1");
	struct pkt_sender first = {.seen = true, .marks = {.hop_limit = 127}}, other, linux_host;
	uint16_t id;

	(void)state;
	first.id = (struct ip_id_counter){.seen = true, .next = 40000, .score = 8};
	host_table_get(t, &a, &first);
	other = first;
	host_table_get(t, &a, &other);
	id = pkt_sender_marks_stray(&first, unknown).id;
	assert_true(id && id < 5000);
	assert_int_equal(pkt_sender_marks_stray(&other, unknown).id, id + 1);
	assert_int_equal(pkt_sender_marks_stray(&first, unknown).id, id + 2);
	host_table_get(t, &b, &other);
	assert_true(pkt_sender_marks_stray(&other, unknown).id != id + 3);
	linux_host = (struct pkt_sender){.seen = true, .marks = {.hop_limit = 63}};
	host_table_get(t, &a, &linux_host);
	assert_int_equal(pkt_sender_marks_stray(&linux_host, unknown).id, 0);
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
	    cmocka_unit_test(a_host_counts_what_belongs_to_no_connection),
	    cmocka_unit_test(table_is_bounded_and_the_newest_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
