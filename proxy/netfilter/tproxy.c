/* tproxy.c - a ruleset with a route: marked packets need a routing table of their own, which the
 * guard removes too. */
#include "proxy/netfilter/tproxy.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/base/time_wait.h"
#include "proxy/netfilter/nft_table.h"
#include "proxy/netfilter/policy_route.h"
#include "proxy/netfilter/rule_id.h"
#include "proxy/netfilter/ruleset.h"
#include "proxy/netfilter/tproxy_conflict.h"
#include "proxy/netfilter/tproxy_text.h"

#include <unistd.h>

enum { ZONE = 23800 };				  /* of connection tracking */
enum { TABLE_TRIES = 40, TABLE_PAUSE_US = 5000 }; /* 0.2 s in all */

struct tproxy {
	struct ruleset set;
	struct policy_route route;
	int table_alive;       /* the socket that keeps the routing table's number; -1: none */
	int undoing;	       /* in the guard's process: the same number's socket; -1: none */
	struct nft_table *end; /* there, too: what answers late segments */
};

/* A process that ends closes its sockets one by one, and what is under way to them then comes late:
 * that long the guard leaves rules in place that answer it. */
#define AFTERWARDS_US 200000

static const char *const tables[] = {"raw", "mangle", "filter", NULL};

static int bind_table(int table)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", table);
	return rule_id_bind("table", name);
}

/* Takes the first table that no living wedge has, and empties those that dead wedges have left. */
static int take_table(void *owner, struct err *e)
{
	struct tproxy *t = owner;

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

static int add_route(void *owner, struct err *e)
{
	const struct tproxy *t = owner;

	return policy_route_add(&t->route, e);
}

static void release_table(void *owner)
{
	struct tproxy *t = owner;

	if (t->table_alive != -1)
		close(t->table_alive);
	t->table_alive = -1;
}

static bool begin_end(void *owner, bool nft)
{
	struct tproxy *t = owner;
	struct err ignored;

	if (nft)
		t->end = nft_table_new(tproxy_text_end(t->set.id), &ignored);
	return !nft || t->end;
}

/* The end of a process closes its files one after the other, so the guard waits for the table's old
 * owner. When it can't take the number, there is a new owner, who has tidied the table. */
static void await_table(void *owner)
{
	struct tproxy *t = owner;

	t->undoing = -1;
	usleep(AFTERWARDS_US);
	for (int i = 0; t->undoing == -1 && i < TABLE_TRIES; i++) {
		if (i)
			usleep(TABLE_PAUSE_US);
		t->undoing = bind_table(t->route.table);
	}
}

static void remove_route(void *owner)
{
	struct tproxy *t = owner;

	if (t->undoing != -1) {
		policy_route_remove(&t->route);
		close(t->undoing);
	}
	tproxy_let_pass();
	nft_table_free(t->end);
	t->end = NULL;
}

static char *write_nft(const void *rules, unsigned zone)
{
	struct tproxy_rules r = *(const struct tproxy_rules *)rules;

	r.zone = zone;
	return tproxy_text_nft(&r);
}

static char *write_xtables(const void *rules, unsigned zone, int family, unsigned *jumps)
{
	struct tproxy_rules r = *(const struct tproxy_rules *)rules;
	bool jump = !*jumps;

	r.zone = zone;
	*jumps = 1;
	return tproxy_text_xtables(&r, family, jump);
}

static const struct ruleset_ops tproxy_ops = {
    .nft = "nftables tproxy",
    .nf_tables = "iptables TPROXY (nf_tables)",
    .legacy = "iptables TPROXY (legacy)",
    .no_way = "no way to intercept connections",
    .tables = tables,
    .zone = ZONE,
    .tells_last_nft = true,
    .guards_nft = true,
    .nft_text = write_nft,
    .xtables_text = write_xtables,
    .reserve = take_table,
    .prepare = add_route,
    .release = release_table,
    .guard_begin = begin_end,
    .guard_before = await_table,
    .guard_after = remove_route,
};

static int check_interfaces(const struct intercept_match *select, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (!if_nametoindex(select[i].interface))
			return err_set(e, "there is no interface %s; 'ip link' lists them",
				       select[i].interface);
	return 0;
}

static int set_up_rules(struct tproxy *t, struct tproxy_rules *r, struct err *e)
{
	if (ruleset_init(&t->set, &tproxy_ops, t, NULL, e) == -1 ||
	    check_interfaces(r->select, r->n, e) == -1)
		return -1;
	ruleset_sweep(&t->set);
	if (tproxy_conflict(r, e) == -1)
		return -1;
	return ruleset_set(&t->set, r, e);
}

struct tproxy *tproxy_new(const struct intercept_match *select, size_t n, struct err *e)
{
	struct tproxy *t = xcalloc(1, sizeof(*t));
	struct tproxy_rules r = {.id = t->set.id, .select = select, .n = n};

	t->table_alive = -1;
	t->route = (struct policy_route){.mark = TPROXY_MARK, .mask = TPROXY_MARK_MASK};
	if (set_up_rules(t, &r, e) == 0)
		return t;
	tproxy_free(t);
	return NULL;
}

static int change_rules(struct tproxy *t, struct tproxy_rules *r, struct err *e)
{
	if (check_interfaces(r->select, r->n, e) == -1 || tproxy_conflict(r, e) == -1) {
		ruleset_doubt(&t->set);
		return -1;
	}
	return ruleset_change(&t->set, r, e);
}

/* Reading everybody's rules takes tens of milliseconds, in which no session moves; so they aren't
 * read when nothing changes. */
int tproxy_change(struct tproxy *t, const struct intercept_match *select, size_t n, struct err *e)
{
	struct tproxy_rules r = {.id = t->set.id, .select = select, .n = n};

	if (ruleset_is_set(&t->set, &r))
		return 0;
	if (change_rules(t, &r, e) == -1)
		return -1;
	tproxy_let_pass();
	return 0;
}

void tproxy_free(struct tproxy *t)
{
	if (!t)
		return;
	ruleset_fini(&t->set);
	free(t);
}

const char *tproxy_backend(const struct tproxy *t)
{
	return ruleset_backend(&t->set);
}

char *tproxy_print(const struct intercept_match *select, size_t n)
{
	const struct policy_route p = {
	    .mark = TPROXY_MARK, .mask = TPROXY_MARK_MASK, .table = POLICY_ROUTE_FIRST};
	const struct tproxy_rules r = {.id = "N", .select = select, .n = n, .zone = ZONE};
	char *rules = tproxy_text_nft(&r), *end = tproxy_text_end("N"), *text;

	text = xasprintf("# nft -f -\n%s# and the guard's, 0.2 s longer: what comes late for a "
			 "leg that wedge has closed is answered by an RST\n%s\n"
			 "# ip -4, and the same with ip -6\n"
			 "ip rule add priority %u fwmark 0x%x/0x%x lookup %d\n"
			 "ip route add local default dev lo table %d\n",
			 rules, end, policy_route_priority(&p), p.mark, p.mask, p.table, p.table);
	free(rules);
	free(end);
	return text;
}
