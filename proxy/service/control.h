/* control.h - what a service's process and a control plane ask of each other: main.c hands the
 * control plane's table down, so that the process knows no protocol by which it is steered. */
#ifndef WEDGE_SERVICE_CONTROL_H
#define WEDGE_SERVICE_CONTROL_H

#include "proxy/service/service.h"

struct control;
struct service_captures;

/* The process as a control plane sees it, which outlives the control plane. */
struct control_host {
	struct loop *loop;
	struct journal *journal;
	const struct log *log;
	struct service *service;
	const struct impairments_ops *impairments_ops;
	struct service_captures *captures; /* that clients start and stop */
	/* The one way to change what runs: service_apply, with the capture kept whole, and a line
	 * in the journal. */
	int (*apply)(struct control_host *h, const struct config *wanted, struct service_diff *diff,
		     struct err *e);
};

/* What the command line says of a control plane. */
struct control_config {
	struct addr listen;
	bool listens;	    /* false: there is no control plane, and the rest has no meaning */
	const char *token;  /* the file of the token that clients must show; NULL: none */
	const char *toxics; /* a file of proxies with toxics, as Toxiproxy's -config; NULL: none */
	bool metrics;	    /* answer /metrics */
};

struct control_ops {
	/* Listens. base is what runs by now: the control plane copies it, and changes are made to
	 * its copy. NULL with *e when it can't. */
	struct control *(*open)(const struct control_config *c, struct control_host *h,
				const struct config *base, struct err *e);
	/* The configuration was read again: what it says now runs, with what clients have added.
	 * -1 with *e: nothing has changed. */
	int (*reload)(struct control *c, const struct config *base, struct service_diff *diff,
		      struct err *e);
	void (*close)(struct control *c); /* NULL is fine */
};

#endif
