/* lab_address.c - a host's number on its side is the last part of its address. */
#include "scenarios/lab/lab_address.h"

#include <stdio.h>

/* Last parts: wedge's own address, that of a side's first host, and, above all hosts, those of
 * wedge's that stand for further servers. */
#define WEDGE_PART 1
#define HOST_PART  2
#define FRONT_PART 100

#define CLIENT_NET  "192.0.2.%u"
#define CLIENT_NET6 "2001:db8:1::%x"
#define SERVER_NET  "198.51.100.%u"
#define SERVER_NET6 "2001:db8:2::%x"

enum lab_side lab_host_side(const struct lab_spec *spec, int host)
{
	if (host >= LAB_HOST_COUNT)
		return spec->hosts[host - LAB_HOST_COUNT].side;
	return host == LAB_CLIENT ? LAB_CLIENT_SIDE : LAB_SERVER_SIDE;
}

const char *lab_host_name(const struct lab_spec *spec, int host)
{
	static const char *const names[LAB_HOST_COUNT] = {"client", "wedge", "server"};

	return host < LAB_HOST_COUNT ? names[host] : spec->hosts[host - LAB_HOST_COUNT].name;
}

/* The host's place on its side, from 0. */
static unsigned host_place(const struct lab_spec *spec, int host)
{
	unsigned place = 0;

	if (host < LAB_HOST_COUNT)
		return 0;
	for (int h = LAB_HOST_COUNT; h <= host; h++)
		place += lab_host_side(spec, h) == lab_host_side(spec, host);
	return place;
}

static const char *format_ip(enum lab_side side, bool v6, unsigned part, char ip[LAB_IP_TEXT])
{
	if (side == LAB_CLIENT_SIDE)
		snprintf(ip, LAB_IP_TEXT, v6 ? CLIENT_NET6 : CLIENT_NET, part);
	else
		snprintf(ip, LAB_IP_TEXT, v6 ? SERVER_NET6 : SERVER_NET, part);
	return ip;
}

const char *lab_gateway_ip(enum lab_side side, bool v6, char ip[LAB_IP_TEXT])
{
	return format_ip(side, v6, WEDGE_PART, ip);
}

const char *lab_host_ip(const struct lab_spec *spec, int host, bool v6, char ip[LAB_IP_TEXT])
{
	return format_ip(lab_host_side(spec, host), v6, HOST_PART + host_place(spec, host), ip);
}

const char *lab_front_ip(const struct lab_spec *spec, int host, bool v6, char ip[LAB_IP_TEXT])
{
	unsigned place = host_place(spec, host);

	return format_ip(LAB_CLIENT_SIDE, v6, place ? FRONT_PART + place : WEDGE_PART, ip);
}
