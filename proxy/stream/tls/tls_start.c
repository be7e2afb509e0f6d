/* tls_start.c - guesses the protocol by who speaks first and with which bytes, and gives the rest
 * to the protocol's reader. */
#include "proxy/stream/tls/tls_start.h"

#include "proxy/stream/tls/tls_start_lines.h"
#include "proxy/stream/tls/tls_start_packets.h"
#include "proxy/stream/tls/tls_start_tags.h"

#include <string.h>

#define RECORD_FIRST 20 /* change_cipher_spec; 22 is a handshake, RFC 8446 section 5.1 */
#define RECORD_LAST  24
#define BER_SEQUENCE 0x30
#define MYSQL_10     10 /* the version of the protocol, the first byte of the server's greeting */
#define PG_HEADER    8

void tls_start_init(struct tls_start *s, enum tls_start_kind kind)
{
	*s = (struct tls_start){.kind = kind, .known = kind != TLS_START_AUTO, .sent = 1};
}

/* Whether the n bytes are the beginning of word. */
static bool is_begun(const char *word, const unsigned char *p, size_t n)
{
	size_t k = strlen(word) < n ? strlen(word) : n;

	return memcmp(word, p, k) == 0;
}

static enum tls_start_kind guess_server(const unsigned char *p, size_t n, bool *more)
{
	static const struct {
		const char *word;
		enum tls_start_kind kind;
	} greetings[] = {{"220", TLS_START_SMTP}, {"+OK", TLS_START_POP3}, {"* ", TLS_START_IMAP}};

	for (size_t i = 0; i < ARRAY_LEN(greetings); i++) {
		if (!is_begun(greetings[i].word, p, n))
			continue;
		*more = n < strlen(greetings[i].word);
		return *more ? TLS_START_AUTO : greetings[i].kind;
	}
	/* A length of three bytes, of a small packet; its number, 0. */
	for (size_t i = 1; i < 4 && i < n; i++)
		if (p[i])
			return TLS_START_AUTO;
	*more = n < 5;
	return !*more && p[4] == MYSQL_10 ? TLS_START_MYSQL : TLS_START_AUTO;
}

static enum tls_start_kind guess_client(const unsigned char *p, size_t n, bool *more)
{
	if (p[0] >= RECORD_FIRST && p[0] <= RECORD_LAST) /* no other protocol begins so */
		return TLS_START_DIRECT;
	if (p[0] == '<')
		return TLS_START_XMPP;
	if (p[0] == BER_SEQUENCE)
		return TLS_START_LDAP;
	for (size_t i = 0; i < 3 && i < n; i++) /* the length of a packet without a type */
		if (p[i])
			return TLS_START_AUTO;
	*more = n < PG_HEADER;
	return *more ? TLS_START_AUTO : TLS_START_POSTGRES;
}

enum tls_start_kind tls_start_guess(enum leg from, const unsigned char *p, size_t n, bool *more)
{
	*more = false;
	if (!n) {
		*more = true;
		return TLS_START_AUTO;
	}
	return from == LEG_CLIENT ? guess_client(p, n, more) : guess_server(p, n, more);
}

static size_t read_kind(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	switch (s->kind) {
	case TLS_START_DIRECT:
		if (from == LEG_CLIENT)
			s->state = TLS_START_NEVER;
		tls_start_hold(s->edit, from, p, n);
		tls_start_release(s->edit, from);
		return n;
	case TLS_START_POSTGRES:
	case TLS_START_MYSQL:
	case TLS_START_LDAP:
		return tls_start_packets(s, from, p, n);
	case TLS_START_XMPP:
		return tls_start_tags(s, from, p, n);
	case TLS_START_AUTO: /* a client that doesn't wait for a greeting: read as SMTP's */
	case TLS_START_SMTP:
	case TLS_START_IMAP:
	case TLS_START_POP3:
	case TLS_START_FTP:
		break;
	}
	return tls_start_lines(s, from, p, n);
}

/* The first bytes of an end. false: too few of them. */
static bool read_first(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	bool more;
	enum tls_start_kind kind = tls_start_guess(from, p, n, &more);

	if (more && (from == LEG_CLIENT || s->kind == TLS_START_AUTO))
		return false;
	s->spoken[from] = true;
	if (from == LEG_CLIENT && kind == TLS_START_DIRECT) {
		s->state = TLS_START_AGREED; /* whatever was waited for: this is TLS */
		s->kind = s->known ? s->kind : kind;
		s->known = true;
		return true;
	}
	if (s->kind != TLS_START_AUTO)
		return true;
	if (kind != TLS_START_AUTO) {
		if (kind != TLS_START_SMTP && from == LEG_SERVER) {
			bool spoken = s->spoken[LEG_CLIENT];
			struct tls_start_edit *edit = s->edit;

			tls_start_init(s, kind);
			s->edit = edit;
			tls_start_release(edit, LEG_CLIENT);
			s->spoken[LEG_CLIENT] = spoken;
			s->spoken[LEG_SERVER] = true;
		}
		s->kind = kind;
		/* 220 is FTP's greeting too: its client's words tell. */
		s->known = kind != TLS_START_SMTP;
	} else if (from == LEG_SERVER) {
		s->state = TLS_START_NEVER;
	}
	return true;
}

size_t tls_start_read(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	if (s->state == TLS_START_NEVER) {
		tls_start_give_up(s, from, p, n);
		return n;
	}
	if (s->state == TLS_START_AGREED || (s->state == TLS_START_ASKED && from == LEG_CLIENT))
		return 0;
	if (n && !s->spoken[from] && !read_first(s, from, p, n))
		return 0;
	if (s->state == TLS_START_AGREED)
		return 0;
	if (s->state != TLS_START_NEVER)
		return read_kind(s, from, p, n);
	tls_start_give_up(s, from, p, n);
	return n;
}

const char *tls_start_name(const struct tls_start *s)
{
	return tls_start_names[s->known || s->kind == TLS_START_SMTP ? s->kind : TLS_START_AUTO];
}

const char *tls_start_request(enum tls_start_kind kind)
{
	static const char *const words[] = {
	    [TLS_START_DIRECT] = "a ClientHello",
	    [TLS_START_SMTP] = "STARTTLS",
	    [TLS_START_IMAP] = "STARTTLS",
	    [TLS_START_POP3] = "STLS",
	    [TLS_START_FTP] = "AUTH TLS",
	    [TLS_START_POSTGRES] = "an SSLRequest",
	    [TLS_START_MYSQL] = "an SSLRequest",
	    [TLS_START_LDAP] = "StartTLS",
	    [TLS_START_XMPP] = "starttls",
	    [TLS_START_AUTO] = "the first words of either end",
	};

	return words[kind];
}
