/* test_dcerpc.c - PDUs of DCE/RPC as bytes, cut anywhere and lying about their lengths. Referees
 * are impacket, rpcclient and tshark: tests/loopback/test_sessions.py. LAYER: wedge_workload */
#include "scenarios/workload/dcerpc.h"
#include "scenarios/workload/ept_map.h"
#include "scenarios/workload/mailbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Returns a block of its own size, so that a read behind it is found. */
static uint8_t *copy(const uint8_t *v, size_t n)
{
	uint8_t *block = malloc(n ? n : 1);

	assert_non_null(block);
	memcpy(block, v, n);
	return block;
}

static struct le_buf a_bind(void)
{
	struct le_buf o = {.v = NULL};

	dcerpc_write_bind(&o, 7, &mailbox_interface);
	return o;
}

static struct le_buf an_ack(void)
{
	const struct dcerpc_ack ack = {
	    .fragment = 4280, .group = 9, .n = 2, .outcomes = {{0, 0}, {2, 1}}};
	struct le_buf o = {.v = NULL};

	dcerpc_write_ack(&o, 7, &ack, "135");
	return o;
}

static struct le_buf a_call(size_t size, size_t fragment)
{
	struct dcerpc_whole call = {.type = DCERPC_REQUEST, .call = 3, .context = 2, .opnum = 1};
	struct le_buf o = {.v = NULL};

	mailbox_write_call(&call.stub, size);
	dcerpc_write_call(&o, &call, fragment);
	dcerpc_whole_fini(&call);
	return o;
}

static void a_bind_is_of_known_bytes(void **state)
{
	static const uint8_t begin[] = {5, 0, 11, 3, 0x10, 0,	 0,    0,    72,   0, 0,
					0, 7, 0,  0, 0,	   0xd0, 0x16, 0xd0, 0x16, 0, 0,
					0, 0, 1,  0, 0,	   0,	 0,    0,    1,	   0};
	struct le_buf o = a_bind();

	(void)state;
	assert_int_equal(o.len, 72);
	assert_memory_equal(o.v, begin, sizeof(begin));
	free(o.v);
}

static void what_is_written_is_read(void **state)
{
	struct le_buf bind = a_bind(), ack = an_ack(), nak = {.v = NULL}, fault = {.v = NULL};
	struct dcerpc_head h;
	struct dcerpc_bind b;
	struct dcerpc_ack a;
	struct dcerpc_part part;
	uint16_t reason;

	(void)state;
	assert_int_equal(dcerpc_parse(bind.v, bind.len, &h, NULL), bind.len);
	assert_int_equal(h.call, 7);
	assert_int_equal(dcerpc_parse_bind(bind.v, &h, &b, NULL), 0);
	assert_true(b.n == 1 && b.fragment == 5840 && b.contexts[0].ndr && !b.contexts[0].id);
	assert_true(dcerpc_syntax_equal(&b.contexts[0].interface, &mailbox_interface));
	assert_int_equal(dcerpc_parse(ack.v, ack.len, &h, NULL), ack.len);
	assert_int_equal(dcerpc_parse_ack(ack.v, &h, &a, NULL), 0);
	assert_true(a.n == 2 && a.fragment == 4280 && a.group == 9);
	assert_true(!a.outcomes[0].result && a.outcomes[1].result == 2 &&
		    a.outcomes[1].reason == 1);
	dcerpc_write_nak(&nak, 8, DCERPC_NAK_AUTHENTICATION);
	assert_int_equal(dcerpc_parse(nak.v, nak.len, &h, NULL), nak.len);
	assert_int_equal(dcerpc_parse_nak(nak.v, &h, &reason, NULL), 0);
	assert_int_equal(reason, 8);
	dcerpc_write_fault(&fault, 9, 2, DCERPC_TOO_BUSY);
	assert_int_equal(dcerpc_parse(fault.v, fault.len, &h, NULL), 32);
	assert_true(h.type == DCERPC_FAULT && h.flags == 0x23);
	assert_int_equal(dcerpc_parse_part(fault.v, &h, &part, NULL), 0);
	assert_true(part.status == 0x1c010014 && part.context == 2);
	free(bind.v);
	free(ack.v);
	free(nak.v);
	free(fault.v);
}

/* Joins all PDUs of o; returns what the last join said. */
static int join_all(const struct le_buf *o, struct dcerpc_whole *w, size_t *pdus)
{
	struct dcerpc_head h;
	struct dcerpc_part part;
	int rc = 0;

	*pdus = 0;
	for (size_t at = 0; at < o->len; at += h.length, (*pdus)++) {
		assert_true(dcerpc_parse(o->v + at, o->len - at, &h, NULL) > 0);
		assert_int_equal(dcerpc_parse_part(o->v + at, &h, &part, NULL), 0);
		assert_int_equal(rc, 0);
		rc = dcerpc_join(w, &h, &part, NULL);
	}
	return rc;
}

static void fragments_are_joined(void **state)
{
	static const struct {
		size_t size, fragment, pdus;
	} cases[] = {{4, 5840, 1},     {5816, 5840, 1}, {5817, 5840, 2},     {11632, 5840, 2},
		     {11633, 5840, 3}, {3000, 1437, 3}, {1 << 20, 5840, 181}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct le_buf o = a_call(cases[i].size, cases[i].fragment);
		struct dcerpc_whole w = {.begun = false};
		size_t pdus;

		assert_int_equal(join_all(&o, &w, &pdus), 1);
		assert_int_equal(pdus, cases[i].pdus);
		assert_true(w.call == 3 && w.context == 2 && w.opnum == 1 && !w.too_long);
		assert_int_equal(w.stub.len, cases[i].size);
		assert_true(mailbox_check_call(w.stub.v, w.stub.len));
		dcerpc_whole_fini(&w);
		free(o.v);
	}
}

static void what_is_too_long_is_not_kept(void **state)
{
	struct le_buf o = a_call(DCERPC_STUB_MAX + 1, 5840);
	struct dcerpc_whole w = {.begun = false};
	size_t pdus;

	(void)state;
	assert_int_equal(join_all(&o, &w, &pdus), 1);
	assert_true(w.too_long && !w.stub.len);
	dcerpc_whole_fini(&w);
	free(o.v);
}

static void fragments_out_of_order_are_refused(void **state)
{
	struct le_buf o = a_call(12000, 5840);
	struct dcerpc_whole w = {.begun = false};
	struct dcerpc_head first, second;
	struct dcerpc_part part[2];
	struct err e;

	(void)state;
	assert_int_equal(dcerpc_parse(o.v, o.len, &first, NULL), 5840);
	assert_int_equal(dcerpc_parse_part(o.v, &first, &part[0], NULL), 0);
	assert_int_equal(dcerpc_parse(o.v + 5840, o.len - 5840, &second, NULL), 5840);
	assert_int_equal(dcerpc_parse_part(o.v + 5840, &second, &part[1], NULL), 0);
	assert_int_equal(dcerpc_join(&w, &second, &part[1], &e), -1);
	assert_int_equal(dcerpc_join(&w, &first, &part[0], NULL), 0);
	assert_int_equal(dcerpc_join(&w, &first, &part[0], &e), -1);
	second.call++;
	assert_int_equal(dcerpc_join(&w, &second, &part[1], &e), -1);
	dcerpc_whole_fini(&w);
	free(o.v);
}

/* Parses the PDU as whatever it says that it is, cut to n bytes, its header saying so. */
static int parse_cut(const struct le_buf *o, size_t n)
{
	uint8_t *block = copy(o->v, n);
	struct dcerpc_head h;
	struct dcerpc_bind bind;
	struct dcerpc_ack ack;
	struct dcerpc_part part;
	struct err e;
	int rc;

	block[8] = (uint8_t)n;
	assert_int_equal(dcerpc_parse(block, n, &h, &e), n);
	if (h.type == DCERPC_BIND)
		rc = dcerpc_parse_bind(block, &h, &bind, &e);
	else if (h.type == DCERPC_BIND_ACK)
		rc = dcerpc_parse_ack(block, &h, &ack, &e);
	else
		rc = dcerpc_parse_part(block, &h, &part, &e);
	free(block);
	return rc;
}

static void every_prefix_is_not_whole_or_refused(void **state)
{
	struct le_buf pdus[] = {a_bind(), an_ack(), a_call(4, 5840)};
	static const size_t least[] = {72, 84, 24}; /* a stub may be of any length */
	struct dcerpc_head h;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t n = 0; n < pdus[i].len; n++) {
			uint8_t *block = copy(pdus[i].v, n);

			assert_int_equal(dcerpc_parse(block, n, &h, NULL), 0);
			free(block);
		}
		for (size_t n = 16; n <= pdus[i].len; n++)
			assert_int_equal(parse_cut(&pdus[i], n), n < least[i] ? -1 : 0);
		free(pdus[i].v);
	}
}

static void lies_about_lengths_are_refused(void **state)
{
	struct le_buf bind = a_bind(), ack = an_ack();
	struct dcerpc_head h;
	struct dcerpc_bind b;
	struct dcerpc_ack a;
	struct err e;

	(void)state;
	assert_true(dcerpc_parse(bind.v, bind.len, &h, NULL) > 0);
	bind.v[24] = 255; /* contexts */
	assert_int_equal(dcerpc_parse_bind(bind.v, &h, &b, &e), -1);
	bind.v[24] = 2;
	assert_int_equal(dcerpc_parse_bind(bind.v, &h, &b, &e), -1);
	bind.v[24] = 1;
	bind.v[30] = 255; /* transfer syntaxes */
	assert_int_equal(dcerpc_parse_bind(bind.v, &h, &b, &e), -1);
	bind.v[30] = 1;
	bind.v[19] = 1; /* fragments that are too small */
	assert_int_equal(dcerpc_parse_bind(bind.v, &h, &b, &e), -1);
	assert_true(dcerpc_parse(ack.v, ack.len, &h, NULL) > 0);
	ack.v[25] = 0xff; /* the second address */
	assert_int_equal(dcerpc_parse_ack(ack.v, &h, &a, &e), -1);
	ack.v[25] = 0;
	ack.v[32] = 200; /* results */
	assert_int_equal(dcerpc_parse_ack(ack.v, &h, &a, &e), -1);
	bind.v[8] = 15; /* less than a header, more than a fragment */
	assert_int_equal(dcerpc_parse(bind.v, bind.len, &h, &e), -1);
	bind.v[9] = 0xff;
	assert_int_equal(dcerpc_parse(bind.v, bind.len, &h, &e), -1);
	assert_int_equal(dcerpc_parse((const uint8_t *)"GET / HTTP/1.1\r\n", 16, &h, &e), -1);
	free(bind.v);
	free(ack.v);
}

static void big_endian_is_seen(void **state)
{
	static const uint8_t pdu[] = {5, 0, 11, 3, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 1, 2};
	struct dcerpc_head h;

	(void)state;
	assert_int_equal(dcerpc_parse(pdu, sizeof(pdu), &h, NULL), 16);
	assert_true(h.big_endian && h.call == 0x102);
}

static void towers_are_read(void **state)
{
	const struct ept_tower tower = {
	    .interface = mailbox_interface, .port = 6001, .address = {10, 0, 0, 1}};
	struct le_buf ask = {.v = NULL}, answer = {.v = NULL}, none = {.v = NULL};
	struct ept_tower t;
	struct err e;
	uint32_t status, room;

	(void)state;
	ept_map_write_ask(&ask, &tower);
	ept_map_write_answer(&answer, &tower, 4);
	ept_map_write_answer(&none, NULL, 4);
	assert_int_equal(ask.len, 132);
	assert_int_equal(ept_map_parse_ask(ask.v, ask.len, &t, &room, NULL), 0);
	assert_int_equal(room, 4);
	assert_true(t.tcp && dcerpc_syntax_equal(&t.interface, &mailbox_interface));
	assert_int_equal(ept_map_parse_answer(answer.v, answer.len, &t, &status, NULL), 0);
	assert_true(!status && t.tcp && t.port == 6001 && memcmp(t.address, "\12\0\0\1", 4) == 0);
	assert_int_equal(ept_map_parse_answer(none.v, none.len, &t, &status, NULL), 0);
	assert_int_equal(status, 0x16c9a0d6);
	for (size_t n = 0; n < ask.len; n++) {
		uint8_t *block = copy(ask.v, n);

		assert_int_equal(ept_map_parse_ask(block, n, &t, &room, &e), -1);
		free(block);
	}
	for (size_t n = 0; n < answer.len; n++) {
		uint8_t *block = copy(answer.v, n);

		assert_int_equal(ept_map_parse_answer(block, n, &t, &status, &e), -1);
		free(block);
	}
	free(ask.v);
	free(answer.v);
	free(none.v);
}

/* Whatever byte is another, nothing is read that isn't there: the sanitizers say so. */
static void damaged_towers_do_no_harm(void **state)
{
	const struct ept_tower tower = {.interface = mailbox_interface};
	struct le_buf ask = {.v = NULL}, answer = {.v = NULL};
	struct ept_tower t;
	struct err e;
	uint32_t status, room;

	(void)state;
	ept_map_write_ask(&ask, &tower);
	ept_map_write_answer(&answer, &tower, 4);
	for (unsigned value = 0; value < 256; value += 51) {
		for (size_t i = 0; i < ask.len; i++) {
			uint8_t *block = copy(ask.v, ask.len);

			block[i] = (uint8_t)value;
			(void)!ept_map_parse_ask(block, ask.len, &t, &room, &e);
			free(block);
		}
		for (size_t i = 0; i < answer.len; i++) {
			uint8_t *block = copy(answer.v, answer.len);

			block[i] = (uint8_t)value;
			(void)!ept_map_parse_answer(block, answer.len, &t, &status, &e);
			free(block);
		}
	}
	free(ask.v);
	free(answer.v);
}

static void names_are_read(void **state)
{
	struct le_buf o = {.v = NULL};
	char *name;

	(void)state;
	mailbox_write_logon(&o, "sales");
	assert_int_equal(o.len, 20);
	name = mailbox_parse_logon(o.v, o.len);
	assert_string_equal(name, "sales");
	free(name);
	for (size_t n = 0; n < 18; n++) {
		uint8_t *block = copy(o.v, n);

		assert_null(mailbox_parse_logon(block, n));
		free(block);
	}
	o.v[8] = 0xff; /* length */
	assert_null(mailbox_parse_logon(o.v, o.len));
	o.v[8] = 6;
	o.v[17] = 'x'; /* no end */
	assert_null(mailbox_parse_logon(o.v, o.len));
	o.v[17] = 0;
	o.v[13] = 0; /* two ends */
	assert_null(mailbox_parse_logon(o.v, o.len));
	free(o.v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_bind_is_of_known_bytes),
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(fragments_are_joined),
	    cmocka_unit_test(what_is_too_long_is_not_kept),
	    cmocka_unit_test(fragments_out_of_order_are_refused),
	    cmocka_unit_test(every_prefix_is_not_whole_or_refused),
	    cmocka_unit_test(lies_about_lengths_are_refused),
	    cmocka_unit_test(big_endian_is_seen),
	    cmocka_unit_test(towers_are_read),
	    cmocka_unit_test(damaged_towers_do_no_harm),
	    cmocka_unit_test(names_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
