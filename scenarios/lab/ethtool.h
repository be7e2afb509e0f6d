/* ethtool.h - offloads off and link state, by ioctl. Knows interfaces by name, nothing of labs. */
#ifndef WEDGE_SCENARIOS_LAB_ETHTOOL_H
#define WEDGE_SCENARIOS_LAB_ETHTOOL_H

#include "proxy/base/err.h"

#include <jansson.h>

/* Switches every offload of the table off. sock is any socket of the interface's namespace. What is
 * found afterwards is merged into record: {"tso": false, ...}, true if any interface has it on. 0,
 * or -1 when one that can be switched refused. Fixed ones (loopback's checksums) stay and show. */
int ethtool_offloads_off(int sock, const char *interface, json_t *record, struct err *e) WG_MUSTUSE;

/* Waits until a link that has just come up can carry packets: the query makes the kernel finish its
 * pending link event, before which a veth drops packets. */
int ethtool_settle(int sock, const char *interface, struct err *e) WG_MUSTUSE;

#endif
