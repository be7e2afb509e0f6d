/* run_args.h - the command line of "wedge run", as data. Loads nothing, runs nothing. */
#ifndef WEDGE_SCENARIOS_CLI_RUN_ARGS_H
#define WEDGE_SCENARIOS_CLI_RUN_ARGS_H

#include "proxy/base/addr.h"
#include "proxy/base/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUN_LIST_MAX 64 /* of what may be given several times */

struct run_args {
	const char *out, *catalog;
	const char *sets[RUN_LIST_MAX + 1];
	size_t nsets;
	const char *phases[RUN_LIST_MAX + 1];
	size_t nphases;
	const char *with, *with_server; /* commands, or NULL */
	int64_t with_limit;		/* 0: not given */
	bool real_client;
	bool quick, json, raw_captures, all, blind, watch;
	struct addr watch_at; /* len 0: not given */
	uint64_t jobs;	      /* 0: not given */
	uint64_t seed;
	bool seed_given;
	unsigned verbose;
	char *command;	 /* the line itself, for the report */
	char *intercept; /* "lab.intercept=MODE" or NULL */
	struct options_given given;
};

/* Fills in *a and returns the index of the first scenario's name; 0: the help was asked for, -1
 * with *e. */
int run_args_parse(int argc, char **argv, struct run_args *a, struct err *e) WG_MUSTUSE;
void run_args_print_help(void);
void run_args_fini(struct run_args *a);

#endif
