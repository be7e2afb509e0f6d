/* stun.c - every attribute is checked against its own length and the message's. */
#include "scenarios/workload/stun.h"

#include <arpa/inet.h>
#include <string.h>

#define COOKIE	 0x2112a442u
#define OPTIONAL 0x8000 /* attributes from here on needn't be understood */

static uint16_t read_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t read_u32(const uint8_t *p)
{
	return (uint32_t)read_u16(p) << 16 | read_u16(p + 2);
}

static void write_u16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void write_u32(uint8_t *p, uint32_t v)
{
	write_u16(p, v >> 16);
	write_u16(p + 2, v & 0xffff);
}

/* What an IPv6 address is XORed with: the cookie and the transaction's ID (RFC 8489 14.2). */
static void xor_key(const uint8_t *id, uint8_t key[16])
{
	write_u32(key, COOKIE);
	memcpy(key + 4, id, STUN_ID_SIZE);
}

static int parse_address(const uint8_t *value, size_t len, const uint8_t *id, struct addr *a,
			 struct err *e)
{
	bool v6 = len == 20 && value[1] == 2, v4 = len == 8 && value[1] == 1;
	uint8_t key[16], *out;

	if (!v4 && !v6)
		return err_set(e, "a STUN address of %zu bytes", len);
	xor_key(id, key);
	memset(a, 0, sizeof(*a));
	a->sa.sa_family = v6 ? AF_INET6 : AF_INET;
	a->len = v6 ? sizeof(a->in6) : sizeof(a->in);
	addr_set_port(a, read_u16(value + 2) ^ (COOKIE >> 16));
	out = v6 ? a->in6.sin6_addr.s6_addr : (uint8_t *)&a->in.sin_addr;
	for (size_t i = 0; i < len - 4; i++)
		out[i] = value[4 + i] ^ key[i];
	return 0;
}

static int take_attribute(struct stun_message *m, uint16_t type, const uint8_t *value, size_t len,
			  struct err *e)
{
	switch (type) {
	case STUN_XOR_RELAYED_ADDRESS:
		return parse_address(value, len, m->id, &m->relayed, e);
	case STUN_XOR_MAPPED_ADDRESS:
		return parse_address(value, len, m->id, &m->mapped, e);
	case STUN_XOR_PEER_ADDRESS:
		return parse_address(value, len, m->id, &m->peer, e);
	case STUN_ERROR_CODE:
		if (len < 4 || (value[2] & 7) < 3 || (value[2] & 7) > 6 || value[3] > 99)
			return err_set(e, "a STUN error without a code");
		m->error = (value[2] & 7u) * 100 + value[3];
		return 0;
	case STUN_REQUESTED_TRANSPORT:
	case STUN_LIFETIME:
		if (len != 4)
			return err_set(e, "STUN attribute %#x has 4 bytes, not %zu", type, len);
		if (type == STUN_LIFETIME)
			m->lifetime = read_u32(value);
		else
			m->transport = value[0];
		return 0;
	case STUN_USERNAME:
		m->username = (struct stun_text){value, len};
		return 0;
	case STUN_REALM:
		m->realm = (struct stun_text){value, len};
		return 0;
	case STUN_NONCE:
		m->nonce = (struct stun_text){value, len};
		return 0;
	case STUN_DATA:
	case STUN_REQUESTED_FAMILY:
	case STUN_UNKNOWN_ATTRIBUTES:
		return 0;
	default:
		if (type < OPTIONAL && !m->unknown)
			m->unknown = type;
		return 0;
	}
}

ssize_t stun_parse(const uint8_t *data, size_t len, struct stun_message *m, struct err *e)
{
	size_t size, at = STUN_HEADER;
	uint16_t type;

	memset(m, 0, sizeof(*m));
	m->transport = -1;
	m->lifetime = -1;
	if (len < STUN_HEADER)
		return 0;
	type = read_u16(data);
	size = STUN_HEADER + (size_t)read_u16(data + 2);
	if (type >> 14 || read_u32(data + 4) != COOKIE || size % 4)
		return err_set(e, "no STUN message");
	if (size > STUN_MAX)
		return err_set(e, "a STUN message of %zu bytes; at most %d are accepted", size,
			       STUN_MAX);
	if (len < size)
		return 0;
	/* The class is two bits inside the type (RFC 8489 5). */
	m->class = (enum stun_class)((type >> 7 & 2) | (type >> 4 & 1));
	m->method = (uint16_t)((type & 0xf) | (type & 0xe0) >> 1 | (type & 0x3e00) >> 2);
	memcpy(m->id, data + 8, STUN_ID_SIZE);
	while (at < size && !m->integrity) {
		size_t left = size - at - 4, n = read_u16(data + at + 2);

		if (n > left)
			return err_set(e, "a STUN attribute goes beyond its message");
		if (read_u16(data + at) == STUN_MESSAGE_INTEGRITY && n != 20)
			return err_set(e, "a MESSAGE-INTEGRITY of %zu bytes, not 20", n);
		if (read_u16(data + at) == STUN_MESSAGE_INTEGRITY)
			m->integrity = at;
		else if (take_attribute(m, read_u16(data + at), data + at + 4, n, e) == -1)
			return -1;
		at += 4 + (n + 3) / 4 * 4;
	}
	return (ssize_t)size;
}

void stun_begin(struct stun_draft *d, uint16_t method, enum stun_class class,
		const uint8_t id[STUN_ID_SIZE])
{
	unsigned m = method, c = class;

	write_u16(d->data,
		  (m & 0xf) | (m & 0x70) << 1 | (m & 0xf80) << 2 | (c & 2) << 7 | (c & 1) << 4);
	write_u16(d->data + 2, 0);
	write_u32(d->data + 4, COOKIE);
	memcpy(d->data + 8, id, STUN_ID_SIZE);
	d->len = STUN_HEADER;
}

void stun_add(struct stun_draft *d, uint16_t attribute, const void *value, size_t len)
{
	size_t padded = (len + 3) / 4 * 4;

	BUG_ON(d->len + 4 + padded > sizeof(d->data));
	write_u16(d->data + d->len, attribute);
	write_u16(d->data + d->len + 2, (unsigned)len);
	memset(d->data + d->len + 4, 0, padded);
	memcpy(d->data + d->len + 4, value, len);
	d->len += 4 + padded;
	write_u16(d->data + 2, (unsigned)(d->len - STUN_HEADER));
}

void stun_add_u32(struct stun_draft *d, uint16_t attribute, uint32_t value)
{
	uint8_t bytes[4];

	write_u32(bytes, value);
	stun_add(d, attribute, bytes, sizeof(bytes));
}

void stun_add_address(struct stun_draft *d, uint16_t attribute, const struct addr *a)
{
	bool v6 = a->sa.sa_family == AF_INET6;
	const uint8_t *in = v6 ? a->in6.sin6_addr.s6_addr : (const uint8_t *)&a->in.sin_addr;
	uint8_t value[20] = {0, v6 ? 2 : 1}, key[16];
	size_t n = v6 ? 16 : 4;

	xor_key(d->data + 8, key);
	write_u16(value + 2, addr_port(a) ^ (COOKIE >> 16));
	for (size_t i = 0; i < n; i++)
		value[4 + i] = in[i] ^ key[i];
	stun_add(d, attribute, value, 4 + n);
}

void stun_add_error(struct stun_draft *d, unsigned code, const char *reason)
{
	uint8_t value[4 + 128] = {0, 0, (uint8_t)(code / 100), (uint8_t)(code % 100)};
	size_t n = strnlen(reason, sizeof(value) - 4);

	memcpy(value + 4, reason, n);
	stun_add(d, STUN_ERROR_CODE, value, 4 + n);
}
