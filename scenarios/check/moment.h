/* moment.h - when a fault took effect, by the packets of the client's side alone. */
#ifndef WEDGE_SCENARIOS_CHECK_MOMENT_H
#define WEDGE_SCENARIOS_CHECK_MOMENT_H

#include "proxy/base/dir.h"
#include "proxy/base/err.h"
#include "scenarios/check/hang_point.h"

#include <stdint.h>

/* A segment that brought new bytes. */
struct moment_data {
	int64_t at;
	enum dir dir;
};

/* What a connection to the service has shown, in its order; times are wall-clock nanoseconds of the
 * capture, 0 where it wasn't seen. */
struct moment_connection {
	int64_t first;		/* its first packet */
	int64_t syn, connected; /* the handshake's end: its third segment, or else its second */
	int64_t end[DIR_COUNT]; /* each side's first FIN or RST */
	int64_t fin[DIR_COUNT]; /* each side's first FIN */
	struct moment_data *data;
	size_t ndata;
	uint64_t from_server; /* new bytes */
};

struct moment_list {
	struct moment_connection *v;
	size_t n;
};

/* Reads the connections to that port from a capture. -1 with *e. */
int moment_list_read(const char *capture, uint16_t port, struct moment_list *l,
		     struct err *e) WG_MUSTUSE;
void moment_list_fini(struct moment_list *l);

/* Returns the moment, wall-clock nanoseconds; 0: the connection doesn't show it. */
int64_t fault_moment_find(const struct moment_connection *c, enum fault_moment moment);

#endif
