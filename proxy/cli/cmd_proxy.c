/* cmd_proxy.c - "wedge proxy": proxies between the user's own clients and servers, from the command
 * line or from a file. Reads the command line; what follows from it is config_run's. */
#include "proxy/base/mem.h"
#include "proxy/base/param.h"
#include "proxy/base/units.h"
#include "proxy/cli/cmd_proxy_mode.h"
#include "proxy/cli/cmd_proxy_protocol.h"
#include "proxy/cli/cmd_proxy_tls.h"
#include "proxy/cli/commands.h"
#include "proxy/engine/engine_print.h"
#include "proxy/service/config_run.h"

#include <getopt.h>
#include <string.h>

static const char help[] =
    "usage: wedge proxy --listen [ADDR]:PORT --upstream HOST:PORT [OPTION...]\n"
    "       wedge proxy --transparent --in INTERFACE [OPTION...]\n"
    "       wedge proxy --redirect --port LIST [OPTION...]\n"
    "       wedge proxy --forward --server ADDR[:PORT] [OPTION...]\n"
    "       wedge proxy --config FILE [--seed N] [--journal FILE] [--capture FILE] [-v]\n"
    "       wedge proxy --check FILE\n"
    "\n"
    "Forwards TCP connections. Without --impair it is faithful: bytes, order, half-close, RST as "
    "RST\n(docs/faithful.md says what differs by nature).\n"
    "\n"
    "  --listen [ADDR]:PORT   where clients connect: 127.0.0.1:8080, [::1]:8080; :8080 is every\n"
    "                         address; port 0 lets the kernel choose\n"
    "  --upstream HOST:PORT   the server, by address or name; a name is resolved for every\n"
    "                         connection and all its addresses are tried in order\n"
    "  --transparent          take connections that pass this host, wherever they go; the server\n"
    "                         sees the client's own address and port (docs/transparent.md)\n"
    "  --in INTERFACE         those that come in here: the clients' side\n"
    "  --redirect             take connections that programs of this host open; --port, --to or\n"
    "                         --user must say which (docs/transparent.md)\n"
    "  --user USER            only those of this user's programs: a name or a number\n"
    "  --port LIST            only those to these ports: 80,443,8000-8100\n"
    "  --to LIST              only those to these networks: 192.0.2.0/24,2001:db8::/32\n"
    "  --own-address          the server sees wedge's address instead of the client's\n"
    "  --early-accept         accept clients at once; without, they wait for their server's "
    "answer\n"
    "                         and get it: refused, unreachable, or silence\n"
    "  --map-upstream FROM=TO of those taken, what wants to go to FROM (ADDR, ADDR:PORT, CIDR,\n"
    "                         CIDR:PORT or :PORT) goes to TO (HOST or HOST:PORT); repeatable, the\n"
    "                         first that fits\n"
    "  --print-rules          only print the packet filter rules and routes that it would set\n"
    "  --forward              terminate nothing: only watch, and impair packets of, connections\n"
    "                         that pass this host; impairments of the stream plane are refused\n"
    "  --server ADDR[:PORT]   those to this server; repeatable\n"
    "  --impair TEXT          an impairment, 'name' or 'name{parameter=value,...}'; repeatable,\n"
    "                         they act in the order given\n"
    "  --config FILE          several proxies, each with impairments, from a YAML file\n"
    "                         (docs/config-format.md); instead of all above. SIGHUP reads\n"
    "                         it again and changes what differs, whole or not at all\n"
    "  --check FILE           only tells whether FILE is a valid configuration\n"
    "  --seed N               seed of every random decision (default 1); before the file's\n"
    "  --journal FILE         append what wedge does to FILE, one JSON object a line; before the\n"
    "                         file's\n"
    "  --capture FILE         at the end write the packets of both legs to FILE, a capture for\n"
    "                         Wireshark that tells what wedge did at which packet and has TLS's\n"
    "                         secrets (docs/captures.md); before the file's. Needs CAP_NET_RAW\n"
    "  -v, --verbose          one line at the end of every session; -vv tells more; before the\n"
    "                         file's\n"
    "  -h, --help             this text\n";

static const char help_end[] =
    "\n"
    "SIGTERM or SIGINT stops accepting and lets the sessions end; a second one resets them.\n"
    "Exit status: 0 after all sessions have ended, 1 when some were reset by a second signal,\n"
    "2 when it could not run.\n";

struct options {
	struct config config; /* of all but --config and --check */
	struct config_source source;
	uint64_t seed;
	const char *check;
	const char *first_own; /* the first option that can't stand beside --config */
	own_set given;
	bool help;
	struct tls_options tls;
	size_t servers; /* each is a proxy; the first is that of --impair */
};

static const struct option own_options[] = {
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"upstream", required_argument, NULL, OPT_UPSTREAM},
    {"transparent", no_argument, NULL, OPT_TRANSPARENT},
    {"in", required_argument, NULL, OPT_IN},
    {"redirect", no_argument, NULL, OPT_REDIRECT},
    {"user", required_argument, NULL, OPT_USER},
    {"port", required_argument, NULL, OPT_PORT},
    {"to", required_argument, NULL, OPT_TO},
    {"own-address", no_argument, NULL, OPT_OWN_ADDRESS},
    {"early-accept", no_argument, NULL, OPT_EARLY_ACCEPT},
    {"map-upstream", required_argument, NULL, OPT_MAP_UPSTREAM},
    {"print-rules", no_argument, NULL, OPT_PRINT_RULES},
    {"forward", no_argument, NULL, OPT_FORWARD},
    {"server", required_argument, NULL, OPT_SERVER},
    {"impair", required_argument, NULL, OPT_IMPAIR},
    {"config", required_argument, NULL, 'c'},
    {"check", required_argument, NULL, 'k'},
    {"seed", required_argument, NULL, 's'},
    {"journal", required_argument, NULL, 'j'},
    {"capture", required_argument, NULL, 'w'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
};

enum {
	OWN_OPTIONS = ARRAY_LEN(own_options),
	TLS_AT = OWN_OPTIONS + PROTOCOL_OPTIONS, /* in getopt's table; TLS's are the last */
	OPTIONS_MAX = TLS_AT + TLS_KEYS_MAX
};

/* Those of own_options that say nothing of the proxy itself. */
static const char *const other_names[] = {"--config",  "--check",   "--seed", "--journal",
					  "--capture", "--verbose", "--help"};

static int option_wrong(const struct options *o, int opt, const char *arg, struct err *e)
{
	const char *names[OPTIONS_MAX + 1] = {NULL}, *near;

	for (int own = OPT_OWN; own < OPT_OWN_END; own++)
		names[own - OPT_OWN] = own_option_name(own);
	memcpy(names + (OPT_OWN_END - OPT_OWN), other_names, sizeof(other_names));
	memcpy(names + OWN_OPTIONS, protocol_option_names, sizeof(protocol_option_names));
	for (size_t i = 0; i < o->tls.n; i++)
		names[TLS_AT + i] = o->tls.name[i];
	near = nearest_name(arg, names);

	if (opt == ':')
		return err_set(e, "%s needs a value; 'wedge proxy --help' tells which", arg);
	if (near)
		return err_set(e, "unknown option %s; did you mean %s?", arg, near);
	return err_set(e, "unknown option %s; 'wedge proxy --help' lists them", arg);
}

/* The text of a parameter that may be given once. */
static int keep_text(char **text, const char *value, struct err *e)
{
	if (**text)
		return err_set(e, "it is given twice; lists are written 80,443");
	if (!*value)
		return err_set(e, "its value is empty");
	free(*text);
	*text = xstrdup(value);
	return 0;
}

/* The first server is of the first proxy; each other one gets a proxy of its own. */
static int add_server(struct options *o, const char *value, struct err *e)
{
	struct config_proxy *p = &o->config.proxy[0];

	if (o->servers++ > 0) {
		char *name = xasprintf("proxy-%zu", o->servers);

		p = config_add(&o->config, name);
		free(name);
	}
	p->mode = PROXY_FORWARD;
	if (config_server(p, value, e) == -1)
		return -1;
	for (struct config_proxy *q = &o->config.proxy[0]; q < p; q++)
		if (config_proxies_meet(q, p))
			return err_set(e, "'%s' is given twice, or is part of another --server",
				       value);
	return 0;
}

static int proxy_value(struct options *o, int opt, const char *value, struct err *e)
{
	struct config_proxy *p = &o->config.proxy[0];

	switch (opt) {
	case OPT_LISTEN:
		return addr_parse(value, &p->listen, e);
	case OPT_UPSTREAM:
		return host_port_parse(value, &p->upstream, e);
	case OPT_IN:
		return keep_text(&p->in_text, value, e);
	case OPT_USER:
		return keep_text(&p->user_text, value, e);
	case OPT_PORT:
		return keep_text(&p->port_text, value, e);
	case OPT_TO:
		return keep_text(&p->to_text, value, e);
	case OPT_SERVER:
		return add_server(o, value, e);
	case OPT_MAP_UPSTREAM:
		return upstream_map_parse(&p->map, value, e);
	case OPT_OWN_ADDRESS:
		p->own_address = true;
		return 0;
	case OPT_EARLY_ACCEPT:
		p->early_accept = true;
		return 0;
	case OPT_IMPAIR:
		return o->config.impairments_ops->add_text(p->impairments, value, e);
	default: /* it says all by being given */
		return 0;
	}
}

/* Each group's options have numbers from its first on; one below them wraps to beyond the group. */
static const char *own_name(const struct options *o, int opt)
{
	size_t tls = (size_t)opt - TLS_OPTION;

	if (opt < OPT_OWN_END)
		return own_option_name(opt);
	if (tls < ARRAY_LEN(o->tls.name))
		return o->tls.name[tls];
	return protocol_option_names[opt - PROTOCOL_OPTION];
}

static int proxy_option(struct options *o, int opt, const char *value, struct err *e)
{
	o->given |= own_bit(opt);
	return proxy_value(o, opt, value, e) == -1 ? err_wrap(e, "%s", own_name(o, opt)) : 0;
}

/* An empty one is a script's variable that nobody has set. */
static int keep_path(const char **path, const char *value, const char *name, struct err *e)
{
	*path = value;
	return *value ? 0 : err_set(e, "%s: its value is empty; a file's name is expected", name);
}

static int option_set(struct options *o, int opt, const char *value, struct err *e)
{
	switch (opt) {
	case 'c':
		return keep_path(&o->source.path, value, "--config", e);
	case 'k':
		return keep_path(&o->check, value, "--check", e);
	case 's':
		o->source.seed = &o->seed;
		return parse_count(value, &o->seed, e) == -1 ? err_wrap(e, "--seed") : 0;
	case 'j':
		return keep_path(&o->source.journal, value, "--journal", e);
	case 'w':
		return keep_path(&o->source.capture, value, "--capture", e);
	case 'v':
		o->source.verbose++;
		return 0;
	case 'h':
		o->help = true;
		return 0;
	default:
		if (!o->first_own)
			o->first_own = own_name(o, opt);
		if (opt >= PROTOCOL_OPTION)
			return protocol_option_set(&o->config.proxy[0].protocol, opt, value, e);
		if (opt < TLS_OPTION)
			return proxy_option(o, opt, value, e);
		return tls_option_set(&o->tls, &o->config.proxy[0].tls, opt, value, e);
	}
}

/* What may stand beside what. */
static int options_check(const struct options *o, struct err *e)
{
	const char *file = o->check ? "--check" : "--config";
	const struct config_proxy *p = &o->config.proxy[0];
	const struct impairments_ops *ops = o->config.impairments_ops;
	bool forward = own_mode(o->given) == PROXY_FORWARD;

	if (o->check && o->source.path)
		return err_set(e, "--check FILE says itself which file; --config is too much");
	if ((o->check || o->source.path) && o->first_own)
		return err_set(e, "%s can't stand beside %s: the file says it", o->first_own, file);
	if (o->check || o->source.path)
		return 0;
	if (own_options_check(o->given, e) == -1)
		return -1;
	if (forward && p->tls.mode != TLS_PASSTHROUGH)
		return err_set(e, "--tls: --forward terminates nothing, so TLS can only pass "
				  "through");
	if (protocol_options_check(&p->protocol, own_mode(o->given), e) == -1)
		return -1;
	if (tls_config_check(&p->tls, e) == -1)
		return err_wrap(e, "--tls");
	if (ops->check(p->impairments, forward, (enum tls_mode)p->tls.mode, e) == -1)
		return err_wrap(e, "--impair");
	return 0;
}

/* What the options say together: the selection of a proxy that takes connections, and every
 * server's proxy with the impairments of the first. */
static int complete(struct options *o, struct err *e)
{
	const struct impairments_ops *ops = o->config.impairments_ops;
	struct config_proxy *p = &o->config.proxy[0];
	const char *at;

	p->mode = own_mode(o->given);
	if (p->mode == PROXY_TRANSPARENT || p->mode == PROXY_REDIRECT) {
		if (config_intercept(p, &at, e) == -1)
			return err_wrap(e, "--%s", at);
		return addr_parse(":0", &p->listen, e);
	}
	for (size_t i = 1; i < o->config.n; i++) {
		ops->free(o->config.proxy[i].impairments);
		o->config.proxy[i].impairments = ops->copy(p->impairments);
	}
	return 0;
}

static int options_parse(struct options *o, int argc, char **argv, struct err *e)
{
	struct option table[OPTIONS_MAX + 1] = {{NULL, 0, NULL, 0}};
	int opt;

	memcpy(table, own_options, sizeof(own_options));
	memcpy(table + OWN_OPTIONS, protocol_options, sizeof(protocol_options));
	tls_options_init(&o->tls, table, TLS_AT);
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
	if (options_check(o, e) == -1)
		return -1;
	return complete(o, e);
}

static int check_file(const char *path, const struct impairments_ops *ops, struct err *e)
{
	struct config c;
	size_t faults;
	int rc;

	config_init(&c, ops);
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

static int print_rules(const struct config *c)
{
	const struct config_proxy *p = &c->proxy[0];
	const struct engine_proxy_config pc = {.mode = (enum proxy_mode)p->mode,
					       .intercept = p->intercept,
					       .own_address = p->own_address,
					       .early_accept = p->early_accept};
	char *text = engine_print_rules(&pc, c->impairments_ops->needs_packets(p->impairments));

	fputs(text, stdout);
	free(text);
	return 0;
}

static int run(struct options *o, struct err *e)
{
	if (o->help) {
		fputs(help, stdout);
		tls_options_help(&o->tls, stdout);
		fputs(protocol_options_help, stdout);
		fputs(help_end, stdout);
		return 0;
	}
	if (o->check)
		return check_file(o->check, o->config.impairments_ops, e);
	if (o->given & own_bit(OPT_PRINT_RULES))
		return print_rules(&o->config);
	o->source.command_line = &o->config;
	return config_run(&o->source, e);
}

int cmd_proxy(int argc, char **argv, const struct impairments_ops *impairments,
	      const struct capture_ops *capture)
{
	struct options o = {.seed = 1,
			    .source = {.impairments_ops = impairments, .capture_ops = capture}};
	struct err e = {""};
	int status;

	config_init(&o.config, impairments);
	(void)config_add(&o.config, "proxy");
	status = options_parse(&o, argc, argv, &e);
	if (status == 0)
		status = run(&o, &e);
	if (status == -1)
		fprintf(stderr, "wedge: proxy: %s\n", e.text);
	config_fini(&o.config);
	return status == -1 ? 2 : status;
}
