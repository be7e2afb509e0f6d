/* nft_table.c - "flags owner" ties a table to the netlink socket of the libnftables context that
 * made it. */
#include "proxy/netfilter/nft_table.h"

#include "proxy/base/mem.h"

#include <fcntl.h>
#include <nftables/libnftables.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

struct nft_table {
	struct nft_ctx *ctx; /* its netlink socket owns the table */
};

/* Frees text. */
static int run_text(struct nft_table *t, char *text, struct err *e)
{
	int rc = nft_run_cmd_from_buffer(t->ctx, text) ? -1 : 0;

	free(text);
	if (rc == -1) {
		const char *said = nft_ctx_get_error_buffer(t->ctx);

		err_set(e, "nftables: %.*s", (int)strcspn(said, "\n"), said);
	}
	return rc;
}

static struct nft_table *open_context(void)
{
	struct nft_table *t = xcalloc(1, sizeof(*t));

	t->ctx = nft_ctx_new(NFT_CTX_DEFAULT);
	if (t->ctx && !nft_ctx_buffer_error(t->ctx) && !nft_ctx_buffer_output(t->ctx))
		return t;
	nft_table_free(t);
	return NULL;
}

struct nft_table *nft_table_new(char *text, struct err *e)
{
	struct nft_table *t = open_context();

	if (!t) {
		free(text);
		err_set(e, "libnftables can't be set up");
		return NULL;
	}
	if (run_text(t, text, e) == 0)
		return t;
	nft_table_free(t);
	return NULL;
}

int nft_table_change(struct nft_table *t, const char *id, char *text, struct err *e)
{
	char *both = xasprintf("flush table inet wedge-%s\n%s", id, text);

	free(text);
	return run_text(t, both, e);
}

void nft_table_free(struct nft_table *t)
{
	if (!t)
		return;
	if (t->ctx)
		nft_ctx_free(t->ctx);
	free(t);
}

/* Standard error goes to /dev/null meanwhile: nft asks the library of iptables about iptables'
 * rules, and that library itself complains there of what it doesn't know. */
static bool list_ruleset(struct nft_table *t)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), kept = fcntl(2, F_DUPFD_CLOEXEC, 3);
	bool listed;

	if (null != -1 && kept != -1)
		dup2(null, 2);
	listed = nft_run_cmd_from_buffer(t->ctx, "list ruleset") == 0;
	if (kept != -1) {
		dup2(kept, 2);
		close(kept);
	}
	if (null != -1)
		close(null);
	return listed;
}

char *nft_list(void)
{
	struct nft_table *t = open_context();
	char *text = NULL;

	if (t && list_ruleset(t))
		text = xstrdup(nft_ctx_get_output_buffer(t->ctx));
	nft_table_free(t);
	return text;
}
