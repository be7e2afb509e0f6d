/* wedge_proxies.c - a proxy stands for one server; which instances act on a session through it
 * follows from that server, the traffic, and the client's address. */
#include "scenarios/run/wedge_proxies.h"

#include "impairments/live/apply.h"
#include "impairments/live/hooks.h"
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "scenarios/lab/lab.h"
#include "scenarios/scenario/selector.h"
#include "scenarios/workload/client_ports.h"

#include <string.h>

struct wedge_proxy {
	struct impair_proxy impair;
	struct wedge_proxies *all;
	size_t traffic, server; /* places in the phase */
	char *name;
};

/* The client's address tells who it is; without one, any client of the proxy's traffics. */
static bool is_client(const struct wedge_proxy *p, size_t host, const struct addr *client)
{
	const struct phase *phase = p->all->phase;

	if (client && client->len)
		return phase_lab_is_host(p->all->lab, host, client);
	for (size_t i = 0; i < phase->ntraffic; i++)
		if (phase->traffic[i].leader == p->traffic &&
		    phase->traffic[i].client.hosts[0] == host)
			return true;
	return false;
}

static bool concerns_host(const struct wedge_proxy *p, size_t host, const struct addr *client)
{
	return p->all->phase->hosts.host[host].side == HOST_SERVER_SIDE
		   ? p->server == host
		   : is_client(p, host, client);
}

/* A traffic with a proxy of its own stands for that proxy, whoever else is behind it. */
static bool concerns_traffic(const struct wedge_proxy *p, const char *on, const struct addr *client)
{
	const struct phase *phase = p->all->phase;
	const struct traffic *t;
	size_t traffic;
	int host;

	if (phase_find_target(phase, on, &traffic, &host, NULL) == -1)
		return false;
	t = &phase->traffic[traffic];
	return t->leader == p->traffic &&
	       (t->leader == traffic || is_client(p, t->client.hosts[0], client)) &&
	       (host == -1 || concerns_host(p, (size_t)host, client));
}

static bool proxy_concerns(const struct impair_proxy *impair, const struct impair_inst *inst,
			   const struct addr *client)
{
	const struct wedge_proxy *p = (const void *)impair;

	int host;

	if (!inst->host[0])
		return concerns_traffic(p, inst->traffic, client);
	host = host_list_find(&p->all->phase->hosts, inst->host);
	return host != -1 && concerns_host(p, (size_t)host, client);
}

/* The set's timers and members leave the loop while the loop exists, with the last proxy. */
static void proxy_released(void *arg)
{
	struct wedge_proxies *w = arg;

	if (++w->released == w->n)
		impairment_set_stop(w->set);
}

static int listen_transparently(const struct wedge_proxy *p, struct engine_proxy_config *c,
				uint16_t port, struct err *e)
{
	const struct phase *phase = p->all->phase;
	bool addressed = phase->traffic[p->traffic].server.nhosts > 1 ||
			 selector_has_namesake(phase, p->traffic);
	char ip[LAB_IP_TEXT];

	c->mode = PROXY_TRANSPARENT;
	c->intercept.ports[0] = (struct port_range){port, port};
	c->intercept.nports = 1;
	if (intercept_match_interface(&c->intercept, LAB_WEDGE_CLIENT_IF, e) == -1)
		return -1;
	/* Both addresses of a server; servers of one port differ in nothing else. */
	for (int v6 = 0; v6 < 2 && addressed; v6++)
		if (intercept_match_to(
			&c->intercept,
			lab_host_ip(&p->all->lab->spec, phase_lab_host(p->server), v6, ip),
			e) == -1)
			return -1;
	return addr_parse(":0", &c->listen, e);
}

/* Its listener has the server's port, so that every vantage shows that port. */
static int configure_proxy(struct wedge_proxy *p, struct engine_proxy_config *c, struct err *e)
{
	const struct wedge_proxies *w = p->all;
	uint16_t port = w->phase->traffic[p->traffic].port;

	p->impair.draw = (struct draw_identity){
	    .proxy = rng_part_seed(0, p->name), .by_client = true, .port_first = CLIENT_PORT_FIRST};
	c->name = p->name;
	c->session_config.connect_timeout = w->lab->connect_timeout;
	c->session_config.tls = w->tls;
	c->session_hooks = impair_proxy_session_hooks(&p->impair);
	impair_proxy_sessions(&p->impair, &c->session_config);
	c->pkt_hooks = impair_proxy_pkt_hooks(&p->impair);
	c->refuses = impair_proxy_refuses(&p->impair);
	c->released = proxy_released;
	c->released_arg = p->all;
	if (w->intercept == INTERCEPT_FORWARD) {
		c->mode = PROXY_FORWARD;
		c->server = phase_lab_addr(w->lab, p->server, false, port);
		return 0;
	}
	if (w->intercept == INTERCEPT_TRANSPARENT)
		return listen_transparently(p, c, port, e);
	c->mode = PROXY_EXPLICIT;
	c->listen = phase_lab_dial(w->lab, w->intercept, p->server, port);
	lab_host_ip(&w->lab->spec, phase_lab_host(p->server), false, c->upstream.host);
	c->upstream.port = port;
	return 0;
}

/* Adds a proxy for the server of a traffic on one host. */
static int add_proxy(struct wedge_proxies *w, size_t traffic, size_t server, struct err *e)
{
	const struct traffic *t = &w->phase->traffic[traffic];
	struct wedge_proxy *p = &w->proxy[w->n];

	*p = (struct wedge_proxy){.impair = {.set = w->set, .concerns = proxy_concerns},
				  .all = w,
				  .traffic = traffic,
				  .server = server};
	p->name = t->server.nhosts == 1
		      ? xstrdup(t->name)
		      : xasprintf("%s@%s", t->name, w->phase->hosts.host[server].name);
	return configure_proxy(p, &w->config[w->n++], e);
}

/* An impairment of a host may have to know on which side it is. */
static void tell_sides(struct impairment_set *set, const struct host_list *hosts)
{
	for (size_t i = 0; i < set->n; i++) {
		int host = host_list_find(hosts, set->inst[i].host);

		if (host != -1)
			impair_inst_set_side(&set->inst[i],
					     host_side_names[hosts->host[host].side]);
	}
}

int wedge_proxies_init(struct wedge_proxies *w, const struct phase *phase,
		       const struct phase_lab *lab, enum intercept intercept, struct tls *tls,
		       struct err *e)
{
	size_t room = 0;

	*w = (struct wedge_proxies){.phase = phase, .lab = lab, .intercept = intercept, .tls = tls};
	for (size_t i = 0; i < phase->ntraffic; i++)
		room += phase->traffic[i].server.nhosts;
	w->proxy = xcalloc(room, sizeof(*w->proxy));
	w->config = xcalloc(room, sizeof(*w->config));
	w->set = impairment_set_copy(phase->impairments);
	tell_sides(w->set, &phase->hosts);
	if (impairment_set_check(w->set, intercept == INTERCEPT_FORWARD, e) == -1)
		return -1;
	for (size_t i = 0; i < phase->ntraffic; i++) {
		const struct traffic *t = &phase->traffic[i];

		for (size_t k = 0; t->leader == i && k < t->server.nhosts; k++)
			if (add_proxy(w, i, t->server.hosts[k], e) == -1)
				return -1;
	}
	return 0;
}

void wedge_proxies_fini(struct wedge_proxies *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->proxy[i].name);
	impairment_set_free(w->set);
	free(w->proxy);
	free(w->config);
}
