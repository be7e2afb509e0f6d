/* cmd_show.c - "wedge show NAME": one failure's story, source, numbers and parameters. */
#include "scenarios/cli/commands.h"

#include "proxy/base/mem.h"
#include "scenarios/cli/show.h"
#include "scenarios/run/phase_metrics.h"
#include "scenarios/scenario/catalog.h"
#include "scenarios/scenario/scenario_load.h"
#include "scenarios/workload/registry.h"

#include <getopt.h>
#include <string.h>

static const char usage[] =
    "Usage: wedge show [OPTION]... SCENARIO\n"
    "Tells one documented failure: who saw what, where that is written, what is run to reproduce\n"
    "it and what must then be measured. SCENARIO is a name of the catalogue (wedge list) or the\n"
    "path of a YAML file.\n"
    "\n"
    "      --catalog DIR  take the catalogue from DIR instead of the built-in one\n"
    "      --quick        as 'wedge run --quick' would run it\n"
    "      --json         everything as one JSON object\n"
    "      --yaml         the scenario's file as it is: a start for one of your own\n"
    "  -h, --help         this text\n"
    "\n"
    "Exit status: 0, or 2 when there is no such scenario or it can't be read.\n";

static char *append(char *text, const char *word)
{
	char *longer = xasprintf("%s%s%s", text, *text ? " " : "", word);

	free(text);
	return longer;
}

static char *show_command(char *const *argv)
{
	char *text = xstrdup("");

	for (; *argv; argv++)
		text = append(text, *argv);
	return text;
}

char *show_role(const struct role_spec *r, const struct workload *app, bool server,
		const struct role_spec *base)
{
	const struct param *p;
	char *text;

	if (r->argv)
		return base ? xstrdup("") : show_command(r->argv);
	text = xstrdup("");
	for (p = workload_params(app, server); p->name; p++) {
		char value[256], before[256] = "", *word;

		param_format(p, r->cfg, value, sizeof(value));
		if (base)
			param_format(p, base->cfg, before, sizeof(before));
		if (base && strcmp(value, before) == 0)
			continue;
		word = xasprintf("%s=%s", p->name, value);
		text = append(text, word);
		free(word);
	}
	return text;
}

char *show_changes(const struct phase *p, const struct phase *base)
{
	const struct traffic *t = &p->traffic[0], *b = &base->traffic[0];
	char *client = show_role(&t->client, t->app, false, &b->client);
	char *server = show_role(&t->server, t->app, true, &b->server);
	char *text = NULL;

	if (*client || *server)
		text = xasprintf("%s%s%s%s%s", *client ? "client: " : "", client,
				 *client && *server ? ", " : "", *server ? "server: " : "", server);
	free(client);
	free(server);
	return text;
}

static int print_yaml(const char *where, const char *catalog, struct err *e)
{
	char *text;
	size_t len;

	if (strchr(where, '/') || strstr(where, ".yaml"))
		return err_set(e, "--yaml prints a scenario of the catalogue; %s is a file already",
			       where);
	if (catalog_text(catalog, where, &text, &len, e) == -1)
		return -1;
	fwrite(text, 1, len, stdout);
	free(text);
	return 0;
}

struct show_args {
	const char *where, *catalog;
	bool json, yaml, quick;
};

/* 0: show; 1: help was printed; -1 with *e. */
static int parse_args(int argc, char **argv, struct show_args *a, struct err *e)
{
	static const struct option options[] = {
	    {"catalog", required_argument, NULL, 'c'}, {"json", no_argument, NULL, 'j'},
	    {"yaml", no_argument, NULL, 'y'},	       {"quick", no_argument, NULL, 'q'},
	    {"help", no_argument, NULL, 'h'},	       {NULL, 0, NULL, 0},
	};
	int c;

	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			a->catalog = optarg;
			break;
		case 'j':
			a->json = true;
			break;
		case 'y':
			a->yaml = true;
			break;
		case 'q':
			a->quick = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 1;
		case ':':
			return err_set(e, "%s needs a value; see wedge show --help",
				       argv[optind - 1]);
		default:
			return err_set(e, "unknown option '%s'; see wedge show --help",
				       argv[optind - 1]);
		}
	}
	if (optind + 1 != argc)
		return err_set(e, "name one scenario; wedge list shows the catalogue");
	if (a->json && a->yaml)
		return err_set(e, "either --json or --yaml, not both");
	a->where = argv[optind];
	return 0;
}

int cmd_show(int argc, char **argv)
{
	struct show_args a = {.where = NULL};
	struct scenario *s = NULL;
	struct err e = {""};
	int rc = parse_args(argc, argv, &a, &e);

	if (rc == 1)
		return 0;
	if (rc == 0)
		rc = scenario_load(a.where, a.catalog, a.quick, phase_metric_known, NULL, &s, &e);
	if (rc == 0 && a.yaml)
		rc = print_yaml(a.where, a.catalog, &e);
	else if (rc == 0 && a.json)
		show_json(s);
	else if (rc == 0)
		show_text(s);
	if (rc == -1)
		fprintf(stderr, "wedge: %s\n", e.text);
	scenario_free(s);
	return rc == 0 ? 0 : 2;
}
