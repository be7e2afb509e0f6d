/* check_args.c - the option table of "wedge check". */
#include "scenarios/cli/check_args.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/units.h"
#include "scenarios/check/cell_scenario.h"
#include "scenarios/cli/run_options.h"
#include "scenarios/scenario/words.h"
#include "scenarios/workload/text_watch.h"

#include <string.h>
#include <unistd.h>

#define LIMIT_USUAL (60 * NS_PER_S)
#define REPEAT_MAX  100

static int set_seed(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct check_args *a = args;

	(void)row;
	a->seed_given = true;
	return run_option_seed(value, &a->plan.seed, e);
}

static int set_limit(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct check_args *a = args;

	(void)row;
	if (parse_duration(value, &a->plan.limit, e) == -1)
		return -1;
	return a->plan.limit >= NS_PER_S && a->plan.limit <= 3600 * NS_PER_S
		   ? 0
		   : err_set(e, "'%.40s': from 1s to 1h", value);
}

static int set_repeat(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct check_args *a = args;

	(void)row;
	return run_option_count(value, 1, REPEAT_MAX, &a->repeat, e);
}

static int set_jobs(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct check_args *a = args;

	(void)row;
	return run_option_count(value, 1, RUN_JOBS_MAX, &a->jobs, e);
}

static const struct option_row check_rows[] = {
    O_WORD("protocol", "NAME", struct check_args, protocol,
	   .help = "http (default), https, tcp, postgres, redis, ssh or smtp; by\n"
		   "default https where COMMAND has a word that begins so"),
    O_CALL("limit", "TIME", set_limit,
	   .help = "who still waits after so long hangs (default: 60s)"),
    O_WORD("only", "T13,...", struct check_args, only,
	   .help = "only these hang points (default: all that the protocol has)"),
    O_CALL("repeat", "N", set_repeat, .help = "play each so often (default: 1)"),
    O_CALL("jobs", "N", set_jobs, .help = "how many at a time (default: all of them, at most 64)"),
    O_WORD("server", "COMMAND", struct check_args, server,
	   .help = "a server of yours in the place of wedge's; {host} and {port}\n"
		   "are where it must listen"),
    O_WORD("target", "HOST:PORT", struct check_args, target,
	   .help = "a server outside, reached as by 'wedge exec'"),
    O_WORD("ready", "TEXT", struct check_args, ready,
	   .help = "COMMAND doesn't end by itself: it is ready when a line of its\n"
		   "output has TEXT in it"),
    O_FLAG("ready-request", struct check_args, ready_request,
	   .help = "the same; it is ready when it has sent its first data to the\n"
		   "server"),
    O_WORD("then", "COMMAND", struct check_args, then,
	   .help = "run then: its end is graded. Without, it is what the client\n"
		   "does to the connection that the fault hit"),
    O_WORD("keep", "DIR", struct check_args, keep,
	   .help = "keep the captures and outputs of every cell there"),
    O_WORD("junit", "FILE", struct check_args, junit,
	   .help = "write the card as JUnit XML, a test case a hang point"),
    O_WORD("html", "FILE", struct check_args, html,
	   .help = "write the card as a page for a browser, with the packets of each\n"
		   "cell"),
    O_WORD("expect", "FILE", struct check_args, expect,
	   .help = "judge the card by this YAML file (docs/check.md): T13: A"),
    O_WORD("compare", "FILE", struct check_args, compare,
	   .help = "say what has changed since that card, which --json has printed"),
    O_FLAG("json", struct check_args, json, .help = "print the card as JSON"),
    O_CALL("seed", "N", set_seed, .help = "the seed of every random decision"),
    O_CALL("help", NULL, option_set_end, .letter = 'h', .help = "this text"),
    O_END,
};

static const struct option_command check_command = {
    .name = "check",
    .tables = (const struct option_row *const[]){check_rows, NULL},
    .wording = OPTIONS_NEAREST,
    .ends_at_word = true,
    .help_before =
	"Usage: wedge check [OPTION]... -- COMMAND [ARGUMENT]...\n"
	"Runs a client through every place where a connection can hang, each in a lab of its\n"
	"own, and grades what it does. In COMMAND {url}, {host} and {port} are the server's and\n"
	"{ca} the file of the authority that it is certified by; that is also offered by\n"
	"SSL_CERT_FILE, CURL_CA_BUNDLE, REQUESTS_CA_BUNDLE, NODE_EXTRA_CA_CERTS and\n"
	"GIT_SSL_CAINFO. Without them the server is " CHECK_HOST ", at the protocol's own port.\n"
	"COMMAND runs in a folder of its own; {dir} is the one that you are in.\n"
	"\n",
    .help_after =
	"\n"
	"Exit status: 0 the card is complete, and with --expect as expected; 1 it is not; 2 it\n"
	"could not be made.\n",
    .help_column = 22,
};

static int find_protocol(struct check_args *a, struct err *e)
{
	const char *near;
	char hint[NEAREST_HINT];

	for (int i = 0; i < CHECK_PROTOCOL_COUNT; i++)
		if (a->protocol && strcmp(check_protocol_names[i], a->protocol) == 0) {
			a->plan.protocol = (enum check_protocol)i;
			return 0;
		}
	if (a->protocol) {
		near = nearest_name(a->protocol, (const char **)check_protocol_names);
		return err_set(e,
			       "no protocol '%.40s'%s; accepted are http, https, tcp, postgres, "
			       "redis, ssh and smtp",
			       a->protocol, nearest_hint(hint, near));
	}
	for (char **w = a->plan.argv; *w; w++)
		if (strncmp(*w, "https://", 8) == 0)
			a->plan.protocol = CHECK_HTTPS;
	return 0;
}

/* A cell's command runs in a folder of its own: what is named as a path from here stays that file.
 */
static void anchor_program(const struct check_args *a, char **words)
{
	char *program;

	if (!words || words[0][0] == '/' || !strchr(words[0], '/'))
		return;
	program = xasprintf("%s/%s", a->plan.dir, words[0]);
	free(words[0]);
	words[0] = program;
}

/* Where the command finds its server: in the lab, or outside. */
static int find_server(struct check_args *a, struct err *e)
{
	char *colon;

	a->plan.host = CHECK_HOST;
	a->plan.port = (uint16_t)check_port(a->plan.protocol);
	if (a->server && a->target)
		return err_set(e, "--server is in the lab, --target outside: one of them");
	if (a->target && (a->ready || a->ready_request))
		return err_set(e, "--ready is for the lab: a command with --target ends by itself");
	if (a->server && words_split(a->server, &a->plan.server, e) == -1)
		return err_wrap(e, "--server");
	if (a->target) {
		uint64_t port = 0;

		a->host = xstrdup(a->target);
		colon = strrchr(a->host, ':');
		if (!colon || colon == a->host || parse_count(colon + 1, &port, NULL) == -1 ||
		    port < 1 || port > UINT16_MAX)
			return err_set(e, "--target: '%.60s' is no HOST:PORT", a->target);
		*colon = '\0';
		a->plan.host = a->host;
		a->plan.port = (uint16_t)port;
		a->plan.outside = true;
	} else if (!a->server && !check_has_server(a->plan.protocol)) {
		return err_set(e, "wedge has no %s server of its own: --server 'COMMAND' names one",
			       check_protocol_names[a->plan.protocol]);
	}
	return 0;
}

static int add_point(struct check_args *a, size_t *n, const char *id, struct err *e)
{
	const struct hang_point *p = hang_point_find(id);

	if (!*id)
		return err_set(e, "--only: no hang point beside a comma; T13,T14 names two");
	if (!p)
		return err_set(e, "no hang point '%.20s'; they are T01 to T26", id);
	for (size_t i = 0; i < *n; i++)
		if (a->points[i] == p)
			return err_set(e, "%s is given twice", p->id);
	a->points[(*n)++] = p;
	return 0;
}

static int choose_points(struct check_args *a, struct err *e)
{
	size_t all = 0, n = 0;
	char *list = xstrdup(a->only ? a->only : ""), *rest = list, *id;
	int rc = 0;

	while (hang_points[all].id)
		all++;
	a->points = xcalloc(all + 1, sizeof(*a->points));
	for (size_t i = 0; !a->only && i < all; i++)
		a->points[n++] = &hang_points[i];
	while (a->only && rc == 0 && (id = strsep(&rest, ",")))
		rc = add_point(a, &n, id + strspn(id, " "), e);
	free(list);
	return rc;
}

/* What makes a program ready that doesn't end by itself, and what is run then. */
static int choose_ready(struct check_args *a, struct err *e)
{
	if (a->ready && a->ready_request)
		return err_set(e, "--ready and --ready-request: one of the two");
	if (a->ready && (strchr(a->ready, '\n') || strlen(a->ready) > TEXT_WATCH_MAX))
		return err_set(e, "--ready: a part of one line, of at most %d bytes",
			       TEXT_WATCH_MAX);
	if (a->then && !a->ready && !a->ready_request)
		return err_set(e, "--then needs --ready TEXT or --ready-request: when is it run?");
	a->plan.ready = a->ready_request ? "" : a->ready;
	if (a->then && words_split(a->then, &a->plan.then, e) == -1)
		return err_wrap(e, "--then");
	return 0;
}

int check_args_parse(int argc, char **argv, struct check_args *a, struct err *e)
{
	int first;

	*a = (struct check_args){.plan = {.limit = LIMIT_USUAL}, .repeat = 1};
	first = options_parse(&check_command, a, argc, argv, NULL, e);
	if (first <= 0)
		return first;
	if (first == argc || !argv[first][0])
		return err_set(e, "name a command: wedge check -- curl -sS {url}");
	a->plan.argv = words_copy(argv + first);
	a->plan.dir = getcwd(NULL, 0);
	if (!a->plan.dir)
		return err_errno(e, "the folder that wedge was started in");
	if (find_protocol(a, e) == -1 || choose_points(a, e) == -1 || choose_ready(a, e) == -1)
		return -1;
	if (find_server(a, e) == -1)
		return -1;
	anchor_program(a, a->plan.argv);
	anchor_program(a, a->plan.then);
	return 1;
}

void check_args_print_help(void)
{
	options_print_help(&check_command, stdout);
}

void check_args_fini(struct check_args *a)
{
	words_free(a->plan.argv);
	words_free(a->plan.server);
	free(a->host);
	words_free(a->plan.then);
	free(a->plan.dir);
	free(a->points);
}
