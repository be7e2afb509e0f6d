/* http_text.c - a buffer that doubles. */
#include "scenarios/workload/http_text.h"

#include "proxy/base/mem.h"
#include "proxy/base/version.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define BANNER "wedge/" WEDGE_VERSION

static void give_room(struct http_text *t, size_t len)
{
	if (t->len + len + 1 <= t->room)
		return;
	t->room = 2 * (t->len + len + 1);
	t->v = xrealloc(t->v, 1, t->room);
}

char *http_text_extend(struct http_text *t, size_t len)
{
	give_room(t, len);
	t->len += len;
	t->v[t->len] = '\0';
	return t->v + t->len - len;
}

void http_text_bytes(struct http_text *t, const void *data, size_t len)
{
	char *to = http_text_extend(t, len);

	if (len)
		memcpy(to, data, len);
}

void http_text_add(struct http_text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	BUG_ON(n < 0);
	give_room(t, (size_t)n);
	va_start(args, format);
	(void)vsnprintf(t->v + t->len, (size_t)n + 1, format, args);
	va_end(args);
	t->len += (size_t)n;
}

void http_text_chunk(struct http_text *t, const void *data, size_t len)
{
	if (!len)
		return;
	http_text_add(t, "%zx\r\n", len);
	http_text_bytes(t, data, len);
	http_text_add(t, "\r\n");
}

void http_text_last_chunk(struct http_text *t)
{
	http_text_add(t, "0\r\n\r\n");
}

void http_text_request(struct http_text *t, const struct http_ask *a)
{
	http_text_add(t, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: " BANNER "\r\n%s", a->method,
		      a->target, a->host, a->fields ? a->fields : "");
	if (a->type)
		http_text_add(t, "Content-Type: %s\r\nContent-Length: %zu\r\n", a->type, a->len);
	http_text_add(t, "\r\n");
	http_text_bytes(t, a->body, a->type ? a->len : 0);
}

static const char *reason_of(unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} reasons[] = {
	    {200, "OK"},
	    {207, "Multi-Status"},
	    {400, "Bad Request"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {500, "Internal Server Error"},
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	BUG("a status without a reason");
}

void http_text_date(int64_t seconds, char *out)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t at = (time_t)seconds;
	struct tm tm;

	BUG_ON(!gmtime_r(&at, &tm));
	snprintf(out, HTTP_DATE_TEXT, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
		 days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
		 (1900 + tm.tm_year) % 10000, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void http_text_head(struct http_text *t, const struct http_reply *r)
{
	char date[HTTP_DATE_TEXT];

	http_text_date(r->date, date);
	http_text_add(t, "HTTP/1.%d %u %s\r\nDate: %s\r\nServer: " BANNER "\r\n%s",
		      r->http10 ? 0 : 1, r->status, reason_of(r->status), date,
		      r->fields ? r->fields : "");
	if (r->type)
		http_text_add(t, "Content-Type: %s\r\n", r->type);
	if (r->chunked)
		http_text_add(t, "Transfer-Encoding: chunked\r\n");
	else if (!r->until_close)
		http_text_add(t, "Content-Length: %llu\r\n", (unsigned long long)r->len);
	if (r->close)
		http_text_add(t, "Connection: close\r\n");
	else if (r->http10)
		http_text_add(t, "Connection: keep-alive\r\n");
	http_text_add(t, "\r\n");
}
