/* lab.h - a sealed laboratory: one user namespace, a network namespace each for client, wedge,
 * server and further hosts, veth pairs between them, roles as processes inside, everything gone
 * when it ends. Knows nothing of scenarios, workloads or captures: a role is a function and a
 * socket. */
#ifndef WEDGE_SCENARIOS_LAB_LAB_H
#define WEDGE_SCENARIOS_LAB_LAB_H

#include "proxy/base/err.h"
#include "scenarios/lab/lab_spec.h"

#include <jansson.h>

struct lab;

/* Builds the namespaces and starts every role. 0 and *out, or -1 with *e (nothing left behind). The
 * roles' msg_fd are set. Kills the whole lab when the calling thread ends or its process
 * dies, by any means. */
int lab_start(const struct lab_spec *spec, struct lab_role *roles, size_t nroles, struct lab **out,
	      struct err *e) WG_MUSTUSE;

/* lab_fd is readable when a role has ended; lab_reap then returns the role's index and *status as
 * of waitpid, or -1 when no more has ended. If the lab itself was killed from outside, every role
 * that was left counts as killed. */
int lab_fd(const struct lab *lab);
int lab_reap(struct lab *lab, int *status);

/* Returns what was pinned and found, for the report, owned by the lab: {"kernel":...,
 * "machine":..., "user_namespace":bool, "uid":..., "own_proc":bool, "sysctls":{name: value; null:
 * this kernel has none; {"client":.., "wedge":.., "server":..} where they differ},
 * "offloads":{"veth":{...},"lo":{...}}, "gso_max_segs":1, "pinned":{what isn't Linux's own way:
 * why}, "mtu":1500, "ipv6":bool, "hosts":{name: [address, ...]}: where there are more than the
 * three}. */
const json_t *lab_environment(const struct lab *lab);

/* Pulls a host's cable (up false), or plugs it in again: from the return on what that host sends or
 * is sent is lost, without a word to anybody, or arrives. host: as lab_role.host, not LAB_WEDGE.
 * Needs lab_spec.pluggable. */
int lab_link(struct lab *lab, int host, bool up, struct err *e) WG_MUSTUSE;

/* Ends every process of the lab, waits for them and frees. */
void lab_stop(struct lab *lab);

/* Gives up all capabilities and the way to any, for a role that is about to exec a program of the
 * user's. Run as root, the program is root as it would be outside: a server that needs several uids
 * (sshd, samba) works. */
int lab_drop_privileges(struct err *e) WG_MUSTUSE;

/* Probes by building a lab: 0 when this process can, or -1 with one line that names what is missing
 * and what still works. */
int lab_probe(struct err *e) WG_MUSTUSE;

#endif
