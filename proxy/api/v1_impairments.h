/* v1_impairments.h - impairments in wedge's own API: the kinds that there are, those of a proxy,
 * and those of one session alone, each list changed whole or not at all. */
#ifndef WEDGE_API_V1_IMPAIRMENTS_H
#define WEDGE_API_V1_IMPAIRMENTS_H

#include "proxy/api/http_message.h"
#include "proxy/api/toxi.h"

#include <jansson.h>

/* Whose an impairment is that acts on a proxy's sessions: its configuration's, a client's of
 * Toxiproxy's API, or one that is put behind both (additions.h). */
enum v1_origin { V1_OF_PROXY, V1_OF_TOXIC, V1_OF_ADDITION };

/* Returns an impairment as JSON. */
json_t *v1_impairments_describe(const struct impairment_count *c, enum v1_origin origin);

/* Each sets the whole answer. */
void v1_impairments_kinds(const struct toxi *t, struct http_answer *a);

/* Has the list of the body act on the proxy of that name, in the place of what wedge's own API can
 * change of it. Returns whether it has: then the answer is the caller's. trusted: it is told what
 * is wrong in a file that an impairment names. */
bool v1_impairments_of_proxy(struct toxi *t, const char *name, bool trusted,
			     const struct http_request *r, struct http_answer *a);

/* GET tells what acts on one session alone, PUT changes it. */
void v1_impairments_of_session(struct toxi *t, uint64_t number, bool trusted,
			       const struct http_request *r, struct http_answer *a);

/* Hides in an error what an impairment's file has in it. */
void v1_impairments_hide_file(struct err *e);

#endif
