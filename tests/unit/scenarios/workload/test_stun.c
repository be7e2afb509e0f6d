/* test_stun.c - STUN messages: the published test vectors, what is refused, what reads back.
 * LAYER: wedge_workload */
#include "scenarios/workload/stun_integrity.h"

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

/* RFC 5769 2.4, "sample request with long-term authentication", whole. */
static const uint8_t signed_request[] = {
    0x00, 0x01, 0x00, 0x60, 0x21, 0x12, 0xa4, 0x42, 0x78, 0xad, 0x34, 0x33, 0xc6, 0xad, 0x72,
    0xc0, 0x29, 0xda, 0x41, 0x2e, 0x00, 0x06, 0x00, 0x12, 0xe3, 0x83, 0x9e, 0xe3, 0x83, 0x88,
    0xe3, 0x83, 0xaa, 0xe3, 0x83, 0x83, 0xe3, 0x82, 0xaf, 0xe3, 0x82, 0xb9, 0x00, 0x00, 0x00,
    0x15, 0x00, 0x1c, 0x66, 0x2f, 0x2f, 0x34, 0x39, 0x39, 0x6b, 0x39, 0x35, 0x34, 0x64, 0x36,
    0x4f, 0x4c, 0x33, 0x34, 0x6f, 0x4c, 0x39, 0x46, 0x53, 0x54, 0x76, 0x79, 0x36, 0x34, 0x73,
    0x41, 0x00, 0x14, 0x00, 0x0b, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x2e, 0x6f, 0x72,
    0x67, 0x00, 0x00, 0x08, 0x00, 0x14, 0xf6, 0x70, 0x24, 0x65, 0x6d, 0xd6, 0x4a, 0x3e, 0x02,
    0xb8, 0xe0, 0x71, 0x2e, 0x85, 0xc9, 0xa2, 0x8c, 0xa8, 0x96, 0x66,
};
#define SIGNED_PASSWORD "TheMatrIX" /* what SASLprep makes of the vector's */

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

static void published_credentials_are_recognized(void **state)
{
	uint8_t data[sizeof(signed_request) + 8], key[STUN_KEY_SIZE];
	struct stun_message m;

	(void)state;
	assert_int_equal(stun_parse(signed_request, sizeof(signed_request), &m, NULL),
			 sizeof(signed_request));
	assert_int_equal(m.realm.len, 11);
	assert_memory_equal(m.realm.s, "example.org", 11);
	assert_int_equal(m.nonce.len, 28);
	assert_memory_equal(m.nonce.s, "f//499k954d6OL34oL9FSTvy64sA", 28);
	stun_key(m.username, m.realm, SIGNED_PASSWORD, key);
	assert_true(stun_is_signed(signed_request, &m, key));
	for (size_t at = 8; at < sizeof(signed_request); at++) { /* whatever is changed is told */
		memcpy(data, signed_request, sizeof(signed_request));
		data[at] ^= 0x20;
		if (stun_parse(data, sizeof(signed_request), &m, NULL) > 0)
			assert_false(stun_is_signed(data, &m, key));
	}
	/* What somebody has added behind it isn't taken, and takes nothing from it. */
	memcpy(data, signed_request, sizeof(signed_request));
	memcpy(data + sizeof(signed_request), "\x00\x0d\x00\x04\x00\x00\x00\x01", 8);
	data[3] += 8;
	assert_int_equal(stun_parse(data, sizeof(data), &m, NULL), sizeof(data));
	assert_int_equal(m.lifetime, -1);
	assert_true(stun_is_signed(data, &m, key));
	stun_key(m.username, m.realm, "TheMatrix", key);
	assert_false(stun_is_signed(signed_request, &m, key));
}

static void credentials_are_written_as_published(void **state)
{
	uint8_t key[STUN_KEY_SIZE];
	struct stun_message m;
	struct stun_draft d;

	(void)state;
	assert_int_equal(stun_parse(signed_request, sizeof(signed_request), &m, NULL),
			 sizeof(signed_request));
	stun_begin(&d, STUN_BINDING, STUN_REQUEST, m.id);
	stun_add(&d, STUN_USERNAME, m.username.s, m.username.len);
	stun_add(&d, STUN_NONCE, m.nonce.s, m.nonce.len);
	stun_add(&d, STUN_REALM, m.realm.s, m.realm.len);
	stun_key(m.username, m.realm, SIGNED_PASSWORD, key);
	stun_sign(&d, key);
	assert_int_equal(d.len, sizeof(signed_request));
	assert_memory_equal(d.data, signed_request, d.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_indication_names_its_peer),
	    cmocka_unit_test(published_credentials_are_recognized),
	    cmocka_unit_test(credentials_are_written_as_published),
	    cmocka_unit_test(published_vectors_are_read),
	    cmocka_unit_test(what_isnt_whole_is_waited_for),
	    cmocka_unit_test(what_is_no_message_is_refused),
	    cmocka_unit_test(request_and_answers_read_back),
	    cmocka_unit_test(unknown_attributes_are_told_when_they_must_be_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
