/* text_escape.c - one table of the letters and one of what they mean. */
#include "proxy/base/text_escape.h"

#include <ctype.h>
#include <string.h>

static const char letters[] = "rnt0\\", meant[] = "\r\n\t\0\\";

static int hex_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* The length of what follows a backslash, 0 when it means nothing. */
static size_t escape_length(const char *p)
{
	if (*p == 'x')
		return isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2]) ? 3 : 0;
	return *p && strchr(letters, *p) ? 1 : 0;
}

int text_escape_check(const char *text, struct err *e)
{
	for (const char *p = text; *p; p++) {
		size_t n = 0;

		if (*p != '\\')
			continue;
		n = escape_length(p + 1);
		if (!n)
			return err_set(
			    e, "'%.8s' is no escape; there are \\r \\n \\t \\0 \\\\ \\xHH", p);
		p += n;
	}
	return 0;
}

size_t text_escape_decode(const char *text, unsigned char *out)
{
	size_t n = 0;

	for (const char *p = text; *p; p++) {
		if (*p != '\\') {
			out[n++] = (unsigned char)*p;
			continue;
		}
		p++;
		if (*p == 'x') {
			out[n++] = (unsigned char)(hex_value(p[1]) << 4 | hex_value(p[2]));
			p += 2;
		} else {
			out[n++] = (unsigned char)meant[strchr(letters, *p) - letters];
		}
	}
	return n;
}
