/* workload.h - what drives a lab: a client and a server program with parameter tables. A workload
 * sees only proxy/base: it must not know that it is being impaired. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_WORKLOAD_H
#define WEDGE_SCENARIOS_WORKLOAD_WORKLOAD_H

#include "proxy/base/addr.h"
#include "proxy/base/err.h"
#include "proxy/base/param.h"
#include "scenarios/workload/client_ports.h"

#include <stdbool.h>

/* The task of one end of a workload, which runs in a process of its own.
 *
 * Messages (msg.h) on msg_fd. To the runner: {"type":"ready"}, from a server once it listens
 * (with its "port"), from a client at once: it connects after the start;
 * {"type":"progress","exchanges":N} at most 5 a second; {"type":"result", ...} at its end;
 * {"type":"error","text":...} when it could not run. From the runner: {"type":"start"} to a client;
 * {"type":"stop"} to end early and still send its result; {"type":"hang"} to stand still until the
 * next message, which is answered by {"type":"done"} first; {"type":"kill"} to send its result and
 * die of SIGKILL with its sockets open, which its kernel ends, {"type":"vanish"} the same with
 * sockets that end without a segment. To a client at work {"type":"set","key":K,"value":V} for one
 * of live_params, and {"type":"await","n":N,"failed":BOOL,"since":NS}; the first is answered by
 * {"type":"done"} at once, the second when N exchanges that began after that time of
 * CLOCK_MONOTONIC have failed, or succeeded. End of file on msg_fd means: end.
 *
 * A result: {"type":"result", "completed":n, "failed":n, "bytes_in":n, "bytes_out":n,
 *  "wall_minus_monotonic": seconds, "total": seconds from first request to last response,
 *  "exchanges":[[start, first, end, ok, bytes, last, records, asked, outcome, retry], ...], of a
 *                call besides ringing, answered, beeps,
 *  "errors":[text, ...]}
 * where start, first and end are seconds of the program's own CLOCK_MONOTONIC (client: request
 * written, first and last response byte read, or given up; server: request's last byte read,
 * response begun, response written), ok is 0 or 1 and bytes counts the response, header and all.
 * last is when the client read its last byte; first and last are 0 when nothing came. records and
 * asked count the entries of a list. outcome is enum outcome (tally.h), retry how often the same
 * request had failed before; ringing and answered are when the caller of a call learnt that, 0 if
 * never, and beeps how many were heard until it rang. "failed_timeout", "failed_reset",
 * "failed_eof", "failed_connect", "failed_corrupt" and "failed_other" share out "failed". A
 * workload adds members
 * of its own, numbers or lists of seconds (scenarios/run/app_metrics.c names them), or lists of
 * objects, which are no metric ("requests": scenarios/workload/origin_requests.h). At most 200,000
 * exchanges are listed; the counts are of all. "connections" counts those made or accepted. An
 * exchange under way at a stop may still end within 1 s; else it counts as neither completed nor
 * failed. Times are taken just before the first write and just after the last read. */
struct workload_task {
	const void *cfg;	    /* the client's or the server's configuration */
	const struct param *params; /* of that end: the table that cfg is made of */
	struct addr address;	    /* client: connect here; server: listen here */
	/* client: where the servers are, the first of which is address; owned by the caller */
	const struct addr *addresses;
	size_t naddresses;
	/* client: where the servers of all traffics are, each traffic's at a port of its own */
	const struct addr *services;
	size_t nservices;
	int msg_fd;
	uint64_t seed;		   /* of the run */
	uint64_t chance;	   /* seed of what this end alone draws, in this phase alone */
	struct client_ports ports; /* client: where its connections come from */
	bool until_stop;	   /* client: goes on beyond its count until a stop */
};

struct workload {
	const char *name, *summary;
	const struct param *client_params, *server_params;
	/* Those of the client that it takes by a "set" while it runs; NULL-terminated, or NULL. */
	const char *const *live_params;
	size_t client_size, server_size;		 /* bytes of the two configurations */
	int (*client)(const struct workload_task *task); /* the process's exit status */
	int (*server)(const struct workload_task *task);
	/* Checks the rules between parameters; 0, or -1 with *e. Either may be NULL in the call. */
	int (*check)(const void *client_cfg, const void *server_cfg, struct err *e);
};

#endif
