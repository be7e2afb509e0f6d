/* service_run.h - the process around a service: signals, reading the file again on SIGHUP, the
 * journal and the lines on stderr. */
#ifndef WEDGE_SERVICE_SERVICE_RUN_H
#define WEDGE_SERVICE_SERVICE_RUN_H

#include "proxy/base/capture.h"
#include "proxy/base/options.h"
#include "proxy/config/config.h"
#include "proxy/service/control.h"

/* The sources of a configuration: the command line overrides the file. */
struct service_source {
	const char *path;	     /* the file; NULL: command_line is the configuration */
	struct given_count seed;     /* not given: the file's */
	uint64_t hold_limit;	     /* bytes; 0: the file's */
	struct given_count workers;  /* the same */
	const char *journal;	     /* NULL: the file's */
	const char *capture;	     /* NULL: the file's */
	unsigned verbose;	     /* how often -v was given; 0: the file's level */
	struct config *command_line; /* used without a path; the fields above are put into it */
	const struct impairments_ops *impairments_ops;
	const struct capture_ops *capture_ops; /* NULL: this wedge has none */
	const struct control_ops *control_ops; /* used where control says that it listens */
	struct control_config control;
	bool ends_at_once; /* by the first signal, whatever sessions are open */
};

/* Runs until a signal ends it. Returns 0 after the last session has ended, 1 when some were reset
 * by a second signal, -1 with *e when it could not run. */
int service_run(const struct service_source *source, struct err *e);

#endif
