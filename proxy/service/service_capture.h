/* service_capture.h - the capture of a service: which journal, secrets and packets it gets, and the
 * lines about it. Knows no packets. */
#ifndef WEDGE_SERVICE_SERVICE_CAPTURE_H
#define WEDGE_SERVICE_SERVICE_CAPTURE_H

#include "proxy/base/capture.h"
#include "proxy/service/service.h"

/* Every function but service_capture_new accepts NULL for "no capture" and then does nothing. */
struct service_capture;

/* Begins a capture into path. ops NULL: refused, since this wedge has none. log must outlive it. */
struct service_capture *service_capture_new(const struct capture_ops *ops, const char *path,
					    const struct log *log, struct err *e) WG_MUSTUSE;

/* Has every line of j copied into the capture. To be called right after journal_open. */
void service_capture_journal(struct service_capture *c, struct journal *j);

/* The writer that TLS's secrets go to, which stays the capture's; NULL without a capture. */
struct writer *service_capture_secrets(const struct service_capture *c);

/* Logs it, once, if the capture fails while the loop runs. unwatch must come before the loop's end.
 */
void service_capture_watch(struct service_capture *c, struct loop *loop);
void service_capture_unwatch(struct service_capture *c);

/* Before and after a change of the service: in between everything is captured, since the port of a
 * new listener isn't known before. config NULL: the change was refused. */
void service_capture_widen(struct service_capture *c);
void service_capture_narrow(struct service_capture *c, const struct config *config,
			    const struct service *service);

/* What is on the wire from now on is no part of the capture. NULL is fine. */
void service_capture_end_here(struct service_capture *c);

/* Ends the capture, after journal_close, and frees c. keep: the file is written, and a line on
 * stderr says so; else it is discarded. -1 with *e when the file, or a part of it, couldn't be
 * written. */
int service_capture_end(struct service_capture *c, bool keep, struct err *e);

#endif
