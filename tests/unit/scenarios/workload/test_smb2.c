/* test_smb2.c - SMB2's messages and NTLM's tokens as bytes. Referees are smbclient, samba and
 * tshark: tests/loopback/test_bulk.py. LAYER: wedge_workload */
#include "proxy/base/byteorder.h"
#include "scenarios/workload/ntlmssp.h"
#include "scenarios/workload/smb2.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct le_buf an_echo(void)
{
	struct le_buf o = {.v = NULL};
	size_t begun = smb2_begin(&o, &(struct smb2_head){.command = SMB2_ECHO,
							  .credits = 7,
							  .status = SMB2_PENDING,
							  .flags = SMB2_FROM_SERVER,
							  .message = 0x1122334455667788,
							  .tree = 9,
							  .session = 0x0102030405060708});

	le_put16(&o, 4);
	le_put16(&o, 0);
	smb2_end(&o, begun);
	return o;
}

static void what_is_written_is_read(void **state)
{
	struct le_buf o = an_echo();
	struct smb2_head h;

	(void)state;
	assert_int_equal(o.len, SMB2_FRAME + SMB2_HEADER + 4);
	assert_memory_equal(o.v, "\0\0\0\x44\xfeSMB\x40\0\0\0\x03\x01\0\0\x0d\0\x07\0\x01\0\0\0",
			    24);
	assert_int_equal(smb2_parse(o.v, o.len, &h, NULL), o.len);
	assert_int_equal(h.command, SMB2_ECHO);
	assert_int_equal(h.credits, 7);
	assert_int_equal(h.status, SMB2_PENDING);
	assert_int_equal(h.tree, 9);
	assert_true(h.message == 0x1122334455667788 && h.session == 0x0102030405060708);
	for (size_t len = 0; len < SMB2_FRAME + SMB2_HEADER; len++)
		assert_int_equal(smb2_parse(o.v, len, &h, NULL), 0);
	free(o.v);
}

static void other_bytes_are_refused(void **state)
{
	struct le_buf o = an_echo();
	struct smb2_head h;
	struct err e;

	(void)state;
	o.v[4] = 0xff; /* SMB1 */
	assert_int_equal(smb2_parse(o.v, o.len, &h, &e), -1);
	o.v[4] = 0xfe;
	o.v[1] = 0xff; /* 16 MB */
	assert_int_equal(smb2_parse(o.v, o.len, &h, &e), -1);
	o.v[1] = 0;
	o.v[3] = 3; /* less than a header */
	assert_int_equal(smb2_parse(o.v, o.len, &h, &e), -1);
	free(o.v);
}

static void numbers_are_little_endian(void **state)
{
	struct le_buf o = {.v = NULL};

	(void)state;
	le_put16(&o, 0x0102);
	le_put32(&o, 0x03040506);
	le_put64(&o, 0x0708090a0b0c0d0e);
	le_put_utf16(&o, "a\\b");
	assert_memory_equal(o.v,
			    "\x02\x01\x06\x05\x04\x03\x0e\x0d\x0c\x0b\x0a\x09\x08\x07"
			    "a\0\\\0b\0",
			    20);
	assert_int_equal(get_le16(o.v), 0x0102);
	assert_int_equal(get_le32(o.v + 2), 0x03040506);
	assert_true(get_le64(o.v + 6) == 0x0708090a0b0c0d0e);
	free(o.v);
}

static void the_offer_is_spnego_of_ntlm(void **state)
{
	static const uint8_t offer[] = {0x60, 0x1c, 0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02,
					0xa0, 0x12, 0x30, 0x10, 0xa0, 0x0e, 0x30, 0x0c, 0x06, 0x0a,
					0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a};
	struct le_buf o = {.v = NULL};

	(void)state;
	ntlmssp_offer(&o);
	assert_int_equal(o.len, sizeof(offer));
	assert_memory_equal(o.v, offer, o.len);
	assert_int_equal(ntlmssp_kind(o.v, o.len), NTLMSSP_NONE);
	free(o.v);
}

static void each_token_is_of_its_kind(void **state)
{
	struct le_buf tokens[4] = {{.v = NULL}};
	static const enum ntlmssp_kind kinds[] = {NTLMSSP_NEGOTIATE, NTLMSSP_CHALLENGE,
						  NTLMSSP_CHALLENGE, NTLMSSP_AUTHENTICATE};

	(void)state;
	ntlmssp_negotiate(&tokens[0]);
	ntlmssp_challenge(&tokens[1], 1, false);
	ntlmssp_challenge(&tokens[2], 1, true);
	ntlmssp_authenticate(&tokens[3]);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(ntlmssp_kind(tokens[i].v, tokens[i].len), kinds[i]);
		assert_int_equal(ntlmssp_kind(tokens[i].v, 10), NTLMSSP_NONE);
		free(tokens[i].v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(other_bytes_are_refused),
	    cmocka_unit_test(numbers_are_little_endian),
	    cmocka_unit_test(the_offer_is_spnego_of_ntlm),
	    cmocka_unit_test(each_token_is_of_its_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
