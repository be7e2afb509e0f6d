/* origin_answer.h - an answer of the workload "origin", written piece by piece: nothing of its body
 * is kept. Pure; private to the origin files and their tests. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ORIGIN_ANSWER_H
#define WEDGE_SCENARIOS_WORKLOAD_ORIGIN_ANSWER_H

#include "scenarios/workload/http.h"
#include "scenarios/workload/http_text.h"
#include "scenarios/workload/origin_params.h"

#define ORIGIN_PIECE (64u << 10) /* bytes of a piece, but for the framing of a chunk */

struct origin_answer {
	struct http_reply head;
	bool bodiless;	/* it answers HEAD, or is an error */
	uint64_t seed;	/* of the body */
	uint64_t chunk; /* bytes of a chunk; 0: no chunks */
	uint64_t at;	/* bytes of the body that are written */
	bool begun;	/* the header is written */
	bool over;	/* all is written */
};

/* Begins the answer to a request that is whole. date: seconds since 1970. */
void origin_answer_begin(struct origin_answer *a, const struct origin_server_cfg *cfg,
			 uint64_t seed, const struct http_parser *request, int64_t date);

/* Begins the answer to what is no request: 400, and the connection ends behind it. */
void origin_answer_refuse(struct origin_answer *a, int64_t date);

/* Adds the next piece to *out, which is empty; not called any more once the answer is over. */
void origin_answer_write(struct origin_answer *a, struct http_text *out);

#endif
