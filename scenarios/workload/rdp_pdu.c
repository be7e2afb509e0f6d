/* rdp_pdu.c - TPKT (RFC 1006) and X.224 around T.125, of which only the few PDUs of the beginning
 * are known; fast-path PDUs stand by themselves. */
#include "scenarios/workload/rdp_pdu.h"

#include "proxy/base/byteorder.h"

#include <string.h>

#define TPKT_HEADER  4
#define TPKT_VERSION 3

enum { X224_REQUEST = 0xe0, X224_CONFIRM = 0xd0, X224_DATA = 0xf0 };
enum { NEG_REQUEST = 1, NEG_RESPONSE = 2, NEG_FAILURE = 3, NEG_SIZE = 8 };
enum { BER_APPLICATION = 0x7f, MCS_INITIAL = 0x65, MCS_RESPONSE = 0x66 };
enum { /* DomainMCSPDU, the choice in the upper six bits */
       MCS_ERECT_DOMAIN = 1,
       MCS_ATTACH_REQUEST = 10,
       MCS_ATTACH_CONFIRM = 11,
       MCS_JOIN_REQUEST = 14,
       MCS_JOIN_CONFIRM = 15,
       MCS_SEND_REQUEST = 25,
       MCS_SEND_INDICATION = 26,
};
enum { USER_BASE = 1001, IO_CHANNEL = 1003 };

/* Whether the fixed part is there that the request or confirm ends with; reads it. */
static void parse_negotiation(const uint8_t *end, size_t room, uint8_t type, struct rdp_pdu *pdu)
{
	const uint8_t *n = end - NEG_SIZE;

	if (room < NEG_SIZE || n[2] != NEG_SIZE || n[3] != 0)
		return;
	if (n[0] == NEG_FAILURE && type == NEG_RESPONSE)
		pdu->failure = n[4];
	if (n[0] != type)
		return;
	pdu->negotiates = true;
	pdu->protocols = n[4];
}

static int parse_mcs(const uint8_t *data, size_t len, struct rdp_pdu *pdu, struct err *e)
{
	if (len >= 2 && data[0] == BER_APPLICATION && data[1] == MCS_INITIAL) {
		pdu->kind = RDP_CONNECT_INITIAL;
		return 0;
	}
	if (len >= 2 && data[0] == BER_APPLICATION && data[1] == MCS_RESPONSE) {
		/* The length takes one byte, or says how many; then ENUMERATED result. */
		size_t at = 3 + (len > 2 && data[2] & 0x80 ? data[2] & 0x7f : 0);

		if (len < at + 3 || data[at] != 0x0a || data[at + 1] != 1)
			return err_set(e, "a broken MCS Connect Response");
		pdu->kind = RDP_CONNECT_RESPONSE;
		pdu->result = data[at + 2];
		return 0;
	}
	switch (len ? data[0] >> 2 : 0) {
	case MCS_ERECT_DOMAIN:
		pdu->kind = RDP_ERECT_DOMAIN;
		return 0;
	case MCS_ATTACH_REQUEST:
		pdu->kind = RDP_ATTACH_USER;
		return 0;
	case MCS_ATTACH_CONFIRM:
		pdu->kind = RDP_ATTACHED;
		pdu->result = len > 1 ? data[1] >> 4 : 1;
		return 0;
	case MCS_JOIN_REQUEST:
		if (len < 5)
			break;
		pdu->kind = RDP_JOIN;
		pdu->channel = get_be16(data + 3);
		return 0;
	case MCS_JOIN_CONFIRM:
		pdu->kind = RDP_JOINED;
		pdu->result = len > 1 ? data[1] >> 4 : 1;
		return 0;
	case MCS_SEND_REQUEST:
	case MCS_SEND_INDICATION:
		pdu->kind = RDP_MCS_DATA;
		return 0;
	default:
		break;
	}
	return err_set(e, "an MCS PDU that isn't due here, 0x%02x", len ? data[0] : 0);
}

static int parse_x224(const uint8_t *data, size_t len, struct rdp_pdu *pdu, struct err *e)
{
	size_t length = len ? data[0] : 0; /* without itself */

	if (length < 2 || length + 1 > len)
		return err_set(e, "a broken X.224 header");
	switch (data[1] & 0xf0) {
	case X224_REQUEST:
	case X224_CONFIRM:
		if (length < 6 || length + 1 != len)
			return err_set(e, "a broken X.224 connection PDU");
		pdu->kind = (data[1] & 0xf0) == X224_REQUEST ? RDP_CONNECTION_REQUEST
							     : RDP_CONNECTION_CONFIRM;
		parse_negotiation(data + len, len - 7,
				  pdu->kind == RDP_CONNECTION_REQUEST ? NEG_REQUEST : NEG_RESPONSE,
				  pdu);
		return 0;
	case X224_DATA:
		return parse_mcs(data + length + 1, len - length - 1, pdu, e);
	default:
		return err_set(e, "an X.224 PDU that isn't due here, 0x%02x", data[1]);
	}
}

ssize_t rdp_parse(const uint8_t *data, size_t len, bool open, struct rdp_pdu *pdu, struct err *e)
{
	size_t size;

	memset(pdu, 0, sizeof(*pdu));
	if (len < 2)
		return 0;
	if (data[0] == TPKT_VERSION) {
		if (len < TPKT_HEADER)
			return 0;
		size = get_be16(data + 2);
		if (size <= TPKT_HEADER || size > RDP_PDU_MAX)
			return err_set(e, "a TPKT of %zu bytes", size);
		if (len < size)
			return 0;
		return parse_x224(data + TPKT_HEADER, size - TPKT_HEADER, pdu, e) ? -1
										  : (ssize_t)size;
	}
	if (data[0] & 3 || !open)
		return err_set(e, "0x%02x begins no PDU that is due here", data[0]);
	pdu->kind = RDP_FAST_PATH;
	size = data[1];
	if (size & 0x80) {
		if (len < 3)
			return 0;
		size = (size & 0x7f) << 8 | data[2];
	}
	if (size < 3 || size > RDP_PDU_MAX)
		return err_set(e, "a fast-path PDU of %zu bytes", size);
	return len < size ? 0 : (ssize_t)size;
}

static void put_bytes(struct rdp_draft *d, const void *data, size_t len)
{
	BUG_ON(len > sizeof(d->data) - d->len);
	memcpy(d->data + d->len, data, len);
	d->len += len;
}

static void put_u8(struct rdp_draft *d, unsigned value)
{
	uint8_t b = (uint8_t)value;

	put_bytes(d, &b, 1);
}

static void put_u16(struct rdp_draft *d, unsigned value)
{
	put_u8(d, value >> 8);
	put_u8(d, value);
}

static void put_le16(struct rdp_draft *d, unsigned value)
{
	put_u8(d, value);
	put_u8(d, value >> 8);
}

static void put_le32(struct rdp_draft *d, unsigned value)
{
	put_le16(d, value & 0xffff);
	put_le16(d, value >> 16);
}

static void put_zeros(struct rdp_draft *d, size_t n)
{
	while (n--)
		put_u8(d, 0);
}

/* Text as UTF-16, filled up with zeros to size bytes, the last two among them. */
static void put_wide(struct rdp_draft *d, const char *text, size_t size)
{
	size_t n = strlen(text), most = size / 2 - 1;

	for (size_t i = 0; i < n && i < most; i++)
		put_le16(d, (uint8_t)text[i]);
	put_zeros(d, size - 2 * (n < most ? n : most));
}

/* Begins a TPKT; its length is known at the end. */
static void begin_tpkt(struct rdp_draft *d)
{
	d->len = 0;
	put_u8(d, TPKT_VERSION);
	put_u8(d, 0);
	put_u16(d, 0);
}

static void end_tpkt(struct rdp_draft *d)
{
	put_be16(d->data + 2, (uint16_t)d->len);
}

static void begin_data(struct rdp_draft *d)
{
	begin_tpkt(d);
	put_bytes(d, "\x02\xf0\x80", 3);
}

static void put_negotiation(struct rdp_draft *d, uint8_t type, unsigned value)
{
	put_u8(d, type);
	put_u8(d, 0);
	put_le16(d, NEG_SIZE);
	put_le32(d, value);
}

static void write_connection(struct rdp_draft *d, uint8_t code, uint16_t source, const char *cookie,
			     uint8_t type, unsigned value)
{
	begin_tpkt(d);
	put_u8(d, 6 + (unsigned)strlen(cookie) + NEG_SIZE);
	put_u8(d, code);
	put_u16(d, 0); /* DST-REF */
	put_u16(d, source);
	put_u8(d, 0); /* class 0 */
	put_bytes(d, cookie, strlen(cookie));
	put_negotiation(d, type, value);
	end_tpkt(d);
}

void rdp_write_request(struct rdp_draft *d, const char *user, unsigned protocols)
{
	char cookie[64];

	snprintf(cookie, sizeof(cookie), "Cookie: mstshash=%.*s\r\n", RDP_COOKIE_MAX, user);
	write_connection(d, X224_REQUEST, 0, cookie, NEG_REQUEST, protocols);
}

/* The source reference is what Windows says. */
void rdp_write_confirm(struct rdp_draft *d, unsigned protocol)
{
	write_connection(d, X224_CONFIRM, 0x1234, "", NEG_RESPONSE, protocol);
}

void rdp_write_refusal(struct rdp_draft *d)
{
	write_connection(d, X224_CONFIRM, 0x1234, "", NEG_FAILURE, 1);
}

/* DomainParameters (T.125): maxChannelIds, maxUserIds, maxTokenIds, numPriorities, minThroughput,
 * maxHeight, maxMCSPDUsize, protocolVersion, as MS-RDPBCGR 4.1.3 and 4.1.4 show them. */
static const uint8_t target_parameters[] = {0x30, 0x19, 2, 1, 34, 2, 1, 2, 2,	 1,    0, 2, 1, 1,
					    2,	  1,	0, 2, 1,  1, 2, 2, 0xff, 0xff, 2, 1, 2};
static const uint8_t minimum_parameters[] = {0x30, 0x19, 2, 1, 1, 2, 1, 1, 2,	 1,    1, 2, 1, 1,
					     2,	   1,	 0, 2, 1, 1, 2, 2, 0x04, 0x20, 2, 1, 2};
static const uint8_t maximum_parameters[] = {
    0x30, 0x1c, 2, 2, 0xff, 0xff, 2, 2, 0xfc, 0x17, 2,	  2,	0xff, 0xff, 2,
    1,	  1,	2, 1, 0,    2,	  1, 1, 2,    2,    0xff, 0xff, 2,    1,    2};
static const uint8_t agreed_parameters[] = {0x30, 0x1a, 2,    1,    34,	  2, 1, 3, 2, 1,
					    0,	  2,	1,    1,    2,	  1, 0, 2, 1, 1,
					    2,	  3,	0x00, 0xff, 0xf8, 2, 1, 2};

static void put_core(struct rdp_draft *d, const char *computer, unsigned protocol)
{
	put_le16(d, 0xc001); /* CS_CORE */
	put_le16(d, 216);
	put_le32(d, 0x00080004); /* RDP 5.0 to 8.1 */
	put_le16(d, 1280);
	put_le16(d, 1024);
	put_le16(d, 0xca01); /* RNS_UD_COLOR_8BPP */
	put_le16(d, 0xaa03); /* RNS_UD_SAS_DEL */
	put_le32(d, 0x409);  /* keyboard layout */
	put_le32(d, 3790);   /* client build */
	put_wide(d, computer, 32);
	put_le32(d, 4); /* IBM enhanced keyboard */
	put_le32(d, 0);
	put_le32(d, 12);
	put_zeros(d, 64);    /* imeFileName */
	put_le16(d, 0xca01); /* postBeta2ColorDepth */
	put_le16(d, 1);
	put_le32(d, 0);
	put_le16(d, 16);  /* highColorDepth */
	put_le16(d, 7);	  /* 24, 16 and 15 bits */
	put_le16(d, 1);	  /* RNS_UD_CS_SUPPORT_ERRINFO_PDU */
	put_zeros(d, 64); /* clientDigProductId */
	put_zeros(d, 2);  /* connectionType, pad */
	put_le32(d, protocol);
}

/* The userData of both: GCC Conference Create (T.124), in aligned PER. */
static void put_gcc_key(struct rdp_draft *d)
{
	put_bytes(d, "\x00\x05\x00\x14\x7c\x00\x01", 7);
}

void rdp_write_connect_initial(struct rdp_draft *d, const char *computer, unsigned protocol)
{
	enum { BLOCKS = 216 + 12 + 12, GCC = 14 + BLOCKS, USER_DATA = 9 + GCC };
	enum { CONTENT = 9 + 27 + 27 + 30 + 4 + USER_DATA };

	begin_data(d);
	put_u8(d, BER_APPLICATION);
	put_u8(d, MCS_INITIAL);
	put_u8(d, 0x82);
	put_u16(d, CONTENT);
	put_bytes(d, "\x04\x01\x01\x04\x01\x01\x01\x01\xff", 9); /* selectors, upwardFlag */
	put_bytes(d, target_parameters, sizeof(target_parameters));
	put_bytes(d, minimum_parameters, sizeof(minimum_parameters));
	put_bytes(d, maximum_parameters, sizeof(maximum_parameters));
	put_u8(d, 4);
	put_u8(d, 0x82);
	put_u16(d, USER_DATA);
	put_gcc_key(d);
	put_u16(d, 0x8000 | GCC);
	put_bytes(d, "\x00\x08\x00\x10\x00\x01\xc0\x00\x44\x75\x63\x61", 12); /* "Duca" */
	put_u16(d, 0x8000 | BLOCKS);
	put_core(d, computer, protocol);
	put_le16(d, 0xc004); /* CS_CLUSTER */
	put_le16(d, 12);
	put_le32(d, 0x0d); /* REDIRECTION_SUPPORTED, version 4 */
	put_le32(d, 0);
	put_le16(d, 0xc002); /* CS_SECURITY: TLS encrypts */
	put_le16(d, 12);
	put_le32(d, 0);
	put_le32(d, 0);
	end_tpkt(d);
}

void rdp_write_connect_response(struct rdp_draft *d, unsigned requested)
{
	enum { BLOCKS = 12 + 8 + 12, GCC = 14 + BLOCKS, USER_DATA = 8 + GCC };
	enum { CONTENT = 3 + 3 + 28 + 2 + USER_DATA };

	begin_data(d);
	put_u8(d, BER_APPLICATION);
	put_u8(d, MCS_RESPONSE);
	put_u8(d, CONTENT);
	put_bytes(d, "\x0a\x01\x00\x02\x01\x00", 6); /* rt-successful, calledConnectId */
	put_bytes(d, agreed_parameters, sizeof(agreed_parameters));
	put_u8(d, 4);
	put_u8(d, USER_DATA);
	put_gcc_key(d);
	put_u8(d, GCC);
	put_bytes(d, "\x14\x76\x0a\x01\x01\x00\x01\xc0\x00\x4d\x63\x44\x6e", 13); /* "McDn" */
	put_u8(d, BLOCKS);
	put_le16(d, 0x0c01); /* SC_CORE */
	put_le16(d, 12);
	put_le32(d, 0x00080004);
	put_le32(d, requested);
	put_le16(d, 0x0c03); /* SC_NET */
	put_le16(d, 8);
	put_le16(d, IO_CHANNEL);
	put_le16(d, 0);
	put_le16(d, 0x0c02); /* SC_SECURITY: none but TLS */
	put_le16(d, 12);
	put_le32(d, 0);
	put_le32(d, 0);
	end_tpkt(d);
}

void rdp_write_attached(struct rdp_draft *d, unsigned user)
{
	begin_data(d);
	put_u8(d, MCS_ATTACH_CONFIRM << 2 | 2); /* with an initiator */
	put_u8(d, 0);
	put_u16(d, user - USER_BASE);
	end_tpkt(d);
}

void rdp_write_joined(struct rdp_draft *d, unsigned user, unsigned channel)
{
	begin_data(d);
	put_u8(d, MCS_JOIN_CONFIRM << 2 | 2); /* with a channel */
	put_u8(d, 0);
	put_u16(d, user - USER_BASE);
	put_u16(d, channel);
	put_u16(d, channel);
	end_tpkt(d);
}

void rdp_write_key(struct rdp_draft *d, uint8_t scan_code)
{
	d->len = 0;
	put_u8(d, 2 << 2); /* two events */
	put_u8(d, 6);
	put_u8(d, 0);
	put_u8(d, scan_code);
	put_u8(d, 1); /* FASTPATH_INPUT_KBDFLAGS_RELEASE */
	put_u8(d, scan_code);
}

void rdp_write_cell(struct rdp_draft *d, unsigned left, unsigned top, unsigned width,
		    unsigned height, uint16_t colour)
{
	unsigned pixels = width * height, update = 4 + 18 + 2 * pixels;

	d->len = 0;
	put_u8(d, 0);
	put_u16(d, 0x8000 | (3 + 3 + update));
	put_u8(d, 1); /* FASTPATH_UPDATETYPE_BITMAP */
	put_le16(d, update);
	put_le16(d, 1); /* UPDATETYPE_BITMAP */
	put_le16(d, 1); /* rectangles */
	put_le16(d, left);
	put_le16(d, top);
	put_le16(d, left + width - 1);
	put_le16(d, top + height - 1);
	put_le16(d, width);
	put_le16(d, height);
	put_le16(d, 16); /* bits a pixel */
	put_le16(d, 0);	 /* not compressed */
	put_le16(d, 2 * pixels);
	for (unsigned i = 0; i < pixels; i++)
		put_le16(d, colour);
}
