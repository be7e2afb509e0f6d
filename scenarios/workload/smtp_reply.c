/* smtp_reply.c - line by line, until one whose code is followed by no hyphen. */
#include "scenarios/workload/smtp_reply.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define LINE_MAX_BYTES 512 /* RFC 5321 4.5.3.1.5 */

static bool is_digit(char c)
{
	return isdigit((unsigned char)c);
}

ssize_t smtp_parse_reply(const char *in, size_t n, unsigned *code, struct err *e)
{
	size_t at = 0;

	while (at < n) {
		const char *line = in + at, *end = memchr(line, '\n', n - at);
		size_t len = end ? (size_t)(end - line) + 1 : n - at;

		if (!end && len <= LINE_MAX_BYTES)
			return 0;
		if (!end || len < 5 || line[len - 2] != '\r' || !is_digit(line[0]) ||
		    !is_digit(line[1]) || !is_digit(line[2]) || !strchr("- \r", line[3]))
			return err_set(e, "the server's line is no reply of SMTP");
		at += len;
		*code = (unsigned)(100 * (line[0] - '0') + 10 * (line[1] - '0') + (line[2] - '0'));
		if (line[3] != '-')
			return (ssize_t)at;
	}
	return 0;
}
