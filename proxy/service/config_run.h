/* config_run.h - the process around a configuration: signals, what is read again on SIGHUP, the
 * lines about it. */
#ifndef WEDGE_SERVICE_CONFIG_RUN_H
#define WEDGE_SERVICE_CONFIG_RUN_H

#include "proxy/config/config.h"
#include "proxy/service/capture.h"

/* What the command line says; it goes before what a file says. */
struct config_source {
	const char *path;	     /* the file, or NULL: what the command line says is all */
	const uint64_t *seed;	     /* NULL: the file's */
	const char *journal;	     /* NULL: the file's */
	const char *capture;	     /* NULL: the file's */
	unsigned verbose;	     /* 0: the file's */
	struct config *command_line; /* without a path */
	const struct impairments_ops *impairments_ops;
	const struct capture_ops *capture_ops; /* NULL: this wedge has none */
};

/* Runs until a signal ends it: 0 after the last session has ended, 1 when some were reset by a
 * second signal, -1 with *e when it could not run. */
int config_run(const struct config_source *source, struct err *e);

#endif
