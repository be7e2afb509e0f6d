/* scope.c - sums over the services that are in a scope, and over those that aren't. */
#include "scenarios/match/scope.h"

#include "proxy/base/mem.h"

#include <inttypes.h>
#include <string.h>

static bool is_in_scope(const struct scope *s, const struct addr *server)
{
	if (s->kind == SCOPE_HOST)
		return addr_equal_host(&s->server, server);
	if (s->kind == SCOPE_POOL)
		return addr_port(&s->server) == addr_port(server);
	return addr_equal(&s->server, server);
}

static int compare_services(const void *a, const void *b)
{
	const struct service *x = *(struct service *const *)a, *y = *(struct service *const *)b;
	int64_t lost_x = tallies_lost(&x->tallies), lost_y = tallies_lost(&y->tallies);

	if (lost_x != lost_y)
		return lost_x > lost_y ? -1 : 1;
	if (x->counts.connections != y->counts.connections)
		return x->counts.connections > y->counts.connections ? -1 : 1;
	return 0;
}

/* Adds the services that are in the scope, or those that aren't. */
static void add_up(const struct scope *s, bool inside, struct service *const *list, size_t n,
		   struct scope_sums *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct addr *server = &list[i]->server;
		bool new_address = true, new_port = true;

		if (is_in_scope(s, server) != inside)
			continue;
		for (size_t k = 0; k < i; k++) {
			if (is_in_scope(s, &list[k]->server) != inside)
				continue;
			new_address = new_address && !addr_equal_host(server, &list[k]->server);
			new_port = new_port && addr_port(server) != addr_port(&list[k]->server);
		}
		out->servers += new_address;
		out->ports += new_port;
		service_merge(&out->service, list[i]);
	}
}

static void add_findings(const struct scope *s, bool inside, const struct findings *f,
			 struct scope_sums *out)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->list[i];
		uint64_t *sum = &out->findings[x->first.kind];

		if (x->first.server.sa.sa_family == AF_UNSPEC ||
		    is_in_scope(s, &x->first.server) != inside)
			continue;
		if (!x->first.number)
			*sum += x->count;
		else if (x->first.number > *sum)
			*sum = x->first.number;
	}
}

/* Adds a scope, unless one of that kind has that server already, or it would be one service. */
static void add_scope(struct scopes *s, enum scope_kind kind, struct service *const *list, size_t n,
		      const struct addr *server, const struct diagnosis *d)
{
	struct scope x = {.kind = kind, .server = *server, .dropped = d->capture.dropped > 0};
	const struct findings *f = &d->groups.findings;

	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].kind == kind && is_in_scope(&s->list[i], server))
			return;
	add_findings(&x, true, f, &x.sums);
	add_findings(&x, false, f, &x.others);
	add_up(&x, true, list, n, &x.sums);
	if ((kind == SCOPE_POOL && x.sums.servers < 2) ||
	    (kind == SCOPE_HOST && x.sums.ports < 2)) {
		service_fini(&x.sums.service);
		return;
	}
	add_up(&x, false, list, n, &x.others);
	s->list[s->n++] = x;
}

void scopes_make(const struct diagnosis *d, struct scopes *s)
{
	size_t n = d->services.n;
	struct service **list = xcalloc(n + 1, sizeof(struct service *));

	for (size_t i = 0; i < n; i++)
		list[i] = d->services.list[i];
	qsort(list, n, sizeof(struct service *), compare_services);
	n = n < SCOPE_SERVICES_MAX ? n : SCOPE_SERVICES_MAX;
	*s = (struct scopes){.list = xcalloc(3 * n + 1, sizeof(*s->list))};
	for (int kind = SCOPE_SERVICE; kind <= SCOPE_HOST; kind++)
		for (size_t i = 0; i < n; i++)
			add_scope(s, (enum scope_kind)kind, list, n, &list[i]->server, d);
	free(list);
}

void scopes_fini(struct scopes *s)
{
	for (size_t i = 0; i < s->n; i++) {
		service_fini(&s->list[i].sums.service);
		service_fini(&s->list[i].others.service);
	}
	free(s->list);
	*s = (struct scopes){.list = NULL};
}

bool scopes_overlap(const struct scope *a, const struct scope *b)
{
	return is_in_scope(a, &b->server) || is_in_scope(b, &a->server);
}

char *scope_format(const struct scope *s, char buf[SCOPE_TEXT])
{
	char text[ADDR_TEXT];
	struct addr host = s->server;

	if (s->kind == SCOPE_POOL) {
		snprintf(buf, SCOPE_TEXT, "port %u of %" PRIu64 " servers", addr_port(&s->server),
			 s->sums.servers);
	} else if (s->kind == SCOPE_HOST) {
		addr_format_host(&host, text);
		snprintf(buf, SCOPE_TEXT, "%s, %" PRIu64 " ports", text, s->sums.ports);
	} else {
		addr_format(&s->server, buf);
	}
	return buf;
}
