/* nft_table.h - one nftables table that the kernel deletes with this process's socket. Knows none
 * of its rules. */
#ifndef WEDGE_NETFILTER_NFT_TABLE_H
#define WEDGE_NETFILTER_NFT_TABLE_H

#include "proxy/base/err.h"

struct nft_table;

/* Runs text, which makes the table "inet wedge-ID" with "flags owner"; frees text. NULL when this
 * kernel lacks a statement, or anything else fails: *e has the first line of the reason. */
struct nft_table *nft_table_new(char *text, struct err *e) WG_MUSTUSE;

/* Replaces the table's rules by those of text, in one transaction; frees text. The chains stay,
 * since the kernel drops every queued packet of a namespace when a hook goes. -1: the table is
 * unchanged. */
int nft_table_change(struct nft_table *t, const char *id, char *text, struct err *e) WG_MUSTUSE;

/* Deletes the table with its socket; NULL is fine. */
void nft_table_free(struct nft_table *t);

/* Returns all rules of this network namespace as nft prints them; the caller frees. NULL when
 * libnftables can't list them. */
char *nft_list(void);

#endif
