/* chunked.c - reads byte by byte, but chunks by their size. */
#include "impairments/stream/parts/chunked.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define SIZE_DIGITS 15 /* nobody sends a larger chunk, and more digits would overflow */

static void line_begin(struct chunked *c)
{
	c->line_len = 0;
}

static void line_add(struct chunked *c, unsigned char ch)
{
	if (ch != '\r' && c->line_len < CHUNKED_LINE - 1)
		c->line[c->line_len++] = (char)ch;
}

static bool says_chunked(struct chunked *c)
{
	static const char name[] = "transfer-encoding:";

	c->line[c->line_len] = '\0';
	return strncasecmp(c->line, name, sizeof(name) - 1) == 0 &&
	       strcasestr(c->line + sizeof(name) - 1, "chunked");
}

static void size_begin(struct chunked *c)
{
	c->at = CHUNKED_SIZE;
	c->left = 0;
	c->digits = 0;
}

static void message_begin(struct chunked *c)
{
	*c = (struct chunked){.at = CHUNKED_HEAD};
}

/* The head of a message without chunked coding may be followed by a body of any length. */
static void head_feed(struct chunked *c, unsigned char ch)
{
	if (ch != '\n') {
		line_add(c, ch);
		return;
	}
	c->coded |= says_chunked(c);
	if (c->line_len)
		line_begin(c);
	else if (c->coded)
		size_begin(c);
	else
		c->at = CHUNKED_LOST;
}

static void size_end(struct chunked *c)
{
	if (!c->digits) {
		c->at = CHUNKED_LOST;
	} else if (c->left) {
		c->left += 2; /* the line end behind the data */
		c->at = CHUNKED_DATA;
	} else {
		c->at = CHUNKED_TRAILER;
		line_begin(c);
	}
}

static void size_feed(struct chunked *c, unsigned char ch)
{
	if (isxdigit(ch)) {
		int value = isdigit(ch) ? ch - '0' : tolower(ch) - 'a' + 10;

		c->left = c->left << 4 | (unsigned)value;
		c->digits += c->left != 0 || !c->digits;
		if (c->digits > SIZE_DIGITS)
			c->at = CHUNKED_LOST;
	} else if (ch == '\n') {
		size_end(c);
	} else {
		c->at = c->digits ? CHUNKED_REST : CHUNKED_LOST;
	}
}

static void trailer_feed(struct chunked *c, unsigned char ch)
{
	if (ch != '\n')
		line_add(c, ch);
	else if (c->line_len)
		line_begin(c);
	else
		message_begin(c);
}

static void byte_feed(struct chunked *c, unsigned char ch)
{
	switch (c->at) {
	case CHUNKED_HEAD:
		head_feed(c, ch);
		break;
	case CHUNKED_SIZE:
		size_feed(c, ch);
		break;
	case CHUNKED_REST:
		if (ch == '\n')
			size_end(c);
		break;
	case CHUNKED_TRAILER:
		trailer_feed(c, ch);
		break;
	case CHUNKED_DATA:
	case CHUNKED_LOST:
		break;
	}
}

void chunked_feed(struct chunked *c, const unsigned char *p, size_t n)
{
	while (n && c->at != CHUNKED_LOST) {
		size_t step = 1;

		if (c->at == CHUNKED_DATA) {
			step = n < c->left ? n : (size_t)c->left;
			c->left -= step;
			if (!c->left)
				size_begin(c);
		} else {
			byte_feed(c, *p);
		}
		p += step;
		n -= step;
	}
}

bool chunked_before_chunk(const struct chunked *c)
{
	return c->at == CHUNKED_SIZE && !c->digits;
}
