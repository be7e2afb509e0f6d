/* redirect.c - brings this host's own connections to sockets on it: nftables where the kernel has
 * its redirect statement, else xtables, chosen by trying; and the guard of both. */
#include "proxy/netfilter/redirect.h"

#include "proxy/base/mem.h"
#include "proxy/netfilter/guard.h"
#include "proxy/netfilter/net_admin.h"
#include "proxy/netfilter/nft_table.h"
#include "proxy/netfilter/redirect_conflict.h"
#include "proxy/netfilter/rule_id.h"
#include "proxy/netfilter/xtables.h"

#include <string.h>
#include <unistd.h>

/* With the last rule of NAT the kernel stops translating. A process that is killed closes its
 * sockets one by one, among them the one that owns nftables' table: what the others say to their
 * clients after it (FIN, RST) must still be translated, or these would wait for ever. So the guard
 * owns a chain that redirects nothing, as long after wedge's end; or leaves iptables' rules there
 * as long. */
#define AFTERWARDS_US 200000

enum { ZONE = 23801 }; /* of connection tracking */

static const char *const tables[] = {"raw", "nat", NULL};

struct redirect {
	char id[RULE_ID_BYTES];
	int alive;	    /* keeps the id */
	const char *sealed; /* redirect_text.h */
	unsigned zone;	    /* as well */
	struct nft_table *nft;
	const struct xtables *x;
	unsigned jumps[2]; /* 1: is there; of IPv4 and IPv6 */
	struct guard *guard;
	struct nft_table *end; /* the guard's, in its process */
	const char *backend;
	char *rules; /* what is set, as text for nft whatever the way */
};

static char *xtables_text(const void *arg, int family, unsigned *jumps)
{
	bool jump = !*jumps;

	*jumps = 1;
	return redirect_text_xtables(arg, family, jump);
}

/* In the guard, and what follows as well. */
static bool keep_translating(void *arg)
{
	struct redirect *r = arg;
	struct err ignored;

	r->end = nft_table_new(redirect_text_end(r->id), &ignored);
	return r->end;
}

static void stop_translating(void *arg)
{
	struct redirect *r = arg;

	usleep(AFTERWARDS_US);
	nft_table_free(r->end);
	r->end = NULL;
}

static void remove_chains(void *arg)
{
	struct redirect *r = arg;

	usleep(AFTERWARDS_US);
	xtables_remove(r->x, tables, xtables_is_id, r->id);
}

static int try_nft(struct redirect *r, const struct redirect_rules *rules, struct err *e)
{
	if (!r->sealed) {
		r->guard = guard_new(keep_translating, stop_translating, r, e);
		if (!r->guard)
			return -1;
	}
	r->nft = nft_table_new(redirect_text_nft(rules), e);
	r->backend = "nftables redirect";
	if (r->nft)
		return 0;
	guard_end(r->guard);
	r->guard = NULL;
	return -1;
}

/* The guard comes first: from the first rule on there is somebody to remove it. */
static int try_xtables(struct redirect *r, const struct xtables *x, struct redirect_rules *rules,
		       struct err *e)
{
	r->x = x;
	if (!r->sealed) {
		xtables_remove(x, tables, rule_id_dead, NULL);
		r->guard = guard_new(NULL, remove_chains, r, e);
		if (!r->guard)
			return -1;
	}
	if (xtables_restore_both(x, xtables_text, rules, r->jumps, e) == 0) {
		r->backend = xtables_is_legacy(x) ? "iptables REDIRECT (legacy)"
						  : "iptables REDIRECT (nf_tables)";
		return 0;
	}
	guard_end(r->guard);
	r->guard = NULL;
	memset(r->jumps, 0, sizeof(r->jumps));
	return -1;
}

int redirect_allowed(struct err *e)
{
	if (net_admin_here())
		return 0;
	return err_set(e, "redirecting this host's connections needs CAP_NET_ADMIN in its network "
			  "namespace; --listen and wedge exec work without");
}

/* Also before nftables is tried: what a dead wedge left in iptables would take what ours is to. */
static int look_around(struct redirect *r, struct redirect_rules *rules, struct err *e)
{
	r->alive = rule_id_take(r->id, e);
	if (r->alive == -1)
		return -1;
	xtables_remove(&xtables_ways[0], tables, rule_id_dead, NULL);
	return redirect_conflict(rules, e);
}

static int set_up(struct redirect *r, struct redirect_rules *rules, struct err *e)
{
	static const unsigned zones[] = {ZONE, 0};
	struct err nft, first = {""}, later;

	if (!r->sealed && look_around(r, rules, e) == -1)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		r->zone = rules->zone = zones[i];
		if (try_nft(r, rules, i ? &later : &nft) == 0)
			return 0;
	}
	for (const struct xtables *x = xtables_ways; x->v4; x++)
		for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
			r->zone = rules->zone = zones[i];
			if (try_xtables(r, x, rules, *first.text ? &later : &first) == 0)
				return 0;
		}
	return err_set(e, "no way to redirect connections: %.300s; %.300s", nft.text, first.text);
}

static struct redirect *redirect_make(const struct intercept_match *select, size_t n,
				      const char *sealed, struct err *e)
{
	struct redirect *r = xcalloc(1, sizeof(*r));
	struct redirect_rules rules = {.id = r->id, .select = select, .n = n, .sealed = sealed};

	r->alive = -1;
	r->sealed = sealed;
	snprintf(r->id, sizeof(r->id), "exec"); /* sealed: nobody else is there */
	if (set_up(r, &rules, e) == 0) {
		r->rules = redirect_text_nft(&rules);
		return r;
	}
	redirect_free(r);
	return NULL;
}

struct redirect *redirect_new(const struct intercept_match *select, size_t n, struct err *e)
{
	return redirect_make(select, n, NULL, e);
}

struct redirect *redirect_new_sealed(uint16_t port, const char *interface, struct err *e)
{
	const struct intercept_match all = {.listen = port};

	return redirect_make(&all, 1, interface, e);
}

static int change(struct redirect *r, struct redirect_rules *rules, struct err *e)
{
	if (rules->n && redirect_conflict(rules, e) == -1)
		return -1;
	if (r->nft)
		return nft_table_change(r->nft, r->id, redirect_text_nft(rules), e);
	return xtables_restore_both(r->x, xtables_text, rules, r->jumps, e);
}

/* Looking at everybody's rules takes tens of milliseconds, in which no session moves: not when
 * nothing is to change, and not when nothing is to be taken any more. */
int redirect_change(struct redirect *r, const struct intercept_match *select, size_t n,
		    struct err *e)
{
	struct redirect_rules rules = {
	    .id = r->id, .select = select, .n = n, .zone = r->zone, .sealed = r->sealed};
	char *text = redirect_text_nft(&rules);
	bool same = r->rules && strcmp(text, r->rules) == 0;

	if (!same && change(r, &rules, e) == -1) {
		free(text);
		free(r->rules); /* part of them may be in place */
		r->rules = NULL;
		return -1;
	}
	free(r->rules);
	r->rules = text;
	return 0;
}

void redirect_free(struct redirect *r)
{
	if (!r)
		return;
	nft_table_free(r->nft);
	guard_end(r->guard);
	if (r->alive != -1)
		close(r->alive);
	free(r->rules);
	free(r);
}

const char *redirect_backend(const struct redirect *r)
{
	return r->backend;
}

char *redirect_print(const struct intercept_match *select, size_t n)
{
	const struct redirect_rules r = {.id = "N", .select = select, .n = n, .zone = ZONE};
	char *rules = redirect_text_nft(&r), *end = redirect_text_end("N"), *text;

	text = xasprintf("# nft -f -\n%s# and the guard's, 0.2 s longer: what is still said to "
			 "clients is translated\n%s",
			 rules, end);
	free(rules);
	free(end);
	return text;
}
