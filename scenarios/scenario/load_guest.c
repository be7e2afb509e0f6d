/* load_guest.c - the real program of a scenario, and what was measured of it in which phase. */
#include "scenarios/scenario/load_guest.h"

#include "proxy/base/mem.h"
#include "proxy/base/param.h"
#include "proxy/base/units.h"
#include "scenarios/scenario/step_check.h"

#include <string.h>

#define WAITS "waits" /* for a status: it was ended at its limit */

static int load_time(struct loader *l, struct yaml_node *n, const char *what, int64_t *out)
{
	const char *text = load_text(l, n, what);

	if (!text)
		return -1;
	return parse_duration(text, out, l->e) == -1 ? yaml_error_wrap(l->y, n, l->e) : 0;
}

/* "10s..11s". */
static int load_span(struct loader *l, struct yaml_node *n, struct guest_felt *f)
{
	const char *text = load_text(l, n, "a time"), *dots = text ? strstr(text, "..") : NULL;
	char *least;
	int rc;

	if (!text)
		return -1;
	if (!dots)
		return yaml_error(l->y, n, l->e, "'%.40s' is no range of times; one is 10s..12s",
				  text);
	least = xasprintf("%.*s", (int)(dots - text), text);
	rc = parse_duration(least, &f->least, l->e);
	free(least);
	if (rc == -1 || parse_duration(dots + 2, &f->most, l->e) == -1)
		return yaml_error_wrap(l->y, n, l->e);
	if (f->most <= f->least)
		return yaml_error(l->y, n, l->e, "'%.40s': a range begins with its shorter end",
				  text);
	return 0;
}

static int load_status(struct loader *l, struct yaml_node *n, struct guest_felt *f)
{
	const char *text = load_text(l, n, "a status");
	uint64_t value;

	if (!text)
		return -1;
	f->status = GUEST_WAITS;
	if (strcmp(text, WAITS) == 0)
		return 0;
	if (parse_count(text, &value, NULL) == -1 || value > 255)
		return yaml_error(l->y, n, l->e,
				  "'%.40s' is no exit status; accepted are 0 to 255, and " WAITS
				  ", of a program that is still waiting at its limit",
				  text);
	f->status = (int)value;
	return 0;
}

static int load_felt_phase(struct loader *l, struct yaml_node *key, struct yaml_node *n)
{
	static const char *const keys[] = {"status", "time", "says", NULL};
	static const struct yaml_need needs[] = {{"status", "0"}, {"time", "10s..12s"}};
	struct guest *g = l->s->real_client;
	const char *name = load_text(l, key, "a phase"), *says = NULL;
	struct guest_felt *f;
	struct err why = {""};

	if (!name)
		return -1;
	if (!load_find_phase(l->s, name)) {
		(void)load_refuse_phase(l->s, name, &why);
		return yaml_error(l->y, key, l->e, "%s", why.text);
	}
	if (yaml_kind(n) != YAML_MAPPING)
		return yaml_error(
		    l->y, n, l->e,
		    "a mapping is expected: {status: 28, time: 10s..12s, says: TEXT}");
	if (yaml_only_keys(l->y, n, keys, l->e) == -1 ||
	    yaml_need_keys(l->y, n, needs, ARRAY_LEN(needs), "", l->e) == -1)
		return -1;
	g->felt = xrealloc(g->felt, g->nfelt + 1, sizeof(*g->felt));
	f = &g->felt[g->nfelt++];
	*f = (struct guest_felt){.phase = xstrdup(name)};
	if (load_status(l, yaml_get(l->y, n, "status"), f) == -1 ||
	    load_span(l, yaml_get(l->y, n, "time"), f) == -1)
		return -1;
	if (yaml_get(l->y, n, "says")) {
		says = load_text(l, yaml_get(l->y, n, "says"), "a line of its output");
		if (!says)
			return -1;
		f->says = xstrdup(says);
	}
	return 0;
}

static int load_felt(struct loader *l, struct yaml_node *n)
{
	struct guest *g = l->s->real_client;

	if (yaml_kind(n) != YAML_MAPPING)
		return yaml_error(l->y, n, l->e,
				  "a mapping is expected: {baseline: {status: 0, ...}, ...}");
	for (size_t i = 0; i < yaml_count(n); i++)
		if (load_felt_phase(l, yaml_key_node(n, i), yaml_value(n, i)) == -1)
			return -1;
	if (!guest_find_felt(g, "baseline") || g->nfelt < 2)
		return yaml_error(l->y, n, l->e,
				  "what it feels is told of baseline and at least one other phase");
	return 0;
}

static int load_guest_section(struct loader *l, struct yaml_node *n)
{
	const char *name = load_text(l, n, "a section");

	if (!name)
		return -1;
	for (size_t i = 0; i < l->s->nphases; i++)
		if (steps_have_section(l->s->phases[i].steps, l->s->phases[i].nsteps, name)) {
			l->s->real_client->section = xstrdup(name);
			return 0;
		}
	return yaml_error(l->y, n, l->e, "no phase has a section '%.40s'", name);
}

/* The program that is in the server's place. */
static int load_guest_server(struct loader *l, struct yaml_node *n)
{
	static const char *const keys[] = {"command", "ready_after", NULL};
	static const struct yaml_need needs[] = {{"command", NULL}};
	struct guest *g = l->s->real_client;
	struct yaml_node *ready;

	if (yaml_kind(n) != YAML_MAPPING)
		return yaml_error(l->y, n, l->e, "a mapping is expected: {command: ...}");
	if (yaml_only_keys(l->y, n, keys, l->e) == -1 ||
	    yaml_need_keys(l->y, n, needs, ARRAY_LEN(needs), "", l->e) == -1 ||
	    load_argv(l, yaml_get(l->y, n, "command"), &g->server) == -1)
		return -1;
	g->alone = true; /* the built-in client doesn't speak its language */
	ready = yaml_get(l->y, n, "ready_after");
	return ready ? load_time(l, ready, "a time", &g->ready_after) : 0;
}

static int load_guest_times(struct loader *l, struct yaml_node *n)
{
	struct yaml_node *after = yaml_get(l->y, n, "after"), *limit = yaml_get(l->y, n, "limit");
	struct guest *g = l->s->real_client;

	if (after && load_time(l, after, "a time", &g->after) == -1)
		return -1;
	if (limit && load_time(l, limit, "a time", &g->limit) == -1)
		return -1;
	return g->limit > 0 ? 0 : yaml_error(l->y, limit, l->e, "the limit is more than 0");
}

static int load_guest_on(struct loader *l, struct yaml_node *n)
{
	const char *name = load_text(l, n, "a traffic");

	if (!name)
		return -1;
	for (size_t i = 0; i < l->ntraffic; i++)
		if (strcmp(l->traffic[i].name, name) == 0) {
			l->s->real_client->on = xstrdup(name);
			return 0;
		}
	return yaml_error(l->y, n, l->e, "there is no traffic '%.40s'", name);
}

int load_guest(struct loader *l, struct yaml_node *n)
{
	static const char *const keys[] = {"command", "on",    "server",     "alone", "section",
					   "after",   "limit", "stands_for", "felt",  NULL};
	static const struct yaml_need needs[] = {{"command", NULL},
						 {"felt", "{baseline: {status: 0, ...}, ...}"}};
	struct yaml_node *on, *server, *alone, *section, *stands;
	const char *text;
	struct guest *g;

	if (yaml_kind(n) != YAML_MAPPING)
		return yaml_error(l->y, n, l->e,
				  "a mapping is expected: {command: curl ..., felt: ...}");
	if (yaml_only_keys(l->y, n, keys, l->e) == -1 ||
	    yaml_need_keys(l->y, n, needs, ARRAY_LEN(needs), "", l->e) == -1)
		return -1;
	g = l->s->real_client = guest_new();
	on = yaml_get(l->y, n, "on");
	server = yaml_get(l->y, n, "server");
	alone = yaml_get(l->y, n, "alone");
	section = yaml_get(l->y, n, "section");
	stands = yaml_get(l->y, n, "stands_for");
	if (load_argv(l, yaml_get(l->y, n, "command"), &g->argv) == -1 ||
	    load_guest_times(l, n) == -1 || load_felt(l, yaml_get(l->y, n, "felt")) == -1)
		return -1;
	if (alone && load_flag(l, alone, &g->alone) == -1)
		return -1;
	if (on && load_guest_on(l, on) == -1)
		return -1;
	if (server && load_guest_server(l, server) == -1)
		return -1;
	if (section && load_guest_section(l, section) == -1)
		return -1;
	if (!stands)
		return 0;
	text = load_text(l, stands, "what it stands for");
	if (!text)
		return -1;
	g->stands_for = xstrdup(text);
	return 0;
}
