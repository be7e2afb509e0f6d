/* privilege.h - identity and capabilities of processes in namespaces of wedge's own: the map of the
 * user namespace, the capabilities that they keep, and giving these up. Knows neither lab nor exec.
 */
#ifndef WEDGE_NS_PRIVILEGE_H
#define WEDGE_NS_PRIVILEGE_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* True for uid 0, which needs no user namespace to build a lab; a map of one uid would take the
 * other uids from it. */
bool privilege_is_root(void);

/* True when the process may make namespaces and serve in them without a user namespace of its own:
 * CAP_SYS_ADMIN, CAP_NET_ADMIN, CAP_NET_BIND_SERVICE. Root in a container may lack them, a service
 * may have them. */
bool privilege_makes_namespaces(void);

/* Returns whether the capability (CAP_*) is effective. */
bool privilege_has(int capability);

/* The bounding set as a mask, bit n for capability n. */
uint64_t privilege_bounding(void);

/* Takes what isn't in keep from the bounding set. */
int privilege_bound(uint64_t keep, struct err *e) WG_MUSTUSE;

/* Gives up, in the calling thread and for good, each capability that isn't in keep, a mask as
 * privilege_bounding's. */
int privilege_limit(uint64_t keep, struct err *e) WG_MUSTUSE;

/* Maps this uid and gid, which the caller had outside its new user namespace, to themselves. */
int privilege_map(uid_t uid, gid_t gid, struct err *e) WG_MUSTUSE;
int privilege_map_uid(uid_t uid, struct err *e) WG_MUSTUSE;
int privilege_map_gid(gid_t gid, struct err *e) WG_MUSTUSE;

/* Makes every capability of the process ambient, so that a program that it executes (iptables) has
 * them too. */
int privilege_keep(struct err *e) WG_MUSTUSE;

/* Gives up all capabilities, and the means to gain any, before a program of the user's is executed.
 * For root it only clears the ambient set: the program is root as it would be outside. */
int privilege_drop(struct err *e) WG_MUSTUSE;

/* If the error is a refusal, puts the reason before it: the limit of namespaces that is reached,
 * the switch of this system that forbids them, or else the likely reason. */
void privilege_explain(struct err *e);

#endif
