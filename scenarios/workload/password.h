/* password.h - a password as a parameter of workloads whose servers ask for one. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_PASSWORD_H
#define WEDGE_SCENARIOS_WORKLOAD_PASSWORD_H

#include "proxy/base/err.h"

#define PASSWORD_DEFAULT "secret" /* of everybody, unless a configuration has another one */

/* Refuses what isn't ASCII that can be printed: others would have to be prepared (SASLprep). */
int password_check(const char *text, struct err *e);

#endif
