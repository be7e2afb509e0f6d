/* pipe_pool.h - pipes for splice(2), lent while bytes are in them. Knows no sockets. */
#ifndef WEDGE_STREAM_PIPE_POOL_H
#define WEDGE_STREAM_PIPE_POOL_H

#include "proxy/base/env.h"

#include <stddef.h>
#include <sys/queue.h>

struct pipe {
	int in, out;
	size_t held; /* bytes in it, as whoever has it counts them */
	SLIST_ENTRY(pipe) entry;
};

struct pipe_pool {
	SLIST_HEAD(, pipe) free;
	unsigned nfree, nlent;
	unsigned spare; /* the least that was free since the timer last looked */
	struct timer timer;
	const struct env *env;
};

/* Pipes that are lent at once: receivers that don't read keep theirs, and descriptors are for
 * sessions. */
#define PIPE_POOL_MAX 128

/* env must outlive it. */
void pipe_pool_init(struct pipe_pool *p, const struct env *env);
void pipe_pool_fini(struct pipe_pool *p); /* none is lent any more */

/* Lends an empty pipe. NULL: there is none, for want of descriptors or because too many are lent.
 */
struct pipe *pipe_pool_take(struct pipe_pool *p);

/* Takes it back. One that isn't empty is closed, and its bytes are lost. */
void pipe_pool_give(struct pipe_pool *p, struct pipe *pipe);

#endif
