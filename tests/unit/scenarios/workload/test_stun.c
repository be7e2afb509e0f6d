/* test_stun.c - STUN messages: the published test vectors, what is refused, what reads back.
 * LAYER: wedge_workload */
#include "scenarios/workload/stun.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* RFC 5769 2.2 and 2.3, "sample IPv4 response" and "sample IPv6 response", without what follows
 * the address; the lengths are ours. */
static const uint8_t response4[] = {
    0x01, 0x01, 0x00, 0x1c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63,
    0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43,
};
static const uint8_t response6[] = {
    0x01, 0x01, 0x00, 0x18, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6,
    0x86, 0xfa, 0x87, 0xdf, 0xae, 0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13,
    0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9,
};

static void check_mapped(const uint8_t *data, size_t len, const char *address)
{
	struct stun_message m;
	char text[ADDR_TEXT];

	assert_int_equal(stun_parse(data, len, &m, NULL), len);
	assert_int_equal(m.method, STUN_BINDING);
	assert_int_equal(m.class, STUN_SUCCESS);
	assert_string_equal(addr_format(&m.mapped, text), address);
}

static void published_vectors_are_read(void **state)
{
	(void)state;
	check_mapped(response4, sizeof(response4), "192.0.2.1:32853");
	check_mapped(response6, sizeof(response6), "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

static void what_isnt_whole_is_waited_for(void **state)
{
	struct stun_message m;

	(void)state;
	for (size_t len = 0; len < sizeof(response4); len++)
		assert_int_equal(stun_parse(response4, len, &m, NULL), 0);
}

static void refuse_changed(size_t at, uint8_t value)
{
	uint8_t data[sizeof(response4)];
	struct stun_message m;
	struct err e = {.text = ""};

	memcpy(data, response4, sizeof(data));
	data[at] = value;
	assert_int_equal(stun_parse(data, sizeof(data), &m, &e), -1);
	assert_true(e.text[0]);
}

static void what_is_no_message_is_refused(void **state)
{
	(void)state;
	refuse_changed(0, 0x41);  /* ChannelData, or no STUN at all */
	refuse_changed(4, 0x22);  /* another cookie */
	refuse_changed(3, 0x1d);  /* a length that isn't a multiple of 4 */
	refuse_changed(2, 0xff);  /* longer than any that is accepted */
	refuse_changed(23, 0x40); /* an attribute longer than what is left */
	refuse_changed(39, 0x07); /* an address of another size than its family's */
	refuse_changed(41, 0x03); /* of a family that there isn't */
}

static void request_and_answers_read_back(void **state)
{
	static const uint8_t id[STUN_ID_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
	struct stun_message m;
	struct stun_draft d;
	struct addr a;

	(void)state;
	stun_begin(&d, STUN_ALLOCATE, STUN_REQUEST, id);
	stun_add_u32(&d, STUN_REQUESTED_TRANSPORT, (uint32_t)STUN_UDP << 24);
	stun_add_u32(&d, STUN_LIFETIME, 600);
	stun_add(&d, STUN_SOFTWARE, "wedge", 5);
	assert_int_equal(stun_parse(d.data, d.len, &m, NULL), d.len);
	assert_int_equal(m.method, STUN_ALLOCATE);
	assert_int_equal(m.class, STUN_REQUEST);
	assert_int_equal(m.transport, STUN_UDP);
	assert_int_equal(m.lifetime, 600);
	assert_memory_equal(m.id, id, sizeof(id));
	assert_int_equal(addr_parse("[2001:db8::7]:50000", &a, NULL), 0);
	stun_begin(&d, STUN_ALLOCATE, STUN_SUCCESS, id);
	stun_add_address(&d, STUN_XOR_RELAYED_ADDRESS, &a);
	assert_int_equal(stun_parse(d.data, d.len, &m, NULL), d.len);
	assert_int_equal(m.class, STUN_SUCCESS);
	assert_true(addr_equal(&m.relayed, &a));
	stun_begin(&d, STUN_REFRESH, STUN_ERROR, id);
	stun_add_error(&d, 437, "Allocation Mismatch");
	assert_int_equal(stun_parse(d.data, d.len, &m, NULL), d.len);
	assert_int_equal(m.class, STUN_ERROR);
	assert_int_equal(m.error, 437);
}

static void unknown_attributes_are_told_when_they_must_be_understood(void **state)
{
	static const uint8_t id[STUN_ID_SIZE] = {0};
	struct stun_message m;
	struct stun_draft d;

	(void)state;
	stun_begin(&d, STUN_ALLOCATE, STUN_REQUEST, id);
	stun_add(&d, 0x8123, "x", 1);
	assert_int_equal(stun_parse(d.data, d.len, &m, NULL), d.len);
	assert_int_equal(m.unknown, 0);
	stun_add(&d, 0x0123, "x", 1);
	stun_add(&d, 0x0124, "x", 1);
	assert_int_equal(stun_parse(d.data, d.len, &m, NULL), d.len);
	assert_int_equal(m.unknown, 0x0123);
}

/* What is sent to a peer: its address reads back, its bytes needn't be understood. */
static void an_indication_names_its_peer(void **state)
{
	static const uint8_t id[STUN_ID_SIZE] = {7}, media[5] = {0x80};
	struct addr peer;
	struct stun_draft d;
	struct stun_message m;
	char text[ADDR_TEXT];

	(void)state;
	assert_int_equal(addr_parse("[2001:db8::9]:49170", &peer, NULL), 0);
	stun_begin(&d, STUN_SEND, STUN_INDICATION, id);
	stun_add_address(&d, STUN_XOR_PEER_ADDRESS, &peer);
	stun_add(&d, STUN_DATA, media, sizeof(media));
	assert_int_equal(d.data[1], 0x16); /* RFC 8656 18: Send, an indication */
	assert_int_equal(stun_parse(d.data, d.len, &m, NULL), d.len);
	assert_int_equal(m.method, STUN_SEND);
	assert_int_equal(m.class, STUN_INDICATION);
	assert_int_equal(m.unknown, 0);
	assert_string_equal(addr_format(&m.peer, text), "[2001:db8::9]:49170");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_indication_names_its_peer),
	    cmocka_unit_test(published_vectors_are_read),
	    cmocka_unit_test(what_isnt_whole_is_waited_for),
	    cmocka_unit_test(what_is_no_message_is_refused),
	    cmocka_unit_test(request_and_answers_read_back),
	    cmocka_unit_test(unknown_attributes_are_told_when_they_must_be_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
