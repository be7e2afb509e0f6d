/* toxi_answer.h - how Toxiproxy's answers look: its objects and its errors. Decides nothing. */
#ifndef WEDGE_API_TOXI_ANSWER_H
#define WEDGE_API_TOXI_ANSWER_H

#include "proxy/api/http_message.h"
#include "proxy/api/toxi_model.h"
#include "proxy/base/attrs.h"

/* Sets an error: the text and the status as JSON, sent as plain text. */
void toxi_answer_error(struct http_answer *a, int status, const char *fmt, ...) WG_PRINTF(3, 4);

/* Set status and an object. */
void toxi_answer_proxy(struct http_answer *a, int status, const struct toxi_proxy *p);
void toxi_answer_proxies(struct http_answer *a, const struct toxi_model *m); /* 200, by name */
void toxi_answer_toxic(struct http_answer *a, const struct toxi_toxic *t);   /* 200 */
void toxi_answer_toxics(struct http_answer *a, const struct toxi_proxy *p);  /* 200 */

/* Sets what /populate says: the proxies that it has come to, in its order, and, where error isn't
 * NULL, why it stopped. */
void toxi_answer_populated(struct http_answer *a, int status, const char *error,
			   const struct toxi_proxy *const *list, size_t n);

#endif
