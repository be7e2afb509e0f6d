/* tls_start_lines.c - SMTP (RFC 3207), FTP (RFC 4217), IMAP and POP3 (RFC 2595): requests are
 * numbered and so are replies, so that the reply to the upgrade is found behind pipelined ones. */
#include "proxy/stream/tls/tls_start_lines.h"

#include "proxy/stream/tls/tls_start_announce.h"
#include "proxy/stream/tls/tls_start_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void note_request(struct tls_start *s, const char *code)
{
	s->state = TLS_START_ASKED;
	s->ask = s->sent;
	s->sent -= s->edit != NULL; /* the server doesn't hear of it */
	snprintf(s->wanted, sizeof(s->wanted), "%s", code);
}

/* The upgrade has no arguments. Where wedge answers, a request that has some is the server's, whose
 * answer is an error. */
static bool asks_for(const struct tls_start *s, const struct tls_start_unit *u, const char *line,
		     const char *word)
{
	size_t n = strlen(word);

	return tls_start_is_word(line, word) &&
	       (!s->edit || (u->n < sizeof(u->head) && !line[n + strspn(line + n, " ")]));
}

static const char *const ftp_words[] = {"AUTH TLS", "AUTH SSL", "AUTH TLS-C", "AUTH TLS-P"};

static bool asks_ftp(const struct tls_start *s, const struct tls_start_unit *u)
{
	for (size_t i = 0; i < ARRAY_LEN(ftp_words); i++)
		if (asks_for(s, u, u->head, ftp_words[i]))
			return true;
	return false;
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
	tls_start_note_list(s, line);
	if (s->kind != TLS_START_FTP && asks_for(s, u, line, "STARTTLS"))
		note_request(s, "220");
	else if ((s->kind == TLS_START_FTP || !s->known) && asks_ftp(s, u))
		note_request(s, "234");
	else if (s->kind != TLS_START_FTP && tls_start_is_word(line, "DATA"))
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
	bool open = *s->code, coded = open ? strncmp(line, s->code, 3) == 0 : has_code(line);

	tls_start_announce_coded(s, line, open, coded && (!line[3] || line[3] == ' '));
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
 * 7888); *waits: they come only when the server agrees. */
static bool read_literal(const struct tls_start_unit *u, uint64_t *n, bool *waits)
{
	const char *open = strrchr(u->tail, '{');

	*n = 0;
	*waits = false;
	if (!open)
		return false;
	for (open++; isdigit((unsigned char)*open); open++)
		*n = *n * 10 + (uint64_t)(*open - '0');
	*waits = strcmp(open, "}") == 0;
	return *waits || strcmp(open, "+}") == 0 || strcmp(open, "-}") == 0;
}

/* A line with a tag and a word is a request; one without is what a request goes on with: the rest
 * behind a literal, IDLE's end, a step of AUTHENTICATE. */
static void read_tagged_request(struct tls_start *s, struct tls_start_unit *u)
{
	const char *space = strchr(u->head, ' ');
	bool rest = u->body, waits;
	uint64_t n;

	u->body = read_literal(u, &n, &waits);
	u->left = u->body ? n : 0;
	s->literal = waits ? n : 0;
	if (rest || !space || space == u->head || (size_t)(space - u->head) >= sizeof(s->tag))
		return;
	s->sent++;
	snprintf(s->tag, sizeof(s->tag), "%.*s", (int)(space - u->head), u->head);
	if (!u->body && asks_for(s, u, space + 1, "STARTTLS"))
		note_request(s, "OK");
}

/* A request whose literal the server refuses is over. */
static void end_refused_literal(struct tls_start *s, const char *line)
{
	struct tls_start_unit *client = &s->unit[LEG_CLIENT];
	size_t n = strlen(s->tag);

	if (!client->body || !s->literal || client->left != s->literal ||
	    strncmp(line, s->tag, n) != 0 || line[n] != ' ')
		return;
	client->left = 0;
	client->body = false;
}

static void read_tagged_reply(struct tls_start *s, struct tls_start_unit *u)
{
	size_t n = strlen(s->tag);
	bool rest = u->body, waits;

	if (!rest)
		tls_start_announce_imap(s);
	u->body = read_literal(u, &u->left, &waits);
	if (!u->body)
		u->left = 0;
	if (rest)
		return;
	if (!s->replied || (*u->head && *u->head != '*' && *u->head != '+'))
		s->replied++;
	end_refused_literal(s, u->head);
	if (!s->edit && s->state == TLS_START_ASKED && strncmp(u->head, s->tag, n) == 0 &&
	    u->head[n] == ' ')
		tls_start_answer(s, tls_start_is_word(u->head + n + 1, "OK"));
}

/* Requests whose reply goes on, when it is a good one, up to a dot that is alone. */
static bool has_list(const char *line)
{
	return tls_start_is_word(line, "CAPA") || tls_start_is_word(line, "RETR") ||
	       tls_start_is_word(line, "TOP") || strcasecmp(line, "LIST") == 0 ||
	       strcasecmp(line, "UIDL") == 0 || strcasecmp(line, "AUTH") == 0;
}

static void read_pop3_request(struct tls_start *s, const struct tls_start_unit *u)
{
	uint64_t bit;

	s->sent++;
	bit = UINT64_C(1) << s->sent % 64;
	s->lists = has_list(u->head) ? s->lists | bit : s->lists & ~bit;
	tls_start_note_list(s, u->head);
	if (asks_for(s, u, u->head, "STLS"))
		note_request(s, "+OK");
}

static void read_pop3_reply(struct tls_start *s, struct tls_start_unit *u)
{
	tls_start_announce_pop3(s, u->head);
	if (u->body) {
		u->body = strcmp(u->head, ".") != 0;
		return;
	}
	if (*u->head != '+' && *u->head != '-')
		return;
	s->replied++;
	u->body =
	    tls_start_is_word(u->head, "+OK") && s->replied > 1 && s->lists >> s->replied % 64 & 1;
	if (s->replied == s->ask)
		tls_start_answer(s, tls_start_is_word(u->head, "+OK"));
}

static void read_line(struct tls_start *s, enum leg from)
{
	struct tls_start_unit *u = &s->unit[from];

	if (s->kind == TLS_START_IMAP)
		from == LEG_CLIENT ? read_tagged_request(s, u) : read_tagged_reply(s, u);
	else if (s->kind == TLS_START_POP3)
		from == LEG_CLIENT ? read_pop3_request(s, u) : read_pop3_reply(s, u);
	else if (from == LEG_CLIENT)
		read_coded_request(s, u);
	else
		read_coded_reply(s, u->head);
}

/* Keeps the line's first bytes and its last, without the end of the line. A byte that is no part of
 * text makes no word of its neighbours. */
static void keep_byte(struct tls_start_unit *u, char c)
{
	size_t n = strlen(u->tail);

	if (!c)
		c = '\177';
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

static void cut_return(char *text)
{
	size_t n = strlen(text);

	if (n && text[n - 1] == '\r')
		text[n - 1] = '\0';
}

/* In the server's name, once all that it has been asked before has been answered. */
static void answer_upgrade(struct tls_start *s)
{
	char text[sizeof(s->tag) + 64];

	if (!s->edit || s->state != TLS_START_ASKED || s->replied < s->sent)
		return;
	snprintf(text, sizeof(text), "%s%s\r\n", s->kind == TLS_START_IMAP ? s->tag : s->wanted,
		 s->kind == TLS_START_SMTP   ? " 2.0.0 Ready to start TLS"
		 : s->kind == TLS_START_IMAP ? " OK Begin TLS negotiation now"
					     : " Begin TLS negotiation now");
	tls_start_say(s->edit, text, strlen(text));
	s->state = TLS_START_AGREED;
}

static void end_line(struct tls_start *s, enum leg from)
{
	struct tls_start_unit *u = &s->unit[from];

	cut_return(u->tail);
	if (u->n < sizeof(u->head))
		cut_return(u->head);
	read_line(s, from);
	if (from == LEG_CLIENT && s->state == TLS_START_ASKED)
		tls_start_drop(s->edit, from);
	tls_start_release(s->edit, from);
	answer_upgrade(s);
	u->n = 0;
	*u->head = *u->tail = '\0';
}

/* Whether the line that the client has begun may become a request for the upgrade. */
static bool may_ask(const struct tls_start *s)
{
	static const char *const words[] = {"STARTTLS ", "STLS ",	"AUTH TLS ",
					    "AUTH SSL ", "AUTH TLS-C ", "AUTH TLS-P "};
	const struct tls_start_unit *u = &s->unit[LEG_CLIENT];
	const char *line = u->head, *space = strchr(line, ' ');
	size_t n;

	if (u->body || u->n >= sizeof(u->head))
		return false;
	if (s->kind == TLS_START_IMAP && !space)
		return u->n < sizeof(s->tag);
	if (s->kind == TLS_START_IMAP)
		line = space + 1;
	for (n = strlen(line); n && strchr("\r ", line[n - 1]); n--)
		;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (n < strlen(words[i]) && strncasecmp(line, words[i], n) == 0)
			return true;
	return false;
}

/* Takes what there is of bytes that belong to no line, or of a line. */
static size_t read_piece(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	struct tls_start_unit *u = &s->unit[from];
	const unsigned char *end = u->left ? NULL : memchr(p, '\n', n);
	size_t k = u->left && u->left < n ? (size_t)u->left : end ? (size_t)(end - p) + 1 : n;

	tls_start_hold(s->edit, from, p, k);
	if (u->left) {
		u->left -= k;
		tls_start_release(s->edit, from);
		return k;
	}
	for (size_t i = 0; i < k - (end != NULL); i++)
		keep_byte(u, (char)p[i]);
	if (end)
		end_line(s, from);
	else if (from == LEG_CLIENT ? !may_ask(s) : !tls_start_may_announce(s))
		tls_start_release(s->edit, from);
	return k;
}

size_t tls_start_lines(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	enum tls_start_state before = s->state;
	size_t i = 0;

	while (i < n && s->state == before && !tls_start_body_waits(s, from))
		i += read_piece(s, from, p + i, n - i);
	return i;
}
