/* service_confine.c - packets, rules and other people's addresses need capabilities as long as they
 * are at work; a change may bring them at any time. */
#include "proxy/service/service_confine.h"

#include "proxy/ns/confine.h"
#include "proxy/ns/privilege.h"
#include "proxy/service/service.h"

#include <linux/capability.h>

#define BIT(capability) ((uint64_t)1 << (capability))

/* Packet rules, routes, queues, marks and transparent sockets. */
#define NETWORK (BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW))

struct giving_up {
	uint64_t keep;
	const struct log *log;
};

static bool has_rules(const struct config *c, struct service *first)
{
	if (engine_queues_packets(service_engine(first)))
		return true;
	for (size_t i = 0; i < c->n; i++)
		if (c->proxy[i].enabled && c->proxy[i].mode != PROXY_EXPLICIT)
			return true;
	return false;
}

/* A change reads files that are its user's, listens, and may do all else that a start does. Which
 * program a connection has come through is read off its descriptors, which a process with
 * capabilities shows to nobody without CAP_SYS_PTRACE. */
static uint64_t choose_kept(const struct config *c, struct service *first, bool changes)
{
	uint64_t keep = BIT(CAP_SYS_PTRACE);

	if (changes)
		keep |= BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_DAC_OVERRIDE);
	if (changes || has_rules(c, first))
		keep |= NETWORK;
	for (size_t i = 0; i < c->n; i++)
		if (c->proxy[i].mode == PROXY_TRANSPARENT) /* clients' own ports */
			keep |= BIT(CAP_NET_BIND_SERVICE);
	return keep;
}

/* Capabilities are each thread's own. */
static void give_up_cb(struct service *s, void *arg)
{
	const struct giving_up *g = arg;
	struct err e;

	(void)s;
	if (privilege_limit(g->keep, &e) == -1)
		log_warn(g->log, "capabilities that aren't needed are kept: %s", e.text);
}

void service_confine(struct workers *w, const struct config *c, bool changes, const struct log *log)
{
	struct giving_up g = {.keep = choose_kept(c, workers_first(w), changes), .log = log};
	struct err e;

	workers_each(w, give_up_cb, &g);
	/* iptables, where the kernel's nftables can't do what is asked. */
	if (confine_calls((g.keep & BIT(CAP_NET_ADMIN)) && privilege_has(CAP_NET_ADMIN), &e) == -1)
		log_warn(log, "system calls that aren't needed stay allowed: %s", e.text);
}
