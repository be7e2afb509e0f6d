/* lab_address.h - the addresses of a lab's hosts: each side's hosts have consecutive ones of its
 * documentation network (RFC 5737, RFC 3849). Pure: builds nothing. */
#ifndef WEDGE_SCENARIOS_LAB_LAB_ADDRESS_H
#define WEDGE_SCENARIOS_LAB_LAB_ADDRESS_H

#include "scenarios/lab/lab_spec.h"

#define LAB_IP_TEXT 40

/* All the hosts of a lab, wedge's namespace among them. */
static inline int lab_host_count(const struct lab_spec *spec)
{
	return LAB_HOST_COUNT + (int)spec->nhosts;
}

/* The number of the switch's namespace, behind all hosts' (lab_spec.has_switch): no host. */
static inline int lab_switch_site(const struct lab_spec *spec)
{
	return lab_host_count(spec);
}

/* The side that a host is on; not for LAB_WEDGE. */
enum lab_side lab_host_side(const struct lab_spec *spec, int host);

/* The host's name, for reports: "client", "wedge", "server", or that of lab_spec.hosts. */
const char *lab_host_name(const struct lab_spec *spec, int host);

/* Writes the host's own address, IPv4 or with v6 IPv6, and returns ip. Not for LAB_WEDGE. */
const char *lab_host_ip(const struct lab_spec *spec, int host, bool v6, char ip[LAB_IP_TEXT]);

/* Writes wedge's own address on a side and returns ip. */
const char *lab_gateway_ip(enum lab_side side, bool v6, char ip[LAB_IP_TEXT]);

/* Writes the address of wedge's, on the clients' side, that stands for a server host: each server
 * has one, so that clients of an explicit proxy can choose among several. Returns ip. */
const char *lab_front_ip(const struct lab_spec *spec, int host, bool v6, char ip[LAB_IP_TEXT]);

#endif
