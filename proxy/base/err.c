/* err.c - a text that is too long is cut at its end, where the least important words stand. */
#include "proxy/base/err.h"

#include "proxy/base/text_print.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#undef err_set
#undef err_errno
#undef err_wrap

/* What a user wrote may stand in a text, line ends and all: a text is one line. */
static void keep_one_line(struct err *e)
{
	text_print_line_in_place(e->text, sizeof(e->text));
}

int err_set(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	keep_one_line(e);
	return -1;
}

int err_errno(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	size_t used;
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	used = strlen(e->text);
	snprintf(e->text + used, sizeof(e->text) - used, ": %s", strerror(saved));
	keep_one_line(e);
	errno = saved;
	return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char before[sizeof(e->text)], after[sizeof(e->text)];
	va_list ap;

	if (!e)
		return -1;
	memcpy(after, e->text, sizeof(after));
	va_start(ap, fmt);
	vsnprintf(before, sizeof(before), fmt, ap);
	va_end(ap);
	snprintf(e->text, sizeof(e->text), "%.380s: %.380s", before, after);
	keep_one_line(e);
	return -1;
}
