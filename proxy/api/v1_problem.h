/* v1_problem.h - answers of wedge's own API: JSON, and problems as RFC 9457 has them. */
#ifndef WEDGE_API_V1_PROBLEM_H
#define WEDGE_API_V1_PROBLEM_H

#include "proxy/api/http_message.h"
#include "proxy/base/attrs.h"

#include <jansson.h>

/* Sets status and JSON, whose reference it takes. */
void v1_json(struct http_answer *a, int status, json_t *json);

/* Sets a problem: status, title and detail. */
void v1_problem(struct http_answer *a, int status, const char *detail);

/* Sets the problem 400 of a document. text is an error of it, "body:3:14: what", whose place
 * becomes the members line and column. */
void v1_problem_of_body(struct http_answer *a, const char *text);

/* The name that stands for the request's body in such errors. */
#define V1_BODY "body"

#endif
