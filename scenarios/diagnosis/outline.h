/* outline.h - the few segments of a connection that say what became of it: how it began, what was
 * asked first, what it was idle before, and its first end. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_OUTLINE_H
#define WEDGE_SCENARIOS_DIAGNOSIS_OUTLINE_H

#include "scenarios/analysis/segments.h"

struct outline_segment {
	int64_t at; /* 0: there was none */
	uint32_t frame;
	enum dir dir;
	uint8_t flags;
};

#define OUTLINE_SYNS 8

/* Zero-initialise to start. */
struct outline {
	int64_t syns[OUTLINE_SYNS]; /* the client's, the first of them */
	unsigned nsyns;
	uint32_t syn_frame, last_syn_frame, accepted_frame; /* the client's ACK of the SYN-ACK */
	struct outline_segment step; /* the last: what takes sequence space, or an RST */
	struct outline_segment end;  /* the first FIN or RST of either side */
	bool asked;		     /* the client had sent payload before that */
	bool announced;		     /* the client's last data begins with a TLS alert */
	bool torn;		     /* that end is an RST, or one came since */
	/* The client's first data behind a time of OUTLINE_IDLE without any packet. */
	int64_t idle;
	struct outline_segment before_idle, after_idle;
	bool revived;	  /* the server has sent payload since */
	bool acked_since; /* ... or acknowledged it */
	int64_t any_at;	  /* the last packet of any kind */
};

/* The connection is as the segment has left it. */
void outline_take_segment(struct outline *o, const struct connection *c, const struct segment *s);

#endif
