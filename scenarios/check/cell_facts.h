/* cell_facts.h - what one run of the command has shown: its own end, and the wire of its side. */
#ifndef WEDGE_SCENARIOS_CHECK_CELL_FACTS_H
#define WEDGE_SCENARIOS_CHECK_CELL_FACTS_H

#include "scenarios/check/detection.h"
#include "scenarios/check/hang_point.h"
#include "scenarios/check/left_files.h"

#include <jansson.h>

/* Of a program that doesn't end by itself, what is told of the command is told of what was run when
 * it was ready, where that was run. */
struct cell_facts {
	bool limited;	  /* it was ended at the limit */
	int status;	  /* as in a shell */
	double ended;	  /* seconds from its beginning to its end */
	size_t hit;	  /* which of the connections below the fault met first, from 0 */
	double fault_at;  /* the moment, on the same clock; NAN: the wire doesn't show it */
	uint64_t bytes;	  /* of its standard output */
	char *sha;	  /* SHA-256 of that, hexadecimal */
	char *last;	  /* last line that it printed, to either output; "": none */
	double *connects; /* when each connection to the service began, on the same clock */
	size_t nconnects;
	uint64_t from_server;	/* bytes on the connection that brought most */
	size_t requests;	/* exchanges on the connection that had most; 0: not told */
	size_t unsafe;		/* whole requests that aren't idempotent, which the server got */
	bool expects;		/* a request waited for 100 (Continue) */
	bool banner;		/* the server spoke first */
	bool acted;		/* the fault met a connection */
	struct left_files left; /* in the folder that it ran in */
	uint64_t outlived;	/* processes of its that went on when it had ended */
	/* Of a program that doesn't end by itself. */
	bool ready, ended_itself;
	double ready_after;	  /* seconds from its beginning */
	bool by_wire;		  /* nothing was run beside it */
	size_t earlier;		  /* connections to the service before that */
	enum detection_sign sign; /* and what else struct detection tells */
	double detected_at;	  /* on the same clock; NAN: not */
	bool recovered, unaffected, leaked;
	uint64_t answer; /* as in struct check_places */
};

void cell_facts_init(struct cell_facts *f);
void cell_facts_fini(struct cell_facts *f);

/* Takes how the command ended from the result of its role (scenarios/workload/command.h). -1 with
 * *e: it has told nothing. */
int cell_facts_take_command(struct cell_facts *f, const json_t *result, struct err *e) WG_MUSTUSE;

/* Takes the connections to that port from a capture of the client's side. began: wall-clock
 * nanoseconds of the command's beginning. */
int cell_facts_take_wire(struct cell_facts *f, const char *capture, uint16_t port,
			 enum fault_moment moment, int64_t began, struct err *e) WG_MUSTUSE;

#endif
