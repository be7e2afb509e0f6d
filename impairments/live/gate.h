/* gate.h - the gate of one stage in one session: decides when the stage acts. Enabled, scheduled,
 * matched, chosen and inside its window, all at once. Knows neither bytes nor packets: its bindings
 * (gate_stream.h, gate_packet.h) count them. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_GATE_H
#define WEDGE_IMPAIRMENTS_LIVE_GATE_H

#include "impairments/live/session_record.h"

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

/* Takes the stage out of its chain, which sends on what it holds, and frees the gate. */
void gate_detach(struct gate *g, const char *why);

/* The instance's configuration has changed: the stage is told. */
void gate_update_stage(struct gate *g);

#endif
