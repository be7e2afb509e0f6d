/* tproxy.c - brings other hosts' connections to this host's sockets: nftables where the kernel has
 * its tproxy statement, else xtables, chosen by trying; the routes; and the guard of both. */
#include "proxy/netfilter/tproxy.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/base/time_wait.h"
#include "proxy/netfilter/guard.h"
#include "proxy/netfilter/nft_table.h"
#include "proxy/netfilter/policy_route.h"
#include "proxy/netfilter/rule_id.h"
#include "proxy/netfilter/tproxy_conflict.h"
#include "proxy/netfilter/tproxy_text.h"
#include "proxy/netfilter/xtables.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ZONE = 23800 };				  /* of connection tracking */
enum { TABLE_TRIES = 40, TABLE_PAUSE_US = 5000 }; /* 0.2 s in all */

struct tproxy {
	char id[RULE_ID_BYTES];
	int alive;	 /* keeps the id */
	int table_alive; /* keeps the routing table's number */
	struct policy_route route;
	unsigned zone; /* tproxy_text.h */
	struct nft_table *nft;
	const struct xtables *x;
	unsigned jumps[2]; /* 1: is there; of IPv4 and IPv6 */
	struct guard *guard;
	const char *backend;
	char *rules; /* what is set, as text for nft whatever the way */
};

static int bind_table(int table)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", table);
	return rule_id_bind("table", name);
}

/* The first table that no living wedge has; what dead ones left in others goes. */
static int take_table(struct tproxy *t, struct err *e)
{
	for (int i = 0; i < POLICY_ROUTE_TABLES; i++) {
		struct policy_route p = t->route;
		int fd;

		p.table = POLICY_ROUTE_FIRST + i;
		fd = bind_table(p.table);
		if (fd == -1)
			continue;
		policy_route_remove(&p);
		if (t->table_alive != -1) {
			close(fd);
			continue;
		}
		t->table_alive = fd;
		t->route = p;
	}
	if (t->table_alive == -1)
		return err_set(e, "%d wedges are transparent here already", POLICY_ROUTE_TABLES);
	return 0;
}

void tproxy_let_pass(void)
{
	time_wait_end_marked(MARK_WEDGE, MARK_WEDGE_MASK);
}

/* In the guard. Who can't take the table's number finds a new owner, who has tidied it; but the end
 * of a process closes its files one after the other, so the old owner is waited for. */
static void undo(void *arg)
{
	struct tproxy *t = arg;
	int fd = -1;

	for (int i = 0; fd == -1 && i < TABLE_TRIES; i++) {
		if (i)
			usleep(TABLE_PAUSE_US);
		fd = bind_table(t->route.table);
	}
	if (t->x)
		xtables_remove(t->x, xtables_packet_tables, xtables_is_id, t->id);
	if (fd != -1) {
		policy_route_remove(&t->route);
		close(fd);
	}
	tproxy_let_pass();
}

static char *xtables_text(const void *arg, int family, unsigned *jumps)
{
	bool jump = !*jumps;

	*jumps = 1;
	return tproxy_text_xtables(arg, family, jump);
}

static void stop_guard(struct tproxy *t)
{
	if (t->table_alive != -1)
		close(t->table_alive);
	t->table_alive = -1;
	guard_end(t->guard);
	t->guard = NULL;
}

/* By one way: nftables when x is NULL. The guard comes first, the rules last. */
static int try(struct tproxy *t, const struct xtables *x, const struct tproxy_rules *like,
	       unsigned zone, struct err *e)
{
	struct tproxy_rules rules = *like, *r = &rules;

	t->x = x;
	t->zone = r->zone = zone;
	if (take_table(t, e) == -1)
		return -1;
	t->guard = guard_new(NULL, undo, t, e);
	if (!t->guard || policy_route_add(&t->route, e) == -1)
		goto fail;
	if (!x) {
		t->nft = nft_table_new(tproxy_text_nft(r), e);
		t->backend = "nftables tproxy";
	} else if (xtables_restore_both(x, xtables_text, r, t->jumps, e) == 0) {
		t->backend = xtables_is_legacy(x) ? "iptables TPROXY (legacy)"
						  : "iptables TPROXY (nf_tables)";
		return 0;
	}
	if (t->nft)
		return 0;
fail:
	stop_guard(t);
	memset(t->jumps, 0, sizeof(t->jumps));
	return -1;
}

static int check_interfaces(const struct intercept_match *select, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (!if_nametoindex(select[i].interface))
			return err_set(e, "there is no interface %s; 'ip link' lists them",
				       select[i].interface);
	return 0;
}

static int set_up(struct tproxy *t, struct tproxy_rules *r, struct err *e)
{
	struct err nft, first = {""}, later;

	t->alive = rule_id_take(t->id, e);
	if (t->alive == -1 || check_interfaces(r->select, r->n, e) == -1)
		return -1;
	xtables_remove(&xtables_ways[0], xtables_packet_tables, rule_id_dead, NULL);
	if (tproxy_conflict(r, e) == -1)
		return -1;
	if (try(t, NULL, r, ZONE, &nft) == 0 || try(t, NULL, r, 0, &nft) == 0)
		return 0;
	for (const struct xtables *x = xtables_ways; x->v4; x++) {
		xtables_remove(x, xtables_packet_tables, rule_id_dead, NULL);
		if (try(t, x, r, ZONE, *first.text ? &later : &first) == 0 ||
		    try(t, x, r, 0, &later) == 0)
			return 0;
	}
	return err_set(e, "no way to intercept connections: %.300s; %.300s", nft.text, first.text);
}

struct tproxy *tproxy_new(const struct intercept_match *select, size_t n, struct err *e)
{
	struct tproxy *t = xcalloc(1, sizeof(*t));
	struct tproxy_rules r = {.id = t->id, .select = select, .n = n};

	t->alive = t->table_alive = -1;
	t->route = (struct policy_route){.mark = TPROXY_MARK, .mask = TPROXY_MARK_MASK};
	if (set_up(t, &r, e) == 0) {
		r.zone = t->zone;
		t->rules = tproxy_text_nft(&r);
		return t;
	}
	tproxy_free(t);
	return NULL;
}

static int change(struct tproxy *t, struct tproxy_rules *r, struct err *e)
{
	if (check_interfaces(r->select, r->n, e) == -1 || tproxy_conflict(r, e) == -1)
		return -1;
	if (t->nft)
		return nft_table_change(t->nft, t->id, tproxy_text_nft(r), e);
	return xtables_restore_both(t->x, xtables_text, r, t->jumps, e);
}

/* Looking at everybody's rules takes tens of milliseconds, in which no session moves: not when
 * nothing is to change. */
int tproxy_change(struct tproxy *t, const struct intercept_match *select, size_t n, struct err *e)
{
	struct tproxy_rules r = {.id = t->id, .select = select, .n = n, .zone = t->zone};
	char *rules = tproxy_text_nft(&r);
	bool same = t->rules && strcmp(rules, t->rules) == 0;

	if (!same && change(t, &r, e) == -1) {
		free(rules);
		free(t->rules); /* part of them may be in place */
		t->rules = NULL;
		return -1;
	}
	if (!same)
		tproxy_let_pass();
	free(t->rules);
	t->rules = rules;
	return 0;
}

void tproxy_free(struct tproxy *t)
{
	if (!t)
		return;
	nft_table_free(t->nft);
	stop_guard(t);
	if (t->alive != -1)
		close(t->alive);
	free(t->rules);
	free(t);
}

const char *tproxy_backend(const struct tproxy *t)
{
	return t->backend;
}

char *tproxy_print(const struct intercept_match *select, size_t n)
{
	const struct policy_route p = {
	    .mark = TPROXY_MARK, .mask = TPROXY_MARK_MASK, .table = POLICY_ROUTE_FIRST};
	const struct tproxy_rules r = {.id = "N", .select = select, .n = n, .zone = ZONE};
	char *rules = tproxy_text_nft(&r), *text;

	text = xasprintf("# nft -f -\n%s\n"
			 "# ip -4, and the same with ip -6\n"
			 "ip rule add priority %u fwmark 0x%x/0x%x lookup %d\n"
			 "ip route add local default dev lo table %d\n",
			 rules, policy_route_priority(&p), p.mark, p.mask, p.table, p.table);
	free(rules);
	return text;
}
