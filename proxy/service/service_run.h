/* service_run.h - the process around a service: signals, reading the file again on SIGHUP, the
 * journal and the lines on stderr. */
#ifndef WEDGE_SERVICE_SERVICE_RUN_H
#define WEDGE_SERVICE_SERVICE_RUN_H

#include "proxy/service/service_source.h"

/* Runs until a signal ends it. Returns 0 after the last session has ended, 1 when some were reset
 * by a second signal, -1 with *e when it could not run. */
int service_run(const struct service_source *source, struct err *e);

#endif
