/* framing.c - messages as lines, with a length field or up to a delimiter. */
#include "impairments/trigger/framing.h"

#include "impairments/trigger/framing_internal.h"
#include "proxy/base/text_escape.h"

#include <string.h>

const char *const framing_names[] = {
    "none", "line", "http1", "tls-record", "tls-handshake", "length-prefixed", "delimiter", NULL};

enum state { STATE_OFFSET, STATE_FIELD, STATE_BODY };

void framing_init(struct framing *f, const struct framing_config *c, enum dir dir)
{
	memset(f, 0, sizeof(*f));
	f->config = c;
	f->dir = dir;
	f->left = c->kind == FRAMING_LENGTH ? c->offset : 0;
}

size_t framing_skip(struct framing *f, size_t n)
{
	size_t k = f->left < n ? (size_t)f->left : n;

	f->left -= k;
	return k;
}

enum framing_mark framing_lose(struct framing *f, const char *why)
{
	f->why = why;
	return MARK_LOST;
}

static size_t read_line(const unsigned char *p, size_t n, enum framing_mark *mark)
{
	const unsigned char *feed = memchr(p, '\n', n);

	if (!feed)
		return n;
	*mark = MARK_END;
	return (size_t)(feed - p) + 1;
}

static size_t read_delimiter(struct framing *f, const unsigned char *p, size_t n,
			     enum framing_mark *mark)
{
	const struct framing_config *c = f->config;

	for (size_t i = 0; i < n; i++) {
		while (f->matched && p[i] != c->delimiter[f->matched])
			f->matched = c->fallback[f->matched - 1];
		f->matched += p[i] == c->delimiter[f->matched];
		if (f->matched == c->delimiter_len) {
			f->matched = 0;
			*mark = MARK_END;
			return i + 1;
		}
	}
	return n;
}

/* After the field: value + extra bytes follow. */
static enum framing_mark length_known(struct framing *f)
{
	int64_t extra = f->config->extra;
	uint64_t less = extra < 0 ? (uint64_t)-extra : 0;

	if (f->value > FRAMING_LEAP)
		return framing_lose(f, "a length field says more than any message has");
	if (f->value < less)
		return framing_lose(f, "a length field says less than nothing");
	f->left = f->value + (extra > 0 ? (uint64_t)extra : 0) - less;
	f->value = f->matched = 0;
	f->state = STATE_BODY;
	return MARK_BODY;
}

static enum framing_mark body_over(struct framing *f, uint64_t offset)
{
	f->state = STATE_OFFSET;
	f->left = offset;
	return MARK_END;
}

static size_t read_length(struct framing *f, const unsigned char *p, size_t n,
			  enum framing_mark *mark)
{
	const struct framing_config *c = f->config;
	size_t i = 0;

	if (f->state != STATE_FIELD) {
		i = framing_skip(f, n);
		if (f->left)
			return i;
		if (f->state == STATE_BODY) {
			*mark = body_over(f, c->offset);
			return i;
		}
		f->state = STATE_FIELD;
	}
	while (i < n && f->matched < c->width) {
		uint64_t byte = p[i++];

		f->value = c->little ? f->value | byte << 8 * f->matched : f->value << 8 | byte;
		f->matched++;
	}
	if (f->matched == c->width)
		*mark = length_known(f);
	return i;
}

size_t framing_read(struct framing *f, const unsigned char *p, size_t n, enum framing_mark *mark)
{
	*mark = MARK_NONE;
	if (f->why)
		return n;
	switch (f->config->kind) {
	case FRAMING_LINE:
		return n ? read_line(p, n, mark) : 0;
	case FRAMING_HTTP1:
		return framing_read_http1(f, p, n, mark);
	case FRAMING_TLS:
		return framing_read_tls(f, p, n, mark);
	case FRAMING_TLS_HANDSHAKE:
		return framing_read_handshake(f, p, n, mark);
	case FRAMING_LENGTH:
		return read_length(f, p, n, mark);
	case FRAMING_DELIMITER:
		return read_delimiter(f, p, n, mark);
	case FRAMING_NONE:
	case FRAMING_KINDS:
		break;
	}
	return n;
}

enum framing_mark framing_finish(struct framing *f)
{
	if (f->why || f->config->kind != FRAMING_HTTP1)
		return MARK_NONE;
	return framing_finish_http1(f);
}

int framing_set_delimiter(struct framing_config *c, const char *text, struct err *e)
{
	unsigned n, k = 0;

	if (!*text)
		return err_set(e, "a delimiter has at least one byte, such as \\n");
	if (strlen(text) > DELIMITER_MAX)
		return err_set(e, "'%.20s...': a delimiter is written with at most %d characters",
			       text, DELIMITER_MAX);
	if (text_escape_check(text, e) == -1)
		return -1;
	n = (unsigned)text_escape_decode(text, c->delimiter);
	c->delimiter_len = n;
	c->fallback[0] = 0;
	for (unsigned i = 1; i < n; i++) {
		while (k && c->delimiter[i] != c->delimiter[k])
			k = c->fallback[k - 1];
		k += c->delimiter[i] == c->delimiter[k];
		c->fallback[i] = (unsigned char)k;
	}
	return 0;
}
