/* service_records.h - what a service's process writes of what it does: the journal, and captures.
 * Knows no signal and no change. */
#ifndef WEDGE_SERVICE_SERVICE_RECORDS_H
#define WEDGE_SERVICE_SERVICE_RECORDS_H

#include "proxy/base/capture.h"
#include "proxy/base/line_copies.h"
#include "proxy/service/control.h"

struct service_capture;
struct service_captures;

/* To be zero-initialised. */
struct service_records {
	struct journal *journal; /* NULL: nobody wants one */
	struct journal_writer *journal_writer;
	struct service_capture *capture;   /* the configuration's; NULL: none */
	struct service_captures *captures; /* that are asked for later; NULL: nobody can */
	struct line_copies secrets;	   /* of TLS */
	char *journal_path, *capture_path; /* "": none */
};

/* Opens what the configuration asks for, before there is a loop; a journal also where others may
 * ask for it later (offered). ops NULL: this wedge has no captures. */
int service_records_open(struct service_records *r, const struct config *c,
			 const struct capture_ops *ops, bool offered, const struct log *log,
			 struct err *e) WG_MUSTUSE;

/* Lets captures be asked for later. */
int service_records_offer(struct service_records *r, const struct capture_ops *ops,
			  const struct control_host *h, struct err *e) WG_MUSTUSE;

/* Refuses a configuration that has others than those that are open. */
int service_records_check(const struct service_records *r, const struct config *c,
			  struct err *e) WG_MUSTUSE;

/* Before and after a change of the service (service_capture.h). */
void service_records_widen(struct service_records *r);
void service_records_narrow(struct service_records *r, struct service *service);

/* Writes what is to be written, and closes all. served: the service has run, so its capture is
 * kept. Returns rc, or -1 with *e, to which it adds what went wrong, when rc is -1 already. */
int service_records_end(struct service_records *r, bool served, int rc, struct err *e);

#endif
