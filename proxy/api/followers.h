/* followers.h - clients that get lines of JSON as server-sent events, as they come, and without
 * waiting for whoever is slow. Knows not whose lines they are. */
#ifndef WEDGE_API_FOLLOWERS_H
#define WEDGE_API_FOLLOWERS_H

#include <event2/http.h>
#include <stdbool.h>
#include <stdint.h>

struct followers;

/* changed (NULL: nobody is told) is called when the first one comes, and when the last one goes. */
struct followers *followers_new(void (*changed)(void *arg, bool any), void *arg);

/* Ends all streams; before the server that they are of. NULL is fine. */
void followers_free(struct followers *f);

/* Begins the answer to a request, which lasts until its client goes. Returns false when too many
 * follow already: nothing has been answered. */
bool followers_add(struct followers *f, struct evhttp_request *in);

/* Sends a line, without its newline, to each of them. */
void followers_send(struct followers *f, const char *line, size_t len);

/* Tells each of them, at the next line, that so many have been lost before it. */
void followers_lose(struct followers *f, uint64_t lines);

#endif
