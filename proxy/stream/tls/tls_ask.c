/* tls_ask.c - one step for each reply of the server's: its greeting, in SMTP what it answers to
 * EHLO, and what it answers to the request. */
#include "proxy/stream/tls/tls_ask.h"

#include "proxy/base/byteorder.h"
#include "proxy/stream/tls/tls_start.h"
#include "proxy/stream/tls/tls_start_announce.h"
#include "proxy/stream/tls/tls_start_words.h"

#include <ctype.h>
#include <string.h>

#define IMAP_TAG	 "wedge1"
#define MYSQL_HEADER	 4
#define MYSQL_REQUEST	 32 /* bytes of SSLRequest: flags, a length, a character set, zeros */
#define MYSQL_SSL	 0x08
#define MYSQL_41	 0x02
#define EXTENDED_ANSWER	 0x78
#define LDAP_RESULT_CODE 5 /* bytes from the answer's tag to its result */

static const unsigned char pg_request[] = {0, 0, 0, 8, 4, 210, 22, 47};
static const unsigned char ldap_request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
					    "1.3.6.1.4.1.1466.20037";

static void say_bytes(struct tls_ask *a, const void *p, size_t n)
{
	BUG_ON(n > sizeof(a->say));
	memcpy(a->say, p, n);
	a->nsay = n;
}

static void say_line(struct tls_ask *a, const char *text, const char *arg)
{
	char line[TLS_ASK_SAY];
	int n = snprintf(line, sizeof(line), "%s%s\r\n", text, arg);

	say_bytes(a, line, (size_t)n);
}

/* The server's words in the line that says why; what is no text is left out. */
static void refuse_tls(struct tls_ask *a, const char *what, const char *said)
{
	char text[64];
	size_t n = 0;

	for (; *said && n + 1 < sizeof(text); said++)
		if (isprint((unsigned char)*said))
			text[n++] = *said;
	text[n] = '\0';
	a->state = TLS_ASK_REFUSED;
	snprintf(a->why, sizeof(a->why), "%s%s%s%s", what, n ? ": '" : "", text, n ? "'" : "");
}

static void take_answer(struct tls_ask *a, bool agreed, const char *said)
{
	if (agreed)
		a->state = TLS_ASK_AGREED;
	else
		refuse_tls(a, "it refused the upgrade to TLS", said);
}

/* Kinds in which wedge speaks first, or nothing is asked. */
static void begin_talk(struct tls_ask *a)
{
	if (a->kind == TLS_START_POSTGRES)
		say_bytes(a, pg_request, sizeof(pg_request));
	else if (a->kind == TLS_START_LDAP)
		say_bytes(a, ldap_request, sizeof(ldap_request) - 1);
	else if (a->kind == TLS_START_DIRECT)
		a->state = TLS_ASK_AGREED;
}

void tls_ask_init(struct tls_ask *a, enum tls_start_kind kind, const char *host)
{
	*a = (struct tls_ask){.kind = kind, .host = host};
	begin_talk(a);
}

static void keep_greeting(struct tls_ask *a, const char *p, size_t n)
{
	if (a->ngreeting + n > sizeof(a->greeting)) {
		refuse_tls(a, "its greeting is too long", "");
		return;
	}
	memcpy(a->greeting + a->ngreeting, p, n);
	a->ngreeting += n;
}

static void read_smtp(struct tls_ask *a, const char *line)
{
	if (a->step == 1) {
		if (*line != '2')
			refuse_tls(a, "it greets with an error", line);
		else
			say_line(a, "EHLO ", a->host);
	} else if (a->step == 2) {
		if (*line == '2') {
			say_line(a, "STARTTLS", "");
		} else if (a->alike) {
			a->kind = TLS_START_FTP;
			say_line(a, "AUTH TLS", "");
		} else {
			refuse_tls(a, "it refuses EHLO", line);
		}
	} else {
		take_answer(a, strncmp(line, "220", 3) == 0, line);
	}
}

static void read_ftp(struct tls_ask *a, const char *line)
{
	if (a->step > 1)
		take_answer(a, strncmp(line, "234", 3) == 0, line);
	else if (*line != '2')
		refuse_tls(a, "it greets with an error", line);
	else
		say_line(a, "AUTH TLS", "");
}

/* "220-more", "220 end"; in FTP what is between may be anything. */
static void read_coded(struct tls_ask *a)
{
	const char *line = a->line;

	if (!*a->code) {
		if (!isdigit((unsigned char)line[0]) || !isdigit((unsigned char)line[1]) ||
		    !isdigit((unsigned char)line[2])) {
			refuse_tls(a, "that is no reply", line);
			return;
		}
		snprintf(a->code, sizeof(a->code), "%.3s", line);
	}
	if (strncmp(line, a->code, 3) != 0 || (line[3] && line[3] != ' '))
		return;
	*a->code = '\0';
	if (*line == '1') /* another one follows */
		return;
	a->step++;
	if (a->kind == TLS_START_FTP)
		read_ftp(a, line);
	else
		read_smtp(a, line);
}

/* A greeting's list names the upgrade, and forbids to log in without: the client asks anew. */
static void cut_capabilities(struct tls_ask *a)
{
	static const char ok[] = "* OK ";
	char *open = a->greeting + sizeof(ok) - 1, *close = memchr(a->greeting, ']', a->ngreeting);
	size_t n;

	if (a->ngreeting < sizeof(ok) + 11 || strncasecmp(open, "[CAPABILITY", 11) != 0 || !close)
		return;
	close += 1 + (close + 1 < a->greeting + a->ngreeting && close[1] == ' ');
	n = (size_t)(a->greeting + a->ngreeting - close);
	memmove(open, close, n);
	a->ngreeting = (size_t)(open - a->greeting) + n;
}

static void read_imap(struct tls_ask *a)
{
	static const char tag[] = IMAP_TAG " ";
	const char *line = a->line;

	if (!a->step) {
		a->step++;
		if (strncasecmp(line, "* OK", 4) != 0) {
			refuse_tls(a, "it greets with another word than OK", line);
			return;
		}
		cut_capabilities(a);
		say_line(a, IMAP_TAG " STARTTLS", "");
	} else if (strncmp(line, tag, sizeof(tag) - 1) == 0) {
		take_answer(a, tls_start_is_word(line + sizeof(tag) - 1, "OK"), line);
	}
}

static void read_pop3(struct tls_ask *a)
{
	bool good = tls_start_is_word(a->line, "+OK");

	if (a->step++)
		take_answer(a, good, a->line);
	else if (good)
		say_line(a, "STLS", "");
	else
		refuse_tls(a, "it greets with an error", a->line);
}

static void read_line(struct tls_ask *a)
{
	if (a->kind == TLS_START_IMAP)
		read_imap(a);
	else if (a->kind == TLS_START_POP3)
		read_pop3(a);
	else
		read_coded(a);
}

/* Reads one line, or what there is of it. */
static size_t read_piece(struct tls_ask *a, const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);
	size_t k = end ? (size_t)(end - p) + 1 : n;

	if (a->nline + k >= sizeof(a->line)) {
		refuse_tls(a, "a line of its is too long", "");
		return k;
	}
	memcpy(a->line + a->nline, p, k);
	a->nline += k;
	if (!end)
		return k;
	if (!a->step)
		keep_greeting(a, a->line, a->nline);
	while (a->nline && strchr("\r\n", a->line[a->nline - 1]))
		a->nline--;
	a->line[a->nline] = '\0';
	a->nline = 0;
	if (a->state == TLS_ASK_WAITS)
		read_line(a);
	return k;
}

static size_t read_postgres(struct tls_ask *a, unsigned char c)
{
	take_answer(a, c == 'S', c == 'E' ? "an error" : c == 'N' ? "N" : "");
	return 1;
}

static size_t read_mysql(struct tls_ask *a, const char *p, size_t n)
{
	unsigned char *greeting = (unsigned char *)a->greeting;
	size_t have = a->ngreeting, want = MYSQL_HEADER, k;

	if (have >= MYSQL_HEADER)
		want += get_le24(greeting);
	k = want - have < n ? want - have : n;
	keep_greeting(a, p, k);
	have = a->ngreeting;
	if (a->state != TLS_ASK_WAITS || have < MYSQL_HEADER ||
	    have < MYSQL_HEADER + get_le24(greeting))
		return k;
	if (tls_start_announce_mysql(greeting, have, false))
		a->state = TLS_ASK_LOGIN;
	else
		refuse_tls(a, "it offers no TLS", "");
	return k;
}

/* The answer to the only request that has been made: what is before its result is known. */
static size_t read_ldap(struct tls_ask *a, const char *p, size_t n)
{
	size_t k = n < sizeof(a->line) - a->nline ? n : sizeof(a->line) - a->nline;
	const unsigned char *m = (const unsigned char *)a->line;
	size_t whole, had = a->nline, at;

	memcpy(a->line + a->nline, p, k);
	a->nline += k;
	if (a->nline < 2)
		return k;
	whole = 2u + m[1];
	if (m[0] != 0x30 || m[1] >= 0x80 || whole > sizeof(a->line)) {
		refuse_tls(a, "that is no answer to StartTLS", "");
		return k;
	}
	if (a->nline < whole)
		return k;
	at = 5; /* behind the message and its number, 1 */
	take_answer(a,
		    whole > at + LDAP_RESULT_CODE && m[at] == EXTENDED_ANSWER && m[at + 1] < 0x80 &&
			m[at + 2] == 10 && m[at + 3] == 1 && m[at + 4] == 0,
		    "");
	return whole - had;
}

static bool guess_kind(struct tls_ask *a, enum leg from, const unsigned char *p, size_t n)
{
	bool more;
	enum tls_start_kind kind = tls_start_guess(from, p, n, &more);

	if (more)
		return false;
	a->alike = kind == TLS_START_SMTP;
	/* TLS from the first byte, or nothing. */
	if (kind == TLS_START_AUTO || kind == TLS_START_XMPP)
		kind = TLS_START_DIRECT;
	a->kind = kind;
	begin_talk(a);
	return true;
}

static size_t read_kind(struct tls_ask *a, const unsigned char *p, size_t n)
{
	const char *text = (const char *)p;

	switch (a->kind) {
	case TLS_START_POSTGRES:
		return read_postgres(a, *p);
	case TLS_START_MYSQL:
		return read_mysql(a, text, n);
	case TLS_START_LDAP:
		return read_ldap(a, text, n);
	default:
		return read_piece(a, text, n);
	}
}

size_t tls_ask_read(struct tls_ask *a, const unsigned char *p, size_t n)
{
	size_t i = 0;

	if (n && a->kind == TLS_START_AUTO && !guess_kind(a, LEG_SERVER, p, n))
		return 0;
	while (i < n && a->state == TLS_ASK_WAITS && !a->nsay)
		i += read_kind(a, p + i, n - i);
	return i;
}

void tls_ask_look(struct tls_ask *a, const unsigned char *p, size_t n)
{
	unsigned char request[MYSQL_HEADER + MYSQL_REQUEST];

	if (n && a->kind == TLS_START_AUTO)
		guess_kind(a, LEG_CLIENT, p, n);
	if (a->state != TLS_ASK_LOGIN || n < sizeof(request))
		return;
	memcpy(request, p, sizeof(request));
	if (get_le24(p) < MYSQL_REQUEST || !(request[MYSQL_HEADER + 1] & MYSQL_41)) {
		refuse_tls(a, "the client's login is none that can be upgraded", "");
		return;
	}
	request[0] = MYSQL_REQUEST;
	request[1] = request[2] = 0;
	request[MYSQL_HEADER + 1] |= MYSQL_SSL;
	say_bytes(a, request, sizeof(request));
	a->state = TLS_ASK_AGREED;
}
