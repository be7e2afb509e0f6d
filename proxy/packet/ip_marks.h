/* ip_marks.h - the fields of an IP header by which packets of one host are told from another's. */
#ifndef WEDGE_PACKET_IP_MARKS_H
#define WEDGE_PACKET_IP_MARKS_H

#include <stdbool.h>
#include <stdint.h>

struct ip_marks {
	uint8_t hop_limit;     /* IPv4's time to live */
	uint8_t traffic_class; /* DSCP and ECN; IPv4's type of service */
	uint32_t flow_label;   /* IPv6 alone; 20 bits */
	bool dont_fragment;    /* IPv4 alone, as id */
	uint16_t id;
};

enum { HOP_LIMIT_LINUX = 64 }; /* ip_default_ttl; of macOS and the BSDs too */

/* A Linux host's packet that belongs to no socket: its ID is 0 with "don't fragment". */
static const struct ip_marks ip_marks_linux = {.hop_limit = HOP_LIMIT_LINUX, .dont_fragment = true};

#endif
