/* privilege.h - identity and capabilities of processes in namespaces of wedge's own: the map of the
 * user namespace, the capabilities that they keep, and giving these up. Knows neither lab nor exec.
 */
#ifndef WEDGE_NS_PRIVILEGE_H
#define WEDGE_NS_PRIVILEGE_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* True for uid 0, which needs no user namespace to build a lab; a map of one uid would take the
 * other uids from it. */
bool privilege_is_root(void);

/* Maps this uid and gid, which the caller had outside its new user namespace, to themselves. */
int privilege_map(uid_t uid, gid_t gid, struct err *e) WG_MUSTUSE;

/* Makes every capability of the process ambient, so that a program that it executes (iptables) has
 * them too. */
int privilege_keep(struct err *e) WG_MUSTUSE;

/* Gives up all capabilities, and the means to gain any, before a program of the user's is executed.
 * For root it only clears the ambient set: the program is root as it would be outside. */
int privilege_drop(struct err *e) WG_MUSTUSE;

/* If the error is a refusal, puts the reason before it: the switch of this system that forbids
 * namespaces, or else the likely reason. */
void privilege_explain(struct err *e);

#endif
