/* cmd_run.c - "wedge run SCENARIO...": from the command line to the report folder. */
#include "scenarios/cli/commands.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "scenarios/annotate/annotate.h"
#include "scenarios/lab/lab.h"
#include "scenarios/report/folder.h"
#include "scenarios/report/json.h"
#include "scenarios/report/text.h"
#include "scenarios/run/phase_metrics.h"
#include "scenarios/run/run.h"
#include "scenarios/run/workdir.h"
#include "scenarios/scenario/overrides.h"
#include "scenarios/scenario/scenario_load.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <sys/random.h>

static const char usage[] =
    "Usage: wedge run [OPTION]... SCENARIO...\n"
    "Reproduces a documented failure in a sealed laboratory of network namespaces,\n"
    "measures it from the wire, compares it with the documented numbers.\n"
    "SCENARIO is a name of the catalogue (wedge list) or the path of a YAML file.\n"
    "\n"
    "  --out DIR            the report folder (default: wedge-report/NAME;\n"
    "                       with several scenarios: DIR/NAME)\n"
    "  --seed N             the seed of every random decision (default: a new one, printed)\n"
    "  --set KEY=VALUE      change a parameter: impaired.delayed_ack.timer=100ms,\n"
    "                       client.exchanges=20, lab.intercept=forward; PHASE=none empties\n"
    "                       a phase; repeatable\n"
    "  --intercept MODE     explicit (the client is given wedge's address), transparent (it\n"
    "                       has the server's, and wedge stands in the way) or forward (wedge\n"
    "                       only routes): short for --set lab.intercept=MODE\n"
    "  --phase P            run only this phase; repeatable\n"
    "  --quick              fewer exchanges, scaled application times\n"
    "  --raw-captures       leave the captures as taken, without comments\n"
    "  --catalog DIR        take the catalogue from DIR instead of the built-in one\n"
    "  --json               print result.json instead of the report\n"
    "  -v, --verbose        more of wedge's own log; twice: debug\n"
    "  -h, --help           this text\n"
    "\n"
    "Exit status: 0 reproduced, 1 not reproduced, 2 invalid or could not run.\n";

#define LIST_MAX 64

struct run_args {
	const char *out, *catalog;
	const char *sets[LIST_MAX + 1];
	size_t nsets;
	const char *phases[LIST_MAX + 1];
	size_t nphases;
	bool quick, json, raw_captures;
	uint64_t seed;
	bool seed_given;
	int log_level;
	char *command;
	char *intercept;
};

static char *join_words(int argc, char **argv)
{
	char *line = xstrdup("wedge run");

	for (int i = 1; i < argc; i++) {
		char *longer = xasprintf("%s %s", line, argv[i]);

		free(line);
		line = longer;
	}
	return line;
}

static int add_to(const char **list, size_t *n, const char *what, const char *value, struct err *e)
{
	if (*n == LIST_MAX)
		return err_set(e, "%s: at most %d times", what, LIST_MAX);
	list[(*n)++] = value;
	return 0;
}

/* 0: run; 1: help was printed; -1 with *e. */
static int parse_args(int argc, char **argv, struct run_args *a, struct err *e)
{
	static const struct option options[] = {
	    {"out", required_argument, NULL, 'o'},	 {"seed", required_argument, NULL, 's'},
	    {"set", required_argument, NULL, 'S'},	 {"phase", required_argument, NULL, 'p'},
	    {"quick", no_argument, NULL, 'q'},		 {"json", no_argument, NULL, 'j'},
	    {"raw-captures", no_argument, NULL, 'r'},	 {"catalog", required_argument, NULL, 'c'},
	    {"verbose", no_argument, NULL, 'v'},	 {"help", no_argument, NULL, 'h'},
	    {"intercept", required_argument, NULL, 'i'}, {NULL, 0, NULL, 0},
	};
	int c;

	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, ":vh", options, NULL)) != -1) {
		int rc = 0;

		switch (c) {
		case 'o':
			a->out = optarg;
			break;
		case 's':
			a->seed_given = true;
			rc = parse_count(optarg, &a->seed, e);
			if (rc == -1)
				err_wrap(e, "--seed");
			else if (a->seed > INT64_MAX)
				rc = err_set(e, "--seed: at most %lld", (long long)INT64_MAX);
			break;
		case 'S':
			rc = add_to(a->sets, &a->nsets, "--set", optarg, e);
			break;
		case 'i':
			free(a->intercept);
			a->intercept = xasprintf("lab.intercept=%s", optarg);
			break;
		case 'p':
			rc = add_to(a->phases, &a->nphases, "--phase", optarg, e);
			break;
		case 'q':
			a->quick = true;
			break;
		case 'j':
			a->json = true;
			break;
		case 'r':
			a->raw_captures = true;
			break;
		case 'c':
			a->catalog = optarg;
			break;
		case 'v':
			a->log_level++;
			break;
		case 'h':
			fputs(usage, stdout);
			return 1;
		case ':':
			return err_set(e, "%s needs a value; see wedge run --help",
				       argv[optind - 1]);
		default:
			return err_set(e, "unknown option '%s'; see wedge run --help",
				       argv[optind - 1]);
		}
		if (rc == -1)
			return -1;
	}
	if (optind == argc)
		return err_set(e, "name a scenario; wedge list shows the catalogue");
	return 0;
}

static bool has_phase(const struct scenario *s, const char *name)
{
	for (size_t i = 0; i < s->nphases; i++)
		if (strcmp(s->phases[i].name, name) == 0)
			return true;
	return false;
}

static int check_phases(const struct scenario *s, const struct run_args *a, struct err *e)
{
	for (size_t i = 0; i < a->nphases; i++) {
		if (has_phase(s, a->phases[i]))
			continue;
		err_set(e, "--phase: %s has no phase '%s'; it has", s->name, a->phases[i]);
		for (size_t k = 0; k < s->nphases; k++) {
			size_t used = strlen(e->text);

			snprintf(e->text + used, sizeof(e->text) - used, "%s %s", k ? "," : "",
				 s->phases[k].name);
		}
		return -1;
	}
	return 0;
}

static int load(const char *name, const struct run_args *a, struct scenario **out, struct err *e)
{
	if (scenario_load(name, a->catalog, a->quick, phase_metric_known, NULL, out, e) == -1)
		return -1;
	for (size_t i = 0; i < a->nsets; i++)
		if (scenario_set(*out, a->sets[i], e) == -1) {
			err_wrap(e, "--set %s", a->sets[i]);
			goto fail;
		}
	if (a->intercept && scenario_set(*out, a->intercept, e) == -1)
		goto fail;
	if (check_phases(*out, a, e) == -1 || scenario_check(*out, e) == -1)
		goto fail;
	return 0;
fail:
	scenario_free(*out);
	*out = NULL;
	return -1;
}

/* The exit status. */
static int run_one(const struct scenario *s, const struct run_args *a, const char *out)
{
	struct run_options o = {
	    .command = a->command,
	    .phases = a->nphases ? a->phases : NULL,
	    .seed = a->seed,
	    .log_level = a->log_level,
	};
	struct err e = {""};
	struct workdir *w = workdir_open(out, &e);
	struct result *r;
	int status;

	if (!w)
		goto could_not;
	o.folder = workdir_path(w);
	r = run_scenario(s, &o, &e);
	if (!r)
		goto could_not;
	status = r->verdict == VERDICT_REPRODUCED	? 0
		 : r->verdict == VERDICT_NOT_REPRODUCED ? 1
							: 2;
	/* The verdict stands; captures without comments are no reason to lose it. */
	if (!a->raw_captures && report_annotate(r, workdir_path(w), &e) == -1)
		fprintf(stderr, "wedge: warning: %s: %s\n", s->name, e.text);
	if (report_write_folder(r, workdir_path(w), &e) == -1) {
		result_free(r);
		goto could_not;
	}
	if (workdir_commit(w, &e) == -1) {
		w = NULL;
		result_free(r);
		goto could_not;
	}
	if (a->json)
		report_json(r, stdout);
	else
		report_text(r, stdout);
	if (!a->json)
		printf("Report: %s\n", out);
	fflush(stdout);
	result_free(r);
	return status;
could_not:
	workdir_discard(w);
	fprintf(stderr, "wedge: %s: %s\n", s->name, e.text);
	return 2;
}

static int run_all(struct scenario **list, size_t n, const struct run_args *a)
{
	int worst = 0;

	for (size_t i = 0; i < n; i++) {
		char *out =
		    a->out ? n > 1 ? xasprintf("%s/%s", a->out, list[i]->name) : xstrdup(a->out)
			   : xasprintf("wedge-report/%s", list[i]->name);
		int status = run_one(list[i], a, out);

		if (status > worst)
			worst = status;
		free(out);
	}
	return worst;
}

/* A new seed, added to the command line that the report tells for running it again. */
static int choose_seed(struct run_args *a, struct err *e)
{
	char *typed = a->command;

	if (getrandom(&a->seed, sizeof(a->seed), 0) != sizeof(a->seed))
		return err_errno(e, "getrandom");
	a->seed >>= 32; /* short enough to be typed again */
	a->command = xasprintf("%s --seed %llu", typed, (unsigned long long)a->seed);
	free(typed);
	return 0;
}

int cmd_run(int argc, char **argv)
{
	struct run_args a = {.log_level = LOG_LEVEL_WARN, .command = join_words(argc, argv)};
	struct scenario **list = xcalloc((size_t)argc, sizeof(struct scenario *));
	struct err e = {""};
	size_t n = 0;
	int rc = parse_args(argc, argv, &a, &e);
	int status = 2;

	/* Every scenario is loaded before the first one runs. */
	for (int i = optind; rc == 0 && i < argc; i++)
		if (load(argv[i], &a, &list[n], &e) == -1)
			rc = -1;
		else
			n++;
	if (rc == 0 && lab_probe(&e) == -1)
		rc = -1;
	if (rc == 0 && !a.seed_given)
		rc = choose_seed(&a, &e);
	if (rc == 0)
		status = run_all(list, n, &a);
	else if (rc == 1)
		status = 0;
	else
		fprintf(stderr, "wedge: %s\n", e.text);
	for (size_t i = 0; i < n; i++)
		scenario_free(list[i]);
	free(list);
	free(a.command);
	free(a.intercept);
	return status;
}
