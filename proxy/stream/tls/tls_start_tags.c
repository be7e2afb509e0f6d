/* tls_start_tags.c - XMPP (RFC 6120 section 5): a tag of the client's, and one that answers it. */
#include "proxy/stream/tls/tls_start_tags.h"

#include <string.h>

/* "<starttls", with or without a prefix, is "starttls"; "</starttls" is "/starttls". */
static bool is_tag(const struct tls_start_unit *u, const char *name)
{
	bool closing = *u->head == '/';
	const char *at = u->head + closing;
	size_t n = strcspn(at, " \t\r\n/>");
	const char *colon = memchr(at, ':', n);

	if (colon) {
		n -= (size_t)(colon + 1 - at);
		at = colon + 1;
	}
	return closing == (*name == '/') && n == strlen(name + closing) &&
	       memcmp(at, name + closing, n) == 0;
}

/* An element that stands alone is over: "<name/>", or "</name>". */
static bool is_over(const struct tls_start_unit *u, const char *name)
{
	char closing[32];

	snprintf(closing, sizeof(closing), "/%s", name);
	return is_tag(u, closing) || (is_tag(u, name) && u->quote == '/');
}

static void read_tag(struct tls_start *s, enum leg from)
{
	const struct tls_start_unit *u = &s->unit[from];

	if (from == LEG_CLIENT && is_over(u, "starttls"))
		s->state = TLS_START_ASKED;
	else if (from == LEG_SERVER && s->state == TLS_START_ASKED && is_over(u, "proceed"))
		tls_start_answer(s, true);
	else if (from == LEG_SERVER && s->state == TLS_START_ASKED && is_over(u, "failure"))
		tls_start_answer(s, false);
}

/* Reads a byte inside a tag. */
static void read_byte(struct tls_start *s, enum leg from, char c)
{
	struct tls_start_unit *u = &s->unit[from];
	bool quoted = u->quote == '"' || u->quote == '\'';

	if (!quoted && c == '>') {
		read_tag(s, from);
		u->body = false;
		return;
	}
	if (u->n + 1 < sizeof(u->head)) {
		u->head[u->n++] = c;
		u->head[u->n] = '\0';
	}
	if (!quoted && (c == '"' || c == '\'' || c == '/'))
		u->quote = c; /* '/': the last byte before the tag's end, if that comes now */
	else if (!quoted || c == u->quote)
		u->quote = '\0';
}

size_t tls_start_tags(struct tls_start *s, enum leg from, const unsigned char *p, size_t n)
{
	struct tls_start_unit *u = &s->unit[from];
	enum tls_start_state before = s->state;
	size_t i = 0;

	for (; i < n && s->state == before; i++) {
		if (u->body) {
			read_byte(s, from, (char)p[i]);
		} else if (p[i] == '<') {
			u->body = true;
			u->n = 0;
			u->quote = *u->head = '\0';
		}
	}
	return i;
}
