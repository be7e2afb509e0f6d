/* impairment.h - the contract of an impairment: a const table that says what a fault is called,
 * which parameters it has, and what it does to bytes, packets or clients. An impairment knows how
 * to act and never when: the triggers of its instance decide, and the core switches its stages on
 * and off.
 *
 * Each impairment is one file under stream/ or packet/ that ends in its one exported symbol,
 * NAME_impairment, and one line of list.h. docs/adding-an-impairment.md walks through two of them.
 */
#ifndef WEDGE_IMPAIRMENTS_IMPAIRMENT_H
#define WEDGE_IMPAIRMENTS_IMPAIRMENT_H

#include "impairments/trigger/framing_config.h"
#include "proxy/base/param.h"
#include "proxy/packet/pkt_stage.h"
#include "proxy/stream/accept.h"
#include "proxy/stream/flow/stage.h"
#include "proxy/stream/flow/stage_default.h"

/* Packet plane: on which of a terminated session's two connections an instance has its stages.
 * RECEIVING is the leg on which wedge receives the data of the instance's direction: the server leg
 * for downstream data, so that wedge's own ACKs meet the stage there. SENDING is the other one. */
enum impair_leg {
	IMPAIR_LEG_CLIENT,
	IMPAIR_LEG_SERVER,
	IMPAIR_LEG_BOTH,
	IMPAIR_LEG_RECEIVING,
	IMPAIR_LEG_SENDING
};

/* The session of a client that has been accepted, as accept_ops are told of it. */
struct accept_info {
	const struct env *env;
	const char *name; /* of the instance, for the journal */
	uint64_t session; /* number */
	struct addr client;
	struct rng chance; /* for the times of this session */
	bool active;	   /* the instance's triggers let it act on this session now */
};

/* For an impairment that acts on a session as a whole. shared is the instance's shared state, NULL
 * without any; cfg its parameters. */
struct accept_ops {
	/* A client has been accepted; nothing is dialled yet. *v is ACCEPT_GO: leave it so, or say
	 * what becomes of the client (accept.h). The instances are called in the set's order until
	 * one has another verdict; also while info->active is false, so that they can count. */
	void (*accept)(void *shared, const void *cfg, const struct accept_info *info,
		       struct accept_verdict *v);
	/* A session that this instance let go on has ended. NULL: the end doesn't matter. */
	void (*gone)(void *shared, const void *cfg, const struct accept_info *info);
};

/* Which bytes a stream impairment's stages meet where TLS is in play. ANY: whatever the flow has,
 * clear text where wedge ends TLS, else records. RECORDS: TLS records, those that pass through
 * wedge, or the ones of wedge's own handshake with the receiver. SPOKEN: clear text that wedge is
 * about to encrypt for the receiver; refused where wedge doesn't. */
enum impair_tls { IMPAIR_TLS_ANY, IMPAIR_TLS_RECORDS, IMPAIR_TLS_SPOKEN };

/* What its window means to it. ACTS: what comes inside is acted on. HOLDS: nothing but the window's
 * end ends what it does, so that the length of one is a time. END: it acts on the end of the
 * stream, which comes between messages. NONE: it acts between sessions, and has no window. PROBES:
 * while it is open its sender says nothing new, only probes. HANDSHAKE: it acts on the segments
 * with which a connection begins, behind which no window can lie. */
enum impair_window {
	IMPAIR_WINDOW_ACTS,
	IMPAIR_WINDOW_HOLDS,
	IMPAIR_WINDOW_END,
	IMPAIR_WINDOW_NONE,
	IMPAIR_WINDOW_PROBES,
	IMPAIR_WINDOW_HANDSHAKE
};

struct impairment {
	/* "delayed_ack": its word in YAML, on the command line and in the journal; the name of its
	 * file too. */
	const char *name;
	const char *summary; /* one line for the list */
	/* Whom somebody who reads a capture takes for the cause: "the host that receives the data,
	 * and delays ...", "the network, ...". Of a packet impairment that says a host, pkt_ops
	 * tells which one's packets it keeps in line (speaks_in). No full stop at the end. */
	const char *impersonates;
	/* Paragraphs for the reference, divided by empty lines: what the fault is on the wire, and
	 * what happens to what a stage holds when it is changed, disabled or removed. */
	const char *doc;
	/* The parameters of its own, P_END last (param.h): YAML, command line, help and reference
	 * read these rows. They point into the file's own struct, of cfg_size bytes. */
	const struct param *params;
	size_t cfg_size;
	/* Refuses parameters that contradict each other, with the reason. NULL: none can. */
	int (*check)(const void *cfg, struct err *e);

	/* The acts of the impairment: on bytes (stage.h), on clients (above) or both; or else on
	 * packets (pkt_stage.h). */
	const struct stage_ops *stream;
	const struct accept_ops *accept;
	const struct pkt_ops *packet;
	/* Stream plane: what does the like to forwarded connections, as on the command line; NULL:
	 * nothing does. */
	const char *forwarded;
	/* Stream plane: each session has a stage in both flows, and no direction can be chosen. */
	bool both_flows;
	enum impair_leg default_leg; /* packet plane: where the user names no leg */
	/* Packet plane: a fault of the network. Where it acts on a host, and the user names no
	 * leg, it is on that host's own link, so on the leg of its side. */
	bool of_network;
	const char *side_param;	  /* the parameter, of auto, client and server, that says on which
				     side the host is in whose name it acts; NULL: none */
	const char *unprivileged; /* packet plane: the kind that does what can be done of it
				     where packets can't be queued; NULL: none */

	/* State of one instance across all sessions of its proxy, given to stages as st->shared:
	 * shared_size zeroed bytes, then shared_init, before the instance's first stage is
	 * attached; shared_fini after the last one is gone. 0 and NULL when it has none. */
	size_t shared_size;
	/* Returns whether, with this cfg, one session can change what happens to another: such a
	 * proxy stays on one worker. NULL: whenever there is shared state. */
	bool (*shares)(const void *cfg);
	/* Returns whether, with this cfg, something is drawn for each session. NULL: nothing is,
	 * but what the triggers draw. */
	bool (*draws)(const void *cfg);
	void (*shared_init)(void *shared, const struct env *env, const void *cfg);
	void (*shared_fini)(void *shared);

	/* Returns whether its accept may say ACCEPT_REFUSE with this cfg. NULL: never. */
	bool (*refuses)(const void *cfg);

	/* Returns the bytes of receive buffer that the source's socket must have from its first SYN
	 * on, or 0 for the kernel's choice. NULL: always 0. */
	size_t (*rcvbuf)(const void *cfg);
	/* Stream plane: it keeps bytes as a rule, and their sender has wedge's ACK meanwhile. */
	bool keeps_bytes;
	/* Returns the longest time, in ns, that it lets an acknowledgement wait. On the leg where
	 * wedge sends the data, the sender behind wedge then meets the ACK as late (ack_pace.h).
	 * NULL: acknowledgements aren't what it acts on. */
	int64_t (*ack_hold)(const void *cfg);
	enum impair_tls tls;
	enum impair_window window;
	/* Returns window where it depends on cfg; NULL: it doesn't. */
	enum impair_window (*window_of)(const void *cfg);
	/* Returns in which direction the packets travel that it acts on, where a direction of data
	 * means nothing to it: these its window counts unless the user names a direction. NULL: it
	 * has one. */
	enum dir (*acts_in)(const void *cfg);
	/* Returns how many sessions there must be before it can act on one; NULL: 0. */
	uint64_t (*spares)(const void *cfg);
	/* The framing by which messages are counted where the user gives none; FRAMING_NONE: one
	 * must be given. */
	enum framing_kind framing;
	/* 'delayed_ack{direction=downstream,timer=200ms}': for the reference, and for the tests
	 * that try every impairment. */
	const char *example;
	/* Why one that was active may have acted on nothing, where its own clock decides when it
	 * does; NULL: nothing came that it changes. */
	const char *idle;
};

/* Returns whether the impairment concerns both directions or neither, so that none can be chosen.
 */
static inline bool impairment_lacks_direction(const struct impairment *im)
{
	return im->both_flows || (!im->stream && !im->packet);
}

#endif
