/* tls_start_packets.c - PostgreSQL (SSLRequest, answered with one byte), MySQL (a first packet that
 * ends early, which nobody answers) and LDAP (an extended operation, RFC 4511 section 4.14). */
#include "proxy/stream/tls/tls_start_packets.h"

#include "proxy/base/byteorder.h"

#include <string.h>

#define PG_HEADER 8 /* a length and a code, of what a client says before it says who it is */
#define PG_SSL	  80877103
#define PG_GSS	  80877104

#define MYSQL_HEADER 4	/* a length of three bytes, little-endian, and a number */
#define MYSQL_EARLY  32 /* bytes of SSLRequest; a login has more */
#define MYSQL_SSL    0x0800

#define LDAP_OID	 "1.3.6.1.4.1.1466.20037"
#define BER_SEQUENCE	 0x30
#define BER_INTEGER	 2
#define BER_ENUMERATED	 10
#define EXTENDED_REQUEST 0x77
#define EXTENDED_ANSWER	 0x78
#define REQUEST_NAME	 0x80

static unsigned char byte_at(const struct tls_start_unit *u, size_t i)
{
	return (unsigned char)u->head[i];
}

/* Takes bytes until want are there. */
static size_t collect_bytes(struct tls_start_unit *u, size_t want, const unsigned char *p, size_t n)
{
	size_t i = 0;

	for (; i < n && u->n < want; i++, u->n++)
		if (u->n < sizeof(u->head))
			u->head[u->n] = (char)p[i];
	return i;
}

static size_t read_postgres_client(struct tls_start *s, const unsigned char *p, size_t n)
{
	struct tls_start_unit *u = &s->unit[LEG_CLIENT];
	size_t i = collect_bytes(u, PG_HEADER, p, n);
	const unsigned char *head = (const unsigned char *)u->head;
	uint32_t code;

	if (u->n < PG_HEADER)
		return i;
	u->n = 0;
	code = get_be32(head + 4);
	s->gss = code == PG_GSS;
	if (get_be32(head) == PG_HEADER && (s->gss || code == PG_SSL)) {
		s->state = TLS_START_ASKED;
		return i;
	}
	s->state = TLS_START_NEVER; /* it logs in, or cancels a query */
	return n;
}

static size_t read_postgres(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	if (from == LEG_CLIENT)
		return read_postgres_client(s, p, n);
	if (s->state != TLS_START_ASKED)
		return n;
	if (*p == 'N' || (*p == 'S' && !s->gss)) {
		tls_start_answer(s, *p == 'S');
		s->refusals -= s->gss; /* that was no refusal of TLS */
		return 1;
	}
	s->refusals++;
	s->state = TLS_START_NEVER; /* an error, or GSSAPI's encryption */
	return n;
}

static size_t read_mysql(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	struct tls_start_unit *u = &s->unit[from];
	size_t i, length;

	if (from == LEG_SERVER) /* its greeting needs no reader: the client's answer tells all */
		return n;
	i = collect_bytes(u, MYSQL_HEADER + 4, p, n);
	if (u->n < MYSQL_HEADER + 4)
		return i;
	length = byte_at(u, 0) | (size_t)byte_at(u, 1) << 8 | (size_t)byte_at(u, 2) << 16;
	if (length > MYSQL_EARLY || length < 4 ||
	    !((byte_at(u, 4) | byte_at(u, 5) << 8) & MYSQL_SSL)) {
		s->state = TLS_START_NEVER;
		return n;
	}
	i += collect_bytes(u, MYSQL_HEADER + length, p + i, n - i);
	if (u->n == MYSQL_HEADER + length)
		s->state = TLS_START_AGREED;
	return i;
}

/* Reads tag and length of a BER element at *at. false: it isn't there, or longer than a message of
 * 4 GiB. */
static bool read_element(const struct tls_start_unit *u, size_t *at, unsigned char *tag,
			 uint64_t *length)
{
	size_t have = u->n < sizeof(u->head) ? u->n : sizeof(u->head), octets;

	if (*at + 2 > have)
		return false;
	*tag = byte_at(u, (*at)++);
	*length = byte_at(u, (*at)++);
	if (*length < 0x80)
		return true;
	octets = *length & 0x7f;
	if (octets > 4 || *at + octets > have)
		return false;
	for (*length = 0; octets; octets--)
		*length = *length << 8 | byte_at(u, (*at)++);
	return true;
}

/* The message's number, as it is written, and the operation: its tag, and the place of its content.
 */
static unsigned char read_operation(const struct tls_start_unit *u, char number[32], size_t *at)
{
	unsigned char tag;
	uint64_t length;

	*at = 0;
	if (!read_element(u, at, &tag, &length) || !read_element(u, at, &tag, &length) ||
	    tag != BER_INTEGER || length > 8 || *at + length > sizeof(u->head))
		return 0;
	memset(number, 0, 32);
	number[0] = (char)length;
	memcpy(number + 1, u->head + *at, (size_t)length);
	*at += (size_t)length;
	return read_element(u, at, &tag, &length) ? tag : 0;
}

static void read_ldap_message(struct tls_start *s, enum leg from)
{
	const struct tls_start_unit *u = &s->unit[from];
	unsigned char tag;
	char number[32];
	uint64_t length;
	size_t at;
	unsigned char operation = read_operation(u, number, &at);

	if (from == LEG_CLIENT && operation == EXTENDED_REQUEST &&
	    read_element(u, &at, &tag, &length) && tag == REQUEST_NAME &&
	    length == strlen(LDAP_OID) && at + length <= u->n &&
	    memcmp(u->head + at, LDAP_OID, (size_t)length) == 0) {
		s->state = TLS_START_ASKED;
		memcpy(s->tag, number, sizeof(s->tag));
	} else if (from == LEG_SERVER && s->state == TLS_START_ASKED &&
		   operation == EXTENDED_ANSWER && memcmp(s->tag, number, sizeof(s->tag)) == 0) {
		tls_start_answer(s, read_element(u, &at, &tag, &length) && tag == BER_ENUMERATED &&
					length == 1 && byte_at(u, at) == 0);
	}
}

/* Reads one message, or what there is of it. */
static size_t read_ldap(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	struct tls_start_unit *u = &s->unit[from];
	size_t i = 0, at = 0;
	unsigned char tag = BER_SEQUENCE;
	uint64_t length;

	while (!read_element(u, &at, &tag, &length) && i < n && u->n < 6) {
		i += collect_bytes(u, u->n + 1, p + i, 1);
		at = 0;
	}
	at = 0;
	if (!read_element(u, &at, &tag, &length)) {
		if (u->n < 6 && (!u->n || byte_at(u, 0) == BER_SEQUENCE))
			return i;
		tag = 0;
	}
	if (tag != BER_SEQUENCE) {
		s->state = TLS_START_NEVER;
		return n;
	}
	i += collect_bytes(u, at + (size_t)length, p + i, n - i);
	if (u->n < at + length)
		return i;
	read_ldap_message(s, from);
	u->n = 0;
	return i;
}

size_t tls_start_packets(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	enum tls_start_state before = s->state;
	size_t i = 0;

	if (s->kind == TLS_START_POSTGRES)
		return n ? read_postgres(s, from, p, n) : 0;
	if (s->kind == TLS_START_MYSQL)
		return read_mysql(s, from, p, n);
	while (i < n && s->state == before)
		i += read_ldap(s, from, p + i, n - i);
	return s->state == TLS_START_NEVER ? n : i;
}
