/* json_out.c - runs of ordinary characters are appended whole. */
#include "proxy/api/json_out.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void json_out_plain(struct evbuffer *out, const char *text)
{
	evbuffer_add(out, text, strlen(text));
}

/* Returns how many bytes at text are written as an escape, which is put into esc; 0: none is. */
static size_t escape_next(const char *text, char esc[8])
{
	static const char short_ones[] = "\"\"\\\\\nn\rr\tt\bb\ff";
	unsigned char c = (unsigned char)*text;

	for (const char *p = short_ones; *p; p += 2)
		if (*p == *text) {
			snprintf(esc, 8, "\\%c", p[1]);
			return 1;
		}
	if (c < 0x20 || strchr("<>&", *text)) {
		snprintf(esc, 8, "\\u%04x", c);
		return 1;
	}
	/* U+2028 and U+2029, which end a line in JavaScript. */
	if (c == 0xe2 && (unsigned char)text[1] == 0x80 && ((unsigned char)text[2] | 1) == 0xa9) {
		snprintf(esc, 8, "\\u202%d", (unsigned char)text[2] == 0xa8 ? 8 : 9);
		return 3;
	}
	return 0;
}

void json_out_text(struct evbuffer *out, const char *text)
{
	const char *run = text;
	char esc[8];

	evbuffer_add(out, "\"", 1);
	while (*text) {
		size_t n = escape_next(text, esc);

		if (!n) {
			text++;
			continue;
		}
		evbuffer_add(out, run, (size_t)(text - run));
		json_out_plain(out, esc);
		run = text += n;
	}
	evbuffer_add(out, run, (size_t)(text - run));
	evbuffer_add(out, "\"", 1);
}

/* Go has an exponent of one digit where one is enough: 1e-7. */
static void shorten_exponent(char *text)
{
	char *e = strchr(text, 'e');

	if (e && e[2] == '0')
		memmove(e + 2, e + 3, strlen(e + 2));
}

/* Returns the exponent of a number that %e has printed. */
static int read_exponent(const char *text)
{
	return (int)strtol(strchr(text, 'e') + 1, NULL, 10);
}

void json_out_float(struct evbuffer *out, float number)
{
	float size = fabsf(number);
	bool exponent = number != 0 && (size < 1e-6f || size >= 1e21f);
	char text[80];
	int digits = 1;

	/* The fewest significant digits that read back as the same. */
	do
		snprintf(text, sizeof(text), "%.*e", digits - 1, (double)number);
	while (strtof(text, NULL) != number && digits++ < 9);
	if (exponent) {
		shorten_exponent(text);
	} else {
		int places = digits - 1 - read_exponent(text);

		snprintf(text, sizeof(text), "%.*f", places > 0 ? places : 0, (double)number);
	}
	json_out_plain(out, text);
}
