/* cmd_toxiproxy.c - wedge under the name wedge-toxiproxy: the flags of Toxiproxy's server, in the
 * way in which Go programs read them. */
#include "proxy/base/addr.h"
#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "proxy/cli/commands.h"
#include "proxy/service/service_run.h"

#include <string.h>
#include <strings.h>

/* The version of Toxiproxy that the API speaks. */
#define SPOKEN_VERSION "2.12.0"

struct toxiproxy_args {
	struct config config; /* without a proxy */
	struct service_source source;
	const char *host, *port, *seed_text;
	bool proxy_metrics, runtime_metrics, version, help;
};

struct flag {
	const char *name, *value, *help; /* value: the help's word for it; NULL: a boolean */
	size_t offset;			 /* of a bool or a const char * */
};

#define FLAG_TEXT(n, v, m, h)                                                                      \
	{                                                                                          \
		n, v, h, PARAM_AT(struct toxiproxy_args, m, const char *)                          \
	}
#define FLAG_BOOL(n, m, h)                                                                         \
	{                                                                                          \
		n, NULL, h, PARAM_AT(struct toxiproxy_args, m, bool)                               \
	}

static const struct flag flags[] = {
    FLAG_TEXT("api-token", "FILE", source.control.token,
	      "file with the token that clients must show; needed beyond loopback addresses"),
    FLAG_TEXT("config", "FILE", source.control.toxics,
	      "JSON file containing proxies, and their toxics, to create on startup"),
    FLAG_TEXT("host", "string", host, "Host for the API to listen on (default \"localhost\")"),
    FLAG_TEXT("journal", "FILE", source.journal, "file that what is done is appended to"),
    FLAG_TEXT("port", "string", port, "Port for the API to listen on (default \"8474\")"),
    FLAG_BOOL("proxy-metrics", proxy_metrics, "answer /metrics"),
    FLAG_BOOL("runtime-metrics", runtime_metrics, "answer /metrics"),
    FLAG_TEXT("seed", "int", seed_text, "Seed for randomizing toxics with"),
    FLAG_BOOL("version", version, "print the version and exit"),
    FLAG_BOOL("help", help, "this text"),
    FLAG_BOOL("h", help, "this text"),
};

static void print_usage(FILE *out)
{
	fputs("Usage of wedge-toxiproxy:\n", out);
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		fprintf(out, "  -%s%s%s\n        %s\n", flags[i].name, flags[i].value ? " " : "",
			flags[i].value ? flags[i].value : "", flags[i].help);
}

static const struct flag *find_flag(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (strlen(flags[i].name) == len && strncmp(flags[i].name, name, len) == 0)
			return &flags[i];
	return NULL;
}

static int set_bool(bool *to, const char *value, const char *name, struct err *e)
{
	static const char *const words[] = {"false", "0", "f", "true", "1", "t"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(value, words[i]) == 0) {
			*to = i >= ARRAY_LEN(words) / 2;
			return 0;
		}
	return err_set(e, "invalid boolean value \"%s\" for -%s: parse error", value, name);
}

/* Reads argv[*i], and the word behind it where that is its value. */
static int read_flag(struct toxiproxy_args *a, int argc, char **argv, int *i, struct err *e)
{
	const char *name = argv[*i] + 1, *value;
	const struct flag *f;

	name += *name == '-';
	value = strchr(name, '=');
	f = find_flag(name, value ? (size_t)(value - name) : strlen(name));
	if (!f)
		return err_set(e, "flag provided but not defined: -%s", name);
	if (!f->value)
		return set_bool((bool *)(void *)((char *)a + f->offset), value ? value + 1 : "true",
				f->name, e);
	if (!value && ++*i == argc)
		return err_set(e, "flag needs an argument: -%s", f->name);
	*(const char **)(void *)((char *)a + f->offset) = value ? value + 1 : argv[*i];
	return 0;
}

static int read_flags(struct toxiproxy_args *a, int argc, char **argv, struct err *e)
{
	for (int i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (strcmp(argv[i], "--") == 0)
			break;
		if (read_flag(a, argc, argv, &i, e) == -1)
			return -1;
	}
	return 0;
}

/* A name other than localhost isn't asked for: the address it has would have to be trusted. */
static int read_place(struct toxiproxy_args *a, struct err *e)
{
	bool local = strcasecmp(a->host, "localhost") == 0;
	struct control_config *c = &a->source.control;
	uint16_t port;

	if (!port_parse(a->port, &port))
		return err_set(e, "-port: '%s' is no port", a->port);
	c->listens = true;
	if (addr_parse_host(local ? "127.0.0.1" : a->host, port, &c->listen, e) == -1)
		return err_wrap(e, "-host");
	return 0;
}

static int read_seed(struct toxiproxy_args *a, struct err *e)
{
	if (!a->seed_text)
		return 0;
	a->source.seed.given = true;
	if (parse_count(a->seed_text, &a->source.seed.n, e) == 0)
		return 0;
	return err_set(e, "invalid value \"%s\" for flag -seed: parse error", a->seed_text);
}

/* Toxiproxy's levels: info is what wedge says with -v. */
static unsigned read_level(void)
{
	const char *level = getenv("LOG_LEVEL");

	if (!level)
		return 0;
	if (strcasecmp(level, "debug") == 0 || strcasecmp(level, "trace") == 0)
		return 2;
	return strcasecmp(level, "info") == 0;
}

static int run_toxiproxy(struct toxiproxy_args *a, struct err *e)
{
	if (a->help) {
		print_usage(stderr);
		return 0;
	}
	if (a->version) {
		puts("toxiproxy-server version " SPOKEN_VERSION);
		return 0;
	}
	if (read_place(a, e) == -1 || read_seed(a, e) == -1)
		return -1;
	a->source.verbose = read_level();
	a->source.control.metrics = a->proxy_metrics || a->runtime_metrics;
	a->source.command_line = &a->config;
	return service_run(&a->source, e);
}

int cmd_toxiproxy(int argc, char **argv, const struct impairments_ops *impairments,
		  const struct capture_ops *capture, const struct control_ops *control)
{
	struct toxiproxy_args a = {.host = "localhost",
				   .port = "8474",
				   .source = {.impairments_ops = impairments,
					      .capture_ops = capture,
					      .control_ops = control,
					      .ends_at_once = true}};
	struct err e = {""};
	int status = read_flags(&a, argc, argv, &e);

	config_init(&a.config, impairments);
	if (status == -1)
		print_usage(stderr);
	else
		status = run_toxiproxy(&a, &e);
	if (status == -1)
		fprintf(stderr, "wedge-toxiproxy: %s\n", e.text);
	config_fini(&a.config);
	return status == -1 ? 2 : status;
}
