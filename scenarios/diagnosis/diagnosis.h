/* diagnosis.h - why the connections of a capture stood still: every gap with its cause, in one pass
 * and in memory that grows with open connections only. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_DIAGNOSIS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_DIAGNOSIS_H

#include "scenarios/analysis/packet_stream.h"
#include "scenarios/diagnosis/groups.h"
#include "scenarios/diagnosis/host_silence.h"
#include "scenarios/diagnosis/ranking.h"
#include "scenarios/diagnosis/services.h"
#include "scenarios/diagnosis/vantage.h"

struct diagnosis {
	struct packet_stream stream;
	struct capture_counts capture; /* what the capture itself is like */
	struct services services;
	struct service all; /* of all services together, once the capture was read */
	struct ranking ranking;
	struct host_silences silences;
	struct vantages vantages;
	struct groups groups; /* its findings are what is to be told */
	char *cut_short;      /* why the file ended early; NULL: it is whole */
};

/* Reads a capture and fills *d, which diagnosis_fini frees; ranked: how many connections to rank.
 * -1 with *e: there was nothing to read. */
int diagnosis_read(const char *path, size_t ranked, struct diagnosis *d, struct err *e) WG_MUSTUSE;
void diagnosis_fini(struct diagnosis *d);

#endif
