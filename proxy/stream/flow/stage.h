/* stage.h - one impairment's instance in one flow: the interface that stream impairments implement
 * and the verbs they may use. Knows no sockets. */
#ifndef WEDGE_STREAM_FLOW_STAGE_H
#define WEDGE_STREAM_FLOW_STAGE_H

#include "proxy/stream/flow/flow.h"
#include "proxy/stream/flow/stage_wait.h"

#include <stddef.h>

/* Every slot is filled; stage_default_* are the pass-through ones. */
struct stage_ops {
	size_t state_size; /* zeroed, allocated with the stage */
	/* Begins to act: the stage is attached or enabled, or its window opens. */
	void (*open)(struct stage *st);
	/* Takes all of buf, from the stage before. Each byte is passed on (stage_pass), held
	 * (stage_hold ... stage_release) or eaten (stage_eat); bytes may be added (stage_add). */
	void (*data)(struct stage *st, struct evbuffer *buf);
	/* Looks at bytes that go past it while it doesn't act, and changes nothing. NULL: they
	 * don't matter. */
	void (*past)(struct stage *st, struct evbuffer *buf);
	/* Takes the end from the stage before: once, after all bytes, and never after the stage has
	 * passed an end itself. The stage passes it on (stage_pass_end) at once or later, never
	 * before bytes that it holds. */
	void (*end)(struct stage *st, enum flow_end end);
	void (*timer)(struct stage *st, int64_t now); /* the time armed with stage_arm has come */
	/* Follows a changed configuration: st->cfg is the new one. */
	void (*update)(struct stage *st);
	/* Ceases to act: the stage is disabled or removed, or its window closes. It passes on all
	 * that it holds, in order, the end too, and takes back any pause; afterwards bytes go past
	 * it. */
	void (*drain)(struct stage *st);
	/* What has come to it keeps its fate when the window closes: the stage goes on with that,
	 * and is given what comes later, which only keeps its order behind (st->outside). The core
	 * drains it when what was inside has left. false: drained at once. */
	bool lingers;
	/* It stands for a host that waits for the other's word: once both sides have sent FIN
	 * nobody waits any more, and what it holds is eaten. */
	bool ends_together;
	void (*close)(struct stage *st); /* frees the state's own memory; the flow is freed next */
	/* Takes note of st->shared, before the stage acts; may be NULL. */
	void (*join)(struct stage *st);
	/* No more will come before something that the flow holds has gone: the process's bound for
	 * held bytes is reached. A stage that waits for more lets go; may be NULL. */
	void (*full)(struct stage *st);
};

/* Decides on which bytes a stage acts: the core asks the gate before bytes or the end meet the
 * stage, or go past it while it doesn't act; not any more once the end has left it. */
struct stage_gate {
	/* Switches the stage when its time has come, and returns how many bytes from the front of
	 * buf are for the state that it is in now: at least one when there are any. Everything
	 * before buf has passed; buf may be empty, and isn't changed. */
	size_t (*admit)(struct stage *st, struct evbuffer *buf);
	void (*end)(struct stage *st, enum flow_end end); /* may switch the stage before the end */
	void (*acted)(struct stage *st); /* once, when the stage first acts; NULL: no matter */
	/* Switches the stage when its time has come, and returns how many of the bytes that come
	 * next the gate needn't see to decide, of which bypassed then counts those that have gone
	 * past the flow (flow_bypass.h). NULL: it sees them all, and bypassed isn't called. */
	size_t (*blind)(struct stage *st);
	void (*bypassed)(struct stage *st, size_t n);
};

struct stage {
	const struct stage_ops *ops;
	struct flow *flow;
	struct stage *next;   /* NULL: the sink is next */
	const void *cfg;      /* by reference: a live change swaps it */
	const char *name;     /* for the journal: "latency", "latency#2" */
	unsigned index;	      /* place in the configuration: the rng's stage number */
	bool active;	      /* false: bytes go past the stage */
	bool outside;	      /* active, though its window has closed (lingers) */
	bool end_inside;      /* outside: the end had come before, and waits */
	size_t behind;	      /* outside: held bytes that came since */
	bool acted;	      /* it has changed something of this session */
	enum flow_end end_in; /* the end that has come to the stage */
	/* The end that has left the stage: the core eats the bytes that come afterwards. */
	enum flow_end end_out;
	bool pausing;  /* the stage asks for PAUSE_STAGE */
	bool refusing; /* bytes after the stage's end reset the source instead of being eaten */
	size_t held;   /* bytes that the stage holds */
	size_t room;   /* bytes that the flow may hold for the stage while it acts */
	/* What the turn's work left before the stage (flow_work). Its bytes are in the flow's held,
	 * not in the stage's. */
	struct stage_wait wait;
	size_t balance; /* bytes given and added, less bytes passed and eaten: equal to held */
	size_t late;	/* bytes eaten after the end has left; journalled when the stage closes */
	struct rng rng;
	struct timer timer;
	const struct stage_gate *gate; /* NULL: only stage_set_active switches the stage */
	void *owner;		       /* whoever attached the stage (impairments/live) */
	void *shared; /* one instance's state across all sessions; NULL when it has none */
	_Alignas(max_align_t) unsigned char state[];
};

/* Appends a stage to the flow's chain, inactive; stage_set_active(true) starts it. name and cfg
 * must outlive the stage. */
struct stage *stage_attach(struct flow *f, const struct stage_ops *ops, const void *cfg,
			   const char *name, unsigned index);
/* Inserts a stage into the chain before another stage; NULL: at its end. Bytes that later stages
 * hold don't meet it. */
struct stage *stage_attach_before(struct flow *f, struct stage *before, const struct stage_ops *ops,
				  const void *cfg, const char *name, unsigned index);
/* Gives the stage, before it acts, its instance's shared state, which must outlive the stage. */
void stage_share(struct stage *st, void *shared);
void stage_set_active(struct stage *st, bool active); /* opens or drains the stage */
void stage_update(struct stage *st, const void *cfg); /* cfg must outlive the stage */
void stage_detach(struct stage *st); /* drains, unlinks and frees; never from a callback */

/* For the core: hand bytes or the end to a stage (NULL: the flow's sink). */
void stage_push(struct flow *f, struct stage *st, struct evbuffer *buf);
void stage_push_end(struct flow *f, struct stage *st, enum flow_end end);
/* Hands what waits before the stage to it or to a later one, as far as the turn's work goes. */
void stage_push_waiting(struct stage *st, struct stage *to);
/* Between two calls into the flow: takes note that a stage keeps something back, and reports one
 * whose accounts don't agree as a bug. */
void stage_check(struct stage *st);
void stage_free(struct stage *st); /* of a stage that is out of its chain */

/* Shows a stage what goes past it. */
static inline void stage_show(struct stage *st, struct evbuffer *buf)
{
	if (st->ops->past)
		st->ops->past(st, buf);
}

/* The verbs of a stage. */
static inline void *stage_state(struct stage *st)
{
	return st->state;
}
static inline int64_t stage_now(const struct stage *st)
{
	return clock_now(st->flow->env->clock);
}
void stage_arm(struct stage *st, int64_t due); /* arms the stage's one timer, again if armed */
void stage_disarm(struct stage *st);
void stage_pass(struct stage *st, struct evbuffer *buf); /* hands all of buf to the next stage */
/* Has the bytes that were passed leave as a write of their own, and so not in one segment with what
 * is passed next. Else all that is passed in one call of the stage leaves together. */
void stage_part(struct stage *st);
void stage_pass_end(struct stage *st, enum flow_end end); /* once, when nothing is held any more */
/* Count n given bytes that stay in the state, and n held bytes that are about to be passed or
 * eaten. */
void stage_hold(struct stage *st, size_t n);
void stage_release(struct stage *st, size_t n);
/* Journal n bytes that never arrive, or that were never sent. */
void stage_eat(struct stage *st, size_t n, const char *why);
void stage_add(struct stage *st, size_t n, const char *why);
void stage_pause(struct stage *st); /* stops reading the source: a true zero window */
void stage_resume(struct stage *st);
/* Lets the flow hold this many bytes for the stage while it acts, on top of what other stages need:
 * two delays hold the bytes of both. */
void stage_need_room(struct stage *st, size_t bytes);
/* Journals the reset and has the host carry it out (flow_host_ops). */
void stage_reset(struct stage *st, enum leg leg, bool after_delivery, const char *why);
/* Answers bytes after the stage's end by RST. */
static inline void stage_refuse(struct stage *st, bool on)
{
	st->refusing = on;
}
void stage_end_abruptly(struct stage *st); /* lets the end come without a goodbye before FIN */
/* Sends FIN to the source, behind the bytes that it has been sent. */
void stage_finish_back(struct stage *st);
/* Tells that the stage has changed what an end sees of its session. The core sees by itself what is
 * held, eaten, added, paused or reset, and an end that is kept. */
void stage_acted(struct stage *st);
/* Writes the line {"event":event,"stage":name,"session":n,"direction":...,...} about what the stage
 * has done; fmt as in journal.h. stage_note: about anything else. */
void stage_event(struct stage *st, const char *event, const char *fmt, ...);
void stage_note(struct stage *st, const char *event, const char *fmt, ...);

#endif
