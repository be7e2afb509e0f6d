/* shape.h - the traffic to one service as a workload would make it: how many connections and
 * exchanges, how large, how long between them; and where responses stopped or ended too early. */
#ifndef WEDGE_SCENARIOS_FIT_SHAPE_H
#define WEDGE_SCENARIOS_FIT_SHAPE_H

#include "scenarios/analysis/packet_stream.h"
#include "scenarios/diagnosis/stall.h"
#include "scenarios/fit/pauses.h"

#include "proxy/base/addr.h"
#include "proxy/base/err.h"

/* Sizes and rates are counted in durations too, in thousandths, so that a byte is as fine as their
 * first bin. */
#define SHAPE_UNIT 1000

/* Responses shorter than this show no rate. */
#define SHAPE_BULK (64 << 10)

struct shape {
	struct addr server;
	uint64_t connections, exchanges;
	uint64_t worked;	/* connections that had an answer */
	uint64_t hung;		/* ... that had none to a request, nor an end by the server */
	uint64_t open, at_once; /* connections that are open, and the most that were together */
	struct durations request, response; /* bytes */
	struct durations first;		    /* bytes of a response's first segment */
	struct durations service, think; /* request's end to response, response's end to request */
	struct durations rate;		 /* bytes a second of bulk responses */
	struct durations silent_at, cut_at;   /* bytes of the stream to the client by then */
	struct durations dead_at, dead_after; /* bytes, and time, by the last sign of one end */
	struct durations alive_at;	 /* bytes of the connections on which both ends went on */
	struct durations exchanges_each; /* SHAPE_UNITs, of connections with an answer */
	struct durations patience; /* from a request that came to nothing to the client's end */
	struct pauses pauses;
	uint64_t segments, again; /* with data to the client, and those lost on the way */
	uint32_t cut_frame;	  /* of the first */
	uint32_t hung_frame;	  /* of the first: its client's last */
	uint32_t dead_frame;	  /* of the first: the last that was sent again in vain */
	uint32_t again_frame;
	uint32_t bulk_frames[2]; /* the first bulk response: its first and last segment */
};

/* Reads the capture for one service and fills *s, which shape_fini frees. leg: of a capture of both
 * legs, the one that is meant. */
int shape_read(const char *path, enum capture_leg leg, const struct addr *server, struct shape *s,
	       struct err *e) WG_MUSTUSE;
void shape_fini(struct shape *s);

#endif
