/* mem.c - the C library's functions and one check. */
#include "proxy/base/mem.h"

#include <event2/event.h>
#include <jansson.h>
#include <stdarg.h>
#include <string.h>

static _Noreturn void end_without_memory(void)
{
	fputs("wedge: out of memory: ulimit -v, a container or the machine gives no more\n",
	      stderr);
	exit(2);
}

static void *check_memory(void *p)
{
	if (!p)
		end_without_memory();
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return check_memory(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t n, size_t size)
{
	return check_memory(reallocarray(p, n ? n : 1, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return check_memory(strdup(s));
}

FILE *xopen_memstream(char **text, size_t *len)
{
	return check_memory(open_memstream(text, len));
}

/* Writing to memory fails for want of memory alone. */
void xclose_memstream(FILE *stream)
{
	if (fclose(stream) != 0)
		end_without_memory();
}

char *xasprintf(const char *fmt, ...)
{
	char *out = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&out, fmt, ap);
	va_end(ap);
	return check_memory(n == -1 ? NULL : out);
}

static void *serve_malloc(size_t size)
{
	return xrealloc(NULL, 1, size);
}

static void *serve_realloc(void *p, size_t size)
{
	return xrealloc(p, 1, size);
}

void mem_serve_libraries(void)
{
	event_set_mem_functions(serve_malloc, serve_realloc, free);
	json_set_alloc_funcs(serve_malloc, free);
}
