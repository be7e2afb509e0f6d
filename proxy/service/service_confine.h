/* service_confine.h - what a service still needs of its process's rights once it is at work. */
#ifndef WEDGE_SERVICE_SERVICE_CONFINE_H
#define WEDGE_SERVICE_SERVICE_CONFINE_H

#include "proxy/config/config.h"
#include "proxy/service/workers.h"

/* Gives up, in every worker's thread and for good, the capabilities that neither what is at work
 * nor a later change needs, and the system calls that no proxy needs (docs in SECURITY.md).
 * changes: the configuration may become another one. What can't be given up is kept, and told. */
void service_confine(struct workers *w, const struct config *c, bool changes,
		     const struct log *log);

#endif
