/* framing_delimiter.c - finds a delimiter by Knuth, Morris and Pratt's method, which never looks at
 * a byte again. */
#include "impairments/trigger/framing_delimiter.h"

#include "proxy/base/text_escape.h"

#include <string.h>

static size_t read_line(void *state, const unsigned char *p, size_t n, struct framing_step *step)
{
	const unsigned char *feed = n ? memchr(p, '\n', n) : NULL;

	(void)state;
	if (!feed)
		return n;
	step->mark = MARK_END;
	return (size_t)(feed - p) + 1;
}

static void begin_delimiter(void *state, const struct framing_config *c, enum dir dir)
{
	struct framing_delimiter *d = state;

	(void)dir;
	d->config = c;
}

static size_t read_delimiter(void *state, const unsigned char *p, size_t n,
			     struct framing_step *step)
{
	struct framing_delimiter *d = state;
	const struct framing_config *c = d->config;

	for (size_t i = 0; i < n; i++) {
		while (d->matched && p[i] != c->delimiter[d->matched])
			d->matched = c->fallback[d->matched - 1];
		d->matched += p[i] == c->delimiter[d->matched];
		if (d->matched == c->delimiter_len) {
			d->matched = 0;
			step->mark = MARK_END;
			return i + 1;
		}
	}
	return n;
}

const struct framing_reader framing_line_reader = {.read = read_line};

const struct framing_reader framing_delimiter_reader = {.begin = begin_delimiter,
							.read = read_delimiter};

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
