/* watch_serve.h - the process that shows a run to browsers: gets its news, answers their requests.
 */
#ifndef WEDGE_SCENARIOS_WATCH_WATCH_SERVE_H
#define WEDGE_SCENARIOS_WATCH_WATCH_SERVE_H

#include "proxy/base/addr.h"
#include "proxy/base/err.h"

#include <stdbool.h>

/* How it answers whoever has started it, by one message: this and the page's address, or an error's
 * words. */
#define WATCH_READY 'U'

/* Runs the forked process to its end: listens, says how that went on news, then serves what comes
 * there until it ends, and until the pages that are open have heard of that. other: where the
 * address is in use, at another port. */
_Noreturn void watch_serve(int news, const struct addr *listen, bool other);

#endif
