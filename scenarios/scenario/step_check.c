/* step_check.c - goes through the steps as the runner will, with a copy of the phase that they
 * change. */
#include "scenarios/scenario/step_check.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/param.h"
#include "scenarios/scenario/needs.h"
#include "scenarios/scenario/step_program.h"

#include <string.h>

#define ROLES_MAX 128

struct check {
	struct phase phase; /* as the steps so far have made it */
	bool *runs;	    /* by find_place */
	bool *unplugged;    /* by the place in the phase's hosts */
	const struct step_program *program;
	bool forwarded;
	struct err *e;
};

static int refuse_name(const char *what, const char *name, const char *const *names, struct err *e)
{
	char hint[NEAREST_HINT];
	const char *near = nearest_name(name, names);
	char list[300] = "";

	for (size_t i = 0; names[i]; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 names[i]);
	return err_set(e, "there is no %s '%.60s'%s; accepted are %s", what, name,
		       nearest_hint(hint, near), list);
}

static ptrdiff_t find_traffic(const struct phase *p, const char *name)
{
	for (size_t i = 0; i < p->ntraffic; i++)
		if (strcmp(p->traffic[i].name, name) == 0)
			return (ptrdiff_t)i;
	return -1;
}

static int refuse_role(const struct check *c, const char *role)
{
	const char *names[ROLES_MAX + 1];
	char *made[ROLES_MAX];
	size_t n = 0, own;
	int rc;

	for (size_t i = 0; i < c->phase.ntraffic && n + 2 <= ROLES_MAX; i++) {
		made[n] = step_role_format(c->phase.traffic[i].name, false);
		made[n + 1] = step_role_format(c->phase.traffic[i].name, true);
		names[n] = made[n];
		names[n + 1] = made[n + 1];
		n += 2;
	}
	own = n;
	for (size_t i = HOST_OWN; i < c->phase.hosts.n && n < ROLES_MAX; i++)
		names[n++] = c->phase.hosts.host[i].name;
	names[n] = NULL;
	rc = refuse_name(own < n ? "role or host" : "role", role, names, c->e);
	for (size_t i = 0; i < own; i++)
		free(made[i]);
	return rc;
}

/* Finds the role that a step names: its place in runs, -1 with an error. */
static ptrdiff_t find_role(const struct check *c, const char *role, bool *server)
{
	char traffic[STEP_ROLE_TEXT];
	ptrdiff_t i = -1;

	if (step_role_split(role, traffic, server))
		i = find_traffic(&c->phase, traffic);
	if (i != -1 && *server && c->phase.traffic[i].leader != (size_t)i)
		return err_set(c->e, "%s: '%s' is behind '%s' and has no server of its own", role,
			       traffic, c->phase.traffic[c->phase.traffic[i].leader].name);
	return i == -1 ? refuse_role(c, role) : 2 * i + *server;
}

/* Returns the place in runs of a role on one of the phase's hosts. */
static size_t find_place(const struct check *c, size_t traffic, bool server, size_t host)
{
	return (2 * traffic + server) * c->phase.hosts.n + host;
}

static int refuse_live(const struct workload *app, const char *key, struct err *e)
{
	static const char *const none[] = {NULL};
	const char *const *live = app->live_params ? app->live_params : none;
	char list[200] = "";

	for (size_t i = 0; live[i]; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 live[i]);
	return err_set(e,
		       "'%.40s' can't be changed while the client runs; those of workload %s "
		       "that can are: %s",
		       key, app->name, list[0] ? list : "none");
}

static bool is_live(const struct workload *app, const char *key)
{
	for (const char *const *k = app->live_params; k && *k; k++)
		if (strcmp(*k, key) == 0)
			return true;
	return false;
}

static int check_client_value(struct check *c, const struct step *s, const char *value)
{
	bool server;
	ptrdiff_t role = find_role(c, s->target, &server);
	struct traffic *t;

	if (role == -1)
		return -1;
	t = &c->phase.traffic[role / 2];
	if (server)
		return err_set(c->e,
			       "%s: no parameter of a server can be changed while it runs; "
			       "those of clients and impairments can",
			       s->target);
	if (traffic_set_param(t, false, s->key, value, c->e) == -1)
		return -1;
	if (!is_live(t->app, s->key))
		return refuse_live(t->app, s->key, c->e);
	if (role >= 2 && !t->until_main)
		return err_set(c->e,
			       "%s only does its count (until_main: false), nothing of it can "
			       "be changed",
			       s->target);
	if (!c->runs[find_place(c, (size_t)role / 2, false, t->client.hosts[0])])
		return err_set(c->e, "%s doesn't run here", s->target);
	return 0;
}

static int check_value(struct check *c, const struct step_action *a)
{
	const struct step *s = a->step;
	const char *value = a->value, *lacks;

	if (!step_needs_impairment(s))
		return check_client_value(c, s, value);
	if (strcmp(s->key, "on") == 0 || strcmp(s->key, "name") == 0)
		return err_set(c->e, "'%s' of an impairment can't be changed while it runs",
			       s->key);
	if (impairment_set_param(c->phase.impairments, s->target, s->key, value, c->e) == -1)
		return -1;
	lacks = step_action_lacks(c->program, (size_t)(a - c->program->v), &c->phase);
	if (lacks)
		return err_set(c->e,
			       "%s has no effect without %s, which %s doesn't have "
			       "here and gets from no later step",
			       s->key, lacks, s->target);
	return impairment_set_check(c->phase.impairments, c->forwarded, c->e);
}

static int check_reset(struct check *c, const struct step *s)
{
	ssize_t i = impairment_set_find(c->phase.impairments, s->target, c->e);

	if (i == -1)
		return -1;
	if (strncmp(c->phase.impairments->inst[i].when.schedule, "poisson", 7) == 0)
		return 0;
	return err_set(c->e, "%s has no episodes that a reset could end: schedule: poisson 10s has",
		       s->target);
}

/* Gives the order to one role on one of its hosts. */
static int order_place(struct check *c, const struct step *s, size_t place, const char *role)
{
	const struct traffic *t = &c->phase.traffic[place / (2 * c->phase.hosts.n)];
	bool server = place / c->phase.hosts.n % 2;

	if (s->kind == STEP_VANISH && (server || t->client.argv))
		return err_set(c->e,
			       "%s: only a client that is a built-in workload can vanish; "
			       "kill is accepted",
			       role);
	if (c->runs[place] == (s->kind == STEP_START))
		return err_set(c->e, "%s %s here", role,
			       s->kind == STEP_START ? "runs already" : "doesn't run");
	c->runs[place] = s->kind == STEP_START || s->kind == STEP_HANG;
	return 0;
}

/* Returns whether an order to target finds a role, running or not. */
static bool concerns_any(const struct phase *p, const char *target)
{
	bool found = false;

	for (size_t r = 0; r < 2 * p->ntraffic && !found; r++) {
		const struct traffic *t = &p->traffic[r / 2];
		const struct role_spec *spec = r % 2 ? &t->server : &t->client;
		char *role = step_role_format(t->name, r % 2);

		for (size_t i = 0; i < spec->nhosts && !found && !(r % 2 && t->leader != r / 2);
		     i++)
			found = step_concerns(target, role, p->hosts.host[spec->hosts[i]].name);
		free(role);
	}
	return found;
}

/* Nothing runs there: tells what could. */
static int refuse_order(const struct check *c, const char *target)
{
	bool server;

	if (host_list_find(&c->phase.hosts, target) >= HOST_OWN)
		return err_set(c->e, "nothing runs on the host '%s'", target);
	if (find_role(c, target, &server) == -1)
		return -1;
	return refuse_role(c, target);
}

static int check_order(struct check *c, const struct step *s)
{
	int rc = 0;

	for (size_t r = 0; r < 2 * c->phase.ntraffic && rc == 0; r++) {
		const struct traffic *t = &c->phase.traffic[r / 2];
		const struct role_spec *spec = r % 2 ? &t->server : &t->client;
		char *role = step_role_format(t->name, r % 2);

		for (size_t i = 0; i < spec->nhosts && rc == 0; i++) {
			const char *host = c->phase.hosts.host[spec->hosts[i]].name;

			if (!step_concerns(s->target, role, host) || (r % 2 && t->leader != r / 2))
				continue;
			rc = order_place(c, s, find_place(c, r / 2, r % 2, spec->hosts[i]), role);
		}
		free(role);
	}
	return rc;
}

static int check_cable(struct check *c, const struct step *s)
{
	int i = host_list_find(&c->phase.hosts, s->target);

	if (c->unplugged[i] == (s->kind == STEP_UNPLUG))
		return err_set(c->e, "%s is %s here", s->target,
			       s->kind == STEP_UNPLUG ? "unplugged already" : "plugged in");
	c->unplugged[i] = s->kind == STEP_UNPLUG;
	return 0;
}

static int refuse_traffic(const struct check *c, const char *name)
{
	const char *names[ROLES_MAX + 1];
	size_t n = 0;

	for (; n < c->phase.ntraffic && n < ROLES_MAX; n++)
		names[n] = c->phase.traffic[n].name;
	names[n] = NULL;
	return refuse_name("traffic", name, names, c->e);
}

static int check_await(struct check *c, const struct step *s)
{
	ptrdiff_t i = find_traffic(&c->phase, s->target);

	if (c->phase.traffic[i].client.argv)
		return err_set(c->e,
			       "the client of '%s' is a command, whose exchanges nobody can "
			       "count; a built-in workload's can be awaited",
			       s->target);
	if (!c->runs[find_place(c, (size_t)i, false, c->phase.traffic[i].client.hosts[0])])
		return err_set(c->e, "the client of '%s' doesn't run here", s->target);
	return 0;
}

/* A word that isn't the name of a client may be meant as one. */
static int check_impairment_name(struct check *c, const char *name)
{
	struct err ignored;
	char hint[NEAREST_HINT];
	const char *client[] = {"client", NULL};
	const char *near = nearest_name(name, client);

	if (!near || impairment_set_find(c->phase.impairments, name, &ignored) != -1)
		return impairment_set_find(c->phase.impairments, name, c->e) == -1 ? -1 : 0;
	return err_set(c->e, "there is no client and no impairment '%.60s'%s", name,
		       nearest_hint(hint, near));
}

/* Finds what a step names. Names are looked up before anything is tried, since a role whose only
 * start is misspelt seems to run already where another step needs it. */
static int check_name(struct check *c, const struct step *s)
{
	bool server;

	switch (s->kind) {
	case STEP_SET:
	case STEP_RAMP:
	case STEP_RESET:
		if (step_needs_impairment(s))
			return check_impairment_name(c, s->target);
		return find_role(c, s->target, &server) == -1 ? -1 : 0;
	case STEP_START:
	case STEP_STOP:
	case STEP_HANG:
	case STEP_KILL:
	case STEP_VANISH:
		return concerns_any(&c->phase, s->target) ? 0 : refuse_order(c, s->target);
	case STEP_UNPLUG:
	case STEP_PLUG:
		return host_list_find(&c->phase.hosts, s->target) == -1
			   ? host_refuse(&c->phase.hosts, s->target, c->e)
			   : 0;
	case STEP_AWAIT:
		return find_traffic(&c->phase, s->target) == -1 ? refuse_traffic(c, s->target) : 0;
	default:
		return 0;
	}
}

static int check_action(struct check *c, const struct step_action *a)
{
	const struct step *s = a->step;

	switch (s->kind) {
	case STEP_SET:
	case STEP_RAMP:
		return check_value(c, a);
	case STEP_RESET:
		return check_reset(c, s);
	case STEP_START:
	case STEP_STOP:
	case STEP_HANG:
	case STEP_KILL:
	case STEP_VANISH:
		return check_order(c, s);
	case STEP_UNPLUG:
	case STEP_PLUG:
		return check_cable(c, s);
	case STEP_AWAIT:
		return check_await(c, s);
	default:
		return 0;
	}
}

/* Ramps are checked for themselves before the program is made, so that the place is known. */
static int check_layout(const struct step *list, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		struct step_program p;
		int rc = check_layout(list[i].list, list[i].nlist, e);

		if (rc == -1)
			return -1;
		if (step_program_make(&list[i], 1, 0, &p, e) == -1)
			return err_wrap(e, "%s", list[i].where);
		step_program_fini(&p);
	}
	return 0;
}

static bool *first_states(const struct phase *p, const struct step_program *program)
{
	size_t nhosts = p->hosts.n;
	bool *runs = xcalloc(2 * p->ntraffic * nhosts, sizeof(*runs));

	for (size_t i = 0; i < 2 * p->ntraffic; i++) {
		char *role = step_role_format(p->traffic[i / 2].name, i % 2);
		bool later;

		for (size_t k = 0; k < nhosts; k++) {
			step_program_starts(program, role, p->hosts.host[k].name, &later);
			runs[i * nhosts + k] = !later;
		}
		free(role);
	}
	return runs;
}

/* Returns the word that the step was written with. */
static const char *name_step(const struct step *s)
{
	if (s->switched)
		return strcmp(s->value, "true") == 0 ? "on" : "off";
	return step_names[s->kind];
}

int steps_check(const struct phase *p, bool forwarded, struct err *e)
{
	struct step_program program;
	struct check c = {.program = &program, .forwarded = forwarded, .e = e};
	int rc = 0;

	if (!p->nsteps)
		return 0;
	if (check_layout(p->steps, p->nsteps, e) == -1)
		return -1;
	if (step_program_make(p->steps, p->nsteps, 0, &program, e) == -1)
		return err_wrap(e, "%s", p->steps[0].where);
	phase_copy(&c.phase, p);
	c.runs = first_states(p, &program);
	c.unplugged = xcalloc(c.phase.hosts.n, sizeof(*c.unplugged));
	for (size_t i = 0; i < 2 * program.n && rc == 0; i++) {
		const struct step_action *a = &program.v[i % program.n];

		if (!a->step)
			continue;
		rc = i < program.n ? check_name(&c, a->step) : check_action(&c, a);
		if (rc == -1)
			err_wrap(e, "%s: %s", a->step->where, name_step(a->step));
	}
	free(c.runs);
	free(c.unplugged);
	phase_fini(&c.phase);
	step_program_fini(&program);
	return rc;
}

size_t steps_sections(const struct step *list, size_t n, const char **names, size_t max)
{
	size_t found = 0;

	for (size_t i = 0; i < n && found < max; i++) {
		if (list[i].kind == STEP_SECTION)
			names[found++] = list[i].target;
		else
			found +=
			    steps_sections(list[i].list, list[i].nlist, names + found, max - found);
	}
	return found;
}

bool steps_have_section(const struct step *list, size_t n, const char *name)
{
	const char *names[ROLES_MAX];
	size_t found = steps_sections(list, n, names, ROLES_MAX);

	for (size_t i = 0; i < found; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return n && strcmp(name, SECTION_START) == 0;
}
