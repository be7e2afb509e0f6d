/* no_nftables.c - preloaded, makes libnftables refuse everything: a kernel without what wedge needs
 * of nftables, where iptables must do. */
#include <nftables/libnftables.h>

int nft_run_cmd_from_buffer(struct nft_ctx *nft, const char *buf)
{
	(void)nft;
	(void)buf;
	return -1;
}
