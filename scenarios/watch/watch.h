/* watch.h - shows a run, while it goes on, as a page in browsers ("wedge run --watch"). */
#ifndef WEDGE_SCENARIOS_WATCH_WATCH_H
#define WEDGE_SCENARIOS_WATCH_WATCH_H

#include "proxy/base/addr.h"
#include "proxy/base/err.h"
#include "scenarios/base/run_news.h"

#include <stdbool.h>

/* Where the page is unless another place is asked for, if that is free. */
#define WATCH_PLACE "127.0.0.1:8475"

struct watch;

/* Starts the process that serves the page at an address of this host's loopback; other: at another
 * port where that one is in use. NULL with *e. */
struct watch *watch_begin(const struct addr *listen, bool other, struct err *e) WG_MUSTUSE;

/* Where what happens is to be told. */
const struct run_news *watch_news(const struct watch *w);

const char *watch_url(const struct watch *w);

/* Ends the page: those that are open hear of it, which takes 4 s at most: one that
 * nobody looks at asks each 3 s. NULL is fine. */
void watch_end(struct watch *w);

#endif
