/* run_args.c - the option tables of "wedge run". */
#include "scenarios/cli/run_args.h"

#include "proxy/base/mem.h"
#include "proxy/base/options.h"
#include "proxy/base/units.h"
#include "scenarios/cli/command_line.h"
#include "scenarios/cli/run_options.h"
#include "scenarios/watch/watch.h"

#include <string.h>

static int set_seed(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct run_args *a = args;

	(void)row;
	a->seed_given = true;
	return run_option_seed(value, &a->seed, e);
}

static int add_word(const char **list, size_t *n, const char *value, struct err *e)
{
	if (*n == RUN_LIST_MAX)
		return err_set(e, "at most %d times", RUN_LIST_MAX);
	list[(*n)++] = value;
	return 0;
}

static int add_set(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct run_args *a = args;
	size_t key = strcspn(value, "=") + 1;

	(void)row;
	for (size_t i = 0; i < a->nsets; i++)
		if (strncmp(a->sets[i], value, key) == 0)
			return err_set(e, "%.*s is given twice", (int)key - 1, value);
	return add_word(a->sets, &a->nsets, value, e);
}

static int add_phase(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct run_args *a = args;

	(void)row;
	return add_word(a->phases, &a->nphases, value, e);
}

static int set_intercept(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct run_args *a = args;

	(void)row;
	(void)e;
	free(a->intercept);
	a->intercept = xasprintf("lab.intercept=%s", value);
	return 0;
}

static int set_jobs(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct run_args *a = args;

	(void)row;
	return run_option_count(value, 1, RUN_JOBS_MAX, &a->jobs, e);
}

static int set_with_limit(void *args, const struct option_row *row, const char *value,
			  struct err *e)
{
	struct run_args *a = args;

	(void)row;
	if (parse_duration(value, &a->with_limit, e) == -1)
		return -1;
	return a->with_limit > 0 ? 0 : err_set(e, "more than 0");
}

static int set_watch_at(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct run_args *a = args;

	(void)row;
	a->watch = true;
	return run_option_watch(value, &a->watch_at, e);
}

static const struct option_row run_rows[] = {
    O_FLAG("all", struct run_args, all,
	   .help = "every scenario of the catalogue, and an index of them"),
    O_FLAG("blind", struct run_args, blind,
	   .help = "for training: plays one of the SCENARIOs, or of the catalogue,\n"
		   "and leaves two captures and a complaint, without saying which\n"
		   "it was; 'wedge answer DIR NAME' tells"),
    O_CALL("jobs", "N", set_jobs,
	   .help = "how many scenarios at a time (default: 1; with --all\n"
		   "as many as there are processors)"),
    O_WORD("out", "DIR", struct run_args, out,
	   .help = "the report folder (default: wedge-report/NAME;\n"
		   "with several scenarios: DIR/NAME; with --blind: wedge-blind)"),
    O_CALL("seed", "N", set_seed,
	   .help = "the seed of every random decision (default: a new one, printed)"),
    O_CALL("set", "KEY=VALUE", add_set, .repeats = true,
	   .help = "change a parameter: impaired.delayed_ack.timer=100ms,\n"
		   "client.exchanges=20, lab.intercept=forward; PHASE=none empties\n"
		   "a phase; repeatable"),
    O_CALL("intercept", "MODE", set_intercept,
	   .help = "explicit (the client is given wedge's address), transparent (it\n"
		   "has the server's, and wedge stands in the way) or forward (wedge\n"
		   "only routes): short for --set lab.intercept=MODE"),
    O_CALL("phase", "P", add_phase, .repeats = true, .help = "run only this phase; repeatable"),
    O_FLAG("quick", struct run_args, quick, .help = "fewer exchanges, scaled application times"),
    O_WORD("with", "COMMAND", struct run_args, with,
	   .help = "let a program of yours feel it: plays baseline and impaired\n"
		   "with COMMAND as one more client ({host} and {port} are its\n"
		   "server's) and prints its status, time and last words in each"),
    O_WORD("with-server", "COMMAND", struct run_args, with_server,
	   .help = "a program in the place of the scenario's server, whose main\n"
		   "client then isn't there"),
    O_CALL("with-limit", "TIME", set_with_limit,
	   .help = "end COMMAND when it has run so long (default: 60s)"),
    O_FLAG("real-client", struct run_args, real_client,
	   .help = "the same with the program that the scenario names, compared\n"
		   "with what the scenario says of it"),
    O_FLAG("watch", struct run_args, watch,
	   .help = "show what happens as a page in a browser, at\n"
		   "http://" WATCH_PLACE "/ or, where that is in use, another port"),
    O_CALL("watch-at", "[ADDR:]PORT", set_watch_at,
	   .help = "the same at an address of this host's loopback"),
    O_FLAG("raw-captures", struct run_args, raw_captures,
	   .help = "leave the captures as taken, without comments"),
    O_WORD("catalog", "DIR", struct run_args, catalog,
	   .help = "take the catalogue from DIR instead of the built-in one"),
    O_FLAG("json", struct run_args, json, .help = "print result.json instead of the report"),
    O_TIMES("verbose", struct run_args, verbose, .letter = 'v',
	    .help = "the whole report, and more of wedge's own log; twice: debug"),
    O_CALL("help", NULL, option_set_end, .letter = 'h', .help = "this text"),
    O_END,
};

static const struct option_command run_command = {
    .name = "run",
    .tables = (const struct option_row *const[]){run_rows, NULL},
    .wording = OPTIONS_PLAIN,
    .help_before =
	"Usage: wedge run [OPTION]... SCENARIO...\n"
	"       wedge run [OPTION]... --all\n"
	"       wedge run [OPTION]... --blind [SCENARIO...]\n"
	"Reproduces a documented failure in a sealed laboratory of network namespaces,\n"
	"measures it from the wire, compares it with the documented numbers.\n"
	"SCENARIO is a name or a number (F14) of the catalogue (wedge list) or the path\n"
	"of a YAML file.\n"
	"\n",
    .help_after = "\n"
		  "Exit status: 0 reproduced, 1 not reproduced, 2 invalid or could not run; with\n"
		  "--with 0 the program's was 0 in every phase, 1 it wasn't in one; with\n"
		  "--real-client 0 all is as the scenario says, 1 it isn't; with --blind 0 the\n"
		  "folder is there, 2 it isn't.\n",
    .help_column = 23,
};

/* What would tell which scenario it is, or means one that is known. */
static int check_blind(const struct run_args *a, struct err *e)
{
	static const char *const others[] = {"all",	"jobs",	      "set",	     "intercept",
					     "phase",	"with",	      "json",	     "raw-captures",
					     "verbose", "with-limit", "with-server", "real-client",
					     "watch",	"watch-at"};

	for (size_t i = 0; a->blind && i < ARRAY_LEN(others); i++)
		if (options_have(&a->given, others[i]))
			return err_set(e, "--%s isn't for --blind", others[i]);
	return 0;
}

/* One scenario at a time is shown, from its first phase to its verdict. */
static int check_watch(const struct run_args *a, struct err *e)
{
	if (a->with || a->real_client)
		return err_set(e, "--watch shows a scenario to its verdict, and there is none with "
				  "--with or --real-client");
	return a->jobs > 1 ? err_set(e, "--jobs: with --watch the scenarios run in turn") : 0;
}

int run_args_parse(int argc, char **argv, struct run_args *a, struct err *e)
{
	int first;

	a->command = command_line_text(argc, argv);
	first = options_parse(&run_command, a, argc, argv, &a->given, e);
	if (first > 0 && check_blind(a, e) == -1)
		return -1;
	if (first > 0 && a->watch && check_watch(a, e) == -1)
		return -1;
	if (first > 0 && first < argc && a->all)
		return err_set(e, "--all is every scenario: '%.60s' isn't named beside it",
			       argv[first]);
	if (first == argc && !a->all && !a->blind)
		return err_set(e, "name a scenario; wedge list shows the catalogue");
	if (first > 0 && !a->with && !a->real_client && (a->with_server || a->with_limit))
		return err_set(e, "--with-server and --with-limit have no effect without --with or "
				  "--real-client");
	return first;
}

void run_args_print_help(void)
{
	options_print_help(&run_command, stdout);
}

void run_args_fini(struct run_args *a)
{
	free(a->command);
	free(a->intercept);
}
