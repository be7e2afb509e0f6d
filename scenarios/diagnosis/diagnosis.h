/* diagnosis.h - why the connections of a capture stood still: every gap with its cause, in one pass
 * and in memory that grows with open connections only. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_DIAGNOSIS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_DIAGNOSIS_H

#include "scenarios/analysis/packet_stream.h"
#include "scenarios/diagnosis/groups.h"
#include "scenarios/diagnosis/host_silence.h"
#include "scenarios/diagnosis/proofs.h"
#include "scenarios/diagnosis/ranking.h"
#include "scenarios/diagnosis/selection.h"
#include "scenarios/diagnosis/services.h"
#include "scenarios/diagnosis/vantage.h"

/* What is asked of a capture. */
struct diagnosis_question {
	size_t ranked;	       /* how many connections to rank */
	enum vantage taken_at; /* as the user knows; VANTAGE_UNKNOWN: to be judged */
	enum capture_leg leg;  /* of a capture of both legs; CAPTURE_LEG_NONE: the server's */
	/* Its lists stay the caller's, for as long as the diagnosis. Whatever isn't selected is
	 * read, and not counted. */
	struct selection selection;
	bool each; /* keep each wait and each case of a finding: proofs, groups.findings.cases */
	/* Called now and then with the bytes that were read of how many (0: not known); may be
	 * NULL. */
	void (*progress)(void *arg, uint64_t done, uint64_t size);
	void *progress_arg;
};

struct diagnosis {
	struct diagnosis_question question; /* moments are absolute once the capture was read */
	struct packet_stream stream;
	struct capture_counts capture; /* what the capture itself is like */
	struct services services;
	struct service all;	  /* of all services together, once the capture was read */
	struct durations answers; /* last byte of a request to first byte of its response */
	struct ranking ranking;
	struct host_silences silences;
	struct vantages vantages;
	struct groups groups;	    /* its findings are what is to be told */
	struct proofs proofs;	    /* by time; empty when nobody has asked for each */
	const char *unreliable_why; /* of the first connection that is (R0); NULL: none is */
	char *cut_short;	    /* why the file ended early; NULL: it is whole */
};

/* Reads a capture ("-": standard input) and fills *d, which diagnosis_fini frees. -1 with *e: there
 * was nothing to read. */
int diagnosis_ask(const char *path, const struct diagnosis_question *q, struct diagnosis *d,
		  struct err *e) WG_MUSTUSE;

/* The same about all connections; ranked: how many to rank. */
int diagnosis_read(const char *path, size_t ranked, struct diagnosis *d, struct err *e) WG_MUSTUSE;
void diagnosis_fini(struct diagnosis *d);

#endif
