/* phase_lab.c - the scenario's first two hosts are the lab's client and server, the others its
 * further hosts, in the same order. */
#include "scenarios/run/phase_lab.h"

#include "proxy/base/mem.h"

#include <string.h>

/* A program's host behind a wedge that is in that host, and only routes: its packets leave the host
 * itself as its own do. */
static bool is_behind_router(const struct host *h, enum place place, enum intercept intercept)
{
	enum host_place inside = place == PLACE_CLIENT ? HOST_CLIENT_SIDE : HOST_SERVER_SIDE;

	return place != PLACE_PATH && intercept == INTERCEPT_FORWARD && h->side == inside;
}

/* Returns the time to live that a host's packets begin with, one more where a router takes that. */
static const char *choose_ttl(const struct host *h, bool behind_router)
{
	static const char *const ttl[] = {[HOST_TTL_64] = "64", [HOST_TTL_128] = "128"};
	static const char *const routed[] = {[HOST_TTL_64] = "65", [HOST_TTL_128] = "129"};

	return behind_router ? routed[h->ttl] : ttl[h->ttl];
}

/* The sysctls that host settings stand for. */
static void set_sysctls(const struct host *h, bool behind_router,
			struct lab_sysctl list[PHASE_LAB_SYSCTLS])
{
	list[0] = (struct lab_sysctl){"net.ipv4.tcp_window_scaling", h->window_scaling ? "1" : "0"};
	list[1] = (struct lab_sysctl){"net.ipv4.tcp_timestamps", h->timestamps ? "1" : "0"};
	list[2] = (struct lab_sysctl){"net.ipv4.tcp_sack", h->sack ? "1" : "0"};
	list[3] = (struct lab_sysctl){"net.ipv4.ip_default_ttl", choose_ttl(h, behind_router)};
	list[4] = (struct lab_sysctl){NULL, NULL};
}

int phase_lab_host(size_t host)
{
	if (host < HOST_OWN)
		return host == HOST_CLIENT ? LAB_CLIENT : LAB_SERVER;
	return LAB_HOST_COUNT + (int)(host - HOST_OWN);
}

void phase_lab_init(struct phase_lab *l, const struct phase *p, enum intercept intercept,
		    const struct lab_pins *pins)
{
	const struct host_list *hosts = &p->hosts;

	*l = (struct phase_lab){
	    .spec = {.forward = intercept != INTERCEPT_EXPLICIT,
		     .congestion = "reno",
		     .quickack = pins->quickack,
		     .rto_min_ms = (uint32_t)(pins->rto_min / NS_PER_MS),
		     .no_tail_loss_probe = !pins->tail_loss_probe,
		     .has_switch = pins->place != PLACE_PATH,
		     .switch_side = pins->place == PLACE_CLIENT ? LAB_SERVER_SIDE : LAB_CLIENT_SIDE,
		     .nhosts = hosts->n - HOST_OWN},
	    .place = (enum place)pins->place,
	    .connect_timeout = pins->connect_timeout};
	l->hosts = xcalloc(hosts->n, sizeof(*l->hosts));
	l->sysctls = xcalloc(hosts->n + 1, sizeof(*l->sysctls));
	for (size_t i = 0; i < hosts->n; i++) {
		const struct host *h = &hosts->host[i];

		set_sysctls(h, is_behind_router(h, l->place, intercept), l->sysctls[i]);
		if (i < HOST_OWN) {
			l->spec.host_extra[phase_lab_host(i)] = l->sysctls[i];
			l->spec.link_speed[phase_lab_host(i)] = 8 * h->link_speed;
		} else {
			l->hosts[i - HOST_OWN] = (struct lab_host_spec){
			    .name = h->name,
			    .side = h->side == HOST_CLIENT_SIDE ? LAB_CLIENT_SIDE : LAB_SERVER_SIDE,
			    .sysctls = l->sysctls[i],
			    .link_speed = 8 * h->link_speed};
		}
	}
	/* A wedge that is in a host sends as that does. */
	if (l->place != PLACE_PATH) {
		set_sysctls(&hosts->host[l->place == PLACE_CLIENT ? HOST_CLIENT : HOST_SERVER],
			    false, l->sysctls[hosts->n]);
		l->spec.host_extra[LAB_WEDGE] = l->sysctls[hosts->n];
	}
	l->spec.hosts = l->hosts;
}

void phase_lab_fini(struct phase_lab *l)
{
	free(l->hosts);
	free(l->sysctls);
}

static struct addr parse_ip(const char *ip, uint16_t port)
{
	struct addr a;

	BUG_ON(addr_parse_host(ip, port, &a, NULL) == -1);
	return a;
}

struct addr phase_lab_addr(const struct phase_lab *l, size_t host, bool v6, uint16_t port)
{
	char ip[LAB_IP_TEXT];

	return parse_ip(lab_host_ip(&l->spec, phase_lab_host(host), v6, ip), port);
}

struct addr phase_lab_dial(const struct phase_lab *l, enum intercept intercept, size_t host,
			   uint16_t port)
{
	char ip[LAB_IP_TEXT];

	if (intercept != INTERCEPT_EXPLICIT)
		return phase_lab_addr(l, host, false, port);
	return parse_ip(lab_front_ip(&l->spec, phase_lab_host(host), false, ip), port);
}

bool phase_lab_is_host(const struct phase_lab *l, size_t host, const struct addr *a)
{
	for (int v6 = 0; v6 < 2; v6++) {
		struct addr own = phase_lab_addr(l, host, v6, addr_port(a));

		if (addr_equal(&own, a))
			return true;
	}
	return false;
}
