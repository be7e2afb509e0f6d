/* packet_filter.h - whether a packet that has been captured matches a filter of pcap-filter(7). */
#ifndef WEDGE_SCENARIOS_CAPTURE_PACKET_FILTER_H
#define WEDGE_SCENARIOS_CAPTURE_PACKET_FILTER_H

#include "proxy/base/err.h"

#include <stdbool.h>

struct packet_filter;

/* For packets with Linux "cooked" headers (LINKTYPE_LINUX_SLL2). NULL with *e: text is none. */
struct packet_filter *packet_filter_new(const char *text, struct err *e) WG_MUSTUSE;
void packet_filter_free(struct packet_filter *f); /* NULL is fine */

/* f is a struct packet_filter. The packet was len bytes long, of which caplen are there. */
bool packet_filter_takes(void *f, const uint8_t *packet, uint32_t caplen, uint32_t len);

#endif
