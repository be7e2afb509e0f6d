/* http.c - a state machine over whole lines; body bytes pass through uncopied. */
#include "scenarios/workload/http.h"

#include <string.h>
#include <strings.h>
#include <sys/types.h>

void http_begin(struct http_parser *p, enum http_kind kind, bool head)
{
	memset(p, 0, offsetof(struct http_parser, line));
	p->kind = kind;
	p->head = head;
}

/* "HTTP/1.x" at text; sets the minor version. */
static bool parse_version(struct http_parser *p, const char *text)
{
	if (strncmp(text, "HTTP/1.", 7) != 0 || text[7] < '0' || text[7] > '9')
		return false;
	p->minor = (unsigned)(text[7] - '0');
	return text[8] == '\0' || text[8] == ' ';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int parse_status_line(struct http_parser *p, struct err *e)
{
	const char *s = p->line + 9;

	if (!parse_version(p, p->line) || p->line[8] != ' ' || !is_digit(s[0]) || !is_digit(s[1]) ||
	    !is_digit(s[2]) || (s[3] != ' ' && s[3] != '\0') || s[0] == '0')
		return err_set(e, "not an HTTP response: \"%.40s\"", p->line);
	p->status = (unsigned)((s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0'));
	return 0;
}

static int parse_request_line(struct http_parser *p, struct err *e)
{
	const char *space = strchr(p->line, ' ');
	const char *last = strrchr(p->line, ' ');
	size_t len = space ? (size_t)(space - p->line) : 0;
	int target = space ? (int)(last - space) - 1 : 0;

	if (!len || len >= sizeof(p->method) || last == space || !parse_version(p, last + 1))
		return err_set(e, "not an HTTP request: \"%.40s\"", p->line);
	memcpy(p->method, p->line, len);
	p->method[len] = '\0';
	snprintf(p->target, sizeof(p->target), "%.*s", target, space + 1);
	return 0;
}

/* Parses a number in the given base that fills text up to a blank, ';' or the end. */
static int parse_number(const char *text, unsigned base, uint64_t *out)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t value = 0;
	const char *s = text;

	for (; *s && *s != ' ' && *s != '\t' && *s != ';'; s++) {
		char lower = (char)(*s >= 'A' && *s <= 'F' ? *s + 32 : *s);
		const char *at = memchr(digits, lower, base);

		if (!at || value > (UINT64_MAX >> 5))
			return -1;
		value = value * base + (uint64_t)(at - digits);
	}
	*out = value;
	return s == text ? -1 : 0;
}

/* True when a comma-separated list has the token. */
static bool list_has(const char *list, const char *token)
{
	size_t len = strlen(token);

	while (*list) {
		size_t item;

		list += strspn(list, " \t,");
		item = strcspn(list, " \t,;");
		if (item == len && !strncasecmp(list, token, len))
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

static int parse_field(struct http_parser *p, struct err *e)
{
	char *colon = strchr(p->line, ':');
	const char *value;
	uint64_t length;

	if (!colon || colon == p->line || strcspn(p->line, " \t") < (size_t)(colon - p->line))
		return err_set(e, "broken HTTP header line: \"%.40s\"", p->line);
	*colon = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	if (p->field)
		p->field(p->arg, p->line, value);
	if (!strcasecmp(p->line, "Content-Length")) {
		if (parse_number(value, 10, &length) || (p->has_length && length != p->left))
			return err_set(e, "broken Content-Length: \"%.40s\"", value);
		p->has_length = true;
		p->left = length;
	} else if (!strcasecmp(p->line, "Transfer-Encoding")) {
		if (!list_has(value, "chunked"))
			return err_set(e, "unknown Transfer-Encoding: \"%.40s\"", value);
		p->chunked = true;
	} else if (!strcasecmp(p->line, "Connection")) {
		p->connection_close |= list_has(value, "close");
		p->connection_keep |= list_has(value, "keep-alive");
	} else if (!strcasecmp(p->line, "Content-Digest")) {
		if (!strncmp(value, "sha-256=:", 9) && strlen(value) < sizeof(p->digest))
			snprintf(p->digest, sizeof(p->digest), "%s", value);
	} else if (!strcasecmp(p->line, "Expect")) {
		p->expect_continue = list_has(value, "100-continue");
	}
	return 0;
}

/* The empty line behind the header: which kind of body follows (RFC 9112, 6.3). */
static void end_header(struct http_parser *p)
{
	bool bodiless =
	    p->kind == HTTP_RESPONSE && (p->head || p->status == 204 || p->status == 304);

	if (p->kind == HTTP_RESPONSE && p->status < 200 && p->status != 101) {
		struct http_parser before = *p;

		http_begin(p, p->kind, p->head);
		p->started = true;
		p->bytes = before.bytes;
		p->body = before.body;
		p->field = before.field;
		p->arg = before.arg;
		return;
	}
	p->keep_alive = !p->connection_close && (p->minor >= 1 || p->connection_keep);
	p->expect_continue = p->expect_continue && (p->chunked || p->left);
	if (bodiless || (p->kind == HTTP_REQUEST && !p->chunked && !p->has_length))
		p->state = HTTP_DONE;
	else if (p->chunked)
		p->state = HTTP_CHUNK_SIZE;
	else if (p->has_length)
		p->state = p->left ? HTTP_BODY_LENGTH : HTTP_DONE;
	else
		p->state = HTTP_BODY_CLOSE;
	if (p->state == HTTP_BODY_CLOSE)
		p->keep_alive = false;
}

/* A whole line without its line end is in p->line. */
static int take_line(struct http_parser *p, struct err *e)
{
	bool empty = !p->line_len;

	p->line[p->line_len] = '\0';
	p->line_len = 0;
	switch (p->state) {
	case HTTP_START_LINE:
		if (empty && p->kind == HTTP_REQUEST)
			return 0; /* RFC 9112, 2.2: ignore empty lines before a request */
		p->state = HTTP_FIELDS;
		return p->kind == HTTP_REQUEST ? parse_request_line(p, e) : parse_status_line(p, e);
	case HTTP_FIELDS:
		if (!empty)
			return parse_field(p, e);
		end_header(p);
		return 0;
	case HTTP_CHUNK_SIZE:
		if (parse_number(p->line, 16, &p->left))
			return err_set(e, "broken chunk size: \"%.40s\"", p->line);
		p->state = p->left ? HTTP_CHUNK_DATA : HTTP_TRAILER;
		return 0;
	case HTTP_CHUNK_END:
		if (!empty)
			return err_set(e, "a chunk is longer than its size says");
		p->state = HTTP_CHUNK_SIZE;
		return 0;
	default:
		BUG_ON(p->state != HTTP_TRAILER);
		if (empty)
			p->state = HTTP_DONE;
		return 0;
	}
}

static size_t take_body_bytes(struct http_parser *p, const char *data, size_t len)
{
	size_t take = p->state == HTTP_BODY_CLOSE || p->left > len ? len : (size_t)p->left;

	p->body_bytes += take;
	if (p->body)
		p->body(p->arg, data, take);
	if (p->state == HTTP_BODY_CLOSE)
		return take;
	p->left -= take;
	if (!p->left)
		p->state = p->state == HTTP_CHUNK_DATA ? HTTP_CHUNK_END : HTTP_DONE;
	return take;
}

/* Bytes of the current line, up to and with its end. */
static ssize_t take_line_bytes(struct http_parser *p, const char *data, size_t len, struct err *e)
{
	const char *newline = memchr(data, '\n', len);
	size_t take = newline ? (size_t)(newline - data) : len;

	if (p->line_len + take >= sizeof(p->line))
		return err_set(e, "an HTTP header line is longer than %d bytes", HTTP_LINE_MAX);
	if (p->state <= HTTP_FIELDS && (p->head_bytes += take + !!newline) > HTTP_HEAD_MAX)
		return err_set(e, "an HTTP header is longer than %d bytes", HTTP_HEAD_MAX);
	if (memchr(data, '\0', take))
		return err_set(e, "a NUL byte where an HTTP header line was due");
	memcpy(p->line + p->line_len, data, take);
	p->line_len += take;
	if (!newline)
		return (ssize_t)take;
	if (p->line_len && p->line[p->line_len - 1] == '\r')
		p->line_len--;
	return take_line(p, e) ? -1 : (ssize_t)take + 1;
}

ssize_t http_feed(struct http_parser *p, const char *data, size_t len, struct err *e)
{
	size_t used = 0;

	while (used < len && p->state != HTTP_DONE) {
		bool in_body = p->state == HTTP_BODY_LENGTH || p->state == HTTP_BODY_CLOSE ||
			       p->state == HTTP_CHUNK_DATA;
		ssize_t n = in_body ? (ssize_t)take_body_bytes(p, data + used, len - used)
				    : take_line_bytes(p, data + used, len - used, e);

		if (n == -1)
			return -1;
		p->started = true;
		p->bytes += (uint64_t)n;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

int http_end(struct http_parser *p, struct err *e)
{
	if (p->state == HTTP_BODY_CLOSE)
		p->state = HTTP_DONE;
	if (p->state == HTTP_DONE)
		return 0;
	if (!p->started)
		return err_set(e, "the connection ended before a byte of the message");
	return err_set(e, "the connection ended inside the message, after %llu bytes",
		       (unsigned long long)p->bytes);
}

/* Writes before, as much of an opaque value as makes up size, then after. */
static void fill_header(char *buf, size_t size, struct rng *rng, const char *before,
			const char *after)
{
	static const char value[] =
	    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t head = strlen(before), tail = strlen(after);

	BUG_ON(head + tail > size);
	memcpy(buf, before, head);
	for (size_t i = 0; i < size - head - tail; i++)
		buf[head + i] = value[rng_below(rng, sizeof(value) - 1)];
	memcpy(buf + size - tail, after, tail);
}

void http_response_head(char *buf, size_t size, struct rng *etag, const struct http_answer *a)
{
	char before[HTTP_LIST_DIGEST_HEAD_MIN], body[64] = "Transfer-Encoding: chunked";

	if (!a->chunked)
		snprintf(body, sizeof(body), "Content-Length: %llu", (unsigned long long)a->length);
	snprintf(before, sizeof(before), "HTTP/1.1 %s\r\n%s\r\n%s%s%s%sETag: \"",
		 a->multistatus ? "207 Multi-Status\r\nContent-Type: text/xml" : "200 OK", body,
		 a->close ? "Connection: close\r\n" : "", a->digest ? "Content-Digest: " : "",
		 a->digest ? a->digest : "", a->digest ? "\r\n" : "");
	fill_header(buf, size, etag, before, "\"\r\n\r\n");
}

#define REQUEST_HEAD "%s %s HTTP/1.1\r\nHost: %s\r\n"

/* A field that the method doesn't go without (RFC 4918 9.1). */
static const char *method_field(const char *method)
{
	return strcmp(method, "PROPFIND") == 0 ? "Depth: 1\r\n" : "";
}

/* A number of fixed width keeps the header's size known. */
#define LENGTH_FIELD "Content-Length: %010u\r\n"
#define LENGTH_SIZE  28

static bool is_post(const char *method)
{
	return strcmp(method, "POST") == 0;
}

size_t http_request_min(const char *method, const char *path)
{
	size_t rest = is_post(method) ? LENGTH_SIZE : strlen("Cookie: \r\n");

	return strlen(method) + strlen("  HTTP/1.1\r\nHost: \r\n\r\n") + rest +
	       strlen(method_field(method)) + strlen(path) + HTTP_HOST_MAX;
}

void http_request(char *buf, size_t size, struct rng *filling, const char *method, const char *host,
		  const char *path)
{
	char before[HTTP_GET_MAX];
	int head;

	if (size <= HTTP_GET_MAX && !is_post(method)) {
		snprintf(before, sizeof(before), REQUEST_HEAD "%sCookie: ", method, path, host,
			 method_field(method));
		fill_header(buf, size, filling, before, "\r\n\r\n");
		return;
	}
	/* The body is what the header leaves. */
	head = snprintf(before, sizeof(before), REQUEST_HEAD LENGTH_FIELD "\r\n", "POST", path,
			host, 0u);
	snprintf(before, sizeof(before), REQUEST_HEAD LENGTH_FIELD "\r\n", "POST", path, host,
		 (unsigned)(size - (size_t)head));
	fill_header(buf, size, filling, before, "");
}
