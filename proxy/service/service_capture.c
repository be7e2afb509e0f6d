/* service_capture.c - the filter only ever grows, as open sessions of proxies that are gone go on;
 * a failure leaves the service running and is reported at the end. */
#include "proxy/service/service_capture.h"

#include "proxy/base/capture_record.h"
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/service/capture_filter.h"

#include <event2/event.h>

struct service_capture {
	struct capture_record *record;
	struct capture_filter filter;
	const struct log *log;
	struct event *news; /* NULL: unwatched */
};

struct service_capture *service_capture_new(const struct capture_ops *ops, const char *path,
					    const struct log *log, struct err *e)
{
	struct capture_record *record = capture_record_new(ops, path, e);
	struct service_capture *c;

	if (!record)
		return NULL;
	if (capture_record_start(record, NULL, e) == -1) {
		(void)!capture_record_end(record, false, NULL);
		return NULL;
	}
	c = xcalloc(1, sizeof(*c));
	c->record = record;
	c->log = log;
	return c;
}

void service_capture_journal(struct service_capture *c, struct journal *j)
{
	if (c)
		journal_copy(j, c->record->journal);
}

struct writer *service_capture_secrets(const struct service_capture *c)
{
	return c ? c->record->secrets : NULL;
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

void service_capture_watch(struct service_capture *c, struct loop *loop)
{
	if (!c)
		return;
	c->news =
	    event_new(loop_base(loop), c->record->capture->news, EV_READ | EV_PERSIST, news_cb, c);
	BUG_ON(!c->news || event_add(c->news, NULL) == -1);
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

static void filter_add_proxy(struct capture_filter *f, const struct config_proxy *p,
			     const struct service_proxy_info *info)
{
	switch ((enum proxy_mode)p->mode) {
	case PROXY_EXPLICIT:
		capture_filter_address(f, info->listen);
		capture_filter_server(f, &p->upstream);
		break;
	case PROXY_FORWARD:
		capture_filter_address(f, &p->server);
		break;
	case PROXY_TRANSPARENT:
		capture_filter_intercept(f, &p->intercept);
		if (p->map.n)
			capture_filter_all(f);
		break;
	case PROXY_REDIRECT: /* to wherever its clients want */
		capture_filter_all(f);
		break;
	}
}

void service_capture_narrow(struct service_capture *c, const struct config *config,
			    const struct service *service)
{
	struct service_proxy_info p;
	size_t at = 0;
	char *text;

	if (!c)
		return;
	/* The service has the enabled proxies, in their order. */
	for (size_t i = 0; config && i < config->n; i++)
		if (config->proxy[i].enabled && service_proxy_info(service, at++, &p))
			filter_add_proxy(&c->filter, &config->proxy[i], &p);
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
