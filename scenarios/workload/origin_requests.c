/* origin_requests.c - a list of fixed length. */
#include "scenarios/workload/origin_requests.h"

#include "proxy/base/clock.h"
#include "proxy/base/text_print.h"

#include <string.h>

struct origin_request *origin_requests_add(struct origin_requests *r, const struct http_parser *p,
					   uint64_t connection)
{
	struct origin_request *q;

	if (r->n == ORIGIN_REQUESTS_MAX) {
		r->beyond++;
		return &r->no;
	}
	q = &r->v[r->n++];
	q->at = clock_now(&clock_monotonic);
	q->connection = connection;
	q->expect = p->expect_continue;
	memcpy(q->method, p->method, sizeof(q->method));
	memcpy(q->target, p->target, sizeof(q->target));
	text_print_line_in_place(q->method, sizeof(q->method));
	text_print_line_in_place(q->target, sizeof(q->target));
	return q;
}

json_t *origin_requests_result(const struct origin_requests *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->n; i++) {
		const struct origin_request *q = &r->v[i];

		json_array_append_new(
		    list, json_pack("{s:s,s:s,s:I,s:b,s:b,s:f,s:I}", "method", q->method, "target",
				    q->target, "body", (json_int_t)q->body, "whole", q->whole,
				    "expect", q->expect, "at", clock_seconds(q->at), "connection",
				    (json_int_t)q->connection));
	}
	return json_pack("{s:o,s:I}", "requests", list, "requests_beyond", (json_int_t)r->beyond);
}
