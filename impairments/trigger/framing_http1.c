/* framing_http1.c - reads text line by line, a body or chunk by its length. */
#include "impairments/trigger/framing_http1.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define METHOD_MAX 32

static bool is_token(int c)
{
	return isalnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* Reads up to one line into h->line, without its end and cut to the room there. True when the line
 * is complete. */
static bool read_line(struct framing_http1 *h, const unsigned char *p, size_t n, size_t *used)
{
	const unsigned char *feed = memchr(p, '\n', n);
	size_t k = feed ? (size_t)(feed - p) : n, room = sizeof(h->line) - 1;

	if (h->line_len < room)
		memcpy(h->line + h->line_len, p, k < room - h->line_len ? k : room - h->line_len);
	if (k)
		h->was_cr = p[k - 1] == '\r';
	h->line_len += k;
	*used = k + (feed != NULL);
	if (!feed)
		return false;
	h->line_len -= h->was_cr;
	h->was_cr = false;
	h->line[h->line_len < room ? h->line_len : room] = '\0';
	return true;
}

static bool starts_request(const char *line)
{
	size_t n = 0;

	while (is_token((unsigned char)line[n]))
		n++;
	return n > 0 && n <= METHOD_MAX && line[n] == ' ' && line[n + 1] > ' ';
}

/* Returns the status, or 0 when the line is no status line. */
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

static void read_status_line(struct framing_http1 *h, struct framing_step *step)
{
	unsigned status = response_status(h->line);
	enum http1_method method;

	if (!status) {
		framing_lose(step, "this is no HTTP/1 response");
		return;
	}
	h->interim = status < 200 && status != 101;
	if (h->interim)
		return;
	method = h->requests ? http1_requests_get(h->requests, h->responses) : HTTP1_OTHER;
	h->responses++;
	h->switched = status == 101 || (method == HTTP1_CONNECT && status / 100 == 2);
	h->no_body = h->switched || method == HTTP1_HEAD || status == 204 || status == 304;
	step->mark = MARK_HEADER;
}

static void note_request(struct framing_http1 *h, struct framing_step *step)
{
	if (h->note)
		http1_requests_add(h->note, h->line);
	step->mark = MARK_HEADER;
}

static void read_start_line(struct framing_http1 *h, struct framing_step *step)
{
	if (!h->line_len)
		return; /* RFC 9112 section 2.2: empty lines before a start line are ignored */
	h->at = HTTP1_FIELDS;
	h->interim = h->no_body = h->coded = h->chunked = h->has_length = false;
	if (h->dir == DIR_DOWNSTREAM)
		read_status_line(h, step);
	else if (starts_request(h->line))
		note_request(h, step);
	else
		framing_lose(step, "this is no HTTP/1 request");
}

static bool read_content_length(struct framing_http1 *h, const char *value)
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
	if (*value || (h->has_length && h->length != n))
		return false;
	h->has_length = true;
	h->length = n;
	return true;
}

/* Only the last coding counts (RFC 9112 section 6.3). */
static void read_transfer_encoding(struct framing_http1 *h, const char *value)
{
	size_t n = strlen(value);

	while (n && strchr(" \t", value[n - 1]))
		n--;
	h->coded = true;
	h->chunked = n >= 7 && strncasecmp(value + n - 7, "chunked", 7) == 0 &&
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

/* Begins the body that the fields announce (RFC 9112 section 6.3). */
static void begin_body(struct framing_http1 *h, struct framing_step *step)
{
	h->left = 0;
	h->at = HTTP1_BODY;
	step->mark = MARK_BODY;
	if (h->no_body)
		return;
	if (h->chunked)
		h->at = HTTP1_CHUNK_SIZE;
	else if (h->coded && h->dir == DIR_UPSTREAM)
		framing_lose(step, "a request's length is unknown");
	else if (h->has_length && !h->coded)
		h->left = h->length;
	else if (h->dir == DIR_DOWNSTREAM)
		h->left = UINT64_MAX;
}

static void read_field_line(struct framing_http1 *h, struct framing_step *step)
{
	const char *value;

	if (!h->line_len) {
		if (h->interim)
			h->at = HTTP1_START;
		else
			begin_body(h, step);
	} else if (is_field(h->line, "content-length", &value)) {
		if (h->line_len >= sizeof(h->line) || !read_content_length(h, value))
			framing_lose(step, "a Content-Length is wrong");
	} else if (is_field(h->line, "transfer-encoding", &value)) {
		if (h->line_len >= sizeof(h->line))
			framing_lose(step, "a Transfer-Encoding is too long");
		else
			read_transfer_encoding(h, value);
	}
}

static void read_chunk_size(struct framing_http1 *h, struct framing_step *step)
{
	uint64_t n = 0;
	const char *p = h->line;

	for (; isxdigit((unsigned char)*p) && n <= FRAMING_LEAP; p++)
		n = n << 4 |
		    (uint64_t)(isdigit((unsigned char)*p) ? *p - '0' : (*p | 32) - 'a' + 10);
	if (p == h->line || n > FRAMING_LEAP || (*p && !strchr("; \t", *p))) {
		framing_lose(step, "this is no chunk");
		return;
	}
	h->left = n;
	h->at = n ? HTTP1_CHUNK : HTTP1_TRAILER;
}

static void end_line(struct framing_http1 *h, struct framing_step *step)
{
	switch (h->at) {
	case HTTP1_START:
		read_start_line(h, step);
		break;
	case HTTP1_FIELDS:
		read_field_line(h, step);
		break;
	case HTTP1_CHUNK_SIZE:
		read_chunk_size(h, step);
		break;
	case HTTP1_CHUNK_END:
		h->at = HTTP1_CHUNK_SIZE;
		if (h->line_len)
			framing_lose(step, "a chunk is longer than it says");
		break;
	case HTTP1_TRAILER:
		if (h->line_len)
			break;
		h->at = HTTP1_START;
		step->mark = MARK_END;
		break;
	case HTTP1_BODY:
	case HTTP1_CHUNK:
		break;
	}
}

static size_t read_text(struct framing_http1 *h, const unsigned char *p, size_t n,
			struct framing_step *step)
{
	size_t used;

	if (!n)
		return 0;
	if (h->at == HTTP1_START && h->switched) {
		framing_lose(step, "the connection has switched to another protocol");
		return 0;
	}
	if (read_line(h, p, n, &used)) {
		end_line(h, step);
		h->line_len = 0;
	} else if (h->line_len > HTTP1_LINE_LONGEST) {
		framing_lose(step, "a line has no end");
	}
	return used;
}

static size_t read_body(struct framing_http1 *h, size_t n, struct framing_step *step)
{
	size_t used;

	if (h->left == UINT64_MAX)
		return n;
	used = framing_skip(&h->left, n);
	if (h->left)
		return used;
	if (h->at == HTTP1_CHUNK) {
		h->at = HTTP1_CHUNK_END;
	} else {
		h->at = HTTP1_START;
		step->mark = MARK_END;
	}
	return used;
}

static void begin_http1(void *state, const struct framing_config *c, enum dir dir)
{
	struct framing_http1 *h = state;

	(void)c;
	h->dir = dir;
}

static size_t read_http1(void *state, const unsigned char *p, size_t n, struct framing_step *step)
{
	struct framing_http1 *h = state;
	size_t used = 0;

	do {
		if (h->at == HTTP1_BODY || h->at == HTTP1_CHUNK)
			used += read_body(h, n - used, step);
		else
			used += read_text(h, p + used, n - used, step);
	} while (used < n && step->mark == MARK_NONE);
	return used;
}

static enum framing_mark finish_http1(void *state)
{
	struct framing_http1 *h = state;

	if (h->at != HTTP1_BODY || h->left != UINT64_MAX)
		return MARK_NONE;
	h->at = HTTP1_START;
	return MARK_END;
}

const struct framing_reader framing_http1_reader = {
    .begin = begin_http1, .read = read_http1, .finish = finish_http1};
