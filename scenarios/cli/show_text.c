/* show_text.c - pairs of a key and a text that is wrapped behind it; a phase shows only how it
 * differs from the first. */
#include "scenarios/cli/show_text.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "scenarios/base/layout.h"
#include "scenarios/scenario/words.h"
#include "scenarios/workload/registry.h"

#include <string.h>

#define KEY_WIDTH 15 /* "tail_loss_probe" */

static char *append_word(char *text, const char *word)
{
	char *longer = xasprintf("%s%s%s", text, *text ? " " : "", word);

	free(text);
	return longer;
}

static char *join_command(char *const *argv)
{
	char *text = xstrdup("");

	for (; *argv; argv++)
		text = append_word(text, *argv);
	return text;
}

/* Returns "exchanges=60 request=512B ...", or the words of the command; with base only what differs
 * from base, "" when nothing does. The caller frees. */
static char *describe_role(const struct role_spec *r, const struct workload *app, bool server,
			   const struct role_spec *base)
{
	const struct param *p;
	char *text;

	if (r->argv)
		return base ? xstrdup("") : join_command(r->argv);
	text = xstrdup("");
	for (p = workload_params(app, server); p->name; p++) {
		char value[256], before[256] = "", *word;

		param_format(p, r->cfg, value, sizeof(value));
		if (base)
			param_format(p, base->cfg, before, sizeof(before));
		if (base && strcmp(value, before) == 0)
			continue;
		word = xasprintf("%s=%s", p->name, value);
		text = append_word(text, word);
		free(word);
	}
	return text;
}

/* Returns "bob: window_scaling=false", what differs from the base's hosts; "" when nothing does.
 * The caller frees. */
static char *describe_hosts(const struct host_list *l, const struct host_list *base)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < l->n; i++)
		for (const struct param *p = host_params; p->name; p++) {
			char value[64], before[64], *word;

			param_format(p, &l->host[i], value, sizeof(value));
			param_format(p, &base->host[i], before, sizeof(before));
			if (strcmp(value, before) == 0)
				continue;
			word = xasprintf("%s: %s=%s", l->host[i].name, p->name, value);
			text = append_word(text, word);
			free(word);
		}
	return text;
}

/* Returns what a phase changes of the main traffic and of the hosts, "client: quickack=true", or
 * NULL. The caller frees. */
static char *describe_changes(const struct phase *p, const struct phase *base)
{
	const struct traffic *t = &p->traffic[0], *b = &base->traffic[0];
	char *client = describe_role(&t->client, t->app, false, &b->client);
	char *server = describe_role(&t->server, t->app, true, &b->server);
	char *text = NULL;
	char *hosts = describe_hosts(&p->hosts, &base->hosts);

	if (*client || *server || *hosts)
		text = xasprintf("%s%s%s%s%s%s%s", *client ? "client: " : "", client,
				 *client && *server ? ", " : "", *server ? "server: " : "", server,
				 (*client || *server) && *hosts ? ", " : "", hosts);
	free(client);
	free(server);
	free(hosts);
	return text;
}

static void print_pair(const char *key, size_t width, const char *text)
{
	char first[80];

	snprintf(first, sizeof(first), "  %-*.60s  ", (int)width, key);
	layout_wrap(stdout, first, width + 4, text);
}

static void print_documented(const struct scenario *s)
{
	bool any = false;

	for (size_t i = 0; i < s->nexpects; i++) {
		if (!s->expects[i].documented)
			continue;
		if (!any)
			puts("\nDocumented");
		any = true;
		layout_wrap(stdout, "  - ", 4, s->expects[i].documented);
	}
}

static void print_role(const char *role, const struct role_spec *r, const struct workload *app,
		       bool server)
{
	char *text = describe_role(r, app, server, NULL);

	print_pair(role, KEY_WIDTH, text);
	free(text);
}

/* "edge1 (server): window_scaling=false timestamps=true" */
static void print_hosts(const struct host_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct host *h = &l->host[i];
		char *text = xasprintf("%s (%s side):", h->name, host_side_names[h->side]);

		for (const struct param *p = host_params; p->name; p++) {
			char value[64], *word;

			param_format(p, h, value, sizeof(value));
			word = xasprintf("%s=%s", p->name, value);
			text = append_word(text, word);
			free(word);
		}
		print_pair(i ? "" : "hosts", KEY_WIDTH, text);
		free(text);
	}
}

/* Prints where a role runs, unless that is where it runs in every scenario that names no host. */
static void print_place(const struct phase *p, const struct role_spec *r, size_t usual)
{
	char *text;

	if (r->nhosts == 1 && r->hosts[0] == usual)
		return;
	text = xstrdup("on");
	for (size_t i = 0; i < r->nhosts; i++)
		text = append_word(text, p->hosts.host[r->hosts[i]].name);
	print_pair("", KEY_WIDTH, text);
	free(text);
}

static void print_traffic(const struct phase *p, size_t i)
{
	const struct traffic *t = &p->traffic[i];
	bool behind = t->leader != i;
	char *head, *rest;

	head = xasprintf("\nTraffic '%s', port %u%s%s", t->name, t->port,
			 t->app ? ", workload " : "", t->app ? t->app->name : "");
	rest = xasprintf("%s%s%s", behind ? ", through the proxy and to the servers of " : "",
			 behind ? p->traffic[t->leader].name : "",
			 t->until_main ? ", goes on until main has ended" : "");
	layout_wrap(stdout, head, 2, rest);
	free(head);
	free(rest);
	print_role("client", &t->client, t->app, false);
	print_place(p, &t->client, HOST_CLIENT);
	if (behind)
		return;
	print_role("server", &t->server, t->app, true);
	print_place(p, &t->server, HOST_SERVER);
}

static void print_steps(const struct phase *p, size_t width)
{
	char first[80];

	for (size_t i = 0; i < p->nsteps; i++) {
		char *text = step_describe(&p->steps[i]);

		snprintf(first, sizeof(first), "  %-*s  %2zu. ", (int)width, "", i + 1);
		layout_wrap(stdout, first, width + 8, text);
		free(text);
	}
}

static void print_phases(const struct scenario *s)
{
	size_t width = 0;

	for (size_t i = 0; i < s->nphases; i++)
		if (strlen(s->phases[i].name) > width)
			width = strlen(s->phases[i].name);
	puts("\nPhases");
	for (size_t i = 0; i < s->nphases; i++) {
		const struct phase *p = &s->phases[i];
		char *impairments = impairment_set_describe(p->impairments);
		char *changes = describe_changes(p, &s->phases[0]);

		print_pair(p->name, width, impairments);
		if (changes)
			print_pair("", width, changes);
		print_steps(p, width);
		if (p->forward_only)
			print_pair("", width, "only with lab.intercept=forward");
		if (p->note)
			print_pair("", width, p->note);
		free(impairments);
		free(changes);
	}
}

static void print_sweep(const struct sweep *sweep)
{
	char *first = xasprintf("\nSwept: %s over ", sweep->key), *list = xstrdup("");

	for (size_t i = 0; i < sweep->n; i++) {
		char *longer = xasprintf("%s%s%s", list, i ? ", " : "", sweep->values[i]);

		free(list);
		list = longer;
	}
	layout_wrap(stdout, first, 2, list);
	free(first);
	free(list);
}

static void print_conditions(const struct signature *sig)
{
	for (size_t i = 0; i < sig->nconditions; i++)
		layout_wrap(stdout, sig->hint ? "    hint: " : "    when: ", 6,
			    sig->conditions[i].text);
}

/* "Not to be told from it by one capture: a, b" */
static void print_family(const struct scenario *s)
{
	char *list = xstrdup("");

	for (size_t i = 0; i < s->nfamily; i++) {
		char *longer = xasprintf("%s%s%s", list, i ? ", " : "", s->family[i]);

		free(list);
		list = longer;
	}
	if (s->nfamily)
		layout_wrap(stdout, "  Not to be told from it by one capture: ", 4, list);
	free(list);
}

static void print_expectations(const struct scenario *s)
{
	puts("\nExpectations");
	for (size_t i = 0; i < s->nexpects; i++)
		layout_wrap(stdout, "  - ", 4, s->expects[i].text);
	if (s->nsignatures)
		puts("\nSignature in one capture");
	for (size_t i = 0; i < s->nsignatures; i++) {
		char *text =
		    xasprintf("%s (seen at: %s)", s->signatures[i].text, s->signatures[i].vantages);

		layout_wrap(stdout, "  - ", 4, text);
		free(text);
		print_conditions(&s->signatures[i]);
		if (s->signatures[i].elsewhere) {
			text = xasprintf("not elsewhere: %s", s->signatures[i].elsewhere);
			layout_wrap(stdout, "    ", 6, text);
			free(text);
		}
		if (!s->signatures[i].filter)
			continue;
		printf("    in %s.pcapng, by the filter\n", s->signatures[i].capture);
		layout_wrap(stdout, "    ", 6, s->signatures[i].filter);
	}
	print_family(s);
}

static void print_real_client(const struct guest *g)
{
	char *command = words_join(g->argv);

	puts("\nA real client (--real-client)");
	layout_wrap(stdout, "  ", 4, command);
	free(command);
	for (size_t i = 0; i < g->nfelt; i++) {
		const struct guest_felt *f = &g->felt[i];
		char least[UNITS_TEXT], most[UNITS_TEXT], status[24] = "still waits";
		char *text;

		if (f->status != GUEST_WAITS)
			snprintf(status, sizeof(status), "status %d", f->status);
		text = xasprintf("%s: %s, %s to %s%s%s", f->phase, status,
				 format_duration(f->least, least), format_duration(f->most, most),
				 f->says ? ": " : "", f->says ? f->says : "");
		layout_wrap(stdout, "  - ", 4, text);
		free(text);
	}
}

/* Only what differs from Linux as it is. */
static void print_pins(const struct lab_pins *pins)
{
	struct lab_pins usual;

	param_defaults(lab_pin_params, &usual);
	for (const struct param *p = lab_pin_params; p->name; p++) {
		char text[64], by_default[64];

		param_format(p, pins, text, sizeof(text));
		param_format(p, &usual, by_default, sizeof(by_default));
		if (strcmp(text, by_default) != 0)
			print_pair(p->name, KEY_WIDTH, text);
	}
}

static void print_complaint(const struct scenario *s)
{
	if (!s->complaint)
		return;
	putchar('\n');
	layout_wrap(stdout, "A user says: ", 13, s->complaint);
}

static void print_intercept(const struct scenario *s)
{
	unsigned others = s->intercepts & ~INTERCEPT_BIT(s->intercept);
	char *words = intercept_words(others), *text;

	if (s->intercepts == INTERCEPT_ALL)
		text = xstrdup(intercept_name(s->intercept));
	else if (others)
		text = xasprintf("%s, or %s", intercept_name(s->intercept), words);
	else
		text = xasprintf("%s, nothing else", intercept_name(s->intercept));
	print_pair("intercept", KEY_WIDTH, text);
	free(text);
	free(words);
}

void show_text(const struct scenario *s)
{
	char *head = xasprintf("%s: ", s->name);

	layout_wrap(stdout, head, 2, s->title);
	free(head);
	layout_wrap(stdout, "Source: ", 8, s->source);
	putchar('\n');
	layout_wrap(stdout, "", 0, s->story);
	print_complaint(s);
	print_documented(s);
	printf("\nLab\n");
	print_intercept(s);
	print_pins(&s->pins);
	if (!host_list_is_usual(&s->phases[0].hosts))
		print_hosts(&s->phases[0].hosts);
	for (size_t i = 0; i < s->phases[0].ntraffic; i++)
		print_traffic(&s->phases[0], i);
	print_phases(s);
	if (s->sweep.n)
		print_sweep(&s->sweep);
	print_expectations(s);
	if (s->real_client)
		print_real_client(s->real_client);
	printf("\nTo run it: wedge run %s\n", s->name);
	puts(
	    "Any value above can be changed: --set client.KEY=VALUE, --set server.KEY=VALUE,\n"
	    "--set PHASE.IMPAIRMENT.PARAM=VALUE, --set PHASE.steps.KIND#N.KEY=VALUE, --set "
	    "PHASE=none,\n"
	    "--set lab.intercept=forward|transparent. 'wedge workloads NAME' explains the KEYs of\n"
	    "clients and servers, 'wedge impairments NAME' the PARAMs.");
}
