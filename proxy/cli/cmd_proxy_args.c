/* cmd_proxy_args.c - the table of "wedge proxy"'s options, and what they must say together. */
#include "proxy/cli/cmd_proxy_args.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "proxy/cli/cmd_proxy_mode.h"
#include "proxy/cli/service_options.h"
#include "proxy/config/config_loop.h"
#include "proxy/config/config_place.h"
#include "proxy/config/place_words.h"

#include <string.h>

static struct config_proxy *first_proxy(struct proxy_args *a)
{
	return &a->config.proxy[0];
}

static int set_listen(void *args, const struct option_row *row, const char *value, struct err *e)
{
	(void)row;
	return listen_place_parse(value, &first_proxy(args)->listen, e);
}

static int set_upstream(void *args, const struct option_row *row, const char *value, struct err *e)
{
	(void)row;
	return upstream_place_parse(value, &first_proxy(args)->upstream, e);
}

/* A text of the proxy that may be given once. */
static int set_text(void *args, const struct option_row *row, const char *value, struct err *e)
{
	char **text = (char **)(void *)((char *)first_proxy(args) + row->offset);

	if (**text)
		return err_set(e, "it is given twice; lists are written 80,443");
	free(*text);
	*text = xstrdup(value);
	return 0;
}

static int set_own_address(void *args, const struct option_row *row, const char *value,
			   struct err *e)
{
	(void)row;
	(void)value;
	(void)e;
	first_proxy(args)->own_address = true;
	return 0;
}

static int set_early_accept(void *args, const struct option_row *row, const char *value,
			    struct err *e)
{
	(void)row;
	(void)value;
	(void)e;
	first_proxy(args)->early_accept = true;
	return 0;
}

static int set_connect_timeout(void *args, const struct option_row *row, const char *value,
			       struct err *e)
{
	(void)row;
	return param_set(param_find(config_proxy_params, "connect_timeout"), first_proxy(args),
			 value, e);
}

static int add_map(void *args, const struct option_row *row, const char *value, struct err *e)
{
	(void)row;
	return upstream_map_parse(&first_proxy(args)->map, value, e);
}

/* The first server is of the first proxy; each other one gets a proxy of its own. */
static int add_server(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct proxy_args *a = args;
	struct config_proxy *p = first_proxy(a);

	(void)row;
	if (a->servers++ > 0) {
		char *name = xasprintf("proxy-%zu", a->servers);

		p = config_add(&a->config, name);
		free(name);
	}
	p->mode = PROXY_FORWARD;
	if (config_place_server(p, value, e) == -1)
		return -1;
	for (struct config_proxy *q = first_proxy(a); q < p; q++)
		if (config_places_meet(q, p))
			return err_set(e, "'%s' is given twice, or is part of another --server",
				       value);
	return 0;
}

static int add_impairment(void *args, const struct option_row *row, const char *value,
			  struct err *e)
{
	struct proxy_args *a = args;

	(void)row;
	return a->config.impairments_ops->add_text(first_proxy(a)->impairments, value, e);
}

static int set_workers(void *args, const struct option_row *row, const char *value, struct err *e)
{
	const struct proxy_args *a = args;

	if (option_set_count(args, row, value, e) == -1)
		return -1;
	if (a->source.workers.n > CONFIG_WORKERS_MAX)
		return err_set(e, "'%s' is out of range: 0 to %d", value, CONFIG_WORKERS_MAX);
	return 0;
}

static int set_tls(void *args, const struct option_row *row, const char *value, struct err *e)
{
	return param_set(row->param, &first_proxy(args)->tls, value, e);
}

static int set_protocol(void *args, const struct option_row *row, const char *value, struct err *e)
{
	return param_set(row->param, &first_proxy(args)->protocol, value ? value : "yes", e);
}

static const struct option_row proxy_rows[] = {
    O_CALL("listen", "[ADDR]:PORT", set_listen, .modes = MODE_EXPLICIT,
	   .missing =
	       "--listen is missing; for instance --listen 127.0.0.1:8080, or --transparent, or "
	       "--redirect, or --config FILE",
	   .help = "where clients connect: 127.0.0.1:8080, [::1]:8080; :8080 and *:8080 are\n"
		   "every address; port 0 lets the kernel choose"),
    O_CALL("upstream", "HOST:PORT", set_upstream, .modes = MODE_EXPLICIT,
	   .missing = "--upstream is missing; for instance --upstream 192.0.2.1:80",
	   .help = "the server, by address or name; a name is resolved for every\n"
		   "connection, and its addresses are tried beside each other, the next\n"
		   "when one is silent for 250 ms; the first wins (RFC 8305)"),
    O_CALL("transparent", NULL, option_set_nothing, .modes = MODE_TRANSPARENT,
	   .help = "take connections that pass this host, wherever they go; the server\n"
		   "sees the client's own address and port (docs/transparent.md)"),
    O_CALL("in", "INTERFACE", set_text, .modes = MODE_TRANSPARENT,
	   .missing =
	       "--in is missing: the interface that the clients are behind, for instance --in eth1",
	   .offset = PARAM_AT(struct config_proxy, in_text, char *),
	   .help = "those that come in here: the clients' side"),
    O_CALL("redirect", NULL, option_set_nothing, .modes = MODE_REDIRECT,
	   .help = "take connections that programs of this host open; --port, --to or\n"
		   "--user must say which (docs/transparent.md)"),
    O_CALL("user", "USER", set_text, .modes = MODE_REDIRECT,
	   .offset = PARAM_AT(struct config_proxy, user_text, char *),
	   .help = "only those of this user's programs: a name or a number"),
    O_CALL("port", "LIST", set_text, .repeats = true, .modes = MODE_TRANSPARENT | MODE_REDIRECT,
	   .offset = PARAM_AT(struct config_proxy, port_text, char *),
	   .help = "only those to these ports: 80,443,8000-8100"),
    O_CALL("to", "LIST", set_text, .repeats = true, .modes = MODE_TRANSPARENT | MODE_REDIRECT,
	   .offset = PARAM_AT(struct config_proxy, to_text, char *),
	   .help = "only those to these networks: 192.0.2.0/24,2001:db8::/32"),
    O_CALL("own-address", NULL, set_own_address, .modes = MODE_TRANSPARENT,
	   .help = "the server sees wedge's address instead of the client's"),
    O_CALL("early-accept", NULL, set_early_accept, .modes = MODE_TRANSPARENT | MODE_REDIRECT,
	   .help = "accept clients at once; without, they wait for their server's answer\n"
		   "and get it: refused, unreachable, or silence"),
    O_CALL("connect-timeout", "TIME", set_connect_timeout,
	   .modes = MODE_EXPLICIT | MODE_TRANSPARENT | MODE_REDIRECT,
	   .help = "how long a server's address, and the answer of a name server, is\n"
		   "waited for: 10ms to 1h (default: 60s)"),
    O_CALL("map-upstream", "FROM=TO", add_map, .repeats = true,
	   .modes = MODE_TRANSPARENT | MODE_REDIRECT,
	   .help = "of those taken, what wants to go to FROM (ADDR, ADDR:PORT, CIDR,\n"
		   "CIDR:PORT or :PORT) goes to TO (HOST or HOST:PORT); repeatable, the\n"
		   "first that fits"),
    O_FLAG("print-rules", struct proxy_args, print_rules, .modes = MODE_TRANSPARENT | MODE_REDIRECT,
	   .help = "only print the packet filter rules and routes that it would set"),
    O_CALL("forward", NULL, option_set_nothing, .modes = MODE_FORWARD,
	   .help = "terminate nothing: only watch, and impair packets of, connections\n"
		   "that pass this host; impairments of the stream plane are refused"),
    O_CALL("server", "ADDR[:PORT]", add_server, .repeats = true, .modes = MODE_FORWARD,
	   .missing = "--server is missing; for instance --server 192.0.2.1:80",
	   .help = "those to this server; repeatable"),
    O_CALL("impair", "TEXT", add_impairment, .repeats = true, .modes = MODE_EVERY,
	   .help = "an impairment, 'name' or 'name{parameter=value,...}'; repeatable,\n"
		   "they act in the order given"),
    O_WORD("config", "FILE", struct proxy_args, source.path,
	   .help = "several proxies, each with impairments, from a YAML file\n"
		   "(docs/config-format.md); instead of all above. SIGHUP reads\n"
		   "it again and changes what differs, whole or not at all"),
    O_WORD("check", "FILE", struct proxy_args, check,
	   .help = "only tells whether FILE is a valid configuration"),
    O_CALL("api", "[ADDR:]PORT", service_option_api,
	   .offset = offsetof(struct proxy_args, source.control),
	   .help = "let clients of Toxiproxy's API change what runs (docs/toxiproxy.md);\n"
		   "a port alone is on 127.0.0.1"),
    O_WORD("api-token", "FILE", struct proxy_args, source.control.token,
	   .help = "they must show the token in FILE's first line ('Authorization:\n"
		   "Bearer TOKEN'); beyond this host's own addresses one is needed"),
    O_COUNT("seed", "N", struct proxy_args, source.seed,
	    .help = "seed of every random decision (default: a new one, printed);\n"
		    "before the file's"),
    O_CALL("hold-limit", "SIZE", service_option_hold_limit,
	   .offset = PARAM_AT(struct proxy_args, source.hold_limit, uint64_t),
	   .help = "bytes that all sessions together may hold (default: a quarter of the\n"
		   "memory, or of the control group's); before the file's"),
    O_CALL("workers", "N", set_workers,
	   .offset = PARAM_AT(struct proxy_args, source.workers, struct given_count),
	   .help = "threads that share the sessions, to 64 (default, and 0: one for each\n"
		   "processor; with --api always one); before the file's"),
    O_WORD("journal", "FILE", struct proxy_args, source.journal,
	   .help = "append what wedge does to FILE, one JSON object a line; before the\n"
		   "file's"),
    O_WORD("capture", "FILE", struct proxy_args, source.capture,
	   .help = "at the end write the packets of both legs to FILE, a capture for\n"
		   "Wireshark that tells what wedge did at which packet and has TLS's\n"
		   "secrets (docs/captures.md); before the file's. Needs CAP_NET_RAW"),
    O_TIMES("verbose", struct proxy_args, source.verbose, .letter = 'v',
	    .help = "one line at the end of every session; -vv tells more; before the\n"
		    "file's"),
    O_FLAG("help", struct proxy_args, help, .letter = 'h', .help = "this text"),
    O_END,
};

/* config_protocol_check refuses the modes that can't have them. */
static const struct option_row protocol_rows[] = {
    O_CALL("proxy-protocol-in", NULL, set_protocol, .modes = MODE_EVERY,
	   .param = &config_protocol_params[0],
	   .help = "connections to --listen begin with a PROXY header, version 1 or 2,\n"
		   "which is taken off; the client is who it says"),
    O_CALL("proxy-protocol-out", "VERSION", set_protocol, .modes = MODE_EVERY,
	   .param = &config_protocol_params[1],
	   .help = "v1 or v2: the server is first sent a PROXY header of that version"),
    O_END,
};

/* Of the command that tables, NULL-terminated, make up. */
static struct option_command proxy_command(const struct option_row *const *tables)
{
	return (struct option_command){
	    .name = "proxy", .tables = tables, .help_column = PROXY_HELP_COLUMN};
}

static const char help_before[] =
    "usage: wedge proxy --listen [ADDR]:PORT --upstream HOST:PORT [OPTION...]\n"
    "       wedge proxy --transparent --in INTERFACE [OPTION...]\n"
    "       wedge proxy --redirect --port LIST [OPTION...]\n"
    "       wedge proxy --forward --server ADDR[:PORT] [OPTION...]\n"
    "       wedge proxy --config FILE [--seed N] [--hold-limit SIZE] [--workers N]\n"
    "             [--journal FILE] [--capture FILE]\n"
    "             [--api [ADDR:]PORT] [-v]\n"
    "       wedge proxy --check FILE\n"
    "\n"
    "Forwards TCP connections. Without --impair it is faithful: bytes, order, half-close, RST as "
    "RST\n(docs/faithful.md says what differs by nature).\n"
    "\n";

static const char help_after[] =
    "\n"
    "SIGTERM or SIGINT stops accepting and lets the sessions end; a second one resets them.\n"
    "Exit status: 0 after all sessions have ended, 1 when some were reset by a second signal,\n"
    "2 when it could not run.\n";

void proxy_args_print_help(const struct proxy_args *a, FILE *out)
{
	const struct option_command command = proxy_command(NULL);

	fputs(help_before, out);
	options_print_rows(&command, proxy_rows, out);
	fputs("\nTLS (docs/tls.md); in a file the same keys, under tls:\n\n", out);
	options_print_rows(&command, a->tls_rows.row, out);
	fputs("\nPROXY protocol (docs/proxy-protocol.md); in a file under proxy_protocol:\n\n",
	      out);
	options_print_rows(&command, protocol_rows, out);
	fputs(help_after, out);
}

void proxy_args_init(struct proxy_args *a, const struct impairments_ops *impairments,
		     const struct capture_ops *capture)
{
	*a =
	    (struct proxy_args){.source = {.impairments_ops = impairments, .capture_ops = capture}};
	config_init(&a->config, impairments);
	(void)config_add(&a->config, "proxy");
	tls_rows_init(&a->tls_rows, set_tls, MODE_EVERY);
}

void proxy_args_fini(struct proxy_args *a)
{
	config_fini(&a->config);
}

/* The first option that says something of the proxy itself, or NULL. */
static const char *find_proxy_option(const struct options_given *given)
{
	for (size_t i = 0; i < given->n; i++)
		if (given->row[i]->modes)
			return given->row[i]->name;
	return NULL;
}

static int check_beside_file(const struct proxy_args *a, struct err *e)
{
	const char *option = find_proxy_option(&a->given);

	if (a->check && a->source.path)
		return err_set(e, "--check FILE says itself which file; --config is too much");
	if (option)
		return err_set(e, "--%s can't stand beside %s: the file says it", option,
			       a->check ? "--check" : "--config");
	return 0;
}

static int check_options(const struct proxy_args *a, enum proxy_mode mode, struct err *e)
{
	const struct impairments_ops *ops = a->config.impairments_ops;
	const struct config_proxy *p = &a->config.proxy[0];
	bool forward = mode == PROXY_FORWARD;
	const char *key;

	if (proxy_mode_check(proxy_rows, &a->given, e) == -1)
		return -1;
	if (forward && p->tls.mode != TLS_PASSTHROUGH)
		return err_set(e, "--tls: --forward terminates nothing, so TLS can only pass "
				  "through");
	if (config_protocol_check(&p->protocol, mode, &key, e) == -1)
		return err_wrap(e, "--proxy-protocol-%s", key);
	if (tls_config_check(&p->tls, e) == -1)
		return err_wrap(e, "--tls");
	if (ops->check(p->impairments, forward, (enum tls_mode)p->tls.mode, e) == -1)
		return err_wrap(e, "--impair");
	return 0;
}

/* Derives what the options say together: the selection of a proxy that takes connections, and every
 * server's proxy with the impairments of the first. */
static int complete_config(struct config *c, enum proxy_mode mode, struct err *e)
{
	const struct impairments_ops *ops = c->impairments_ops;
	struct config_proxy *p = &c->proxy[0];
	const char *at;
	size_t loop;

	p->mode = mode;
	if (mode == PROXY_TRANSPARENT || mode == PROXY_REDIRECT) {
		if (config_place_intercept(p, &at, e) == -1)
			return err_wrap(e, "--%s", at);
		return addr_parse(":0", &p->listen, e);
	}
	if (config_loop_check(c, &loop, e) == -1)
		return err_wrap(e, "--upstream");
	for (size_t i = 1; i < c->n; i++) {
		ops->free(c->proxy[i].impairments);
		c->proxy[i].impairments = ops->copy(p->impairments);
	}
	return 0;
}

int proxy_args_parse(struct proxy_args *a, int argc, char **argv, struct err *e)
{
	const struct option_row *const tables[] = {proxy_rows, protocol_rows, a->tls_rows.row,
						   NULL};
	const struct option_command command = proxy_command(tables);
	int first = options_parse(&command, a, argc, argv, &a->given, e);
	enum proxy_mode mode;

	if (first == -1)
		return -1;
	if (a->help)
		return 0;
	if (first < argc)
		return err_set(e,
			       "unexpected argument '%s'; 'wedge proxy --help' tells what is "
			       "accepted",
			       argv[first]);
	if (service_options_check(&a->source.control, e) == -1)
		return -1;
	if (a->check || a->source.path)
		return check_beside_file(a, e);
	mode = proxy_mode_given(&a->given);
	if (check_options(a, mode, e) == -1)
		return -1;
	return complete_config(&a->config, mode, e);
}
