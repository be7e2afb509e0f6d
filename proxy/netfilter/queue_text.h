/* queue_text.h - the selection of packets as text of a native nftables table. */
#ifndef WEDGE_NETFILTER_QUEUE_TEXT_H
#define WEDGE_NETFILTER_QUEUE_TEXT_H

#include "proxy/packet/pkt_tracker.h"

/* Table "wedge-ID" of family inet, with "flags owner", as nft reads it; the caller frees. */
char *queue_text_nft(const char *id, const struct pkt_select *select, size_t n, uint16_t queue);

#endif
