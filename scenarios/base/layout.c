/* layout.c - counts characters, not bytes: every UTF-8 sequence is one column wide. */
#include "scenarios/base/layout.h"

#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"

#include <string.h>

static size_t width_of(const char *text, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			n++;
	return n;
}

size_t layout_width(const char *text)
{
	return width_of(text, strlen(text));
}

void layout_pad(FILE *out, const char *text, size_t width, bool right)
{
	size_t used = layout_width(text);
	int blanks = used < width ? (int)(width - used) : 0;

	if (right)
		fprintf(out, "%*s%s", blanks, "", text);
	else
		fprintf(out, "%s%*s", text, blanks, "");
}

/* Returns the bytes of the longest part of a word that ends behind a comma and is at most room
 * wide; 0: there is none. */
static size_t comma_within(const char *word, size_t bytes, size_t room)
{
	size_t found = 0;

	for (size_t i = 0; i < bytes; i++)
		if (word[i] == ',' && width_of(word, i + 1) <= room)
			found = i + 1;
	return found;
}

void layout_wrap(FILE *out, const char *first, size_t indent, const char *text)
{
	size_t at = layout_width(first);
	bool fresh = true; /* nothing stands on this line yet */

	fputs(first, out);
	while (*(text += strspn(text, " \t\r\n"))) {
		size_t bytes = strcspn(text, " \t\r\n"), part = 0;
		size_t room = at + !fresh < LAYOUT_COLUMNS ? LAYOUT_COLUMNS - at - !fresh : 0;

		if (indent + width_of(text, bytes) > LAYOUT_COLUMNS)
			part = comma_within(text, bytes, room);
		if (!part && !fresh && width_of(text, bytes) > room) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
			fresh = true;
			continue;
		}
		bytes = part ? part : bytes;
		fprintf(out, "%s%.*s", fresh ? "" : " ", (int)bytes, text);
		at += width_of(text, bytes) + !fresh;
		fresh = false;
		text += bytes;
	}
	fputc('\n', out);
}

/* Returns the bytes of the UTF-8 sequence at s (RFC 3629), 0 when it is not valid. */
static size_t sequence_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80	 ? 1
		   : s[0] < 0xc2 ? 0
		   : s[0] < 0xe0 ? 2
		   : s[0] < 0xf0 ? 3
		   : s[0] < 0xf5 ? 4
				 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	/* U+FFFE and U+FFFF are no characters of XML. */
	if (s[0] == 0xef && s[1] == 0xbf && s[2] > 0xbd)
		return 0;
	return n;
}

char *layout_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	char *out = NULL;
	size_t len = 0;
	FILE *f;

	if (!text)
		return NULL;
	f = xopen_memstream(&out, &len);
	while (*s) {
		size_t bytes = sequence_length(s);

		if (bytes)
			fwrite(s, 1, bytes, f);
		else
			fprintf(f, "\\x%02x", *s);
		s += bytes ? bytes : 1;
	}
	xclose_memstream(f);
	return out;
}

/* Line by line, and between tabs, since those two stay. */
char *layout_clean(const char *text)
{
	char *utf8 = layout_utf8(text), *rest = utf8, *out = NULL, *part;
	size_t len = 0;
	FILE *f;

	if (!utf8)
		return NULL;
	f = xopen_memstream(&out, &len);
	while (rest) {
		size_t n = strcspn(rest, "\n\t");
		char stop = rest[n];

		rest[n] = '\0';
		part = text_print_line(rest);
		fputs(part, f);
		free(part);
		if (stop)
			fputc(stop, f);
		rest = stop ? rest + n + 1 : NULL;
	}
	xclose_memstream(f);
	free(utf8);
	return out;
}
