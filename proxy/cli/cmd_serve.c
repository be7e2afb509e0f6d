/* cmd_serve.c - "wedge serve": no proxy of its own, but an API by which clients make them. */
#include "proxy/base/mem.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/service_options.h"
#include "proxy/service/service_run.h"

enum { HELP_COLUMN = 27 };

struct serve_args {
	struct config config; /* without a proxy: used without --config */
	struct service_source source;
	bool help;
};

static const struct option_row rows[] = {
    O_CALL("api", "[ADDR:]PORT", service_option_api,
	   .offset = offsetof(struct serve_args, source.control),
	   .help = "where the API is (default: 127.0.0.1:8474); a port alone is on\n"
		   "127.0.0.1"),
    O_WORD("api-token", "FILE", struct serve_args, source.control.token,
	   .help = "clients must show the token in FILE's first line ('Authorization:\n"
		   "Bearer TOKEN'); beyond this host's own addresses one is needed"),
    O_WORD("config", "FILE", struct serve_args, source.path,
	   .help = "the proxies to begin with (docs/config-format.md); SIGHUP reads it\n"
		   "again"),
    O_COUNT("seed", "N", struct serve_args, source.seed,
	    .help = "seed of every random decision (default: a new one, printed)"),
    O_CALL("hold-limit", "SIZE", service_option_hold_limit,
	   .offset = PARAM_AT(struct serve_args, source.hold_limit, uint64_t),
	   .help = "bytes that all sessions together may hold (default: a quarter of the\n"
		   "memory, or of the control group's)"),
    O_WORD("journal", "FILE", struct serve_args, source.journal,
	   .help = "append what wedge does to FILE, one JSON object a line"),
    O_WORD("capture", "FILE", struct serve_args, source.capture,
	   .help = "at the end write the packets of both legs to FILE (docs/captures.md)"),
    O_TIMES("verbose", struct serve_args, source.verbose, .letter = 'v',
	    .help = "one line at the end of every session; -vv tells more"),
    O_FLAG("help", struct serve_args, help, .letter = 'h', .help = "this text"),
    O_END,
};

static const char help_before[] =
    "usage: wedge serve [OPTION...]\n"
    "\n"
    "Waits for clients of its API, which make proxies, and impair them: every client library of\n"
    "Toxiproxy (docs/toxiproxy.md), wedge's own API (docs/api.md), and the live page in a\n"
    "browser.\n"
    "\n";

static const char help_after[] =
    "\n"
    "SIGTERM or SIGINT stops accepting and lets the sessions end; a second one resets them.\n"
    "Exit status: 0 after all sessions have ended, 1 when some were reset by a second signal,\n"
    "2 when it could not run.\n";

static const struct option_row *const tables[] = {rows, NULL};
static const struct option_command command = {.name = "serve",
					      .tables = tables,
					      .help_before = help_before,
					      .help_after = help_after,
					      .help_column = HELP_COLUMN};

static int run_serve(struct serve_args *a, int argc, char **argv, struct err *e)
{
	int first = options_parse(&command, a, argc, argv, NULL, e);

	if (first == -1)
		return -1;
	if (a->help) {
		options_print_help(&command, stdout);
		return 0;
	}
	if (first < argc)
		return err_set(e,
			       "unexpected argument '%s'; 'wedge serve --help' tells what is "
			       "accepted",
			       argv[first]);
	a->source.command_line = &a->config;
	return service_run(&a->source, e);
}

int cmd_serve(int argc, char **argv, const struct impairments_ops *impairments,
	      const struct capture_ops *capture, const struct control_ops *control)
{
	struct serve_args a = {.source = {.impairments_ops = impairments,
					  .capture_ops = capture,
					  .control_ops = control,
					  .control = {.metrics = true}}};
	struct err e = {""};
	int status = service_options_listen(&a.source.control, "8474", &e);

	config_init(&a.config, impairments);
	if (status == 0)
		status = run_serve(&a, argc, argv, &e);
	if (status == -1)
		fprintf(stderr, "wedge: serve: %s\n", e.text);
	config_fini(&a.config);
	return status == -1 ? 2 : status;
}
