/* service_capture.h - one capture of a service: which journal, secrets and packets it gets, and the
 * lines about it. Knows no packets. */
#ifndef WEDGE_SERVICE_SERVICE_CAPTURE_H
#define WEDGE_SERVICE_SERVICE_CAPTURE_H

#include "proxy/base/capture.h"
#include "proxy/base/line_copies.h"
#include "proxy/service/capture_filter.h"
#include "proxy/service/service.h"

/* Every function but the first two accepts NULL for "no capture" and then does nothing. */
struct service_capture;

/* Begins a capture into path. ops NULL: refused, since this wedge has none. log must outlive it. */
struct service_capture *service_capture_new(const struct capture_ops *ops, const char *path,
					    const struct log *log, struct err *e) WG_MUSTUSE;

/* Does the same without waiting: nothing else may be done with it until service_capture_await,
 * which waits in any thread, has returned. After its -1 only service_capture_end may follow. */
struct service_capture *service_capture_begin(const struct capture_ops *ops, const char *path,
					      const struct log *log, struct err *e) WG_MUSTUSE;
int service_capture_await(struct service_capture *c, struct err *e) WG_MUSTUSE;

/* From now on the lines of j and the secrets are copied into the capture; no longer. */
void service_capture_feed(struct service_capture *c, struct journal *j,
			  struct line_copies *secrets);
void service_capture_starve(struct service_capture *c, struct journal *j,
			    struct line_copies *secrets);

/* Has a capture that is fed get what j's readers were told before it: where the connections are
 * that are open. */
void service_capture_tell_open(struct service_capture *c, struct journal *j,
			       struct service *service);

/* Logs it, once, if the capture fails while the loop runs. -1 with *e when the loop can't watch for
 * that. unwatch must come before the loop's end. */
int service_capture_watch(struct service_capture *c, struct loop *loop, struct err *e) WG_MUSTUSE;
void service_capture_unwatch(struct service_capture *c);

/* Before and after a change of the service: in between everything is captured, since the port of a
 * new listener isn't known before. */
void service_capture_widen(struct service_capture *c);
void service_capture_narrow(struct service_capture *c, struct service *service);

/* Adds to f what the proxies at work need, and those that are gone and still have sessions. */
void service_capture_terms(struct capture_filter *f, struct service *service);

/* What is on the wire from now on is no part of the capture. */
void service_capture_end_here(struct service_capture *c);

/* Ends the capture, when it is fed no more, and frees c. keep: the file is written, and a line on
 * stderr says so; else it is discarded. -1 with *e when the file, or a part of it, couldn't be
 * written. */
int service_capture_end(struct service_capture *c, bool keep, struct err *e);

/* Does the same in any thread, and without the line: *told is it; the caller frees. Not for NULL.
 */
int service_capture_finish(struct service_capture *c, char **told, struct err *e);

#endif
