/* framing_http1.c - where HTTP/1 messages begin and end (RFC 9112 section 6), from one direction
 * alone: whether a response answers HEAD or CONNECT can't be seen there. */
#include "impairments/trigger/framing_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum state {
	STATE_START, /* zero: the start line, or empty lines before it */
	STATE_FIELDS,
	STATE_BODY,
	STATE_CHUNK_SIZE,
	STATE_CHUNK_END,
	STATE_TRAILER,
	STATE_CHUNK, /* the bytes of a chunk */
};

#define METHOD_MAX 32

static bool is_token(int c)
{
	return isalnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* One line into f->line, as much of it as is kept, without its end. True when it is complete. */
static bool take_line(struct framing *f, const unsigned char *p, size_t n, size_t *used)
{
	const unsigned char *feed = memchr(p, '\n', n);
	size_t k = feed ? (size_t)(feed - p) : n, room = sizeof(f->line) - 1;

	if (f->line_len < room)
		memcpy(f->line + f->line_len, p, k < room - f->line_len ? k : room - f->line_len);
	if (k)
		f->was_cr = p[k - 1] == '\r';
	f->line_len += k;
	*used = k + (feed != NULL);
	if (!feed)
		return false;
	f->line_len -= f->was_cr;
	f->was_cr = false;
	f->line[f->line_len < room ? f->line_len : room] = '\0';
	return true;
}

static bool starts_request(const char *line)
{
	size_t n = 0;

	while (is_token((unsigned char)line[n]))
		n++;
	return n > 0 && n <= METHOD_MAX && line[n] == ' ' && line[n + 1] > ' ';
}

/* The status, or 0. */
static unsigned response_status(const char *line)
{
	if (strncmp(line, "HTTP/1.", 7) != 0 || !isdigit((unsigned char)line[7]) || line[8] != ' ')
		return 0;
	for (int i = 9; i < 12; i++)
		if (!isdigit((unsigned char)line[i]))
			return 0;
	if (line[12] != ' ' && line[12] != '\0')
		return 0;
	return (unsigned)(line[9] - '0') * 100 + (unsigned)(line[10] - '0') * 10 +
	       (unsigned)(line[11] - '0');
}

static enum framing_mark start_line(struct framing *f)
{
	unsigned status;

	if (!f->line_len)
		return MARK_NONE; /* RFC 9112 section 2.2: empty lines before it are ignored */
	f->state = STATE_FIELDS;
	f->interim = f->no_body = f->coded = f->chunked = f->has_length = false;
	if (f->dir == DIR_UPSTREAM)
		return starts_request(f->line) ? MARK_HEADER
					       : framing_lose(f, "this is no HTTP/1 request");
	status = response_status(f->line);
	if (!status)
		return framing_lose(f, "this is no HTTP/1 response");
	if (status == 101)
		return framing_lose(f, "the connection switches to another protocol");
	f->interim = status < 200;
	f->no_body = status == 204 || status == 304;
	return f->interim ? MARK_NONE : MARK_HEADER;
}

static bool content_length(struct framing *f, const char *value)
{
	uint64_t n = 0;

	if (!isdigit((unsigned char)*value))
		return false;
	for (; isdigit((unsigned char)*value); value++) {
		n = n * 10 + (uint64_t)(*value - '0');
		if (n > FRAMING_LEAP)
			return false;
	}
	value += strspn(value, " \t");
	if (*value || (f->has_length && f->length != n))
		return false;
	f->has_length = true;
	f->length = n;
	return true;
}

/* The last coding counts (RFC 9112 section 6.3). */
static void transfer_encoding(struct framing *f, const char *value)
{
	size_t n = strlen(value);

	while (n && strchr(" \t", value[n - 1]))
		n--;
	f->coded = true;
	f->chunked = n >= 7 && strncasecmp(value + n - 7, "chunked", 7) == 0 &&
		     (n == 7 || strchr(" \t,", value[n - 8]));
}

static bool is_field(const char *line, const char *name, const char **value)
{
	size_t n = strlen(name);

	if (strncasecmp(line, name, n) != 0 || line[n] != ':')
		return false;
	*value = line + n + 1 + strspn(line + n + 1, " \t");
	return true;
}

/* After the empty line: what body comes (RFC 9112 section 6.3). */
static enum framing_mark fields_over(struct framing *f)
{
	if (f->interim) {
		f->state = STATE_START;
		return MARK_NONE;
	}
	f->left = 0;
	f->state = STATE_BODY;
	if (f->no_body)
		return MARK_BODY;
	if (f->chunked)
		f->state = STATE_CHUNK_SIZE;
	else if (f->coded && f->dir == DIR_UPSTREAM)
		return framing_lose(f, "a request's length is unknown");
	else if (f->has_length && !f->coded)
		f->left = f->length;
	else if (f->dir == DIR_DOWNSTREAM)
		f->left = UINT64_MAX; /* to the end of the stream */
	return MARK_BODY;
}

static enum framing_mark field_line(struct framing *f)
{
	const char *value;

	if (!f->line_len)
		return fields_over(f);
	if (is_field(f->line, "content-length", &value)) {
		if (f->line_len >= sizeof(f->line) || !content_length(f, value))
			return framing_lose(f, "a Content-Length is wrong");
	} else if (is_field(f->line, "transfer-encoding", &value)) {
		if (f->line_len >= sizeof(f->line))
			return framing_lose(f, "a Transfer-Encoding is too long");
		transfer_encoding(f, value);
	}
	return MARK_NONE;
}

static enum framing_mark chunk_size(struct framing *f)
{
	uint64_t n = 0;
	const char *p = f->line;

	for (; isxdigit((unsigned char)*p) && n <= FRAMING_LEAP; p++)
		n = n << 4 |
		    (uint64_t)(isdigit((unsigned char)*p) ? *p - '0' : (*p | 32) - 'a' + 10);
	if (p == f->line || n > FRAMING_LEAP || (*p && !strchr("; \t", *p)))
		return framing_lose(f, "this is no chunk");
	f->left = n;
	f->state = n ? STATE_CHUNK : STATE_TRAILER;
	return MARK_NONE;
}

static enum framing_mark line_over(struct framing *f)
{
	switch ((enum state)f->state) {
	case STATE_START:
		return start_line(f);
	case STATE_FIELDS:
		return field_line(f);
	case STATE_CHUNK_SIZE:
		return chunk_size(f);
	case STATE_CHUNK_END:
		f->state = STATE_CHUNK_SIZE;
		return f->line_len ? framing_lose(f, "a chunk is longer than it says") : MARK_NONE;
	case STATE_TRAILER:
		if (f->line_len)
			return MARK_NONE;
		f->state = STATE_START;
		return MARK_END;
	case STATE_BODY:
	case STATE_CHUNK:
		break;
	}
	return MARK_NONE;
}

static size_t read_text(struct framing *f, const unsigned char *p, size_t n,
			enum framing_mark *mark)
{
	size_t used;

	if (!n)
		return 0;
	if (take_line(f, p, n, &used)) {
		*mark = line_over(f);
		f->line_len = 0;
	} else if (f->line_len > FRAMING_LINE_LONGEST) {
		*mark = framing_lose(f, "a line has no end");
	}
	return used;
}

static size_t read_body(struct framing *f, size_t n, enum framing_mark *mark)
{
	size_t used;

	if (f->left == UINT64_MAX)
		return n;
	used = framing_skip(f, n);
	if (f->left)
		return used;
	if (f->state == STATE_CHUNK) {
		f->state = STATE_CHUNK_END;
	} else {
		f->state = STATE_START;
		*mark = MARK_END;
	}
	return used;
}

size_t framing_read_http1(struct framing *f, const unsigned char *p, size_t n,
			  enum framing_mark *mark)
{
	size_t used = 0;

	do {
		if (f->state == STATE_BODY || f->state == STATE_CHUNK)
			used += read_body(f, n - used, mark);
		else
			used += read_text(f, p + used, n - used, mark);
	} while (used < n && *mark == MARK_NONE);
	return used;
}

enum framing_mark framing_finish_http1(struct framing *f)
{
	if (f->state != STATE_BODY || f->left != UINT64_MAX)
		return MARK_NONE;
	f->state = STATE_START;
	return MARK_END;
}
