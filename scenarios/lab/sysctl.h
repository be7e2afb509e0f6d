/* sysctl.h - the network sysctls that a lab pins and records, in the caller's network namespace. A
 * table decides; a sysctl that the kernel doesn't have is recorded as null. */
#ifndef WEDGE_SCENARIOS_LAB_SYSCTL_H
#define WEDGE_SCENARIOS_LAB_SYSCTL_H

#include "proxy/base/err.h"
#include "scenarios/lab/lab_spec.h"

#include <jansson.h>

#define SYSCTL_PATH 128

/* Turns "net.ipv4.tcp_sack" into "/proc/sys/net/ipv4/tcp_sack"; as in sysctl(8), a slash stands for
 * a dot in an interface's name. Returns buf. */
char *sysctl_path(const char *name, char buf[SYSCTL_PATH]);

/* Pins the table's values, the congestion control, forwarding (only in wedge's namespace), the
 * extra ones and those of the host, then reads all of them back into record: {"net.ipv4.tcp_sack":
 * "1", ...}. -1 when one that exists can't be set, or one of the extra ones doesn't exist. Call it
 * before the links are made: they inherit the "default" values. */
int sysctl_pin(const struct lab_spec *spec, int host, json_t *record, struct err *e) WG_MUSTUSE;

/* Stops this host's forwarding, of IPv4 and IPv6. */
int sysctl_stop_forwarding(struct err *e) WG_MUSTUSE;

/* Merges the n hosts' records: a value that all share stays as it is, else it becomes {"client":
 * .., "wedge": .., "server": ..}, by their names. Returns a new reference. */
json_t *sysctl_merge(json_t *const *records, const char *const *names, size_t n);

#endif
