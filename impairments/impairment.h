/* impairment.h - the contract of a kind of fault: a const table with its parameters and what it
 * does on either plane. One file each under stream/ or packet/, ending in its one exported symbol.
 */
#ifndef WEDGE_IMPAIRMENTS_IMPAIRMENT_H
#define WEDGE_IMPAIRMENTS_IMPAIRMENT_H

#include "impairments/trigger/framing.h"
#include "proxy/base/param.h"
#include "proxy/packet/pkt_stage.h"
#include "proxy/stream/accept.h"
#include "proxy/stream/flow/stage.h"

enum impair_leg { IMPAIR_LEG_CLIENT, IMPAIR_LEG_SERVER, IMPAIR_LEG_BOTH, IMPAIR_LEG_RECEIVING };

/* A session for those who act on it as a whole. */
struct accept_info {
	const struct env *env;
	const char *name; /* of the instance, for the journal */
	uint64_t session;
	struct addr client;
	bool active; /* its triggers let the instance act on this session now */
};

struct accept_ops {
	/* A client has been accepted; nothing is dialled yet. Called for every session whose fate
	 * is still open, active or not; leaves *v alone (ACCEPT_GO), or says what becomes of it. */
	void (*accept)(void *shared, const void *cfg, const struct accept_info *info,
		       struct accept_verdict *v);
	/* A session that accept has let go on has ended. NULL: it doesn't matter. */
	void (*gone)(void *shared, const void *cfg, const struct accept_info *info);
};

/* Which bytes of a TLS connection it means: what the mode shows; TLS records, those that pass, or
 * where wedge itself speaks TLS with the receiver those of its handshake; or what wedge is to
 * encrypt for the receiver. */
enum impair_tls { IMPAIR_TLS_ANY, IMPAIR_TLS_RECORDS, IMPAIR_TLS_SPOKEN };

struct impairment {
	const char *name;    /* "delayed_ack" */
	const char *summary; /* one line for the list */
	const char *doc;     /* paragraphs for the reference: what it does on the wire, and what
				happens to what it holds when it is changed, disabled or removed */
	const struct param *params;
	size_t cfg_size;
	int (*check)(const void *cfg, struct err *e); /* rules between parameters; may be NULL */
	/* Stream plane (stream, accept or both), or packet plane. */
	const struct stage_ops *stream;
	const struct accept_ops *accept;
	const struct pkt_ops *packet;
	bool both_flows; /* stream plane: has a stage in either flow; a direction can't be chosen */
	enum impair_leg default_leg; /* packet plane on terminated sessions; RECEIVING: the leg on
					which wedge receives the data concerned */
	/* State of one instance across all sessions of its proxy, reachable as st->shared: zeroed,
	 * then shared_init, before any stage of it is attached; shared_fini after the last is gone.
	 * 0 and NULL when it has none. */
	size_t shared_size;
	/* Whether, configured so, one session changes what happens to another, which keeps the
	 * proxy on one worker. NULL: whenever it has shared state. */
	bool (*shares)(const void *cfg);
	void (*shared_init)(void *shared, const struct env *env, const void *cfg);
	void (*shared_fini)(void *shared);
	/* The receive buffer that the leg whose bytes it acts on must have from its first SYN on;
	 * 0: as the kernel likes. NULL: always 0. */
	size_t (*rcvbuf)(const void *cfg);
	enum impair_tls tls;
	enum framing_kind framing; /* that counts messages where none is given; NONE: it must be */
	const char *example;	   /* 'delayed_ack{direction=downstream,timer=200ms}' */
};

/* It concerns both directions, or neither: none can be chosen. */
static inline bool impairment_lacks_direction(const struct impairment *im)
{
	return im->both_flows || (!im->stream && !im->packet);
}

#endif
