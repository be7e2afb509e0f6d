/* tls_start_packets.c - PostgreSQL (SSLRequest, answered with one byte), MySQL (a first packet that
 * ends early, which nobody answers) and LDAP (an extended operation, RFC 4511 section 4.14). */
#include "proxy/stream/tls/tls_start_packets.h"

#include "proxy/base/byteorder.h"
#include "proxy/stream/tls/tls_start_announce.h"

#include <event2/buffer.h>
#include <string.h>

#define PG_HEADER 8 /* a length and a code, of what a client says before it says who it is */
#define PG_SSL	  80877103
#define PG_GSS	  80877104

#define MYSQL_HEADER 4	/* a length of three bytes, little-endian, and a number */
#define MYSQL_EARLY  32 /* bytes of SSLRequest; a login has more */
#define MYSQL_SSL    0x0800

#define LDAP_SHORT	 64 /* bytes that a request for the upgrade has at most */
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

/* A request that is answered with one byte. */
static void answer_postgres(struct tls_start *s)
{
	bool agrees = !s->gss && !s->edit->denies;

	tls_start_drop(s->edit, LEG_CLIENT);
	tls_start_say(s->edit, agrees ? "S" : "N", 1);
	s->state = agrees ? TLS_START_AGREED : TLS_START_CLEAR;
}

static size_t read_postgres_client(struct tls_start *s, const unsigned char *p, size_t n)
{
	struct tls_start_unit *u = &s->unit[LEG_CLIENT];
	size_t i = collect_bytes(u, PG_HEADER, p, n);
	const unsigned char *head = (const unsigned char *)u->head;
	uint32_t code;

	tls_start_hold(s->edit, LEG_CLIENT, p, i);

	if (u->n < PG_HEADER)
		return i;
	u->n = 0;
	code = get_be32(head + 4);
	s->gss = code == PG_GSS;
	if (get_be32(head) == PG_HEADER && (s->gss || code == PG_SSL)) {
		s->state = TLS_START_ASKED;
		if (s->edit)
			answer_postgres(s);
		return i;
	}
	tls_start_give_up(s, LEG_CLIENT, p + i, n - i); /* it logs in, or cancels a query */
	return n;
}

static size_t read_postgres(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	if (from == LEG_CLIENT)
		return read_postgres_client(s, p, n);
	if (s->state != TLS_START_ASKED) {
		tls_start_hold(s->edit, LEG_SERVER, p, n);
		tls_start_release(s->edit, LEG_SERVER);
		return n;
	}
	if (*p == 'N' || (*p == 'S' && !s->gss)) {
		tls_start_answer(s, *p == 'S');
		s->refusals -= s->gss; /* that was no refusal of TLS */
		return 1;
	}
	s->refusals++;
	s->state = TLS_START_NEVER; /* an error, or GSSAPI's encryption */
	return n;
}

/* The greeting needs no reader unless it is to be changed: the client's answer tells all. */
static size_t read_mysql_server(struct tls_start *s, const unsigned char *p, size_t n)
{
	struct evbuffer *held = s->edit ? s->edit->held[LEG_SERVER] : NULL;
	struct tls_start_unit *u = &s->unit[LEG_SERVER];
	unsigned char *greeting;
	size_t have;

	tls_start_hold(s->edit, LEG_SERVER, p, n);
	have = tls_start_held(s->edit, LEG_SERVER);
	if (!u->body && have) {
		greeting = evbuffer_pullup(held, -1);
		u->body = have >= TLS_START_HELD ||
			  (have >= MYSQL_HEADER && have >= MYSQL_HEADER + get_le24(greeting));
		if (u->body && !tls_start_announce_mysql(greeting, have, true))
			s->edit->changed = true;
	}
	if (u->body)
		tls_start_release(s->edit, LEG_SERVER);
	return n;
}

static size_t read_mysql(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	struct tls_start_unit *u = &s->unit[from];
	size_t i, more, length;

	if (from == LEG_SERVER)
		return read_mysql_server(s, p, n);
	i = collect_bytes(u, MYSQL_HEADER + 4, p, n);
	tls_start_hold(s->edit, from, p, i);
	if (u->n < MYSQL_HEADER + 4)
		return i;
	length = get_le24((const unsigned char *)u->head);
	if (length > MYSQL_EARLY || length < 4 ||
	    !((byte_at(u, 4) | byte_at(u, 5) << 8) & MYSQL_SSL)) {
		tls_start_give_up(s, from, p + i, n - i);
		return n;
	}
	more = collect_bytes(u, MYSQL_HEADER + length, p + i, n - i);
	tls_start_hold(s->edit, from, p + i, more);
	if (u->n == MYSQL_HEADER + length) {
		tls_start_drop(s->edit, from);
		s->state = TLS_START_AGREED;
	}
	return i + more;
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
	if (!read_element(u, at, &tag, &length)) /* the message around it */
		return 0;
	if (!read_element(u, at, &tag, &length) || tag != BER_INTEGER || length > 8 ||
	    *at + length > sizeof(u->head))
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

static void answer_ldap(struct tls_start *s)
{
	static const char success[] = {10, 1, 0, 4, 0, 4, 0};
	const size_t id = (size_t)s->tag[0], body = sizeof(success);
	char head[2 + 2 + 8 + 2] = {BER_SEQUENCE, (char)(2 + id + 2 + body), BER_INTEGER, (char)id};

	memcpy(head + 4, s->tag + 1, id);
	head[4 + id] = EXTENDED_ANSWER;
	head[5 + id] = (char)body;
	tls_start_drop(s->edit, LEG_CLIENT);
	tls_start_say(s->edit, head, 6 + id);
	tls_start_say(s->edit, success, body);
	s->state = TLS_START_AGREED;
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
		tls_start_give_up(s, from, p, n);
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
	while (i < n && s->state == before) {
		size_t k = read_ldap(s, from, p + i, n - i);

		if (s->state == TLS_START_NEVER)
			return n;
		tls_start_hold(s->edit, from, p + i, k);
		i += k;
		if (s->edit && s->state == TLS_START_ASKED)
			answer_ldap(s);
		else if (from == LEG_SERVER || !s->unit[from].n ||
			 tls_start_held(s->edit, from) > LDAP_SHORT)
			tls_start_release(s->edit, from);
	}
	return i;
}
