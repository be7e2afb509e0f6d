/* nft_rules.h - the selection as a native nftables table that the kernel deletes with our socket.
 */
#ifndef WEDGE_PACKET_NFT_RULES_H
#define WEDGE_PACKET_NFT_RULES_H

#include "proxy/packet/plane.h"

struct nft_rules;

/* Table "wedge-ID" of family inet, with "flags owner". NULL when this kernel lacks the queue
 * statement, or anything else fails: *e has the first line of the reason. */
struct nft_rules *nft_rules_new(const char *id, const struct pkt_select *select, size_t n,
				uint16_t queue, struct err *e) WG_MUSTUSE;

/* The table with another selection, in one transaction. -1: it is as it was. */
int nft_rules_change(struct nft_rules *r, const char *id, const struct pkt_select *select, size_t n,
		     uint16_t queue, struct err *e) WG_MUSTUSE;
void nft_rules_free(struct nft_rules *r);

/* The table as nft reads it; the caller frees. */
char *nft_rules_text(const char *id, const struct pkt_select *select, size_t n, uint16_t queue);

#endif
