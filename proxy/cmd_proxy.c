/* cmd_proxy.c - "wedge proxy": proxies between the user's own clients and servers, from the command
 * line or from a file. Reads the command line; what follows from it is config_run's. */
#include "proxy/base/mem.h"
#include "proxy/base/param.h"
#include "proxy/base/units.h"
#include "proxy/cmd_proxy_tls.h"
#include "proxy/commands.h"
#include "proxy/config_run.h"
#include "proxy/impair_option.h"

#include <getopt.h>
#include <string.h>

static const char help[] =
    "usage: wedge proxy --listen [ADDR]:PORT --upstream HOST:PORT [OPTION...]\n"
    "       wedge proxy --config FILE [--seed N] [--journal FILE] [-v]\n"
    "       wedge proxy --check FILE\n"
    "\n"
    "Forwards TCP connections. Without --impair it is faithful: bytes, order, half-close, RST as "
    "RST\n(docs/faithful.md says what differs by nature).\n"
    "\n"
    "  --listen [ADDR]:PORT   where clients connect: 127.0.0.1:8080, [::1]:8080; :8080 is every\n"
    "                         address; port 0 lets the kernel choose\n"
    "  --upstream HOST:PORT   the server, by address or name; a name is resolved for every\n"
    "                         connection and all its addresses are tried in order\n"
    "  --impair TEXT          an impairment, 'name' or 'name{parameter=value,...}'; repeatable,\n"
    "                         they act in the order given\n"
    "  --config FILE          several proxies, each with impairments, from a YAML file\n"
    "                         (docs/config-format.md); instead of the three above. SIGHUP reads\n"
    "                         it again and changes what differs, whole or not at all\n"
    "  --check FILE           only tells whether FILE is a valid configuration\n"
    "  --seed N               seed of every random decision (default 1); before the file's\n"
    "  --journal FILE         append what wedge does to FILE, one JSON object a line; before the\n"
    "                         file's\n"
    "  -v, --verbose          one line at the end of every session; -vv tells more; before the\n"
    "                         file's\n"
    "  -h, --help             this text\n";

static const char help_end[] =
    "\n"
    "SIGTERM or SIGINT stops accepting and lets the sessions end; a second one resets them.\n"
    "Exit status: 0 after all sessions have ended, 1 when some were reset by a second signal,\n"
    "2 when it could not run.\n";

struct options {
	struct config config; /* of --listen, --upstream and --impair */
	struct config_proxy *proxy;
	struct config_source source;
	uint64_t seed;
	const char *check;
	const char *first_own; /* the first option that can't stand beside --config */
	bool listen_given, upstream_given, help;
	struct tls_options tls;
};

static const struct option own_options[] = {
    {"listen", required_argument, NULL, 'l'},  {"upstream", required_argument, NULL, 'u'},
    {"impair", required_argument, NULL, 'i'},  {"config", required_argument, NULL, 'c'},
    {"check", required_argument, NULL, 'k'},   {"seed", required_argument, NULL, 's'},
    {"journal", required_argument, NULL, 'j'}, {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
};

enum { OWN_OPTIONS = ARRAY_LEN(own_options), OPTIONS_MAX = OWN_OPTIONS + TLS_KEYS_MAX };

static const char *const own_names[OWN_OPTIONS] = {"--listen",	"--upstream", "--impair",
						   "--config",	"--check",    "--seed",
						   "--journal", "--verbose",  "--help"};

static int option_wrong(const struct options *o, int opt, const char *arg, struct err *e)
{
	const char *names[OPTIONS_MAX + 1] = {NULL}, *near;

	memcpy(names, own_names, sizeof(own_names));
	for (size_t i = 0; i < o->tls.n; i++)
		names[OWN_OPTIONS + i] = o->tls.name[i];
	near = nearest_name(arg, names);

	if (opt == ':')
		return err_set(e, "%s needs a value; 'wedge proxy --help' tells which", arg);
	if (near)
		return err_set(e, "unknown option %s; did you mean %s?", arg, near);
	return err_set(e, "unknown option %s; 'wedge proxy --help' lists them", arg);
}

static int proxy_option(struct options *o, int opt, const char *value, struct err *e)
{
	struct config_proxy *p = o->proxy;
	const char *name = opt == 'l' ? "--listen" : opt == 'u' ? "--upstream" : "--impair";
	int rc;

	if (!o->first_own)
		o->first_own = name;
	if (opt == 'l') {
		o->listen_given = true;
		rc = addr_parse(value, &p->listen, e);
	} else if (opt == 'u') {
		o->upstream_given = true;
		rc = host_port_parse(value, &p->upstream, e);
	} else {
		rc = impair_add(p->impairments, value, e);
	}
	return rc == -1 ? err_wrap(e, "%s", name) : 0;
}

static int option_set(struct options *o, int opt, const char *value, struct err *e)
{
	switch (opt) {
	case 'c':
		o->source.path = value;
		return 0;
	case 'k':
		o->check = value;
		return 0;
	case 's':
		o->source.seed = &o->seed;
		return parse_count(value, &o->seed, e) == -1 ? err_wrap(e, "--seed") : 0;
	case 'j':
		o->source.journal = value;
		return 0;
	case 'v':
		o->source.verbose++;
		return 0;
	case 'h':
		o->help = true;
		return 0;
	default:
		if (opt < TLS_OPTION)
			return proxy_option(o, opt, value, e);
		if (!o->first_own)
			o->first_own = o->tls.name[opt - TLS_OPTION];
		return tls_option_set(&o->tls, &o->proxy->tls, opt, value, e);
	}
}

/* What may stand beside what. */
static int options_check(const struct options *o, struct err *e)
{
	const char *file = o->check ? "--check" : "--config";

	if (o->check && o->source.path)
		return err_set(e, "--check FILE says itself which file; --config is too much");
	if ((o->check || o->source.path) && o->first_own)
		return err_set(e, "%s can't stand beside %s: the file says it", o->first_own, file);
	if (o->check || o->source.path)
		return 0;
	if (!o->listen_given)
		return err_set(e, "--listen is missing; for instance --listen 127.0.0.1:8080, or "
				  "--config FILE");
	if (!o->upstream_given)
		return err_set(e, "--upstream is missing; for instance --upstream 192.0.2.1:80");
	if (tls_config_check(&o->proxy->tls, e) == -1)
		return err_wrap(e, "--tls");
	if (impair_check(o->proxy->impairments, false, (enum tls_mode)o->proxy->tls.mode, e) == -1)
		return err_wrap(e, "--impair");
	return 0;
}

static int options_parse(struct options *o, int argc, char **argv, struct err *e)
{
	struct option table[OPTIONS_MAX + 1] = {{NULL, 0, NULL, 0}};
	int opt;

	memcpy(table, own_options, sizeof(own_options));
	tls_options_init(&o->tls, table, OWN_OPTIONS);
	optind = 1;
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":vh", table, NULL)) != -1) {
		if (opt == '?' || opt == ':')
			return option_wrong(o, opt, argv[optind - 1], e);
		if (option_set(o, opt, optarg, e) == -1)
			return -1;
	}
	if (o->help)
		return 0;
	if (optind < argc)
		return err_set(e,
			       "unexpected argument '%s'; 'wedge proxy --help' tells what is "
			       "accepted",
			       argv[optind]);
	return options_check(o, e);
}

static int check_file(const char *path, struct err *e)
{
	struct config c;
	size_t faults;
	int rc;

	config_init(&c);
	rc = config_load(&c, path, e);
	if (rc == 0) {
		faults = config_impairments(&c);
		printf("%s: valid: %zu %s (%zu disabled), %zu %s\n", path, c.n,
		       c.n == 1 ? "proxy" : "proxies", config_disabled(&c), faults,
		       faults == 1 ? "impairment" : "impairments");
	}
	config_fini(&c);
	return rc;
}

static int run(struct options *o, struct err *e)
{
	if (o->help) {
		fputs(help, stdout);
		tls_options_help(&o->tls, stdout);
		fputs(help_end, stdout);
		return 0;
	}
	if (o->check)
		return check_file(o->check, e);
	if (o->source.seed)
		o->config.seed = o->seed;
	if (o->source.journal) {
		free(o->config.journal);
		o->config.journal = xstrdup(o->source.journal);
	}
	o->source.command_line = &o->config;
	return config_run(&o->source, e);
}

int cmd_proxy(int argc, char **argv)
{
	struct options o = {.seed = 1};
	struct err e = {""};
	int status;

	config_init(&o.config);
	o.proxy = config_add(&o.config, "proxy");
	status = options_parse(&o, argc, argv, &e);
	if (status == 0)
		status = run(&o, &e);
	if (status == -1)
		fprintf(stderr, "wedge: proxy: %s\n", e.text);
	config_fini(&o.config);
	return status == -1 ? 2 : status;
}
