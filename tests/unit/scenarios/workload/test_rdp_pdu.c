/* test_rdp_pdu.c - the PDUs of a remote desktop connection, as MS-RDPBCGR shows their bytes.
 * LAYER: wedge_workload */
#include "scenarios/workload/rdp_pdu.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* MS-RDPBCGR 4.1.1, with TLS asked for. */
static const uint8_t request[] = {0x03, 0x00, 0x00, 0x2c, 0x27, 0xe0, 0x00, 0x00, 0x00, 0x00, 0x00,
				  0x43, 0x6f, 0x6f, 0x6b, 0x69, 0x65, 0x3a, 0x20, 0x6d, 0x73, 0x74,
				  0x73, 0x68, 0x61, 0x73, 0x68, 0x3d, 0x65, 0x6c, 0x74, 0x6f, 0x6e,
				  0x73, 0x0d, 0x0a, 0x01, 0x00, 0x08, 0x00, 0x01, 0x00, 0x00, 0x00};
/* 4.1.2, with TLS selected */
static const uint8_t confirm[] = {0x03, 0x00, 0x00, 0x13, 0x0e, 0xd0, 0x00, 0x00, 0x12, 0x34,
				  0x00, 0x02, 0x00, 0x08, 0x00, 0x01, 0x00, 0x00, 0x00};

static void parsed(const struct rdp_draft *d, enum rdp_kind kind, struct rdp_pdu *pdu)
{
	struct err e = {""};

	for (size_t i = 0; i < d->len; i++)
		assert_int_equal(rdp_parse(d->data, i, true, pdu, &e), 0);
	assert_int_equal(rdp_parse(d->data, d->len, true, pdu, &e), d->len);
	assert_int_equal(pdu->kind, kind);
}

static void the_beginning_is_as_the_specification_shows_it(void **state)
{
	struct rdp_draft d;
	struct rdp_pdu pdu;

	(void)state;
	rdp_write_request(&d, "eltons", RDP_TLS);
	assert_int_equal(d.len, sizeof(request));
	assert_memory_equal(d.data, request, sizeof(request));
	parsed(&d, RDP_CONNECTION_REQUEST, &pdu);
	assert_true(pdu.negotiates);
	assert_int_equal(pdu.protocols, RDP_TLS);
	rdp_write_confirm(&d, RDP_TLS);
	assert_int_equal(d.len, sizeof(confirm));
	assert_memory_equal(d.data, confirm, sizeof(confirm));
	parsed(&d, RDP_CONNECTION_CONFIRM, &pdu);
	assert_true(pdu.negotiates && pdu.protocols == RDP_TLS && !pdu.failure);
	rdp_write_refusal(&d);
	parsed(&d, RDP_CONNECTION_CONFIRM, &pdu);
	assert_true(!pdu.negotiates && pdu.failure == 1);
}

static void a_long_name_is_cut_as_mstsc_does(void **state)
{
	struct rdp_draft d;

	(void)state;
	rdp_write_request(&d, "administrator", RDP_TLS);
	assert_non_null(memmem(d.data, d.len, "mstshash=administr\r\n", 20));
}

static void lengths_of_mcs_are_right(void **state)
{
	struct rdp_draft d;
	struct rdp_pdu pdu;

	(void)state;
	rdp_write_connect_initial(&d, "PC-0001", RDP_TLS);
	parsed(&d, RDP_CONNECT_INITIAL, &pdu);
	/* TPKT and X.224 have 7 bytes, the BER header has 5. */
	assert_int_equal(d.data[10] << 8 | d.data[11], d.len - 12);
	rdp_write_connect_response(&d, RDP_TLS);
	parsed(&d, RDP_CONNECT_RESPONSE, &pdu);
	assert_int_equal(pdu.result, 0);
	assert_int_equal(d.data[9], d.len - 10);
	rdp_write_attached(&d, 1007);
	parsed(&d, RDP_ATTACHED, &pdu);
	rdp_write_joined(&d, 1007, 1003);
	parsed(&d, RDP_JOINED, &pdu);
}

static void a_session_has_keys_and_cells(void **state)
{
	struct rdp_draft d;
	struct rdp_pdu pdu;
	struct err e = {""};

	(void)state;
	rdp_write_key(&d, 0x1e);
	parsed(&d, RDP_FAST_PATH, &pdu);
	assert_int_equal(rdp_parse(d.data, d.len, false, &pdu, &e), -1);
	rdp_write_cell(&d, 8, 16, 8, 16, 0xffff);
	assert_int_equal(d.len, 6 + 22 + 2 * 8 * 16);
	parsed(&d, RDP_FAST_PATH, &pdu);
}

static void what_is_no_pdu_is_refused(void **state)
{
	static const struct {
		const char *data;
		size_t len;
	} cases[] = {
	    {"GET / HTTP/1.1\r\n", 16},
	    {"\x03\x00\x00\x04", 4},			      /* nothing inside */
	    {"\x03\x00\xff\xff", 4},			      /* too long */
	    {"\x03\x00\x00\x07\xff\xe0\x00", 7},	      /* X.224 longer than TPKT */
	    {"\x03\x00\x00\x07\x02\x50\x80", 7},	      /* no X.224 PDU that is known */
	    {"\x03\x00\x00\x09\x02\xf0\x80\xff\xff", 9},      /* no MCS PDU */
	    {"\x03\x00\x00\x0a\x02\xf0\x80\x7f\x66\x82", 10}, /* a response cut off */
	    {"\x03\x00\x00\x08\x02\xf0\x80\x38", 8},	      /* a join of no channel */
	};
	struct rdp_pdu pdu;
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(
		    rdp_parse((const uint8_t *)cases[i].data, cases[i].len, true, &pdu, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_beginning_is_as_the_specification_shows_it),
	    cmocka_unit_test(a_long_name_is_cut_as_mstsc_does),
	    cmocka_unit_test(lengths_of_mcs_are_right),
	    cmocka_unit_test(a_session_has_keys_and_cells),
	    cmocka_unit_test(what_is_no_pdu_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
