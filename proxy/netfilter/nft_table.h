/* nft_table.h - one native nftables table that the kernel deletes with our socket, whatever rules
 * are in it. */
#ifndef WEDGE_NETFILTER_NFT_TABLE_H
#define WEDGE_NETFILTER_NFT_TABLE_H

#include "proxy/base/err.h"

struct nft_table;

/* Runs text, which makes the table "inet wedge-ID" with "flags owner", and frees it. NULL when this
 * kernel lacks a statement, or anything else fails: *e has the first line of the reason. */
struct nft_table *nft_table_new(char *text, struct err *e) WG_MUSTUSE;

/* The table with the rules of text instead, in one transaction; frees text. Its chains stay: the
 * kernel drops every queued packet of a namespace when a hook goes. -1: it is as it was. */
int nft_table_change(struct nft_table *t, const char *id, char *text, struct err *e) WG_MUSTUSE;
void nft_table_free(struct nft_table *t);

/* The whole rule set as nft prints it; the caller frees. NULL where it can't be had. */
char *nft_list(void);

#endif
