/* service_records.c - the capture is opened first and ended last: it gets the journal's lines. */
#include "proxy/service/service_records.h"

#include "proxy/base/journal_writer.h"
#include "proxy/base/mem.h"
#include "proxy/base/standard_streams.h"
#include "proxy/service/service_capture.h"
#include "proxy/service/service_captures.h"

#include <string.h>

/* Opens the capture first, so that its process inherits nothing that is opened later. */
int service_records_open(struct service_records *r, const struct config *c,
			 const struct capture_ops *ops, bool offered, const struct log *log,
			 struct err *e)
{
	r->journal_path = xstrdup(c->journal);
	r->capture_path = xstrdup(c->capture);
	if (*c->capture) {
		r->capture = service_capture_new(ops, c->capture, log, e);
		if (!r->capture)
			return -1;
	}
	if (!*c->journal && !r->capture && !offered)
		return 0;
	if (*c->journal)
		r->journal_writer = journal_writer_new(c->journal, e);
	if (r->journal_writer)
		r->journal = journal_to_writer(journal_writer(r->journal_writer), &clock_monotonic);
	else if (!*c->journal)
		r->journal = journal_open(NULL, &clock_monotonic, e);
	if (!r->journal)
		return -1;
	service_capture_feed(r->capture, r->journal, &r->secrets);
	return 0;
}

int service_records_offer(struct service_records *r, const struct capture_ops *ops,
			  const struct control_host *h, struct err *e)
{
	const struct service_captures_env env = {.ops = ops,
						 .log = h->log,
						 .loop = h->loop,
						 .journal = r->journal,
						 .secrets = &r->secrets,
						 .service = h->service};

	r->captures = service_captures_new(&env, e);
	return r->captures ? 0 : -1;
}

int service_records_check(const struct service_records *r, const struct config *c, struct err *e)
{
	if (strcmp(c->journal, r->journal_path) != 0)
		return err_set(e, "journal: it can't become '%s' while wedge runs; start it again",
			       c->journal);
	if (strcmp(c->capture, r->capture_path) != 0)
		return err_set(e, "capture: it can't become '%s' while wedge runs; start it again",
			       c->capture);
	return 0;
}

void service_records_widen(struct service_records *r)
{
	service_capture_widen(r->capture);
	service_captures_widen(r->captures);
}

void service_records_narrow(struct service_records *r, struct service *service)
{
	service_capture_narrow(r->capture, service);
	service_captures_narrow(r->captures);
}

/* Adds a failure to those that *e has when rc is -1. */
static int add_failure(int rc, const struct err *why, struct err *e)
{
	char *both = xasprintf("%s%s%s", rc == -1 ? e->text : "", rc == -1 ? "; " : "", why->text);

	err_set(e, "%s", both);
	free(both);
	return -1;
}

int service_records_end(struct service_records *r, bool served, int rc, struct err *e)
{
	struct err why;

	journal_lost(r->journal, "log_lost", standard_streams_losses());
	if (r->journal)
		service_capture_starve(r->capture, r->journal, &r->secrets);
	journal_close(r->journal);
	if (journal_writer_end(r->journal_writer, &why) == -1)
		rc = add_failure(rc, &why, e);
	if (service_capture_end(r->capture, served, &why) == -1)
		rc = add_failure(rc, &why, e);
	free(r->journal_path);
	free(r->capture_path);
	return rc;
}
