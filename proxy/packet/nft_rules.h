/* nft_rules.h - the selection of packets as text of a native nftables table. */
#ifndef WEDGE_PACKET_NFT_RULES_H
#define WEDGE_PACKET_NFT_RULES_H

#include "proxy/packet/plane.h"

/* Table "wedge-ID" of family inet, with "flags owner", as nft reads it; the caller frees. */
char *nft_rules_text(const char *id, const struct pkt_select *select, size_t n, uint16_t queue);

#endif
