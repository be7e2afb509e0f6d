/* guest.c - a guest is one more traffic, whose proxy, port and servers are the main one's. */
#include "scenarios/scenario/guest.h"

#include "proxy/base/mem.h"
#include "scenarios/scenario/words.h"

#include <string.h>

#define ANYTHING "..."

struct guest *guest_new(void)
{
	struct guest *g = xcalloc(1, sizeof(*g));

	g->limit = GUEST_LIMIT;
	return g;
}

void guest_free(struct guest *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->nfelt; i++) {
		free(g->felt[i].phase);
		free(g->felt[i].says);
	}
	free(g->felt);
	words_free(g->argv);
	words_free(g->server);
	free(g->on);
	free(g->section);
	free(g->stands_for);
	free(g);
}

/* A program of the guest's in the place of the built-in server. */
static void replace_server(struct traffic *t, const struct guest *g)
{
	struct traffic old, *copy = &old;

	traffic_copy(copy, t);
	traffic_fini(t);
	*t = (struct traffic){.name = xstrdup(copy->name),
			      .port = copy->port,
			      .app = copy->app,
			      .until_main = copy->until_main,
			      .leader = copy->leader};
	t->client = copy->client;
	copy->client = (struct role_spec){.argv = NULL};
	t->server.argv = words_copy(g->server);
	t->server.ready_after = g->ready_after;
	t->server.hosts = copy->server.hosts;
	t->server.nhosts = copy->server.nhosts;
	copy->server.hosts = NULL;
	traffic_fini(copy);
}

/* The traffic whose server the guest speaks with; -1: there is none of that name. */
static ptrdiff_t find_model(const struct phase *p, const struct guest *g)
{
	for (size_t i = 0; g->on && i < p->ntraffic; i++)
		if (strcmp(p->traffic[i].name, g->on) == 0)
			return (ptrdiff_t)i;
	return g->on ? -1 : 0;
}

int guest_join(struct phase *p, const struct guest *g, struct err *e)
{
	ptrdiff_t at = find_model(p, g);
	struct traffic *t, *model;

	if (at == -1)
		return err_set(e, "there is no traffic '%s'", g->on);
	for (size_t i = 0; i < p->ntraffic; i++)
		if (strcmp(p->traffic[i].name, GUEST_TRAFFIC) == 0)
			return err_set(e, "the scenario has a traffic '" GUEST_TRAFFIC "' already");
	p->traffic = xrealloc(p->traffic, p->ntraffic + 1, sizeof(*p->traffic));
	model = &p->traffic[at];
	if (g->server)
		replace_server(&p->traffic[model->leader], g);
	t = &p->traffic[p->ntraffic++];
	*t = (struct traffic){.name = xstrdup(GUEST_TRAFFIC),
			      .port = model->port,
			      .app = model->app,
			      .leader = model->leader};
	t->client.argv = words_copy(g->argv);
	role_place(&t->client, model->client.hosts[0]);
	t->server.argv = words_copy(p->traffic[model->leader].server.argv);
	t->server.hosts = xcalloc(model->server.nhosts, sizeof(*t->server.hosts));
	t->server.nhosts = model->server.nhosts;
	memcpy(t->server.hosts, model->server.hosts, t->server.nhosts * sizeof(*t->server.hosts));
	p->guest = g;
	return 0;
}

bool guest_displaces(const struct phase *p, size_t traffic, bool server)
{
	size_t guest = p->ntraffic - 1;

	return p->guest && p->guest->alone && !server && traffic != guest &&
	       p->traffic[traffic].leader == p->traffic[guest].leader;
}

const struct guest_felt *guest_find_felt(const struct guest *g, const char *phase)
{
	for (size_t i = 0; i < g->nfelt; i++)
		if (strcmp(g->felt[i].phase, phase) == 0)
			return &g->felt[i];
	return NULL;
}

bool guest_says(const char *says, const char *line)
{
	const char *gap = strstr(says, ANYTHING);
	size_t head = gap ? (size_t)(gap - says) : strlen(says);

	if (strncmp(says, line, head) != 0)
		return false;
	if (!gap)
		return !line[head];
	for (line += head;; line++) {
		if (guest_says(gap + strlen(ANYTHING), line))
			return true;
		if (!*line)
			return false;
	}
}
