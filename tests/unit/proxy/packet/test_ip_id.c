/* test_ip_id.c - which hosts count, and rows of IDs without holes.
 * LAYER: wedge_packet */
#include "proxy/packet/ip_id.h"

#include "proxy/base/byteorder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static uint8_t bytes[1600];

/* A packet with that ID and length of payload, with "don't fragment". */
static struct tcp_view packet(uint16_t id, uint16_t len)
{
	struct tcp_view v;

	memset(bytes, 0, 40);
	bytes[0] = 0x45;
	put_be16(bytes + 2, (uint16_t)(40 + len));
	put_be16(bytes + 4, id);
	bytes[6] = 0x40;
	bytes[9] = 6;
	bytes[32] = 0x50;
	assert_true(tcp_view_parse(&v, bytes, 40));
	return v;
}

static void note(struct ip_id_counter *c, uint16_t id, uint16_t len)
{
	struct tcp_view v = packet(id, len);

	ip_id_note(c, &v, 1460);
}

static void linux_counts_on_a_connection(void **state)
{
	struct ip_id_counter c = {.seen = false};

	(void)state;
	note(&c, 0xfffd, 0);
	assert_false(ip_id_counts(&c)); /* one packet tells nothing */
	note(&c, 0xfffe, 0);
	assert_true(ip_id_counts(&c));
	note(&c, 0xffff, 0);
	note(&c, 0, 0); /* the counter's own 0 */
	assert_int_equal(c.next, 1);
	note(&c, 1, 4000); /* three segments on the wire */
	note(&c, 4, 0);
	note(&c, 7, 0); /* two were lost before they came here */
	assert_true(ip_id_counts(&c));
	assert_int_equal(c.next, 8);
}

static void zero_is_no_id(void **state)
{
	struct ip_id_counter c = {.seen = false};

	(void)state;
	note(&c, 0, 0); /* a SYN-ACK of Linux */
	assert_false(c.seen);
	note(&c, 500, 0);
	note(&c, 501, 0);
	note(&c, 0, 0); /* an ACK out of TIME_WAIT */
	assert_int_equal(c.next, 502);
	assert_true(ip_id_counts(&c));
}

static void random_ids_are_not_counted(void **state)
{
	struct ip_id_counter c = {.seen = false};
	uint32_t id = 1;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		id = id * 1103515245 + 12345;
		note(&c, (uint16_t)(id >> 16 | 1), 0);
		assert_false(ip_id_counts(&c));
	}
}

static void ipv6_has_no_ids(void **state)
{
	struct ip_id_counter c = {.seen = false};
	struct tcp_view v = packet(3, 0);

	(void)state;
	v.version = 6;
	ip_id_note(&c, &v, 0);
	assert_false(c.seen);
}

static uint16_t come_and_pass(struct ip_id_shift *s, uint16_t id)
{
	note(&s->in, id, 0);
	return ip_id_pass(s, id);
}

static void row_has_no_hole_over_the_wrap(void **state)
{
	struct ip_id_shift s = {.add = 0};
	uint16_t expected = 0xfff0;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		uint16_t id = (uint16_t)(0xfff0 + i);

		if (i % 3 == 2) { /* taken out */
			note(&s.in, id, 0);
			ip_id_take_out(&s);
		} else {
			assert_int_equal(come_and_pass(&s, id), expected++);
		}
		if (i % 7 == 6)
			assert_int_equal(ip_id_add(&s), expected++);
	}
}

static void held_packet_gets_the_id_of_its_new_place(void **state)
{
	struct ip_id_shift s = {.add = 0};

	(void)state;
	assert_int_equal(come_and_pass(&s, 10), 10);
	note(&s.in, 11, 0); /* held */
	ip_id_take_out(&s);
	assert_int_equal(come_and_pass(&s, 12), 11);
	assert_int_equal(ip_id_add(&s), 12); /* goes on */
	assert_int_equal(come_and_pass(&s, 13), 13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(linux_counts_on_a_connection),
	    cmocka_unit_test(zero_is_no_id),
	    cmocka_unit_test(random_ids_are_not_counted),
	    cmocka_unit_test(ipv6_has_no_ids),
	    cmocka_unit_test(row_has_no_hole_over_the_wrap),
	    cmocka_unit_test(held_packet_gets_the_id_of_its_new_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
