/* phase.c - a key is looked for in the traffics, then in the phase's impairments. */
#include "scenarios/scenario/phase.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "scenarios/scenario/step_set.h"

#include <string.h>

static char *copy_text(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

void phase_copy(struct phase *dst, const struct phase *src)
{
	*dst = (struct phase){
	    .name = xstrdup(src->name),
	    .ntraffic = src->ntraffic,
	    .forward_only = src->forward_only,
	    .guest = src->guest,
	    .note = copy_text(src->note),
	    .where = copy_text(src->where),
	};
	dst->traffic = xcalloc(src->ntraffic, sizeof(*dst->traffic));
	for (size_t i = 0; i < src->ntraffic; i++)
		traffic_copy(&dst->traffic[i], &src->traffic[i]);
	host_list_copy(&dst->hosts, &src->hosts);
	dst->impairments = impairment_set_copy(src->impairments);
	dst->steps = steps_copy(src->steps, src->nsteps);
	dst->nsteps = src->nsteps;
}

void phase_fini(struct phase *p)
{
	for (size_t i = 0; i < p->ntraffic; i++)
		traffic_fini(&p->traffic[i]);
	free(p->traffic);
	host_list_fini(&p->hosts);
	impairment_set_free(p->impairments);
	steps_free(p->steps, p->nsteps);
	free(p->name);
	free(p->note);
	free(p->where);
}

static bool same_end(const struct param *params, const struct role_spec *a,
		     const struct role_spec *b)
{
	return a->argv || b->argv || param_equal(params, a->cfg, b->cfg);
}

static bool same_traffic(const struct phase *a, const struct phase *b)
{
	for (size_t i = 0; i < a->ntraffic; i++) {
		const struct traffic *t = &a->traffic[i], *u = &b->traffic[i];

		if (t->app && (!same_end(t->app->client_params, &t->client, &u->client) ||
			       !same_end(t->app->server_params, &t->server, &u->server)))
			return false;
	}
	return true;
}

static bool same_impairments(const struct impairment_set *a, const struct impairment_set *b)
{
	char *x = impairment_set_describe(a), *y = impairment_set_describe(b);
	bool same = a->n == b->n && strcmp(x, y) == 0;

	for (size_t i = 0; same && i < a->n; i++)
		same = strcmp(a->inst[i].traffic, b->inst[i].traffic) == 0 &&
		       strcmp(a->inst[i].host, b->inst[i].host) == 0;
	free(x);
	free(y);
	return same;
}

static bool same_hosts(const struct host_list *a, const struct host_list *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!param_equal(host_params, &a->host[i], &b->host[i]))
			return false;
	return true;
}

/* Steps are not compared: two lists of them count as different. */
bool phase_repeats(const struct phase *a, const struct phase *b)
{
	return !a->nsteps && !b->nsteps && a->forward_only == b->forward_only &&
	       same_hosts(&a->hosts, &b->hosts) && same_traffic(a, b) &&
	       same_impairments(a->impairments, b->impairments);
}

struct phase *phase_clone(const struct phase *p)
{
	struct phase *copy = xcalloc(1, sizeof(*copy));

	phase_copy(copy, p);
	return copy;
}

void phase_free(struct phase *p)
{
	if (!p)
		return;
	phase_fini(p);
	free(p);
}

static bool starts_with_word(const char *key, const char *word)
{
	size_t n = strlen(word);

	return strncmp(key, word, n) == 0 && key[n] == '.';
}

/* "client.KEY" or "server.KEY" of a traffic. */
static int set_on_traffic(struct traffic *t, const char *key, const char *value, bool *hit,
			  struct err *e)
{
	bool server = starts_with_word(key, "server");

	*hit = server || starts_with_word(key, "client");
	if (!*hit)
		return 0;
	return traffic_set_param(t, server, strchr(key, '.') + 1, value, e);
}

/* The same of a sibling; one behind another traffic has only a client of its own. */
static int set_on_sibling(struct phase *p, size_t i, const char *key, const char *value, bool *hit,
			  struct err *e)
{
	const char *leader = p->traffic[p->traffic[i].leader].name;
	bool of_main = p->traffic[i].leader == 0;

	if (p->traffic[i].leader == i || !starts_with_word(key, "server"))
		return set_on_traffic(&p->traffic[i], key, value, hit, e);
	return err_set(e, "'%s' is behind '%s' and has its server: %s%s%s is accepted",
		       p->traffic[i].name, leader, of_main ? "" : leader, of_main ? "" : ".", key);
}

/* "IMPAIRMENT.PARAM" of a phase. */
static int set_on_impairment(struct phase *p, const char *key, const char *value, struct err *e)
{
	const char *dot = strchr(key, '.');
	char *name;
	int rc;

	if (!dot)
		return err_set(
		    e, "PHASE.IMPAIRMENT.PARAM=VALUE is expected: '%s' names no parameter", key);
	if (p->impairments->n == 0)
		return err_set(e, "the phase '%s' has no impairment", p->name);
	name = xasprintf("%.*s", (int)(dot - key), key);
	rc = impairment_set_param(p->impairments, name, dot + 1, value, e);
	free(name);
	return rc;
}

/* "steps.KIND[#N][.KEY]" of a phase. */
static int set_on_step(struct phase *p, const char *key, const char *value, bool *hit,
		       struct err *e)
{
	*hit = true;
	if (!p->nsteps)
		return err_set(e, "the phase '%s' has no steps", p->name);
	return steps_set(p->steps, p->nsteps, key + strlen("steps."), value, e);
}

/* "HOST.KEY", behind "hosts.". */
static int set_on_host(struct phase *p, const char *key, const char *value, struct err *e)
{
	const char *dot = strchr(key, '.');
	char *name;
	int h;

	if (!dot)
		return err_set(e, "hosts.NAME.KEY=VALUE is expected: '%.60s' names no setting",
			       key);
	name = xasprintf("%.*s", (int)(dot - key), key);
	h = host_list_find(&p->hosts, name);
	if (h == -1)
		host_refuse(&p->hosts, name, e);
	free(name);
	return h == -1 ? -1 : host_set(&p->hosts.host[h], dot + 1, value, e);
}

int phase_set(struct phase *p, const char *key, const char *value, bool *hit, struct err *e)
{
	*hit = starts_with_word(key, "hosts");
	if (*hit)
		return set_on_host(p, strchr(key, '.') + 1, value, e);
	if (set_on_traffic(&p->traffic[0], key, value, hit, e) == -1)
		return -1;
	for (size_t i = 0; !*hit && i < p->ntraffic; i++)
		if (starts_with_word(key, p->traffic[i].name) &&
		    set_on_sibling(p, i, strchr(key, '.') + 1, value, hit, e) == -1)
			return -1;
	if (!*hit && p->nsteps && starts_with_word(key, "steps"))
		return set_on_step(p, key, value, hit, e);
	if (*hit || !starts_with_word(key, p->name))
		return 0;
	key += strlen(p->name) + 1;
	if (starts_with_word(key, "steps"))
		return set_on_step(p, key, value, hit, e);
	*hit = true;
	return set_on_impairment(p, key, value, e);
}

static int refuse_traffic(const struct phase *p, const char *on, struct err *e)
{
	char hint[NEAREST_HINT];
	const char *names[65], *near;
	size_t n = 0;

	for (; n < p->ntraffic && n < ARRAY_LEN(names) - 1; n++)
		names[n] = p->traffic[n].name;
	names[n] = NULL;
	near = nearest_name(on, names);
	return err_set(e,
		       "on: there is no traffic '%.40s'%s; accepted are main and the names of "
		       "the siblings, each alone or as TRAFFIC@HOST",
		       on, nearest_hint(hint, near));
}

int phase_find_target(const struct phase *p, const char *on, size_t *traffic, int *host,
		      struct err *e)
{
	size_t length = strcspn(on, "@");
	char name[40];

	snprintf(name, sizeof(name), "%.*s", (int)(length < 39 ? length : 39), on);
	for (*traffic = 0; *traffic < p->ntraffic; (*traffic)++)
		if (strcmp(p->traffic[*traffic].name, name) == 0)
			break;
	if (*traffic == p->ntraffic)
		return refuse_traffic(p, name, e);
	*host = -1;
	if (!on[length])
		return 0;
	*host = host_list_find(&p->hosts, on + length + 1);
	if (*host == -1)
		return host_refuse(&p->hosts, on + length + 1, e);
	if (!traffic_runs_on(&p->traffic[*traffic], (size_t)*host))
		return err_set(e, "on: the traffic '%s' has nothing on the host '%s'", name,
			       on + length + 1);
	return 0;
}

int phase_check_target(const struct phase *p, const struct impair_inst *inst, struct err *e)
{
	size_t traffic;
	int host;

	if (phase_find_target(p, inst->traffic, &traffic, &host, e) == -1)
		return -1;
	if (!inst->host[0])
		return 0;
	if (host_list_find(&p->hosts, inst->host) == -1) {
		host_refuse(&p->hosts, inst->host, e);
		return err_wrap(e, "host");
	}
	if (strcmp(inst->traffic, param_find(impair_common_params, "on")->def) != 0)
		return err_set(e,
			       "host '%s' and on '%s': an impairment acts on a host or on a "
			       "traffic",
			       inst->host, inst->traffic);
	return 0;
}

bool phase_breaks(const struct phase *p)
{
	return p->impairments->n || steps_break(p->steps, p->nsteps);
}

int phase_at(const struct phase *p, const struct sweep *sweep, const char *value,
	     struct phase **out, struct err *e)
{
	struct phase *copy = xcalloc(1, sizeof(*copy));
	bool hit;

	phase_copy(copy, p);
	if (phase_set(copy, sweep->key, value, &hit, e) == -1) {
		phase_free(copy);
		return err_wrap(e, "sweep of %s", sweep->key);
	}
	*out = copy;
	return 0;
}
