/* host_silence.h - R14: a host that stands still, seen from its connections: they all fall silent
 * together, and speak again together. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_HOST_SILENCE_H
#define WEDGE_SCENARIOS_DIAGNOSIS_HOST_SILENCE_H

#include "scenarios/analysis/segments.h"

#include <sys/queue.h>

struct silent_host;

/* One end of a connection, at its host. Zero-initialise to start. */
struct host_side {
	struct silent_host *host; /* NULL: it has not said anything */
	TAILQ_ENTRY(host_side) link;
	void *owner;
	enum dir dir;
	int64_t begun, last;  /* its first and last packet */
	int64_t question;     /* data of the other end that it hasn't answered by data; 0: none */
	uint32_t quick, slow; /* answers within 20 ms, and others */
	struct host_silence {
		int64_t last;  /* its last packet before */
		int64_t since; /* what it left unanswered first; last, if it went on by itself */
		int64_t to;    /* its next packet; 0: there was no silence */
	} silence;	       /* the last one of 20 ms or more */
};

/* A silence that isn't judged yet. */
struct pending_silence {
	struct host_side *side; /* NULL: it is gone */
	struct host_silence silence;
};

/* Zero-initialise to start; host_silences_fini to end. */
struct host_silences {
	void *hosts; /* a tree by address */
	size_t nhosts;
	struct pending_silence *pending; /* oldest first, from first on */
	size_t first, n, room;
	/* Hears of each silence that the host's connections share. */
	void (*found)(void *owner, enum dir dir, const struct host_silence *s);
};

/* Takes each segment before its connection has it. sides: the connection's; owner: what `found`
 * gets for them. */
void host_silence_take_segment(struct host_silences *h, struct host_side sides[DIR_COUNT],
			       const struct connection *c, const struct segment *s, void *owner);

/* The side's connection is gone. */
void host_silence_forget(struct host_silences *h, struct host_side *side);

/* Judges what is left at the end of the capture. */
void host_silences_finish(struct host_silences *h);
void host_silences_fini(struct host_silences *h);

#endif
