/* redirect.c - a ruleset whose guard goes on translating for a while after wedge's end; in a
 * network of wedge's own it needs no guard. */
#include "proxy/netfilter/redirect.h"

#include "proxy/base/mem.h"
#include "proxy/netfilter/net_admin.h"
#include "proxy/netfilter/nft_table.h"
#include "proxy/netfilter/redirect_conflict.h"
#include "proxy/netfilter/ruleset.h"

#include <unistd.h>

/* With the last rule of NAT the kernel stops translating. A process that is killed closes its
 * sockets one by one, among them the socket that owns nftables' table: what the others send to
 * their clients after that (FIN, RST) must still be translated, or the clients would wait for ever.
 * So for this time after wedge's end the guard owns a chain that redirects nothing, or leaves the
 * rules of iptables in place. */
#define AFTERWARDS_US 200000

enum { ZONE = 23801 }; /* of connection tracking */

static const char *const tables[] = {"raw", "nat", NULL};

struct redirect {
	struct ruleset set;
	bool sealed;	       /* redirect_text.h */
	struct nft_table *end; /* in the guard's process: the chain that redirects nothing */
};

static char *write_nft(const void *rules, unsigned zone)
{
	struct redirect_rules r = *(const struct redirect_rules *)rules;

	r.zone = zone;
	return redirect_text_nft(&r);
}

static char *write_xtables(const void *rules, unsigned zone, int family, unsigned *jumps)
{
	struct redirect_rules r = *(const struct redirect_rules *)rules;
	bool jump = !*jumps;

	r.zone = zone;
	*jumps = 1;
	return redirect_text_xtables(&r, family, jump);
}

static bool keep_translating(void *owner, bool nft)
{
	struct redirect *r = owner;
	struct err ignored;

	if (nft)
		r->end = nft_table_new(redirect_text_end(r->set.id), &ignored);
	return !nft || r->end;
}

static void wait_for_last_packets(void *owner)
{
	(void)owner;
	usleep(AFTERWARDS_US);
}

static void stop_translating(void *owner)
{
	struct redirect *r = owner;

	nft_table_free(r->end);
	r->end = NULL;
}

static const struct ruleset_ops redirect_ops = {
    .nft = "nftables redirect",
    .nf_tables = "iptables REDIRECT (nf_tables)",
    .legacy = "iptables REDIRECT (legacy)",
    .no_way = "no way to redirect connections",
    .tables = tables,
    .zone = ZONE,
    .guards_nft = true,
    .nft_text = write_nft,
    .xtables_text = write_xtables,
    .reserve = ruleset_default_try,
    .prepare = ruleset_default_try,
    .release = ruleset_default_note,
    .guard_begin = keep_translating,
    .guard_before = wait_for_last_packets,
    .guard_after = stop_translating,
};

int redirect_allowed(struct err *e)
{
	if (net_admin_here())
		return 0;
	return err_set(e, "redirecting this host's connections needs CAP_NET_ADMIN in its network "
			  "namespace; --listen and wedge exec work without");
}

/* The sweep comes even before nftables is tried: the rules that a dead wedge has left in iptables
 * would redirect the same connections. */
static int set_up_rules(struct redirect *r, struct redirect_rules *rules, struct err *e)
{
	if (ruleset_init(&r->set, &redirect_ops, r, r->sealed ? "exec" : NULL, e) == -1)
		return -1;
	if (!r->sealed) {
		ruleset_sweep(&r->set);
		if (redirect_conflict(rules, e) == -1)
			return -1;
	}
	return ruleset_set(&r->set, rules, e);
}

static struct redirect *make_redirect(const struct intercept_match *select, size_t n, bool sealed,
				      struct err *e)
{
	struct redirect *r = xcalloc(1, sizeof(*r));
	struct redirect_rules rules = {.id = r->set.id, .select = select, .n = n, .sealed = sealed};

	r->sealed = sealed;
	if (set_up_rules(r, &rules, e) == 0)
		return r;
	redirect_free(r);
	return NULL;
}

struct redirect *redirect_new(const struct intercept_match *select, size_t n, struct err *e)
{
	return make_redirect(select, n, false, e);
}

struct redirect *redirect_new_sealed(uint16_t port, struct err *e)
{
	const struct intercept_match all = {.listen = port};

	return make_redirect(&all, 1, true, e);
}

/* Reading everybody's rules takes tens of milliseconds, in which no session moves; so they aren't
 * read when nothing changes, nor when nothing is to be redirected any more. */
int redirect_change(struct redirect *r, const struct intercept_match *select, size_t n,
		    struct err *e)
{
	struct redirect_rules rules = {
	    .id = r->set.id, .select = select, .n = n, .sealed = r->sealed};

	if (ruleset_is_set(&r->set, &rules))
		return 0;
	if (n && redirect_conflict(&rules, e) == -1) {
		ruleset_doubt(&r->set);
		return -1;
	}
	return ruleset_change(&r->set, &rules, e);
}

void redirect_free(struct redirect *r)
{
	if (!r)
		return;
	ruleset_fini(&r->set);
	free(r);
}

const char *redirect_backend(const struct redirect *r)
{
	return ruleset_backend(&r->set);
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
