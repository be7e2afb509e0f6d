/* gap.h - a wait that is over, with all that the rules may ask of it. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_GAP_H
#define WEDGE_SCENARIOS_DIAGNOSIS_GAP_H

#include "scenarios/diagnosis/stall.h"
#include "scenarios/diagnosis/wait.h"

struct gap {
	const struct connection *c; /* with the end of the gap in it */
	const struct wait *wait;    /* as it was before its end */
	const struct segment *end;  /* the step that ended it; NULL: the capture ended */
	int64_t from, to;
	int64_t rtt;			     /* between the ends, at its shortest; 0: not known */
	struct sent_state before[DIR_COUNT]; /* how data stood before the end */
	bool established;		     /* the handshake was complete, or before the capture */
	bool answered;			     /* the server had sent payload */
	bool incomplete;     /* the response under way was known to have more bytes */
	bool bodiless;	     /* ... all of its body */
	int64_t earlier_gap; /* the longest pause in the response under way before */
	uint32_t unseen;     /* c's count of what the capture lacks, at its beginning */
	int64_t late;	     /* how late the end was on its way, by its timestamp; -1: not known */
	uint32_t long_waits; /* that the connection had before, of any cause */
	bool unscaled;	     /* the server fills the window as it stands in the header, no more */
	bool headless;	     /* what the response announces isn't in the capture */
	bool whole;	     /* the response was known to be complete */
	bool closing;	     /* the client had sent FIN, and the server no FIN */
};

/* Why nothing is said where the capture lacks packets. */
#define GAP_LACKS_PACKETS "the capture lacks packets: another of the same traffic would tell"

/* What is said of a wait that the capture's end has cut off: nobody knows how long it was. */
#define GAP_STILL_OPEN "until the capture ended"
#define GAP_NOT_CLOSED "to close its side, until the capture ended"

/* A rule looks at a gap and, when it is its case, fills *s (from, to and frames are set to the
 * gap's own before) and returns true. */
typedef bool gap_rule_fn(const struct gap *g, struct stall *s);

static inline int64_t gap_length(const struct gap *g)
{
	return g->to - g->from;
}

/* Sets the frames that prove a stall; 0 leaves one out. */
static inline void stall_prove(struct stall *s, uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t all[] = {a, b, c};
	int n = 0;

	for (int i = 0; i < STALL_FRAMES; i++)
		s->frames[i] = 0;
	for (int i = 0; i < STALL_FRAMES; i++)
		if (all[i])
			s->frames[n++] = all[i];
}

#endif
