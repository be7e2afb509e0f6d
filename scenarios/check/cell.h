/* cell.h - one run of the command against one fault, in a lab of its own: a scenario is written,
 * played with the command as its guest, and what the command did and the wire showed are the facts.
 * Grades nothing. */
#ifndef WEDGE_SCENARIOS_CHECK_CELL_H
#define WEDGE_SCENARIOS_CHECK_CELL_H

#include "proxy/base/err.h"
#include "scenarios/check/left_files.h"
#include "scenarios/check/plan.h"

#include <stdint.h>

struct cell_facts {
	bool limited;	  /* it was ended at the limit */
	int status;	  /* as in a shell */
	double ended;	  /* seconds from its beginning to its end */
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
};

/* Plays variant v of point p (NULL, NULL: the healthy run) in folder, which is there and empty, and
 * is left with the scenario, the captures and what the command printed. The caller frees *f with
 * cell_facts_fini. -1 with *e: it couldn't be played. */
int cell_play(const struct check_plan *plan, const struct check_places *places,
	      const struct hang_point *p, const struct hang_variant *v, const char *folder,
	      struct cell_facts *f, struct err *e) WG_MUSTUSE;
void cell_facts_fini(struct cell_facts *f);

#endif
