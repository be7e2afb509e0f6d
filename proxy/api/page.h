/* page.h - the live page: files that a browser gets from the API's own port. Knows nothing of what
 * they show. */
#ifndef WEDGE_API_PAGE_H
#define WEDGE_API_PAGE_H

#include "proxy/api/http_message.h"

/* Answers with the page where a browser asks for "/", and with its files below /page/. Returns
 * false when the path is none of them. */
bool page_answer(const struct http_request *r, struct evhttp_request *in, struct http_answer *a);

/* Whether the path is one of a file of the page: these are the same for everybody, so that no token
 * need be shown. */
bool page_has(const char *path);

#endif
