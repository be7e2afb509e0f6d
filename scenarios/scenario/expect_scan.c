/* expect_scan.c - one pointer into the text; errors name the column where it stands. */
#include "scenarios/scenario/expect_scan.h"

#include "proxy/base/param.h"
#include "proxy/base/units.h"
#include "scenarios/scenario/quantity.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

size_t scan_column(const struct scan *p)
{
	return (size_t)(p->at - p->text) + 1;
}

bool scan_fail(struct scan *p, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	err_set(p->e, "column %zu: %s", scan_column(p), what);
	return false;
}

void scan_space(struct scan *p)
{
	while (isspace((unsigned char)*p->at))
		p->at++;
}

bool scan_token(struct scan *p, const char *token)
{
	size_t n = strlen(token);

	scan_space(p);
	if (strncmp(p->at, token, n) != 0)
		return false;
	p->at += n;
	return true;
}

size_t scan_word_length(const char *at)
{
	size_t n = 0;

	if (!isalpha((unsigned char)at[0]) && at[0] != '_')
		return 0;
	while (isalnum((unsigned char)at[n]) || at[n] == '_')
		n++;
	return n;
}

bool scan_word(struct scan *p, const char *word)
{
	size_t n = strlen(word);

	scan_space(p);
	if (scan_word_length(p->at) != n || memcmp(p->at, word, n) != 0)
		return false;
	p->at += n;
	return true;
}

bool scan_want(struct scan *p, const char *token)
{
	if (scan_token(p, token))
		return true;
	if (*p->at)
		scan_fail(p, "'%s' is expected instead of '%.12s'", token, p->at);
	else
		scan_fail(p, "'%s' is expected, the text ends here", token);
	return false;
}

bool scan_number(struct scan *p, double *value, char *unit)
{
	const char *end;
	struct err why;

	scan_space(p);
	if (parse_quantity(p->at, value, unit, &end, &why) == -1)
		return scan_fail(p, "%s", why.text);
	p->at = end;
	return true;
}
