/* live.h - a set at work: its instances with their state over all sessions, the sessions they know,
 * the gates that decide where each acts. Only for the files of the set. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_LIVE_H
#define WEDGE_IMPAIRMENTS_LIVE_LIVE_H

#include "impairments/set/set_internal.h"

#include <sys/queue.h>

struct gate;
struct attachment;
struct session_record;
TAILQ_HEAD(gate_list, gate);
TAILQ_HEAD(attachment_list, attachment);
TAILQ_HEAD(session_record_list, session_record);
LIST_HEAD(session_record_bucket, session_record);

/* One instance at work. Stays where it is while the set's list is rebuilt. */
struct impair_live {
	struct impair_run *run;
	struct impair_inst *inst;
	struct trigger trigger;
	void *shared; /* of type->shared_size; NULL: none */
	struct schedule schedule;
	int64_t schedule_began;
	uint64_t sessions_before; /* sessions of the proxy before it was there */
	struct gate_list gates;
};

/* What a set has while its proxy runs: made with the first session. */
struct impair_run {
	struct impairment_set *set;
	struct env env;
	uint64_t sessions; /* of the proxy so far */
	unsigned indices;  /* given so far */
	struct session_record_list records;
	struct session_record_bucket *bucket;
	size_t nbuckets, nrecords;
	struct timer timer; /* the next change of a schedule */
};

/* A session as the set knows it, on either plane; both legs of a terminated one are one. */
struct session_record {
	struct impair_run *run;
	uint64_t number;  /* the engine's */
	uint64_t ordinal; /* among those of this proxy, from 1 */
	struct addr client, server;
	uint16_t port;
	struct sni sni;
	bool sni_tapped;  /* its upstream bytes are being read for the server name */
	bool sni_unknown; /* no server name will be known of it */
	struct attachment_list attachments;
	struct impair_live **admitted; /* whose accept has let it go on and wants to know its end */
	size_t nadmitted;
	LIST_ENTRY(session_record) by_number;
	TAILQ_ENTRY(session_record) entry;
};

/* Where stages of a session can be: the flows of a terminated one, or a connection of packets. */
struct attachment {
	struct session_record *record;
	struct session *session;
	struct pkt_conn *conn;
	int64_t born;
	struct gate_list gates;
	TAILQ_ENTRY(attachment) entry;
};

/* The session of that number; made when it isn't known. */
struct session_record *session_record_get(struct impair_run *run, uint64_t number);
struct attachment *session_record_attach(struct session_record *v, struct session *session,
					 struct pkt_conn *conn);
void session_record_detach(struct attachment *pl); /* and the visit with its last one */
void session_record_forget(struct impair_run *run, const struct impair_live *live);

/* More is known of it: every gate that depends on that decides. */
void session_record_learnt(struct session_record *v);

/* What an instance may know of a session for its match. */
struct facts session_record_facts(const struct session_record *v, const struct impair_live *live);

/* One stage's gate. */
struct gate {
	struct impair_live *live;
	struct attachment *attachment;
	struct stage *stage; /* either of the two */
	struct pkt_stage *pkt;
	enum dir dir;
	struct position pos;
	struct trigger_window window;
	struct framing framing;
	enum match match;
	bool chosen;	  /* this session, or the message under way */
	bool counting;	  /* messages, by the framing */
	bool uncountable; /* it should count messages, and began too late to */
	/* packets */
	bool next_known, coming;
	uint32_t next;	     /* the sequence number behind all that has come */
	uint64_t coming_new; /* bytes of the packet before the stage that weren't there before */
	struct timer timer;
	TAILQ_ENTRY(gate) of_live, of_attachment;
};

/* Makes a gate, its stage is to be attached and given to gate_start. */
struct gate *gate_new(struct impair_live *live, struct attachment *pl, enum dir dir);
void gate_start(struct gate *g);
void gate_free(struct gate *g); /* the stage is gone, or about to */

/* What its decision rests on has changed; why is for the journal. */
void gate_refresh(struct gate *g, const char *why);
void gate_match(struct gate *g); /* what is known of the session */
/* The instance's trigger has changed. Another framing finds no message in a stream under way. */
void gate_reconfigure(struct gate *g, bool same_framing);

/* For the two bindings: brings the window to the present position. */
void gate_settle(struct gate *g);
void gate_event(struct gate *g, const char *event, const char *why);

/* Attaches an instance's stage to a flow or connection, before another one (NULL: last). */
void gate_stream_attach(struct impair_live *live, struct attachment *pl, struct flow *f,
			struct stage *before);
void gate_packet_attach(struct impair_live *live, struct attachment *pl, enum dir dir,
			struct pkt_stage *before);

/* Reads the upstream bytes of a session for its server name. */
void sni_tap_attach(struct session_record *v, struct flow *upstream);

/* Whether the instance is for this session, and chosen by its probability. */
bool impair_live_chosen(const struct impair_live *live, uint64_t session);

/* The instance's own random sequence: schedules, decisions by session. */
struct rng impair_live_rng(const struct impair_live *live, uint64_t session);

/* Starts, or returns, the run of a set. */
struct impair_run *impair_run_get(struct impairment_set *s, const struct env *env);
struct impair_live *impair_live_new(struct impair_run *run, struct impair_inst *inst);
void impair_live_free(struct impair_live *live);		   /* no stage of it is left */
void impair_live_schedule(struct impair_live *live);		   /* begins it */
void impair_live_reset(struct impair_live *live, const char *why); /* ends an episode */
void impair_live_attach(struct impair_live *live, struct attachment *pl);
bool impairment_set_wants_sni(const struct impairment_set *s);
void impair_run_arm(struct impair_run *run); /* the timer, after schedules have changed */

#endif
