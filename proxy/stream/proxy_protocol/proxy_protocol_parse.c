/* proxy_protocol_parse.c - the first byte tells the version; from then on every byte must be as the
 * protocol has it, or the connection isn't one of it. */
#include "proxy/stream/proxy_protocol/proxy_protocol_parse.h"

#include "proxy/base/byteorder.h"

#include <arpa/inet.h>
#include <string.h>

#define V1_PREFIX   "PROXY "
#define V1_MAX	    107 /* bytes of a line with its CRLF (section 2.1) */
#define V1_PORT_MAX 5	/* digits */

static enum proxy_protocol_parse_result refuse_header(struct err *e, const char *why)
{
	err_set(e, "%s", why);
	return PROXY_PROTOCOL_PARSE_BAD;
}

/* What has come instead, as far as it fits in a line of the log. */
static enum proxy_protocol_parse_result refuse_bytes(const uint8_t *p, size_t n, struct err *e)
{
	char text[8 * 4 + 1];
	size_t at = 0;

	for (size_t i = 0; i < n && i < 8; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       p[i] >= ' ' && p[i] < 127 ? "%c" : "\\x%02x", p[i]);
	err_set(e, "no PROXY header, but what begins with '%s'", text);
	return PROXY_PROTOCOL_PARSE_BAD;
}

/* Decimal without leading zeroes. */
static bool read_port(const char *text, uint16_t *port)
{
	size_t n = strspn(text, "0123456789");
	unsigned value = 0;

	if (n == 0 || n > V1_PORT_MAX || text[n] || (text[0] == '0' && n > 1))
		return false;
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	*port = (uint16_t)value;
	return value <= UINT16_MAX;
}

static bool read_address(const char *host, const char *port, int family, struct addr *a)
{
	uint16_t number;

	*a = (struct addr){.len = family == AF_INET ? sizeof(a->in) : sizeof(a->in6)};
	a->sa.sa_family = (sa_family_t)family;
	if (inet_pton(family, host,
		      family == AF_INET ? (void *)&a->in.sin_addr : (void *)&a->in6.sin6_addr) != 1)
		return false;
	if (!read_port(port, &number))
		return false;
	addr_set_port(a, number);
	addr_unmap(a);
	return true;
}

/* "TCP4 192.0.2.1 198.51.100.1 56324 443", in pieces. */
static bool read_fields(char *line, struct proxy_protocol_header *h)
{
	char *field[5];
	int family;

	for (size_t i = 0; i < ARRAY_LEN(field); i++) {
		field[i] = strsep(&line, " ");
		if (!field[i])
			return false;
	}
	if (strcmp(field[0], "TCP4") != 0 && strcmp(field[0], "TCP6") != 0)
		return false;
	family = field[0][3] == '4' ? AF_INET : AF_INET6;
	h->relayed = true;
	return !line && read_address(field[1], field[3], family, &h->client) &&
	       read_address(field[2], field[4], family, &h->target);
}

/* Of UNKNOWN nothing is looked at but the end of the line. */
static bool is_unknown(const char *rest)
{
	static const char word[] = "UNKNOWN";
	size_t n = sizeof(word) - 1;

	return strncmp(rest, word, n) == 0 && (rest[n] == ' ' || rest[n] == '\0');
}

static enum proxy_protocol_parse_result
parse_v1(const uint8_t *p, size_t n, struct proxy_protocol_header *h, size_t *len, struct err *e)
{
	size_t prefix = sizeof(V1_PREFIX) - 1, used;
	const uint8_t *end;
	char line[V1_MAX];

	if (memcmp(p, V1_PREFIX, n < prefix ? n : prefix) != 0)
		return refuse_bytes(p, n, e);
	end = memchr(p, '\n', n < V1_MAX ? n : V1_MAX);
	if (!end && n < V1_MAX)
		return PROXY_PROTOCOL_PARSE_MORE;
	if (!end)
		return refuse_header(e, "a PROXY line without CRLF in its first 107 bytes");
	used = (size_t)(end - p) - 1; /* without CRLF; the prefix is there */
	if (p[used] != '\r')
		return refuse_header(e, "a PROXY line that ends with LF instead of CRLF");
	memcpy(line, p, used);
	line[used] = '\0';
	h->version = PROXY_PROTOCOL_VERSION_1;
	*len = used + 2;
	if (used > prefix && is_unknown(line + prefix))
		return PROXY_PROTOCOL_PARSE_DONE;
	if (strlen(line) != used || used <= prefix || !read_fields(line + prefix, h))
		return refuse_header(
		    e, "a PROXY line that isn't 'PROXY TCP4 ADDR ADDR PORT PORT' (or TCP6), "
		       "nor 'PROXY UNKNOWN'");
	return PROXY_PROTOCOL_PARSE_DONE;
}

/* CRC32c (RFC 4960, appendix B; reflected polynomial 0x82f63b78) of a header whose four bytes at
 * hole count as zeroes. */
static uint32_t compute_crc32c(const uint8_t *p, size_t n, size_t hole)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		crc ^= i >= hole && i < hole + 4 ? 0 : p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

static bool is_crc32c_right(const uint8_t *p, size_t total, size_t at)
{
	uint32_t told = get_be32(p + at);

	return compute_crc32c(p, total, at) == told;
}

/* One that isn't a word of printable ASCII is nothing that could be compared or passed on. */
static void read_authority(const uint8_t *value, size_t n, struct proxy_protocol_header *h)
{
	if (n > PROXY_PROTOCOL_AUTHORITY_MAX)
		return;
	for (size_t i = 0; i < n; i++)
		if (value[i] <= ' ' || value[i] >= 127)
			return;
	memcpy(h->authority, value, n);
	h->authority[n] = '\0';
}

/* From at to total. */
static enum proxy_protocol_parse_result read_tlvs(const uint8_t *p, size_t at, size_t total,
						  struct proxy_protocol_header *h, struct err *e)
{
	bool checked = false;

	while (at < total) {
		size_t left = total - at, value = at + PROXY2_TLV;
		size_t n = left < PROXY2_TLV ? 0 : get_be16(p + at + 1);

		if (left < PROXY2_TLV || n > left - PROXY2_TLV)
			return refuse_header(e,
					     "a PROXY header whose TLVs don't end where it ends");
		if (p[at] == PROXY2_CRC32C) {
			/* Each would be over a header in which the other is zero. */
			if (n != 4 || checked || !is_crc32c_right(p, total, value))
				return refuse_header(e, "a PROXY header with a wrong CRC32c");
			checked = true;
		}
		if (p[at] == PROXY2_AUTHORITY)
			read_authority(p + value, n, h);
		at = value + n;
	}
	return PROXY_PROTOCOL_PARSE_DONE;
}

static void read_address4(const uint8_t *host, const uint8_t *port, struct addr *a)
{
	*a = (struct addr){.len = sizeof(a->in)};
	a->in.sin_family = AF_INET;
	memcpy(&a->in.sin_addr, host, 4);
	memcpy(&a->in.sin_port, port, 2);
}

static void read_address6(const uint8_t *host, const uint8_t *port, struct addr *a)
{
	*a = (struct addr){.len = sizeof(a->in6)};
	a->in6.sin6_family = AF_INET6;
	memcpy(&a->in6.sin6_addr, host, 16);
	memcpy(&a->in6.sin6_port, port, 2);
	addr_unmap(a);
}

/* The addresses of a whole header, by its family; then what follows them. A family or protocol that
 * isn't TCP's is skipped (section 2.2: the receiver falls back to UNSPEC). */
static enum proxy_protocol_parse_result read_relayed(const uint8_t *p, size_t total,
						     struct proxy_protocol_header *h, struct err *e)
{
	static const size_t lengths[] = {0, PROXY2_ADDR4, PROXY2_ADDR6, PROXY2_ADDR_UNIX};
	const uint8_t *a = p + PROXY2_FIXED;
	size_t length = lengths[p[13] >> 4]; /* checked before */

	if (total - PROXY2_FIXED < length)
		return refuse_header(e, "a PROXY header that is too short for its addresses");
	h->relayed = p[13] == PROXY2_TCP4 || p[13] == PROXY2_TCP6;
	if (p[13] == PROXY2_TCP4) {
		read_address4(a, a + 8, &h->client);
		read_address4(a + 4, a + 10, &h->target);
	} else if (p[13] == PROXY2_TCP6) {
		read_address6(a, a + 32, &h->client);
		read_address6(a + 16, a + 34, &h->target);
	}
	/* How long UNSPEC's addresses are nobody knows. */
	return length ? read_tlvs(p, PROXY2_FIXED + length, total, h, e)
		      : PROXY_PROTOCOL_PARSE_DONE;
}

/* The 13th and 14th byte; of LOCAL the family is ignored. */
static bool is_fixed_part_right(const uint8_t *p, size_t n)
{
	if (n > 12 && (p[12] & 0xf0) != PROXY2_VERSION)
		return false;
	if (n > 12 && (p[12] & 0x0f) > PROXY2_PROXY)
		return false;
	return n <= 13 || (p[12] & 0x0f) == PROXY2_LOCAL || (p[13] >> 4 <= 3 && (p[13] & 0xf) <= 2);
}

static enum proxy_protocol_parse_result
parse_v2(const uint8_t *p, size_t n, struct proxy_protocol_header *h, size_t *len, struct err *e)
{
	size_t total;

	if (memcmp(p, PROXY2_SIGNATURE, n < PROXY2_SIGNATURE_LEN ? n : PROXY2_SIGNATURE_LEN) != 0)
		return refuse_bytes(p, n, e);
	if (!is_fixed_part_right(p, n))
		return refuse_header(e, "a PROXY header of an unknown version, command or family");
	if (n < PROXY2_FIXED)
		return PROXY_PROTOCOL_PARSE_MORE;
	total = PROXY2_FIXED + get_be16(p + 14);
	if (total > PROXY_PROTOCOL_MAX)
		return refuse_header(e, "a PROXY header of more than 16384 bytes");
	if (n < total)
		return PROXY_PROTOCOL_PARSE_MORE;
	h->version = PROXY_PROTOCOL_VERSION_2;
	*len = total;
	if ((p[12] & 0x0f) == PROXY2_LOCAL)
		return PROXY_PROTOCOL_PARSE_DONE;
	return read_relayed(p, total, h, e);
}

enum proxy_protocol_parse_result proxy_protocol_parse(const void *p, size_t n,
						      struct proxy_protocol_header *h, size_t *len,
						      struct err *e)
{
	const uint8_t *first = p;

	*h = (struct proxy_protocol_header){.version = PROXY_PROTOCOL_VERSION_NONE};
	if (!n)
		return PROXY_PROTOCOL_PARSE_MORE;
	return *first == (uint8_t)PROXY2_SIGNATURE[0] ? parse_v2(p, n, h, len, e)
						      : parse_v1(p, n, h, len, e);
}
