/* redirect.c - the rules of a network namespace of our own, as an nftables table or through
 * iptables-restore. */
#include "proxy/packet/redirect.h"

#include "proxy/base/mem.h"
#include "proxy/packet/tool.h"
#include "proxy/packet/xtables.h"

#include <nftables/libnftables.h>
#include <string.h>
#include <unistd.h>

struct redirect {
	struct nft_ctx *ctx; /* its netlink socket owns the table; NULL with xtables */
};

/* UDP is refused on its way in again, as another host would: refused on its way out it would fail
 * with EPERM, which no network says. Where it is sent to doesn't matter: no socket ever gets it. */
#define DISCARD_PORT 9

static char *nft_text(const struct redirect_config *c)
{
	return xasprintf("table inet wedge-exec {\n\tflags owner;\n"
			 "\tchain redirected {\n"
			 "\t\ttype nat hook output priority -100; policy accept;\n"
			 "\t\tmeta mark 0x%x return\n"
			 "\t\tmeta l4proto tcp redirect to :%u\n"
			 "\t\toifname \"%s\" meta l4proto udp redirect to :%u\n\t}\n"
			 "\tchain refused {\n"
			 "\t\ttype filter hook input priority 0; policy accept;\n"
			 "\t\tmeta l4proto udp ct status dnat reject\n\t}\n}\n",
			 c->exempt, c->port, c->interface, DISCARD_PORT);
}

static char *xtables_text(const struct redirect_config *c)
{
	return xasprintf("*nat\n-A OUTPUT -m mark --mark 0x%x -j RETURN\n"
			 "-A OUTPUT -p tcp -j REDIRECT --to-ports %u\n"
			 "-A OUTPUT -o %s -p udp -j REDIRECT --to-ports %u\nCOMMIT\n"
			 "*filter\n-A INPUT -p udp -m conntrack --ctstate DNAT -j REJECT\nCOMMIT\n",
			 c->exempt, c->port, c->interface, DISCARD_PORT);
}

static int try_nft(struct redirect *r, const struct redirect_config *c, struct err *e)
{
	char *text = nft_text(c);
	int rc = -1;

	r->ctx = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!r->ctx || nft_ctx_buffer_error(r->ctx) || nft_ctx_buffer_output(r->ctx)) {
		err_set(e, "libnftables can't be set up");
	} else if (nft_run_cmd_from_buffer(r->ctx, text)) {
		const char *said = nft_ctx_get_error_buffer(r->ctx);

		err_set(e, "nftables: %.*s", (int)strcspn(said, "\n"), said);
	} else {
		rc = 0;
	}
	free(text);
	if (rc == -1 && r->ctx) {
		nft_ctx_free(r->ctx);
		r->ctx = NULL;
	}
	return rc;
}

static int restore(const char *name, const char *text, struct err *e)
{
	char *tool = xasprintf("%s-restore", name);
	const char *const argv[] = {tool, "--noflush", NULL};
	int rc = tool_run(argv, text, NULL, e);

	free(tool);
	return rc;
}

static int try_xtables(const struct xtables *x, const struct redirect_config *c, struct err *e)
{
	char *text = xtables_text(c);
	int rc = restore(x->v4, text, e);

	if (rc == 0 && access("/proc/sys/net/ipv6", F_OK) == 0)
		rc = restore(x->v6, text, e);
	free(text);
	return rc;
}

struct redirect *redirect_new(const struct redirect_config *config, struct err *e)
{
	struct redirect *r = xcalloc(1, sizeof(*r));
	struct err nft, first = {{0}}, later;

	if (try_nft(r, config, &nft) == 0)
		return r;
	for (const struct xtables *x = xtables_ways; x->v4; x++)
		if (try_xtables(x, config, *first.text ? &later : &first) == 0)
			return r;
	err_set(e, "no way to redirect connections: %.300s; %.300s", nft.text, first.text);
	free(r);
	return NULL;
}

void redirect_free(struct redirect *r)
{
	if (!r)
		return;
	if (r->ctx)
		nft_ctx_free(r->ctx);
	free(r);
}

const char *redirect_backend(const struct redirect *r)
{
	return r->ctx ? "nftables redirect" : "iptables REDIRECT";
}
