/* privilege.h - who processes in namespaces of our own are: the identity map of the user namespace,
 * the capabilities they keep, and giving these up. Knows neither lab nor exec. */
#ifndef WEDGE_NS_PRIVILEGE_H
#define WEDGE_NS_PRIVILEGE_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* Root needs no user namespace to build a lab, and a map of one uid would take the others from it.
 */
bool privilege_is_root(void);

/* In a new user namespace: maps this uid and gid, which the caller had outside, to themselves. */
int privilege_map(uid_t uid, gid_t gid, struct err *e) WG_MUSTUSE;

/* Makes every capability that the process has ambient, so that a program it executes (iptables)
 * has it too. */
int privilege_keep(struct err *e) WG_MUSTUSE;

/* Before a program of the user's is executed: no capabilities left, and none to gain. Run as root,
 * the program is root as it would be outside. */
int privilege_drop(struct err *e) WG_MUSTUSE;

/* If the error is a refusal, puts before it what forbids namespaces here: the switch that is found
 * on this system, or the likely reason. */
void privilege_explain(struct err *e);

#endif
