/* workload_reference.c - docs/workloads.md: what holds for all, and one section a workload, from
 * the parameter tables. */
#include "scenarios/cli/workload_reference.h"

#include "scenarios/workload/registry.h"

#include <stdio.h>
#include <string.h>

static const char opening[] =
    "# Workloads\n"
    "\n"
    "<!-- Written by 'wedge workloads --markdown' from the parameter tables. Change those, then\n"
    "     'cmake --build BUILD --target docs'; a test compares. -->\n"
    "\n"
    "The built-in clients and servers that a scenario's traffics are made of (`app: NAME` in\n"
    "[a scenario file](scenario-format.md)). A workload doesn't know that it is being impaired.\n"
    "`wedge workloads NAME` prints a section; `wedge show SCENARIO` the values of a scenario.\n"
    "\n"
    "A parameter stands among the role's other keys, `client: {app: rpc, exchanges: 60}`, may "
    "differ\n"
    "in a phase (`impaired: {client: {think: 0}, impairments: [...]}`), and is changed by `--set\n"
    "client.exchanges=20`, of a sibling by `--set TRAFFIC.client.exchanges=20`. A client's "
    "parameter\n"
    "that is *live* can be changed by the steps `set` and `ramp`, too. What is out of its range "
    "is\n"
    "refused before anything runs, with its place in the file.\n"
    "\n"
    "Values: durations `200ms`, `1.5s`, `2m`; sizes `180B` or `180`, `10KB` (1000), `16KiB` "
    "(1024);\n"
    "lists `180B,220B` or `[180B, 220B]`; flags `true`, `false`.\n"
    "\n"
    "What a workload draws by the seed (sizes of records) is drawn from the run's seed alone, so "
    "that\n"
    "every phase moves the same bytes. Its connections come from ports 49152 to 65535, chosen by\n"
    "traffic and connection ([triggers.md](triggers.md), *Chance*).\n";

const char *workload_reference_default(const struct param *p)
{
	if (!p->def)
		return "required";
	return p->def[0] ? p->def : "empty";
}

bool workload_reference_is_live(const struct workload *w, const struct param *p)
{
	for (size_t i = 0; w->live_params && w->live_params[i]; i++)
		if (strcmp(w->live_params[i], p->name) == 0)
			return true;
	return false;
}

/* Text for a cell of a table. */
static void print_cell(const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putchar('\\');
		if (*text == '<')
			fputs("&lt;", stdout);
		else
			putchar(*text);
	}
}

static void print_role(const struct workload *w, bool server)
{
	const char *role = server ? "server" : "client";
	const struct param *params = workload_params(w, server);
	char accepts[PARAM_ACCEPTS];

	printf("\n### The %s of %s\n\n", role, w->name);
	puts(params->name ? "| parameter | accepts | default | meaning |\n"
			    "| --- | --- | --- | --- |"
			  : "It has no parameters.");
	for (const struct param *p = params; p->name; p++) {
		param_accepts(p, accepts, sizeof(accepts));
		printf("| `%s` | ", p->name);
		print_cell(accepts);
		fputs(" | ", stdout);
		print_cell(workload_reference_default(p));
		fputs(!server && workload_reference_is_live(w, p) ? " | *Live.* " : " | ", stdout);
		print_cell(p->help);
		puts(" |");
	}
}

static void print_workload(const struct workload *w)
{
	printf("## %s\n\n%s.\n", w->name, w->summary);
	print_role(w, false);
	print_role(w, true);
}

void workload_reference_markdown(const struct workload *only)
{
	if (only) {
		print_workload(only);
		return;
	}
	fputs(opening, stdout);
	for (size_t i = 0; workloads[i]; i++) {
		putchar('\n');
		print_workload(workloads[i]);
	}
}
