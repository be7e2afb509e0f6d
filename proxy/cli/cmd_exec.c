/* cmd_exec.c - "wedge exec": one command, all its TCP connections through wedge. Reads the command
 * line and hands the impairments' hooks to proxy/exec. */
#include "proxy/base/param.h"
#include "proxy/base/units.h"
#include "proxy/cli/commands.h"
#include "proxy/config/config.h"
#include "proxy/exec/exec.h"
#include "proxy/exec/exec_hosts.h"

#include <getopt.h>
#include <string.h>

static const char help[] =
    "usage: wedge exec [OPTION...] [--] COMMAND [ARGUMENT...]\n"
    "\n"
    "Runs a program, unchanged and without root, in a network of its own in which all its TCP\n"
    "connections pass through wedge. Without --impair they pass faithfully.\n"
    "\n"
    "  --impair TEXT   an impairment, 'name' or 'name{parameter=value,...}'; repeatable, they act\n"
    "                  in the order given; those of packets act between the command and wedge\n"
    "  --config FILE   a YAML file with the keys impairments, seed, journal and log, each as in "
    "the\n"
    "                  file of wedge proxy; its impairments act after those before it\n"
    "  --early-accept  connections succeed at once; without, they wait for their server's answer\n"
    "                  and get it: refused, unreachable, or silence\n"
    "  --map-upstream FROM=TO\n"
    "                  what wants to go to FROM (ADDR, ADDR:PORT, CIDR, CIDR:PORT or\n"
    "                  :PORT) goes to TO, ADDR[:PORT] as this host sees it; repeatable\n"
    "  --seed N        seed of every random decision (default 1); before the file's\n"
    "  --journal FILE  append what wedge does to FILE, one JSON object a line; before the file's\n"
    "  -v, --verbose   one line at the end of every connection; -vv tells more; before the file's\n"
    "  -h, --help      this text\n"
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

struct options {
	struct config config; /* of --config, and the one proxy of it */
	struct config_proxy *proxy;
	const char *journal;
	uint64_t seed;
	bool seed_given, early_accept, help;
	unsigned verbose;
	char *const *command;
};

static const struct option option_table[] = {
    {"impair", required_argument, NULL, 'i'},
    {"config", required_argument, NULL, 'c'},
    {"early-accept", no_argument, NULL, 'e'},
    {"map-upstream", required_argument, NULL, 'm'},
    {"seed", required_argument, NULL, 's'},
    {"journal", required_argument, NULL, 'j'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char *const option_names[] = {"--impair",	     "--config", "--early-accept",
					   "--map-upstream", "--seed",	 "--journal",
					   "--verbose",	     "--help",	 NULL};

static int option_wrong(int opt, const char *arg, struct err *e)
{
	const char *near = nearest_name(arg, option_names);

	if (opt == ':')
		return err_set(e, "%s needs a value; 'wedge exec --help' tells which", arg);
	if (near)
		return err_set(e, "unknown option %s; did you mean %s?", arg, near);
	return err_set(e, "unknown option %s; 'wedge exec --help' lists them", arg);
}

/* Nobody inside asks a nameserver but the command. */
static int add_map(struct upstream_map *m, const char *value, struct err *e)
{
	if (upstream_map_parse(m, value, e) == -1)
		return -1;
	if (m->rule[m->n - 1].to_name)
		return err_set(e,
			       "%s is a name; here only an address can be gone to, and "
			       "127.0.0.1 is this host's",
			       m->rule[m->n - 1].to.host);
	return 0;
}

static int option_set(struct options *o, int opt, const char *value, struct err *e)
{
	switch (opt) {
	case 'i':
		return o->config.impairments_ops->add_text(o->proxy->impairments, value, e) == -1
			   ? err_wrap(e, "--impair")
			   : 0;
	case 'c':
		return config_load_exec(&o->config, o->proxy, value, e) == -1
			   ? err_wrap(e, "--config")
			   : 0;
	case 'm':
		return add_map(&o->proxy->map, value, e) == -1 ? err_wrap(e, "--map-upstream") : 0;
	case 'e':
		o->early_accept = true;
		return 0;
	case 's':
		o->seed_given = true;
		return parse_count(value, &o->seed, e) == -1 ? err_wrap(e, "--seed") : 0;
	case 'j':
		o->journal = value;
		return *value
			   ? 0
			   : err_set(e, "--journal: its value is empty; a file's name is expected");
	case 'v':
		o->verbose++;
		return 0;
	default:
		o->help = true;
		return 0;
	}
}

static int check_impairments(const struct options *o, struct err *e)
{
	const struct impairments_ops *ops = o->config.impairments_ops;
	const struct impairment_set *set = o->proxy->impairments;
	const char *server = ops->needs_server_leg(set);

	if (ops->check(set, false, TLS_PASSTHROUGH, e) == -1)
		return -1;
	if (server)
		return err_set(e,
			       "%s acts on the packets between wedge and the server, which leave "
			       "from this host's own network, where wedge exec may not touch them; "
			       "give it leg=client, or use wedge proxy as root",
			       server);
	return 0;
}

static int options_parse(struct options *o, int argc, char **argv, struct err *e)
{
	int opt;

	optind = 1;
	opterr = 0;
	/* "+": the first word that is no option is the command, and all after it is its own. */
	while ((opt = getopt_long(argc, argv, "+:vh", option_table, NULL)) != -1) {
		if (opt == '?' || opt == ':')
			return option_wrong(opt, argv[optind - 1], e);
		if (option_set(o, opt, optarg, e) == -1)
			return -1;
	}
	if (o->help)
		return 0;
	if (optind == argc)
		return err_set(e, "no command; for instance wedge exec -- curl http://192.0.2.1/");
	o->command = argv + optind;
	return check_impairments(o, e);
}

static int run(struct options *o, struct err *e)
{
	const struct impairments_ops *ops = o->config.impairments_ops;
	struct impairment_set *set = o->proxy->impairments;
	struct exec_job job = {.argv = o->command,
			       .packets = ops->needs_packets(set),
			       .seed = o->seed_given ? o->seed : o->config.seed,
			       .journal = o->journal ? o->journal : o->config.journal,
			       .level = (enum log_level)o->config.level};

	if (o->help) {
		fputs(help, stdout);
		return 0;
	}
	if (o->verbose)
		job.level = o->verbose > 1 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
	job.proxy.map = &o->proxy->map;
	job.proxy.early_accept = o->early_accept;
	ops->give_hooks(set, set, &job.proxy);
	return exec_run(&job, e);
}

int cmd_exec(int argc, char **argv, const struct impairments_ops *impairments)
{
	struct options o = {0};
	struct err e = {""};
	int status;

	config_init(&o.config, impairments);
	o.proxy = config_add(&o.config, "exec");
	status = options_parse(&o, argc, argv, &e);
	if (status == 0)
		status = run(&o, &e);
	if (status == -1)
		fprintf(stderr, "wedge: exec: %s\n", e.text);
	config_fini(&o.config);
	return status == -1 ? EXEC_FAILED : status;
}
