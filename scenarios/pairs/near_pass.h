/* near_pass.h - the capture nearer to the client: its stalls, and the moments by which another
 * capture can tell where each stall's time went. */
#ifndef WEDGE_SCENARIOS_PAIRS_NEAR_PASS_H
#define WEDGE_SCENARIOS_PAIRS_NEAR_PASS_H

#include "scenarios/analysis/packet_stream.h"
#include "scenarios/diagnosis/durations.h"
#include "scenarios/diagnosis/selection.h"
#include "scenarios/diagnosis/stall.h"
#include "scenarios/pairs/identity.h"
#include "scenarios/pairs/points.h"

#define NO_POINT SIZE_MAX

/* A stall, and the moments of the steps before and behind it. */
struct near_stall {
	struct stall stall;
	uint32_t connection; /* index */
	enum dir before_dir, after_dir;
	size_t before, after; /* in sent[dir] */
	size_t acked;	      /* of what was sent before, in acked[before_dir]; or NO_POINT */
};

/* More stalls than these are counted, not attributed: memory stays bounded. */
#define NEAR_STALLS_MAX (1 << 19)

struct near_connection {
	struct points points;
	bool selected;
	int64_t lost; /* the time that it lost, nanoseconds */
};

struct near_pass {
	struct packet_stream stream;
	struct selection selection; /* its moments absolute; its lists are the caller's */
	struct identities identities;
	struct near_connection *connections; /* by index */
	size_t nconnections;
	struct near_stall *stalls;
	size_t nstalls, stall_room;
	uint64_t not_kept; /* stalls beyond NEAR_STALLS_MAX */
	/* Stalls that don't lie between two pieces of data: nothing came, or it came again. */
	struct durations unsplit[CAUSE_COUNT];
};

/* Where a capture is, and which leg of it is meant, where it has both. */
struct pair_source {
	const char *path;
	enum capture_leg leg;
};

/* Reads the whole capture and fills *p, which near_pass_fini frees: the stalls of what is selected
 * (NULL: of all), the moments of all. */
int near_pass_read(const struct pair_source *from, const struct selection *selection,
		   struct near_pass *p, struct err *e) WG_MUSTUSE;
void near_pass_fini(struct near_pass *p);

#endif
