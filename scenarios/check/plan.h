/* plan.h - what all cells of a card share, as data. */
#ifndef WEDGE_SCENARIOS_CHECK_PLAN_H
#define WEDGE_SCENARIOS_CHECK_PLAN_H

#include "scenarios/check/hang_point.h"

#include <stdint.h>

#define CHECK_HOST "wedge.test" /* RFC 2606: the name that resolves inside */

/* What all cells of a card share. */
struct check_plan {
	enum check_protocol protocol;
	char **argv;	  /* "{url}", "{host}", "{port}", "{ca}" are replaced; NULL-terminated */
	char *dir;	  /* the folder that wedge was started in: "{dir}" */
	const char *host; /* the server's name and port, as the command knows them */
	uint16_t port;
	bool outside;  /* the server is no part of a lab: the command reaches it by wedge exec */
	char **server; /* a program in the place of wedge's server, or NULL */
	/* It doesn't end by itself, and is ready when it has printed this; "": when it has sent its
	 * first data. NULL: it ends. */
	const char *ready;
	char **then;   /* what is run then, with words as argv's; NULL: nothing */
	int64_t limit; /* nanoseconds: who still waits then hangs */
	uint64_t seed;
};

/* Where faults that are placed by bytes fall: of the healthy run. */
struct check_places {
	uint64_t body;	 /* bytes of the answer's body behind which is its middle */
	uint64_t edge;	 /* of a chunked one, with its sizes: where a chunk ends */
	uint64_t inside; /* in a chunk */
	uint64_t answer; /* bytes of the largest answer on the client's side of the wire */
	uint64_t down;	 /* bytes from the server on a connection, at whose middle something is */
};

/* Of a cell's folder: where the command runs, and how much of its output is kept. */
#define CELL_WORK	"work"
#define CELL_OUTPUT_MAX (1u << 20)

#endif
