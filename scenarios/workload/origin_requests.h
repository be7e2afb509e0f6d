/* origin_requests.h - which requests a server of the workload "origin" was asked: the first of them
 * are listed in its result, the others counted. Private to the origin files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ORIGIN_REQUESTS_H
#define WEDGE_SCENARIOS_WORKLOAD_ORIGIN_REQUESTS_H

#include "scenarios/workload/http.h"

#include <jansson.h>

#define ORIGIN_REQUESTS_MAX 1000

struct origin_request {
	char method[HTTP_METHOD_MAX], target[HTTP_TARGET_MAX];
	uint64_t body;	     /* bytes of it that came */
	bool whole;	     /* all of it did */
	bool expect;	     /* it waits for 100 (Continue) */
	int64_t at;	     /* nanoseconds of CLOCK_MONOTONIC when its header was whole */
	uint64_t connection; /* the server's, counted from 1 */
};

struct origin_requests {
	struct origin_request v[ORIGIN_REQUESTS_MAX];
	size_t n;
	uint64_t beyond;	  /* requests that found no place in the list */
	struct origin_request no; /* theirs, which tells nothing */
};

/* Lists the request whose header is whole. What is returned stays where it is, for the caller to go
 * on with body and whole. */
struct origin_request *origin_requests_add(struct origin_requests *r, const struct http_parser *p,
					   uint64_t connection);

/* Returns the members of a result, a new object: "requests": [{"method", "target", "body", "whole",
 * "expect", "at": seconds, "connection"}, ...] and "requests_beyond", how many more there were. */
json_t *origin_requests_result(const struct origin_requests *r);

#endif
