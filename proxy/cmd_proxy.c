/* cmd_proxy.c - "wedge proxy": one explicit proxy between the user's own client and server. Reads
 * the command line, owns the process (signals, exit status); all else is the engine's. */
#include "proxy/base/param.h"
#include "proxy/base/units.h"
#include "proxy/commands.h"
#include "proxy/impair_option.h"

#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>

static const char help[] =
    "usage: wedge proxy --listen [ADDR]:PORT --upstream HOST:PORT [OPTION...]\n"
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
    "  --seed N               seed of every random decision (default 1)\n"
    "  --journal FILE         append what wedge does to FILE, one JSON object a line\n"
    "  -v, --verbose          one line at the end of every session; -vv tells more\n"
    "  -h, --help             this text\n"
    "\n"
    "SIGTERM or SIGINT stops accepting and lets the sessions end; a second one resets them.\n"
    "Exit status: 0 after all sessions have ended, 1 when some were reset by a second signal,\n"
    "2 when it could not run.\n";

struct options {
	struct addr listen;
	struct host_port upstream;
	uint64_t seed;
	const char *journal;
	unsigned verbose;
	struct impairment_set *impairments;
	bool listen_given, upstream_given, help;
};

static const struct option option_table[] = {
    {"listen", required_argument, NULL, 'l'},  {"upstream", required_argument, NULL, 'u'},
    {"impair", required_argument, NULL, 'i'},  {"seed", required_argument, NULL, 's'},
    {"journal", required_argument, NULL, 'j'}, {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},	       {NULL, 0, NULL, 0},
};

static const char *const option_names[] = {"--listen",	"--upstream", "--impair", "--seed",
					   "--journal", "--verbose",  "--help",	  NULL};

static int option_wrong(int opt, const char *arg, struct err *e)
{
	const char *near = nearest_name(arg, option_names);

	if (opt == ':')
		return err_set(e, "%s needs a value; 'wedge proxy --help' tells which", arg);
	if (near)
		return err_set(e, "unknown option %s; did you mean %s?", arg, near);
	return err_set(e, "unknown option %s; 'wedge proxy --help' lists them", arg);
}

static int option_set(struct options *o, int opt, const char *value, struct err *e)
{
	switch (opt) {
	case 'l':
		o->listen_given = true;
		return addr_parse(value, &o->listen, e) == -1 ? err_wrap(e, "--listen") : 0;
	case 'u':
		o->upstream_given = true;
		return host_port_parse(value, &o->upstream, e) == -1 ? err_wrap(e, "--upstream")
								     : 0;
	case 'i':
		return impair_option_add(&o->impairments, value, e) == -1 ? err_wrap(e, "--impair")
									  : 0;
	case 's':
		return parse_count(value, &o->seed, e) == -1 ? err_wrap(e, "--seed") : 0;
	case 'j':
		o->journal = value;
		return 0;
	case 'v':
		o->verbose++;
		return 0;
	default:
		o->help = true;
		return 0;
	}
}

static int options_parse(struct options *o, int argc, char **argv, struct err *e)
{
	int opt;

	optind = 1;
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":vh", option_table, NULL)) != -1) {
		if (opt == '?' || opt == ':')
			return option_wrong(opt, argv[optind - 1], e);
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
	if (!o->listen_given)
		return err_set(e, "--listen is missing; for instance --listen 127.0.0.1:8080");
	if (!o->upstream_given)
		return err_set(e, "--upstream is missing; for instance --upstream 192.0.2.1:80");
	return 0;
}

/* The process around an engine. */
struct service {
	struct loop *loop;
	struct engine *engine;
	struct event *term, *interrupt;
	const struct log *log;
	bool draining;
	int status;
};

static void drained_cb(void *arg)
{
	struct service *sv = arg;

	loop_stop(sv->loop);
}

static void signal_cb(evutil_socket_t signal_number, short what, void *arg)
{
	struct service *sv = arg;
	struct engine_stats stats;

	(void)signal_number;
	(void)what;
	engine_stats(sv->engine, &stats);
	if (sv->draining) {
		sv->status = stats.sessions_open ? 1 : 0;
		loop_stop(sv->loop);
		return;
	}
	sv->draining = true;
	engine_drain(sv->engine, drained_cb, sv);
	engine_stats(sv->engine, &stats);
	log_info(sv->log, "accepts no more; %llu sessions are open",
		 (unsigned long long)stats.sessions_open);
}

static struct event *watch_signal(struct service *sv, int signal_number)
{
	struct event *ev =
	    event_new(loop_base(sv->loop), signal_number, EV_SIGNAL | EV_PERSIST, signal_cb, sv);

	BUG_ON(!ev || event_add(ev, NULL) == -1);
	return ev;
}

static void announce(const struct engine *en, const struct options *o)
{
	const char *backend = engine_packet_backend(en);
	bool v6 = strchr(o->upstream.host, ':') != NULL;
	char text[ADDR_TEXT];

	fprintf(stderr, "wedge: listening on %s, forwarding to %s%s%s:%u%s%s\n",
		addr_format(engine_listen_addr(en, 0), text), v6 ? "[" : "", o->upstream.host,
		v6 ? "]" : "", (unsigned)o->upstream.port, backend ? ", packets through " : "",
		backend ? backend : "");
}

static int serve(const struct options *o, struct service *sv, struct journal *journal,
		 struct err *e)
{
	struct proxy_config proxy = {
	    .name = "proxy", .mode = PROXY_EXPLICIT, .listen = o->listen, .upstream = o->upstream};
	struct engine_config config = {
	    .proxies = &proxy, .nproxies = 1, .journal = journal, .log = sv->log, .seed = o->seed};

	if (impair_option_apply(o->impairments, &proxy, &config.packet_plane, e) == -1)
		return err_wrap(e, "--impair");
	sv->loop = loop_new(e);
	if (!sv->loop)
		return -1;
	sv->engine = engine_new(sv->loop, &config, e);
	if (!sv->engine)
		return -1;
	sv->term = watch_signal(sv, SIGTERM);
	sv->interrupt = watch_signal(sv, SIGINT);
	announce(sv->engine, o);
	if (loop_run(sv->loop) == -1)
		return err_set(e, "the event loop failed");
	return 0;
}

/* From here on the process only ends: one more signal must not cut that short. */
static void service_fini(struct service *sv)
{
	sigset_t ending;

	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	engine_free(sv->engine);
	if (sv->term)
		event_free(sv->term);
	if (sv->interrupt)
		event_free(sv->interrupt);
	loop_free(sv->loop);
}

static int run(const struct options *o, struct err *e)
{
	struct log log = {.level = WG_LOG_WARN, .out = stderr};
	struct service sv = {.log = &log};
	struct journal *journal = NULL;
	int result;

	if (o->verbose)
		log.level = o->verbose > 1 ? WG_LOG_DEBUG : WG_LOG_INFO;
	if (o->journal) {
		journal = journal_open(o->journal, &clock_monotonic, e);
		if (!journal)
			return -1;
	}
	result = serve(o, &sv, journal, e);
	service_fini(&sv);
	journal_close(journal);
	return result == -1 ? -1 : sv.status;
}

int cmd_proxy(int argc, char **argv)
{
	struct options o = {.seed = 1};
	struct err e = {""};
	int status = options_parse(&o, argc, argv, &e);

	if (status == 0 && o.help)
		fputs(help, stdout);
	else if (status == 0)
		status = run(&o, &e);
	if (status == -1)
		fprintf(stderr, "wedge: proxy: %s\n", e.text);
	impair_option_free(o.impairments);
	return status == -1 ? 2 : status;
}
