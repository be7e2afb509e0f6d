/* selector.c - traffics behind one proxy differ in their clients' addresses, which only some
 * vantages see. */
#include "scenarios/scenario/selector.h"

#include "proxy/base/nearest.h"

#include <string.h>

static int find_traffic(const struct phase *p, const char *name)
{
	for (size_t i = 0; i < p->ntraffic; i++)
		if (strcmp(p->traffic[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int refuse_name(const struct phase *p, const char *name, struct err *e)
{
	char hint[NEAREST_HINT];
	const char *names[2 * HOSTS_MAX + 65], *near;
	size_t n = 0;

	for (size_t i = 0; i < p->ntraffic && i < 64; i++)
		names[n++] = p->traffic[i].name;
	for (size_t i = 0; i < p->hosts.n && i < 2 * HOSTS_MAX; i++)
		names[n++] = p->hosts.host[i].name;
	names[n] = NULL;
	near = nearest_name(name, names);
	return err_set(e, "there is no traffic '%s'%s%s", name,
		       p->hosts.n > HOST_OWN ? ", nor a host" : "", nearest_hint(hint, near));
}

bool selector_is_shared(const struct phase *p, size_t traffic)
{
	for (size_t i = 0; i < p->ntraffic; i++)
		if (i != traffic && p->traffic[i].leader == p->traffic[traffic].leader)
			return true;
	return false;
}

bool selector_has_namesake(const struct phase *p, size_t traffic)
{
	for (size_t i = 0; i < p->ntraffic; i++)
		if (p->traffic[i].leader != p->traffic[traffic].leader &&
		    p->traffic[i].port == p->traffic[traffic].port)
			return true;
	return false;
}

/* The programs of a side run on its hosts. */
static int check_program(const struct phase *p, const char *vantage, int host, struct err *e)
{
	const struct host *h = &p->hosts.host[host];
	enum host_place side =
	    strcmp(vantage, "client_app") == 0 ? HOST_CLIENT_SIDE : HOST_SERVER_SIDE;

	if (h->side == side)
		return 0;
	return err_set(e,
		       "%s tells of programs on the side %s, and the host '%s' is on the side %s",
		       vantage, host_side_names[side], h->name, host_side_names[h->side]);
}

/* On the server leg of an explicit wedge every client has wedge's address. */
static int check_client_host(const struct phase *p, const char *vantage, int host, struct err *e)
{
	if (p->hosts.host[host].side == HOST_SERVER_SIDE)
		return 0;
	return err_set(
	    e,
	    "%s can't tell the client '%s' from others: in explicit mode the server sees "
	    "wedge's address",
	    vantage, p->hosts.host[host].name);
}

/* Traffics of one proxy differ in their clients alone. */
static int check_shared(const struct phase *p, const struct metric_ref *ref, int traffic,
			struct err *e)
{
	const struct traffic *t = &p->traffic[traffic];
	bool wire = strcmp(ref->vantage, "server_app") != 0;

	if (!selector_is_shared(p, (size_t)traffic))
		return 0;
	return err_set(e,
		       "%s can't tell the traffic '%s' from others behind the same proxy: %s; "
		       "%s.%s.%s is of all of them",
		       ref->vantage, t->name,
		       wire ? "in explicit mode the server sees wedge's address"
			    : "one program serves them all",
		       ref->vantage, p->hosts.host[t->server.hosts[0]].name, ref->name);
}

static int check_vantage(const struct phase *p, enum intercept intercept, enum place place,
			 const struct metric_ref *ref, const struct selector *s, struct err *e)
{
	bool app =
	    strcmp(ref->vantage, "client_app") == 0 || strcmp(ref->vantage, "server_app") == 0;
	enum leg vantage = strcmp(ref->vantage, "server_wire") == 0 ? LEG_SERVER : LEG_CLIENT;
	bool blind = !app && place_leg(place, vantage) == LEG_SERVER &&
		     intercept == INTERCEPT_EXPLICIT && !p->forward_only;

	if (app && s->host != SELECTOR_ANY && check_program(p, ref->vantage, s->host, e) == -1)
		return -1;
	if (blind && s->host != SELECTOR_ANY &&
	    check_client_host(p, ref->vantage, s->host, e) == -1)
		return -1;
	if (s->traffic != SELECTOR_ANY && (blind || strcmp(ref->vantage, "server_app") == 0))
		return check_shared(p, ref, s->traffic, e);
	return 0;
}

int selector_resolve(const struct phase *p, enum intercept intercept, enum place place,
		     const struct metric_ref *ref, struct selector *out, struct err *e)
{
	*out = (struct selector){find_traffic(p, ref->traffic), SELECTOR_ANY};
	if (out->traffic == -1 && !ref->host[0]) {
		*out = (struct selector){SELECTOR_ANY, host_list_find(&p->hosts, ref->traffic)};
		if (out->host == -1)
			return refuse_name(p, ref->traffic, e);
	} else if (out->traffic == -1) {
		return refuse_name(p, ref->traffic, e);
	}
	if (ref->host[0]) {
		out->host = host_list_find(&p->hosts, ref->host);
		if (out->host == -1)
			return host_refuse(&p->hosts, ref->host, e);
		if (!traffic_runs_on(&p->traffic[out->traffic], (size_t)out->host))
			return err_set(e, "the traffic '%s' has nothing on the host '%s'",
				       ref->traffic, ref->host);
	}
	return check_vantage(p, intercept, place, ref, out, e);
}

int selector_check(const struct phase *p, enum intercept intercept, enum place place,
		   const struct metric_ref *ref, struct err *e)
{
	struct selector ignored;

	return selector_resolve(p, intercept, place, ref, &ignored, e);
}
