/* tls_start_announce.c - a reply to a request is found by its number, as the reply to the upgrade
 * is; IMAP's lists stand for themselves. */
#include "proxy/stream/tls/tls_start_announce.h"

#include "proxy/stream/tls/tls_start_words.h"

#include <event2/buffer.h>
#include <string.h>

#define MYSQL_HEADER 4
#define MYSQL_10     10
#define MYSQL_FIXED  13	  /* thread, the first part of the challenge, a zero */
#define MYSQL_SSL    0x08 /* in the second byte of the flags */

static uint64_t bit_of(uint64_t number)
{
	return UINT64_C(1) << number % 64;
}

void tls_start_note_list(struct tls_start *s, const char *line)
{
	bool lists;

	if (s->kind == TLS_START_POP3)
		lists = tls_start_is_word(line, "CAPA");
	else
		lists =
		    (s->kind != TLS_START_FTP && tls_start_is_word(line, "EHLO")) ||
		    ((s->kind == TLS_START_FTP || !s->known) && tls_start_is_word(line, "FEAT"));
	s->feat = tls_start_is_word(line, "FEAT");
	s->announces = lists ? s->announces | bit_of(s->sent) : s->announces & ~bit_of(s->sent);
}

/* Whether the reply that comes next, or is open, is a list. */
static bool is_list(const struct tls_start *s)
{
	return s->edit && !s->edit->denies && s->announces & bit_of(s->replied + 1);
}

static void add_smtp(struct tls_start *s, const char *line)
{
	struct evbuffer *held = s->edit->held[LEG_SERVER];

	evbuffer_drain(held, line[3] ? 4 : 3);
	tls_start_insert(s->edit, LEG_SERVER, 0, "250-");
	tls_start_insert(s->edit, LEG_SERVER, evbuffer_get_length(held), "250 STARTTLS\r\n");
}

/* FTP's list, or its refusal by a server that knows no list. */
static void add_ftp(struct tls_start *s, const char *line, bool open)
{
	if (open)
		tls_start_insert(s->edit, LEG_SERVER, 0, " AUTH TLS\r\n");
	else if (strncmp(line, "211", 3) == 0 || *line == '5')
		tls_start_replace(s->edit, LEG_SERVER, "211-Features:\r\n AUTH TLS\r\n211 End\r\n");
}

void tls_start_announce_coded(struct tls_start *s, const char *line, bool open, bool last)
{
	const char *words = line + strspn(line, " ");
	bool held = tls_start_held(s->edit, LEG_SERVER);

	if (!is_list(s))
		return;
	if (strncmp(line, "250", 3) == 0 && line[3])
		s->announced |= tls_start_is_word(line + 4, "STARTTLS");
	if (open && *line == ' ' && tls_start_is_word(words, "AUTH") && strstr(words, "TLS"))
		s->announced = true;
	if (!last)
		return;
	if (held && !s->announced && strncmp(line, "250", 3) == 0)
		add_smtp(s, line);
	else if (held && !s->announced && s->kind != TLS_START_AUTO &&
		 (*line == '5' ? s->feat : strncmp(line, "211", 3) == 0))
		add_ftp(s, line, open);
	s->announced = false;
}

void tls_start_announce_pop3(struct tls_start *s, const char *line)
{
	if (!s->unit[LEG_SERVER].body) {
		if (is_list(s) && *line == '-' && tls_start_held(s->edit, LEG_SERVER))
			tls_start_replace(s->edit, LEG_SERVER, "+OK\r\nSTLS\r\n.\r\n");
		s->announcing = is_list(s) && *line == '+';
		s->announced = false;
		return;
	}
	s->announced |= tls_start_is_word(line, "STLS");
	if (!s->announcing || strcmp(line, ".") != 0)
		return;
	if (!s->announced && tls_start_held(s->edit, LEG_SERVER))
		tls_start_insert(s->edit, LEG_SERVER, 0, "STLS\r\n");
	s->announcing = false;
}

/* The place of a word within n bytes, whatever its case; n: it isn't there. */
static size_t find_word(const char *p, size_t n, const char *word)
{
	size_t len = strlen(word), i = 0;

	while (i + len <= n && strncasecmp(p + i, word, len) != 0)
		i++;
	return i + len <= n ? i : n;
}

void tls_start_announce_imap(struct tls_start *s)
{
	static const char list[] = "* CAPABILITY ", greeting[] = "* OK [CAPABILITY ";
	size_t n = tls_start_held(s->edit, LEG_SERVER), end;
	const char *p, *close;

	if (!n || s->edit->denies)
		return;
	p = (const char *)evbuffer_pullup(s->edit->held[LEG_SERVER], -1);
	if (find_word(p, n, list) == 0) {
		for (end = n; end && strchr("\r\n ", p[end - 1]); end--)
			;
	} else {
		close = find_word(p, n, greeting) == 0 ? memchr(p, ']', n) : NULL;
		if (!close)
			return;
		end = (size_t)(close - p);
	}
	if (find_word(p, end, " STARTTLS") == end)
		tls_start_insert(s->edit, LEG_SERVER, end, " STARTTLS");
}

bool tls_start_announce_mysql(unsigned char *greeting, size_t n, bool on)
{
	const unsigned char *version = greeting + MYSQL_HEADER + 1, *zero;
	size_t at;
	bool had;

	if (n <= MYSQL_HEADER || greeting[MYSQL_HEADER] != MYSQL_10)
		return false;
	zero = memchr(version, '\0', n - MYSQL_HEADER - 1);
	at = zero ? (size_t)(zero - greeting) + 1 + MYSQL_FIXED + 1 : n;
	if (at >= n)
		return false;
	had = greeting[at] & MYSQL_SSL;
	greeting[at] = (unsigned char)(on ? greeting[at] | MYSQL_SSL : greeting[at] & ~MYSQL_SSL);
	return had;
}

bool tls_start_may_announce(const struct tls_start *s)
{
	if (tls_start_held(s->edit, LEG_SERVER) > TLS_START_HELD)
		return false;
	return s->kind == TLS_START_IMAP || is_list(s) || s->announcing;
}
