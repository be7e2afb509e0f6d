/* workers.h - one configuration at work in several threads, each with a loop, an engine and the
 * sessions that the kernel gives to its listeners. The first one is the caller's own thread, and
 * has every proxy; the others have those that may be shared (service_proxy_info.alone). */
#ifndef WEDGE_SERVICE_WORKERS_H
#define WEDGE_SERVICE_WORKERS_H

#include "proxy/service/service.h"

struct workers;

/* Returns one for each processor, as far as what they need themselves is few of the descriptors
 * that this process may have. */
size_t workers_default(void);

/* Everything stays the caller's and must outlive the workers. */
struct workers_config {
	size_t n;	     /* with the first one; at least 1 */
	struct loop *loop;   /* of the first one */
	uint64_t hold_limit; /* bytes that all sessions may hold; 0: the default */
	struct journal *journal;
	const struct log *log;
	uint64_t seed;
	const struct impairments_ops *ops;
	bool timed; /* engine_config.timed */
};

/* Starts the threads, without a proxy. NULL with *e. */
struct workers *workers_new(const struct workers_config *config, struct err *e) WG_MUSTUSE;

/* The first worker's service, which stays the workers'; and how many workers there are. */
struct service *workers_first(struct workers *w);
size_t workers_count(const struct workers *w);

/* Changes all of them to wanted, whole or not at all (service_apply): a worker that can't listen
 * for want of descriptors says so in the log, and leaves new sessions to the others. */
int workers_apply(struct workers *w, const struct config *wanted, struct service_diff *diff,
		  struct err *e) WG_MUSTUSE;

/* The sums of all of them. */
void workers_stats(struct workers *w, struct engine_stats *out);

/* Calls fn for each worker's service, in that worker's thread, and waits until it has returned. */
void workers_each(struct workers *w, void (*fn)(struct service *s, void *arg), void *arg);

/* Stops accepting and lets the sessions end; done(arg) is called, by the first one's loop, when the
 * last session has. */
void workers_drain(struct workers *w, void (*done)(void *arg), void *arg);

/* Resets the sessions and releases held packets (engine_end). Only workers_end may follow. */
void workers_reset(struct workers *w);

/* Ends the threads and closes everything, and frees w. -1 with *e as service_end has it. NULL is
 * fine. */
int workers_end(struct workers *w, struct err *e);

#endif
