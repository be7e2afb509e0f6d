/* cmd_exec.c - "wedge exec": one command, all its TCP connections through wedge. Reads the command
 * line and hands the impairments' hooks to proxy/exec. */
#include "proxy/base/options.h"
#include "proxy/base/rng.h"
#include "proxy/cli/cmd_proxy_tls.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/service_options.h"
#include "proxy/config/config_load.h"
#include "proxy/exec/exec.h"
#include "proxy/exec/exec_hosts.h"

enum { EXEC_HELP_COLUMN = 18 };

struct exec_args {
	struct config config; /* of --config, and the one proxy of it */
	struct config_proxy *proxy;
	const struct capture_ops *capture_ops;
	const char *journal, *capture;
	int64_t connect_timeout; /* ns; 0: the file's */
	struct given_count seed;
	uint64_t hold_limit;
	bool early_accept, help;
	unsigned verbose;
	char *const *command;
	struct tls_rows tls_rows;
};

static int add_impairment(void *args, const struct option_row *row, const char *value,
			  struct err *e)
{
	struct exec_args *a = args;

	(void)row;
	return a->config.impairments_ops->add_text(a->proxy->impairments, value, e);
}

static int load_config(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct exec_args *a = args;

	(void)row;
	return config_load_exec(&a->config, a->proxy, value, e);
}

/* Nobody inside asks a nameserver but the command. */
static int add_map(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct exec_args *a = args;
	struct upstream_map *m = &a->proxy->map;

	(void)row;
	if (upstream_map_parse(m, value, e) == -1)
		return -1;
	if (m->rule[m->n - 1].to_name)
		return err_set(e,
			       "%s is a name; here only an address can be gone to, and "
			       "127.0.0.1 is this host's",
			       m->rule[m->n - 1].to.host);
	return 0;
}

static int set_tls(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct exec_args *a = args;

	return param_set(row->param, &a->proxy->tls, value, e);
}

static int set_connect_timeout(void *args, const struct option_row *row, const char *value,
			       struct err *e)
{
	struct exec_args *a = args;
	struct config_proxy read = {0};

	(void)row;
	if (param_set(param_find(config_proxy_params, "connect_timeout"), &read, value, e) == -1)
		return -1;
	a->connect_timeout = read.connect_timeout;
	return 0;
}

static const struct option_row exec_rows[] = {
    O_CALL("impair", "TEXT", add_impairment, .repeats = true,
	   .help = "an impairment, 'name' or 'name{parameter=value,...}'; repeatable, they act\n"
		   "in the order given; those of packets act between the command and wedge"),
    O_CALL("config", "FILE", load_config,
	   .help = "a YAML file with the keys impairments, tls, connect_timeout, seed,\n"
		   "hold_limit, journal, capture and log, each as in the file of wedge proxy;\n"
		   "its impairments act after those before it"),
    O_FLAG("early-accept", struct exec_args, early_accept,
	   .help = "connections succeed at once; without, they wait for their server's answer\n"
		   "and get it: refused, unreachable, or silence"),
    O_CALL("connect-timeout", "TIME", set_connect_timeout,
	   .help = "how long a server's address is waited for: 10ms to 1h (default: as long as\n"
		   "without wedge); before the file's"),
    O_CALL("map-upstream", "FROM=TO", add_map, .repeats = true,
	   .help = "what wants to go to FROM (ADDR, ADDR:PORT, CIDR, CIDR:PORT or\n"
		   ":PORT) goes to TO, ADDR[:PORT] as this host sees it; repeatable"),
    O_COUNT("seed", "N", struct exec_args, seed,
	    .help = "seed of every random decision (default: a new one, printed);\n"
		    "before the file's"),
    O_CALL("hold-limit", "SIZE", service_option_hold_limit,
	   .offset = PARAM_AT(struct exec_args, hold_limit, uint64_t),
	   .help = "bytes that all connections together may hold (default: a quarter of the\n"
		   "memory, or of the control group's); before the file's"),
    O_WORD("journal", "FILE", struct exec_args, journal,
	   .help = "append what wedge does to FILE, one JSON object a line; before the file's"),
    O_WORD("capture", "FILE", struct exec_args, capture,
	   .help = "at the end write the packets of both legs to FILE, a capture for\n"
		   "Wireshark, with comments that tell what wedge did, and TLS's secrets\n"
		   "(docs/captures.md); before the file's. The server leg needs CAP_NET_RAW"),
    O_TIMES("verbose", struct exec_args, verbose, .letter = 'v',
	    .help = "one line at the end of every connection; -vv tells more; before the file's"),
    O_FLAG("help", struct exec_args, help, .letter = 'h', .help = "this text"),
    O_END,
};

static const char help_before[] =
    "usage: wedge exec [OPTION...] [--] COMMAND [ARGUMENT...]\n"
    "\n"
    "Runs a program, unchanged and without root, in a network of its own in which all its TCP\n"
    "connections pass through wedge. Without --impair they pass faithfully.\n"
    "\n";

static const char help_after[] =
    "\n"
    "A loopback port on which something listens inside is left alone; any other is this host's,\n"
    "and " EXEC_HOSTS_HOST
    " always is. Names are resolved by this host's nameservers, untouched. Other\n"
    "UDP is refused at once by ICMP. What the command leaves running ends with it.\n"
    "\n"
    "for instance: wedge exec --impair 'stall{direction=downstream,after=10KB}' -- \\\n"
    "                  curl -m 5 http://192.0.2.1/\n"
    "\n"
    "Exit status: the command's own; 125 when wedge failed, 126 when the command can't be\n"
    "executed, 127 when it isn't found.\n";

/* Of the command that tables, NULL-terminated, make up. */
static struct option_command exec_command(const struct option_row *const *tables, int help_column)
{
	return (struct option_command){
	    .name = "exec", .tables = tables, .ends_at_word = true, .help_column = help_column};
}

static void print_help(const struct exec_args *a)
{
	const struct option_command of_exec = exec_command(NULL, EXEC_HELP_COLUMN);
	const struct option_command of_tls = exec_command(NULL, PROXY_HELP_COLUMN);

	fputs(help_before, stdout);
	options_print_rows(&of_exec, exec_rows, stdout);
	fputs("\nTLS (docs/tls.md); in a file the same keys, under tls:\n\n", stdout);
	options_print_rows(&of_tls, a->tls_rows.row, stdout);
	fputs(help_after, stdout);
}

static int check_impairments(const struct exec_args *a, struct err *e)
{
	const struct impairments_ops *ops = a->config.impairments_ops;
	const struct impairment_set *set = a->proxy->impairments;
	const char *server;

	if (tls_config_check(&a->proxy->tls, e) == -1)
		return err_wrap(e, "--tls");
	if (ops->check(set, false, (enum tls_mode)a->proxy->tls.mode, e) == -1)
		return -1;
	ops->prefer_client_leg(a->proxy->impairments);
	server = ops->needs_server_leg(set);
	if (server)
		return err_set(e,
			       "%s acts on the packets between wedge and the server, which leave "
			       "from this host's own network, where wedge exec may not touch them; "
			       "give it leg=client, or use wedge proxy as root",
			       server);
	return 0;
}

static int parse_args(struct exec_args *a, int argc, char **argv, struct err *e)
{
	const struct option_row *const tables[] = {exec_rows, a->tls_rows.row, NULL};
	const struct option_command command = exec_command(tables, EXEC_HELP_COLUMN);
	int first = options_parse(&command, a, argc, argv, NULL, e);

	if (first == -1)
		return -1;
	if (a->help)
		return 0;
	if (first == argc)
		return err_set(e, "no command; for instance wedge exec -- curl http://192.0.2.1/");
	if (!*argv[first])
		return err_set(e, "the command's name is empty; wedge exec -- curl "
				  "http://192.0.2.1/ has one");
	a->command = argv + first;
	return check_impairments(a, e);
}

/* A new seed is told, so that the run can be repeated, where there is something to decide. */
static int choose_seed(const struct exec_args *a, struct exec_job *job, struct err *e)
{
	const struct config *c = &a->config;

	job->seed = a->seed.given ? a->seed.n : c->seed;
	if (a->seed.given || c->seed_given)
		return 0;
	job->tell_seed = c->impairments_ops->count(a->proxy->impairments) > 0;
	return rng_draw_seed(&job->seed, e);
}

static void warn_of_hidden_acks(const struct exec_args *a, enum log_level level)
{
	const char *hider = a->config.impairments_ops->hides_acks(a->proxy->impairments);
	struct log log = {.level = level, .out = stderr};

	if (hider)
		log_warn(&log,
			 "exec: no server waits for an ACK that is held: %s keeps its bytes in "
			 "wedge, which has acknowledged them before the command has them",
			 hider);
}

static void tell_impairments(void *arg, struct journal *journal, const struct log *log)
{
	const struct exec_args *a = arg;

	a->config.impairments_ops->tell(a->proxy->impairments, journal, log);
}

static int run_command(struct exec_args *a, struct err *e)
{
	const struct impairments_ops *ops = a->config.impairments_ops;
	struct impairment_set *set = a->proxy->impairments;
	struct exec_job job = {.argv = a->command,
			       .ack_hold = ops->ack_hold(set),
			       .packets = ops->needs_packets(set),
			       .journal = a->journal ? a->journal : a->config.journal,
			       .capture = a->capture ? a->capture : a->config.capture,
			       .capture_ops = a->capture_ops,
			       .hold_limit = a->hold_limit ? a->hold_limit : a->config.hold_limit,
			       .level = (enum log_level)a->config.level,
			       .tls = &a->proxy->tls,
			       .proxy = {.name = "exec", .mode = PROXY_REDIRECT}};

	if (a->help) {
		print_help(a);
		return 0;
	}
	if (a->verbose)
		job.level = a->verbose > 1 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
	if (choose_seed(a, &job, e) == -1)
		return -1;
	job.proxy.map = &a->proxy->map;
	job.proxy.early_accept = a->early_accept;
	job.proxy.session_config.connect_timeout =
	    a->connect_timeout ? a->connect_timeout : a->proxy->connect_timeout;
	job.ended = tell_impairments;
	job.ended_arg = a;
	ops->give_hooks(set, set, &job.proxy);
	warn_of_hidden_acks(a, job.level);
	return exec_run(&job, e);
}

int cmd_exec(int argc, char **argv, const struct impairments_ops *impairments,
	     const struct capture_ops *capture)
{
	struct exec_args a = {.capture_ops = capture};
	struct err e = {""};
	int status;

	config_init(&a.config, impairments);
	a.proxy = config_add(&a.config, "exec");
	a.proxy->connect_timeout = 0; /* a silent server is as silent as outside */
	tls_rows_init(&a.tls_rows, set_tls, 0);
	status = parse_args(&a, argc, argv, &e);
	if (status == 0)
		status = run_command(&a, &e);
	if (status == -1)
		fprintf(stderr, "wedge: exec: %s\n", e.text);
	config_fini(&a.config);
	return status == -1 ? EXEC_FAILED : status;
}
