/* passed.h - the proxies that a connection has been through before it came to its session, so that
 * one that comes back is recognised. */
#ifndef WEDGE_STREAM_PASSED_H
#define WEDGE_STREAM_PASSED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: it has been through none. */
struct passed {
	char **proxy; /* names, in their order */
	size_t n;
	uint64_t session; /* the number of the last one's session */
};

/* Returns a copy of p, which the caller frees by passed_fini. */
struct passed passed_copy(const struct passed *p);
void passed_fini(struct passed *p);

void passed_free(struct passed *p); /* of the heap's; NULL is fine */

/* Adds the proxy of that name as the last one; removes it. */
void passed_add(struct passed *p, const char *proxy);
void passed_remove(struct passed *p, const char *proxy);

/* Returns whether the proxy of that name is one of them. */
bool passed_has(const struct passed *p, const char *proxy);

#endif
