/* stage.h - one impairment's instance in one flow: the interface that stream impairments implement
 * and the verbs they may use. Not a socket in sight. */
#ifndef WEDGE_STREAM_FLOW_STAGE_H
#define WEDGE_STREAM_FLOW_STAGE_H

#include "proxy/stream/flow/flow.h"

#include <stddef.h>

/* Every slot is filled; stage_default_* are the pass-through ones. */
struct stage_ops {
	size_t state_size; /* zeroed, allocated with the stage */
	/* The stage begins to act (attached, enabled, or its window opens). */
	void (*open)(struct stage *st);
	/* Bytes from the stage before: take all of buf. Each byte is passed on (stage_pass), kept
	 * (stage_hold ... stage_release), eaten (stage_eat); new ones may be added (stage_add). */
	void (*data)(struct stage *st, struct evbuffer *buf);
	/* The end from the stage before; comes once, after all bytes, and not at all to a stage
	 * that has already passed an end. Pass it on (stage_pass_end) at once or later, never
	 * before bytes that are kept. */
	void (*end)(struct stage *st, enum flow_end end);
	void (*timer)(struct stage *st, int64_t now); /* the time armed with stage_arm has come */
	/* The configuration has changed under the stage (st->cfg is the new one). */
	void (*update)(struct stage *st);
	/* Disabled, removed, or its window closes: pass on all that is kept, in order, the end too,
	 * and take back any pause. Afterwards bytes go past the stage. */
	void (*drain)(struct stage *st);
	void (*close)(struct stage *st); /* the flow is freed: release the state's own memory */
	/* Optional, NULL: it has been given its instance's shared state, and doesn't act yet. */
	void (*join)(struct stage *st);
};

/* On which bytes a stage acts: asked by the core when bytes or the end are about to meet it, or to
 * go past it while it doesn't act. Not asked any more once its end has left it. */
struct stage_gate {
	/* Everything before buf has passed; buf may be empty. Switches the stage when its time has
	 * come, and returns how many bytes from the front of buf are for the state it is in now, at
	 * least one when there are any. Leaves buf as it is. */
	size_t (*admit)(struct stage *st, struct evbuffer *buf);
	void (*end)(struct stage *st, enum flow_end end); /* comes next; may switch the stage */
};

struct stage {
	const struct stage_ops *ops;
	struct flow *flow;
	struct stage *next;   /* NULL: the sink is next */
	const void *cfg;      /* by reference: a live change swaps it */
	const char *name;     /* for the journal: "latency", "latency#2" */
	unsigned index;	      /* place in the configuration: the rng's stage number */
	bool active;	      /* else bytes go past it */
	enum flow_end end_in; /* what has come to it */
	enum flow_end
	    end_out;	/* what has left it: what comes to it afterwards is eaten by the core */
	bool pausing;	/* asks for PAUSE_STAGE */
	bool refusing;	/* bytes after its end reset the source instead of being eaten quietly */
	size_t held;	/* bytes it keeps */
	size_t room;	/* bytes that the flow may hold on its account, while it acts */
	size_t balance; /* bytes given and added, less those passed and eaten: must be kept */
	size_t late;	/* bytes eaten since its end has left it; journalled when it closes */
	struct rng rng;
	struct timer timer;
	const struct stage_gate *gate; /* NULL: only stage_set_active switches it */
	void *owner;		       /* whoever attached it (impairments/set) */
	void *shared; /* one instance's state across all sessions; NULL when it has none */
	_Alignas(max_align_t) unsigned char state[];
};

/* Appends a stage to the flow's chain, inactive; stage_set_active(true) starts it. name and cfg
 * must outlive it. */
struct stage *stage_attach(struct flow *f, const struct stage_ops *ops, const void *cfg,
			   const char *name, unsigned index);
/* The same into the chain before another stage; NULL: at its end. Bytes that are inside later
 * stages don't meet it. */
struct stage *stage_attach_before(struct flow *f, struct stage *before, const struct stage_ops *ops,
				  const void *cfg, const char *name, unsigned index);
void stage_share(struct stage *st, void *shared);     /* before it first acts; lives on after it */
void stage_set_active(struct stage *st, bool active); /* open, or drain */
void stage_update(struct stage *st, const void *cfg);
void stage_detach(struct stage *st); /* drains, unlinks and frees; never from a callback */

/* What the core calls: hand bytes or the end to a stage (NULL: the flow's sink). stage_free is for
 * a stage that is out of its chain. */
void stage_push(struct flow *f, struct stage *st, struct evbuffer *buf);
void stage_push_end(struct flow *f, struct stage *st, enum flow_end end);
void stage_check(const struct stage *st); /* its accounts agree, or a bug is reported by name */
void stage_free(struct stage *st);

/* The verbs of a stage. */
static inline void *stage_state(struct stage *st)
{
	return st->state;
}
int64_t stage_now(const struct stage *st);
void stage_arm(struct stage *st, int64_t due); /* one timer a stage; re-arms */
void stage_disarm(struct stage *st);
void stage_pass(struct stage *st, struct evbuffer *buf); /* on to the next stage; takes all bytes */
void stage_pass_end(struct stage *st, enum flow_end end); /* once; nothing is kept any more */
void stage_hold(struct stage *st, size_t n); /* n bytes of those it was given stay in its state */
void stage_release(struct stage *st, size_t n); /* n kept bytes are about to be passed or eaten */
void stage_eat(struct stage *st, size_t n,
	       const char *why); /* journalled: bytes that never arrive */
void stage_add(struct stage *st, size_t n,
	       const char *why);    /* journalled: bytes that were never sent */
void stage_pause(struct stage *st); /* the source isn't read: a true zero window */
void stage_resume(struct stage *st);
/* While it acts the flow may hold so many bytes for it, on top of what others need: two delays
 * hold the bytes of both. */
void stage_need_room(struct stage *st, size_t bytes);
void stage_reset(struct stage *st, enum leg leg, bool after_delivery, const char *why);
void stage_refuse(struct stage *st, bool on); /* what comes after its end is answered by RST */
void stage_end_abruptly(struct stage *st);    /* the end to come: without a goodbye before FIN */
void stage_alert(struct stage *st, unsigned char description,
		 const char *why);	  /* adds and passes a fatal TLS alert; journalled */
void stage_finish_back(struct stage *st); /* FIN to the source, behind what it has been given */
/* One journal line {"event":event,"stage":name,"session":n,"direction":...,...}; fmt as in
 * journal.h. */
void stage_event(struct stage *st, const char *event, const char *fmt, ...);

/* The pass-through slots. */
void stage_default_open(struct stage *st);
void stage_default_data(struct stage *st, struct evbuffer *buf);
void stage_default_end(struct stage *st, enum flow_end end);
void stage_default_timer(struct stage *st, int64_t now);
void stage_default_update(struct stage *st);
void stage_default_drain(struct stage *st);
void stage_default_close(struct stage *st);

#endif
