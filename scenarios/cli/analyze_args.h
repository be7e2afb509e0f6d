/* analyze_args.h - the command line of "wedge analyze": what is asked of which captures. */
#ifndef WEDGE_SCENARIOS_CLI_ANALYZE_ARGS_H
#define WEDGE_SCENARIOS_CLI_ANALYZE_ARGS_H

#include "proxy/base/options.h"
#include "scenarios/diagnosis/selection.h"
#include "scenarios/diagnosis/vantage.h"

/* Zero-initialise; analyze_args_fini ends. */
struct analyze_args {
	bool json;
	const char *catalog;  /* NULL: that in the binary */
	const char *fit;      /* NULL: not asked for */
	const char *annotate; /* NULL: not asked for */
	uint64_t top;	      /* 0: not given */
	enum vantage from;
	struct selection selection;
	const char *captures[2]; /* the second is NULL when there is one */
	bool help;
};

/* Fills *a, which analyze_args_fini frees in any case. -1 with *e. */
int analyze_args_parse(int argc, char **argv, struct analyze_args *a, struct err *e) WG_MUSTUSE;
void analyze_args_fini(struct analyze_args *a);

void analyze_help_print(FILE *out);

/* Refuses what can't be asked of two captures, or of both legs of one. -1 with *e. */
int analyze_args_check_pair(const struct analyze_args *a, bool legs, struct err *e) WG_MUSTUSE;

/* How many waits a ladder shows. */
size_t analyze_args_waits(const struct analyze_args *a);

#endif
