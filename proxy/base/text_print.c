/* text_print.c - decodes UTF-8 character by character; what is no whole character is taken byte by
 * byte. */
#include "proxy/base/text_print.h"

#include "proxy/base/mem.h"

#include <stdint.h>
#include <string.h>

#define ESCAPED_BYTES 6 /* \u001b; no byte of the text becomes longer */
#define UNIT_BYTES    8 /* room for one, with what ends a string */

/* The length of the character at p, 0 when it isn't UTF-8, -1 when more bytes must tell. */
static int decode_character(const unsigned char *p, size_t len, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	int n = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;

	*code = n < 2 ? *p : *p & (0x7fu >> n);
	for (int i = 1; i < n; i++) {
		if ((size_t)i == len)
			return -1;
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3f);
	}
	return n > 1 && (*code < least[n] || *code > 0x10ffff || (*code & ~0x7ffu) == 0xd800) ? 0
											      : n;
}

static bool is_harmless(uint32_t c)
{
	return c >= ' ' && (c < 0x7f || c > 0x9f) && c != 0x61c && c != 0x200e && c != 0x200f &&
	       (c < 0x2028 || c > 0x202e) && (c < 0x2066 || c > 0x2069);
}

/* Writes one character, or one byte that is none, to out, which has room for UNIT_BYTES. */
static size_t put_character(char *out, const unsigned char *p, int n, uint32_t code)
{
	if (n == 0)
		return (size_t)snprintf(out, UNIT_BYTES, "\\x%02x", *p);
	if (!is_harmless(code) && code != '\n')
		return (size_t)snprintf(out, UNIT_BYTES, "\\u%04x", code);
	memcpy(out, p, (size_t)n);
	return (size_t)n;
}

bool text_print_is_clean(const struct text_print *p, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		if ((c < ' ' && c != '\n') || c >= 0x7f)
			return false;
	}
	return p->n == 0;
}

char *text_print_piece(struct text_print *p, const char *data, size_t len, size_t *out_len)
{
	size_t total = p->n + len, at = 0, used = 0;
	unsigned char *all = xcalloc(1, total + 1);
	char *out = xcalloc(ESCAPED_BYTES, total + UNIT_BYTES);

	memcpy(all, p->part, p->n);
	memcpy(all + p->n, data, len);
	p->n = 0;
	while (at < total) {
		uint32_t code;
		int n = decode_character(all + at, total - at, &code);

		if (n == -1) {
			p->n = total - at;
			memcpy(p->part, all + at, p->n);
			break;
		}
		used += put_character(out + used, all + at, n, code);
		at += n ? (size_t)n : 1;
	}
	free(all);
	out[used] = '\0';
	*out_len = used;
	return out;
}

/* A cut takes no escape and no character in half. */
static void print_line(char *out, size_t room, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t len = strlen(text), used = 0;

	for (size_t at = 0; at < len;) {
		char unit[UNIT_BYTES];
		uint32_t code;
		int n = decode_character(p + at, len - at, &code);
		size_t bytes = 2;

		n = n == -1 ? 0 : n;
		if (n == 1 && (code == '\n' || code == '\t'))
			memcpy(unit, code == '\n' ? "\\n" : "\\t", bytes);
		else
			bytes = put_character(unit, p + at, n, code);
		if (used + bytes >= room)
			break;
		memcpy(out + used, unit, bytes);
		used += bytes;
		at += n ? (size_t)n : 1;
	}
	out[used] = '\0';
}

char *text_print_line(const char *text)
{
	size_t room = text ? ESCAPED_BYTES * strlen(text) + 1 : 0;
	char *out = text ? xcalloc(1, room) : NULL;

	if (out)
		print_line(out, room, text);
	return out;
}

void text_print_line_in_place(char *text, size_t room)
{
	char *copy;

	if (text_print_is_clean(&(struct text_print){.n = 0}, text, strlen(text)) &&
	    !strchr(text, '\n'))
		return;
	copy = xstrdup(text);
	print_line(text, room, copy);
	free(copy);
}

struct target {
	struct text_print state;
	FILE *to;
};

static ssize_t write_target(void *cookie, const char *data, size_t len)
{
	struct target *t = cookie;
	size_t n, put;
	char *out;

	if (text_print_is_clean(&t->state, data, len))
		return fwrite(data, 1, len, t->to) == len ? (ssize_t)len : -1;
	out = text_print_piece(&t->state, data, len, &n);
	put = fwrite(out, 1, n, t->to);
	free(out);
	return put == n ? (ssize_t)len : -1;
}

static int close_target(void *cookie)
{
	struct target *t = cookie;
	int rc = fclose(t->to);

	free(t);
	return rc;
}

FILE *text_print_stream(FILE *to)
{
	const cookie_io_functions_t functions = {.write = write_target, .close = close_target};
	struct target *t;
	FILE *f;

	if (!to)
		return NULL;
	t = xcalloc(1, sizeof(*t));
	t->to = to;
	f = fopencookie(t, "w", functions);
	BUG_ON(!f);
	return f;
}
