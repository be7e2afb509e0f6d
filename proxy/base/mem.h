/* mem.h - allocation: without memory the program ends with a line. */
#ifndef WEDGE_BASE_MEM_H
#define WEDGE_BASE_MEM_H

#include "proxy/base/attrs.h"

/* None returns NULL; xcalloc's memory is zeroed. The caller frees with free(). */
void *xcalloc(size_t n, size_t size) WG_MUSTUSE;
void *xrealloc(void *p, size_t n, size_t size) WG_MUSTUSE;
char *xstrdup(const char *s) WG_MUSTUSE;
char *xasprintf(const char *fmt, ...) WG_PRINTF(1, 2) WG_MUSTUSE;

/* open_memstream(3), and the end of such a stream, by which all that was written to it is in *text,
 * the caller's to free. */
FILE *xopen_memstream(char **text, size_t *len) WG_MUSTUSE;
void xclose_memstream(FILE *stream);

/* libevent and jansson allocate by these, too, so that none of their functions fails for want of
 * memory. To be called before anything of theirs. */
void mem_serve_libraries(void);

#endif
