/* mapped.h - a whole file as bytes. */
#ifndef WEDGE_SCENARIOS_BASE_MAPPED_H
#define WEDGE_SCENARIOS_BASE_MAPPED_H

#include "proxy/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* A file mapped into memory; its bytes are those at that moment. */
struct mapped {
	const uint8_t *data;
	size_t len;
};

int mapped_open(struct mapped *m, const char *path, struct err *e) WG_MUSTUSE;
int mapped_file(struct mapped *m, int fd, struct err *e) WG_MUSTUSE; /* fd stays the caller's */
void mapped_close(struct mapped *m);				     /* a zeroed one is fine */

#endif
