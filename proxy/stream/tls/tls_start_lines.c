/* tls_start_lines.c - SMTP (RFC 3207), FTP (RFC 4217), IMAP and POP3 (RFC 2595): requests are
 * numbered and so are replies, so that the reply to the upgrade is found behind pipelined ones. */
#include "proxy/stream/tls/tls_start_lines.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Whether the line is that word, alone or with arguments behind it. */
static bool is_word(const char *line, const char *word)
{
	size_t n = strlen(word);

	return strncasecmp(line, word, n) == 0 && (!line[n] || line[n] == ' ');
}

static void note_request(struct tls_start *s, const char *code)
{
	s->state = TLS_START_ASKED;
	s->ask = s->sent;
	snprintf(s->wanted, sizeof(s->wanted), "%s", code);
}

static bool asks_ftp(const char *line)
{
	return is_word(line, "AUTH TLS") || is_word(line, "AUTH SSL") ||
	       is_word(line, "AUTH TLS-C") || is_word(line, "AUTH TLS-P");
}

static void read_coded_request(struct tls_start *s, struct tls_start_unit *u)
{
	const char *line = u->head;

	if (u->body) { /* a message, up to a dot that is alone */
		u->body = strcmp(line, ".") != 0;
		s->sent += !u->body;
		return;
	}
	s->sent++;
	if (s->kind != TLS_START_FTP && is_word(line, "STARTTLS"))
		note_request(s, "220");
	else if ((s->kind == TLS_START_FTP || !s->known) && asks_ftp(line))
		note_request(s, "234");
	else if (s->kind != TLS_START_FTP && is_word(line, "DATA"))
		s->data = s->sent;
	else if (s->kind != TLS_START_FTP && strncasecmp(line, "BDAT ", 5) == 0)
		u->left = strtoull(line + 5, NULL, 10);
	if (s->state == TLS_START_ASKED && !s->known && s->kind != TLS_START_AUTO) {
		s->kind = s->wanted[2] == '4' ? TLS_START_FTP : TLS_START_SMTP;
		s->known = true;
	}
}

static bool has_code(const char *line)
{
	return isdigit((unsigned char)line[0]) && isdigit((unsigned char)line[1]) &&
	       isdigit((unsigned char)line[2]);
}

/* "250-more", then "250 end"; of FTP's replies the lines between may be anything. */
static void read_coded_reply(struct tls_start *s, const char *line)
{
	if (*s->code ? strncmp(line, s->code, 3) != 0 || (line[3] && line[3] != ' ')
		     : !has_code(line))
		return;
	snprintf(s->code, sizeof(s->code), "%.3s", line);
	if (line[3] == '-')
		return;
	if (line[0] != '1') { /* else another one follows */
		s->replied++;
		if (s->replied == s->data)
			s->unit[LEG_CLIENT].body = strcmp(s->code, "354") == 0;
		if (s->replied == s->ask)
			tls_start_answer(s, strcmp(s->code, s->wanted) == 0);
	}
	*s->code = '\0';
}

/* "{12}" or "{12+}" at the end of a line announces that many bytes (RFC 3501 section 4.3, RFC
 * 7888). */
static uint64_t read_literal(const struct tls_start_unit *u)
{
	const char *open = strrchr(u->tail, '{');
	uint64_t n = 0;

	if (!open)
		return 0;
	for (open++; isdigit((unsigned char)*open); open++)
		n = n * 10 + (uint64_t)(*open - '0');
	return strcmp(open, "}") == 0 || strcmp(open, "+}") == 0 || strcmp(open, "-}") == 0 ? n : 0;
}

static void read_tagged_request(struct tls_start *s, struct tls_start_unit *u)
{
	const char *space = strchr(u->head, ' ');

	u->left = read_literal(u);
	if (!space || (size_t)(space - u->head) >= sizeof(s->tag) ||
	    !is_word(space + 1, "STARTTLS"))
		return;
	s->state = TLS_START_ASKED;
	snprintf(s->tag, sizeof(s->tag), "%.*s", (int)(space - u->head), u->head);
}

static void read_tagged_reply(struct tls_start *s, struct tls_start_unit *u)
{
	size_t n = strlen(s->tag);

	u->left = read_literal(u);
	if (s->state == TLS_START_ASKED && strncmp(u->head, s->tag, n) == 0 && u->head[n] == ' ')
		tls_start_answer(s, is_word(u->head + n + 1, "OK"));
}

/* Requests whose reply goes on, when it is a good one, up to a dot that is alone. */
static bool has_list(const char *line)
{
	return is_word(line, "CAPA") || is_word(line, "RETR") || is_word(line, "TOP") ||
	       strcasecmp(line, "LIST") == 0 || strcasecmp(line, "UIDL") == 0 ||
	       strcasecmp(line, "AUTH") == 0;
}

static void read_pop3_request(struct tls_start *s, const char *line)
{
	uint64_t bit;

	s->sent++;
	bit = UINT64_C(1) << s->sent % 64;
	s->lists = has_list(line) ? s->lists | bit : s->lists & ~bit;
	if (is_word(line, "STLS"))
		note_request(s, "+OK");
}

static void read_pop3_reply(struct tls_start *s, struct tls_start_unit *u)
{
	if (u->body) {
		u->body = strcmp(u->head, ".") != 0;
		return;
	}
	if (*u->head != '+' && *u->head != '-')
		return;
	s->replied++;
	u->body = is_word(u->head, "+OK") && s->replied > 1 && s->lists >> s->replied % 64 & 1;
	if (s->replied == s->ask)
		tls_start_answer(s, is_word(u->head, "+OK"));
}

static void read_line(struct tls_start *s, enum leg from)
{
	struct tls_start_unit *u = &s->unit[from];

	if (s->kind == TLS_START_IMAP)
		from == LEG_CLIENT ? read_tagged_request(s, u) : read_tagged_reply(s, u);
	else if (s->kind == TLS_START_POP3)
		from == LEG_CLIENT ? read_pop3_request(s, u->head) : read_pop3_reply(s, u);
	else if (from == LEG_CLIENT)
		read_coded_request(s, u);
	else
		read_coded_reply(s, u->head);
}

/* Keeps the line's first bytes and its last, without the end of the line. */
static void keep_byte(struct tls_start_unit *u, char c)
{
	size_t n = strlen(u->tail);

	if (u->n + 1 < sizeof(u->head)) {
		u->head[u->n] = c;
		u->head[u->n + 1] = '\0';
	}
	u->n++;
	if (n + 1 == sizeof(u->tail))
		memmove(u->tail, u->tail + 1, n--);
	u->tail[n] = c;
	u->tail[n + 1] = '\0';
}

size_t tls_start_lines(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	struct tls_start_unit *u = &s->unit[from];
	enum tls_start_state before = s->state;
	size_t i = 0;

	while (i < n && s->state == before) {
		if (u->left) {
			size_t k = u->left < n - i ? (size_t)u->left : n - i;

			u->left -= k;
			i += k;
			continue;
		}
		if (p[i] != '\n') {
			if (p[i] != '\r' && p[i])
				keep_byte(u, (char)p[i]);
			i++;
			continue;
		}
		i++;
		read_line(s, from);
		u->n = 0;
		*u->head = *u->tail = '\0';
	}
	return i;
}
