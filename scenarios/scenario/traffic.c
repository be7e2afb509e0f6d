/* traffic.c - the workload's own parameter tables do the copying, setting and checking. */
#include "scenarios/scenario/traffic.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/param.h"
#include "scenarios/scenario/words.h"
#include "scenarios/workload/registry.h"

#include <string.h>

static void *cfg_copy(const struct workload *app, bool server, const void *cfg)
{
	size_t size = app ? server ? app->server_size : app->client_size : 0;
	void *copy;

	if (!cfg)
		return NULL;
	copy = xcalloc(1, size);
	param_copy(workload_params(app, server), copy, cfg, size);
	return copy;
}

static void role_copy(struct role_spec *dst, const struct role_spec *src,
		      const struct workload *app, bool server)
{
	dst->argv = words_copy(src->argv);
	dst->ready_after = src->ready_after;
	dst->cfg = cfg_copy(app, server, src->cfg);
	dst->hosts = xcalloc(src->nhosts + 1, sizeof(*dst->hosts));
	dst->nhosts = src->nhosts;
	memcpy(dst->hosts, src->hosts, src->nhosts * sizeof(*dst->hosts));
}

void traffic_copy(struct traffic *dst, const struct traffic *src)
{
	*dst = (struct traffic){
	    .name = xstrdup(src->name),
	    .port = src->port,
	    .app = src->app,
	    .until_main = src->until_main,
	    .leader = src->leader,
	};
	role_copy(&dst->client, &src->client, src->app, false);
	role_copy(&dst->server, &src->server, src->app, true);
}

static void role_fini(struct role_spec *r, const struct workload *app, bool server)
{
	words_free(r->argv);
	free(r->hosts);
	if (r->cfg)
		param_free(workload_params(app, server), r->cfg);
	free(r->cfg);
}

void traffic_fini(struct traffic *t)
{
	role_fini(&t->client, t->app, false);
	role_fini(&t->server, t->app, true);
	free(t->name);
}

bool traffic_runs_on(const struct traffic *t, size_t host)
{
	for (size_t i = 0; i < t->server.nhosts; i++)
		if (t->server.hosts[i] == host)
			return true;
	return t->client.hosts[0] == host;
}

bool traffic_collides(const struct traffic *a, const struct traffic *b)
{
	for (size_t i = 0; i < a->server.nhosts && a->port == b->port; i++)
		for (size_t k = 0; k < b->server.nhosts; k++)
			if (a->server.hosts[i] == b->server.hosts[k])
				return true;
	return false;
}

void role_place(struct role_spec *r, size_t host)
{
	free(r->hosts);
	r->hosts = xcalloc(1, sizeof(*r->hosts));
	r->hosts[0] = host;
	r->nhosts = 1;
}

static int refuse_key(const struct param *table, const char *role, const char *app, const char *key,
		      struct err *e)
{
	char hint[NEAREST_HINT];
	const char *names[64], *near;
	char list[400] = "";
	size_t n = 0;

	for (; n < ARRAY_LEN(names) - 1 && table[n].name; n++) {
		size_t used = strlen(list);

		names[n] = table[n].name;
		snprintf(list + used, sizeof(list) - used, "%s%s", n ? ", " : "", table[n].name);
	}
	names[n] = NULL;
	near = nearest_name(key, names);
	return err_set(e, "the %s of workload %s has no parameter '%.60s'%s; accepted are %s", role,
		       app, key, nearest_hint(hint, near), list);
}

int traffic_set_param(struct traffic *t, bool server, const char *key, const char *value,
		      struct err *e)
{
	struct role_spec *r = server ? &t->server : &t->client;
	const char *role = server ? "server" : "client";
	const struct param *p;

	if (r->argv)
		return err_set(e,
			       "the %s of traffic '%s' is a command and has no parameter '%.60s'",
			       role, t->name, key);
	p = param_find(workload_params(t->app, server), key);
	if (!p)
		return refuse_key(workload_params(t->app, server), role, t->app->name, key, e);
	return param_set(p, r->cfg, value, e);
}

int traffic_check(const struct traffic *t, struct err *e)
{
	if (!t->app || !t->app->check)
		return 0;
	return t->app->check(t->client.cfg, t->server.cfg, e);
}
