/* service_source.h - where a service's configuration comes from: a file, and the command line. */
#ifndef WEDGE_SERVICE_SERVICE_SOURCE_H
#define WEDGE_SERVICE_SERVICE_SOURCE_H

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

/* Puts what the command line says before what the file says. */
void service_source_overrule(const struct service_source *src, struct config *c);

/* Reads the file into c, which the caller frees also after a failure; -1 with *e. */
int service_source_load(const struct service_source *src, struct config *c,
			struct err *e) WG_MUSTUSE;

/* Refuses to read what reading could wait for: a pipe in the file's place would stop every session.
 * -1 with *e. */
int service_source_check_again(const struct service_source *src, struct err *e) WG_MUSTUSE;

#endif
