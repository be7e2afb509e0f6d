/* err.c - a text that is too long is cut at its end, where the least important words stand. */
#include "proxy/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#undef err_set
#undef err_errno
#undef err_wrap

int err_set(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
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
	return -1;
}
