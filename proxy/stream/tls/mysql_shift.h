/* mysql_shift.h - MySQL's login where one end speaks TLS and the other doesn't: SSLRequest has a
 * number of its own, which one of them doesn't count, and the login says whether there was one. */
#ifndef WEDGE_STREAM_TLS_MYSQL_SHIFT_H
#define WEDGE_STREAM_TLS_MYSQL_SHIFT_H

#include "proxy/base/dir.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mysql_shift {
	bool server_tls; /* TLS is the server's, not the client's */
	bool over;	 /* the server has let the client in, or not: nothing is changed any more */
	bool login_seen; /* the client's login has begun, and its flags have been changed */
	struct {
		unsigned char head[4]; /* of the packet: its length and its number */
		uint32_t n;	       /* bytes of the packet so far, head included */
	} packet[LEG_COUNT];
};

/* Changes n bytes that the end has said after the upgrade, in their place. */
void mysql_shift(struct mysql_shift *m, enum leg from, unsigned char *p, size_t n);

#endif
