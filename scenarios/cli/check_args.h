/* check_args.h - the command line of "wedge check", as data. Plays nothing. */
#ifndef WEDGE_SCENARIOS_CLI_CHECK_ARGS_H
#define WEDGE_SCENARIOS_CLI_CHECK_ARGS_H

#include "proxy/base/options.h"
#include "scenarios/check/cell.h"

struct check_args {
	struct check_plan plan;		  /* argv, server and then are the args' own */
	const struct hang_point **points; /* NULL-terminated: what --only has named, or all */
	uint64_t repeat, jobs;		  /* jobs 0: not given */
	char *host;			  /* of --target */
	const char *protocol, *server, *target, *only, *keep, *junit, *html, *expect, *compare;
	const char *ready, *then;
	bool ready_request, json, seed_given;
};

/* Fills in *a. Returns 1, 0 when the help was asked for, -1 with *e. */
int check_args_parse(int argc, char **argv, struct check_args *a, struct err *e) WG_MUSTUSE;
void check_args_print_help(void);
void check_args_fini(struct check_args *a);

#endif
