/* session_commons.h - what all sessions of a process have in common, whichever thread's they are:
 * every member is safe to use from several. */
#ifndef WEDGE_STREAM_SESSION_COMMONS_H
#define WEDGE_STREAM_SESSION_COMMONS_H

#include "proxy/base/log.h"
#include "proxy/stream/flow/hold_pool.h"
#include "proxy/stream/server_legs.h"

#include <pthread.h>
#include <stdatomic.h>

struct session_commons {
	struct server_legs *legs;
	struct hold_total holds;
	_Atomic uint64_t numbers;   /* the last session's */
	_Atomic uint64_t shortages; /* sessions without a server for want of this host's ports,
				       descriptors or memory */
	pthread_mutex_t lock;	    /* of the next */
	struct passed looped;	    /* the proxies of which was told that they reach themselves */
};

/* hold_limit: as hold_total_init has it. */
struct session_commons *session_commons_new(size_t hold_limit);

/* To be called when the sessions are gone. Says what was counted and told of once only. NULL is
 * fine. */
void session_commons_free(struct session_commons *c, const struct log *log);

/* Returns true when this proxy hasn't been told of yet as one that reaches itself. */
bool session_commons_tell_loop(struct session_commons *c, const char *proxy);
/* The proxy is gone: another one of its name would be told of. */
void session_commons_forget_loop(struct session_commons *c, const char *proxy);

#endif
