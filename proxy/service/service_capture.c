/* service_capture.c - the filter only ever grows, as open sessions of proxies that are gone go on;
 * a failure leaves the service running and is reported at the end. */
#include "proxy/service/service_capture.h"

#include "proxy/base/capture_record.h"
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/engine/engine_wire.h"
#include "proxy/service/capture_filter.h"

#include <event2/event.h>

struct service_capture {
	struct capture_record *record;
	struct capture_filter filter;
	const struct log *log;
	struct event *news; /* NULL: unwatched */
};

struct service_capture *service_capture_begin(const struct capture_ops *ops, const char *path,
					      const struct log *log, struct err *e)
{
	struct capture_record *record = capture_record_new(ops, path, e);
	struct service_capture *c;

	if (!record)
		return NULL;
	if (capture_record_begin(record, NULL, e) == -1) {
		(void)!capture_record_end(record, false, NULL);
		return NULL;
	}
	c = xcalloc(1, sizeof(*c));
	c->record = record;
	c->log = log;
	return c;
}

int service_capture_await(struct service_capture *c, struct err *e)
{
	return capture_record_await(c->record, e);
}

struct service_capture *service_capture_new(const struct capture_ops *ops, const char *path,
					    const struct log *log, struct err *e)
{
	struct service_capture *c = service_capture_begin(ops, path, log, e);

	if (!c || service_capture_await(c, e) == 0)
		return c;
	(void)!service_capture_end(c, false, NULL);
	return NULL;
}

void service_capture_feed(struct service_capture *c, struct journal *j, struct line_copies *secrets)
{
	if (!c)
		return;
	journal_copy(j, c->record->journal);
	line_copies_add(secrets, c->record->secrets);
}

void service_capture_starve(struct service_capture *c, struct journal *j,
			    struct line_copies *secrets)
{
	if (!c)
		return;
	journal_uncopy(j, c->record->journal);
	line_copies_remove(secrets, c->record->secrets);
}

static void tell_connections(void *arg)
{
	engine_tell_connections(arg);
}

void service_capture_tell_open(struct service_capture *c, struct journal *j,
			       struct service *service)
{
	if (c)
		journal_retell(j, c->record->journal, tell_connections, service_engine(service));
}

static void news_cb(evutil_socket_t fd, short what, void *arg)
{
	struct service_capture *c = arg;
	struct err why;

	(void)fd;
	(void)what;
	if (!capture_record_fails(c->record, &why))
		return;
	log_error(c->log, "capture: %s; what it has until now is written at the end", why.text);
	event_del(c->news);
}

int service_capture_watch(struct service_capture *c, struct loop *loop, struct err *e)
{
	if (!c)
		return 0;
	c->news = loop_watch(loop, c->record->capture->news, EV_READ | EV_PERSIST, news_cb, c);
	return c->news ? 0 : err_errno(e, "watching the capture");
}

void service_capture_unwatch(struct service_capture *c)
{
	if (!c || !c->news)
		return;
	event_free(c->news);
	c->news = NULL;
}

/* A filter that can't be set leaves the one before in force, and is no reason to stop the service.
 */
static void select_packets(struct service_capture *c, const char *filter)
{
	struct err why;

	if (c->record->ops->select(c->record->capture, filter, &why) == -1)
		log_error(c->log, "capture: %s; what it takes stays as it was", why.text);
}

void service_capture_widen(struct service_capture *c)
{
	if (c)
		select_packets(c, CAPTURE_FILTER_ALL);
}

static void filter_add_proxy(void *arg, const struct engine_proxy_config *pc,
			     const struct addr *listen)
{
	struct capture_filter *f = arg;

	switch (pc->mode) {
	case PROXY_EXPLICIT:
		if (listen)
			capture_filter_address(f, listen);
		capture_filter_server(f, &pc->upstream);
		break;
	case PROXY_FORWARD:
		capture_filter_address(f, &pc->server);
		break;
	case PROXY_TRANSPARENT:
		capture_filter_intercept(f, &pc->intercept);
		if (pc->map && pc->map->n)
			capture_filter_all(f);
		break;
	case PROXY_REDIRECT: /* to wherever its clients want */
		capture_filter_all(f);
		break;
	}
}

void service_capture_terms(struct capture_filter *f, struct service *service)
{
	if (!engine_each_place(service_engine(service), filter_add_proxy, f))
		capture_filter_all(f);
}

void service_capture_narrow(struct service_capture *c, struct service *service)
{
	char *text;

	if (!c)
		return;
	service_capture_terms(&c->filter, service);
	text = capture_filter_text(&c->filter);
	select_packets(c, text);
	free(text);
}

void service_capture_end_here(struct service_capture *c)
{
	if (c)
		c->record->ops->cut(c->record->capture, clock_wall());
}

int service_capture_end(struct service_capture *c, bool keep, struct err *e)
{
	int rc;

	if (!c)
		return 0;
	rc = capture_record_end(c->record, keep, e);
	capture_filter_free(&c->filter);
	free(c);
	return rc;
}

int service_capture_finish(struct service_capture *c, char **told, struct err *e)
{
	int rc = capture_record_finish(c->record, true, told, e);

	capture_filter_free(&c->filter);
	free(c);
	return rc;
}
