/* gate.h - the gate of one stage in one session, which decides when the stage acts: while the
 * instance is enabled and its schedule on, the session matches and is chosen, and the window is
 * open. Counts neither bytes nor packets: gate_stream.h and gate_packet.h do. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_GATE_H
#define WEDGE_IMPAIRMENTS_LIVE_GATE_H

#include "impairments/live/session_record.h"
#include "impairments/trigger/framing.h"

struct gate {
	struct impair_live *live;
	struct attachment *attachment;
	struct stage *stage; /* one of these two; the other is NULL */
	struct pkt_stage *pkt;
	enum dir dir;
	struct position pos;		   /* how far the session has come at this stage */
	struct trigger_window_config when; /* the instance's, as drawn for this session */
	struct trigger_window window;
	struct framing framing;
	enum match match;
	bool chosen;	  /* by probability: this session, or the message under way */
	bool counting;	  /* the framing counts messages */
	bool waits;	  /* it is about TLS, which hasn't begun yet: nothing counts */
	bool uncountable; /* messages should count, but the gate came after the first byte */
	/* Packet plane: */
	bool next_known, coming; /* coming: a packet of the direction is at the stage */
	uint32_t next;		 /* the sequence number behind all that has come */
	uint64_t coming_new;	 /* new bytes of the packet that is at the stage */
	struct timer timer;
	TAILQ_ENTRY(gate) of_live, of_attachment;
};

/* Makes a gate without a stage. The caller attaches one, sets stage or pkt and the position, and
 * calls gate_start, which makes the first decision. */
struct gate *gate_new(struct impair_live *live, struct attachment *att, enum dir dir);
void gate_start(struct gate *g);

/* The gate's stage has acted (stage_gate, pkt_gate). */
void gate_acted(struct gate *g);

/* The session's requests are read from now on: responses are framed by them. */
void gate_use_requests(struct gate *g);

/* TLS has begun: from here on a gate that waits for it counts, and its window begins. */
void gate_tls_began(struct gate *g);

/* Frees a gate whose stage is gone, or goes without asking its gate any more. */
void gate_free(struct gate *g);

/* Decides anew after the instance was switched or its schedule has changed. why is for the journal,
 * which gets a line when the stage begins to act or stops. */
void gate_refresh(struct gate *g, const char *why);

/* Decides anew after more has become known of the session. */
void gate_match(struct gate *g);

/* Decides anew after the instance's trigger has changed. A new framing can count only from the
 * first byte of a session on. */
void gate_reconfigure(struct gate *g, bool same_framing);

/* Brings the window to the position g->pos, which the caller has moved, and to the present time. */
void gate_settle(struct gate *g);

/* Writes a journal line of the stage: event, with its reason. */
void gate_event(struct gate *g, const char *event, const char *why);

/* Detaches the stage, which lets go what it holds, and frees the gate. why is for the journal. */
void gate_detach(struct gate *g, const char *why);

/* Hands the instance's new configuration to the stage. */
void gate_update_stage(struct gate *g);

#endif
