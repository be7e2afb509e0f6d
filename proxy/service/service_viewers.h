/* service_viewers.h - programs of the same user that look at what a service's packets show while it
 * runs ("wedge extcap", for Wireshark): found by a socket in the user's folder of running wedges.
 * Knows no packets. */
#ifndef WEDGE_SERVICE_SERVICE_VIEWERS_H
#define WEDGE_SERVICE_SERVICE_VIEWERS_H

#include "proxy/base/capture.h"
#include "proxy/service/workers.h"

/* Every function accepts NULL for a service that can't be found, and then does nothing. */
struct service_viewers;

/* Makes the service one that can be found. NULL where it can't be, which is no failure and is told
 * in the log; or with ops NULL, since this wedge doesn't capture. log must outlive it. */
struct service_viewers *service_viewers_new(const struct capture_ops *ops, const struct log *log);

/* Answers who comes from here on. Everything must outlive the viewers. */
void service_viewers_serve(struct service_viewers *v, struct loop *loop, struct workers *workers,
			   struct journal *journal);

/* Before and after a change of the service, as service_capture_widen and _narrow. */
void service_viewers_widen(struct service_viewers *v);
void service_viewers_narrow(struct service_viewers *v);

/* Lets the viewers have what has been captured, and frees v; the loop and the journal must still be
 * there. */
void service_viewers_free(struct service_viewers *v);

#endif
