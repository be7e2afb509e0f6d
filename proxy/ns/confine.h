/* confine.h - what a process may ask of the kernel once it is set up: the calls that a proxy never
 * needs fail from then on, for it and for all that it forks. A mistake of wedge's then can't be
 * used for more than for what proxies do. Knows no proxy. */
#ifndef WEDGE_NS_CONFINE_H
#define WEDGE_NS_CONFINE_H

#include "proxy/base/err.h"

#include <stdbool.h>

/* Has the calls of confine.c's list fail with EPERM for good, in all threads of the process, and
 * sets no_new_privs. executes: another program may still be executed, and is confined like this
 * one. -1: the kernel, or a filter around this process, forbids it: all is allowed as before. */
int confine_calls(bool executes, struct err *e) WG_MUSTUSE;

#endif
