/* wedge_role.h - wedge itself as a role of the lab: an engine that the runner starts and stops. */
#ifndef WEDGE_SCENARIOS_RUN_WEDGE_ROLE_H
#define WEDGE_SCENARIOS_RUN_WEDGE_ROLE_H

#include "scenarios/base/run_news.h"
#include "scenarios/run/phase_lab.h"
#include "scenarios/scenario/intercept.h"
#include "scenarios/scenario/phase.h"

struct wedge_role_config {
	const struct phase *phase;
	const struct phase_lab *lab;
	enum intercept intercept;
	uint64_t seed;		  /* of the run, for the journal */
	uint64_t draws;		  /* phase_options; the phase's is a part of it (rng_part_seed) */
	const char *label;	  /* the phase as the journal names it */
	const char *journal_path; /* appended to */
	const char *ca_folder;	  /* TLS ends in wedge, by this authority; NULL: it passes */
	int log_level;		  /* enum log_level */
	const struct run_news *news; /* told what happens; NULL: nobody watches */
};

/* A role's main (lab.h); arg is a struct wedge_role_config. Sends {"type":"ready","backend":...}
 * once it listens and its rules are in place; answers a change of an impairment with
 * {"type":"done"}; on {"type":"stop"} lets the sessions end (2 s at
 * most), then sends {"type":"result"} with its counts. */
int wedge_role_main(void *arg, int msg_fd);

#endif
