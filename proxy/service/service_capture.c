/* service_capture.c - the filter only ever grows, as open sessions of proxies that are gone go on;
 * a failure leaves the service running and is reported at the end. */
#include "proxy/service/service_capture.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"
#include "proxy/base/writer.h"
#include "proxy/service/capture_filter.h"

#include <event2/event.h>

struct service_capture {
	const struct capture_ops *ops;
	struct capture *capture;
	struct writer *journal, *secrets;
	struct capture_filter filter;
	const struct log *log;
	struct event *news; /* NULL: unwatched */
	bool failed;
};

/* A comment in a key log, and no object in a journal: readers skip it. */
static char *gap_line(void *arg, unsigned long long lines, const char *why)
{
	(void)arg;
	return xasprintf("# %llu %s lost here: %s\n", lines, lines == 1 ? "line is" : "lines are",
			 why);
}

static struct writer *new_writer(int fd, const char *name, struct err *e)
{
	const struct writer_output o = {.fd = fd, .name = name, .gap = gap_line};

	return writer_new(&o, e);
}

static int start_writers(struct service_capture *c, struct err *e)
{
	c->journal = new_writer(c->capture->journal, "the capture's copy of the journal", e);
	if (c->journal)
		c->secrets = new_writer(c->capture->secrets, "the capture's key log", e);
	return c->secrets ? 0 : -1;
}

/* Their files are whole once the writers have ended. Returns the lines that are missing. */
static unsigned long long end_writers(struct service_capture *c)
{
	unsigned long long lost = 0;

	if (c->journal)
		lost += writer_end(c->journal).lines;
	if (c->secrets)
		lost += writer_end(c->secrets).lines;
	return lost;
}

struct service_capture *service_capture_new(const struct capture_ops *ops, const char *path,
					    const struct log *log, struct err *e)
{
	struct service_capture *c;
	struct capture *capture;

	if (!ops) {
		err_set(e, "capture: this wedge was built without scenarios/, which captures");
		return NULL;
	}
	capture = ops->begin(path, e);
	if (!capture) {
		err_wrap(e, "capture");
		return NULL;
	}
	c = xcalloc(1, sizeof(*c));
	c->ops = ops;
	c->capture = capture;
	c->log = log;
	if (start_writers(c, e) == 0)
		return c;
	end_writers(c);
	ops->discard(capture);
	free(c);
	return NULL;
}

void service_capture_journal(struct service_capture *c, struct journal *j)
{
	if (c)
		journal_copy(j, c->journal);
}

struct writer *service_capture_secrets(const struct service_capture *c)
{
	return c ? c->secrets : NULL;
}

static void log_failure(struct service_capture *c, const struct err *why)
{
	if (!c->failed)
		log_error(c->log, "capture: %s; what it has until now is written at the end",
			  why->text);
	c->failed = true;
}

static void news_cb(evutil_socket_t fd, short what, void *arg)
{
	struct service_capture *c = arg;
	struct err why;

	(void)fd;
	(void)what;
	if (c->ops->news(c->capture, &why) == 0)
		return;
	log_failure(c, &why);
	event_del(c->news);
}

void service_capture_watch(struct service_capture *c, struct loop *loop)
{
	if (!c)
		return;
	c->news = event_new(loop_base(loop), c->capture->news, EV_READ | EV_PERSIST, news_cb, c);
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

	if (c->ops->select(c->capture, filter, &why) == -1)
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
		c->ops->cut(c->capture, clock_wall());
}

int service_capture_end(struct service_capture *c, bool keep, struct err *e)
{
	unsigned long long lost;
	char *told = NULL;
	int rc = 0;

	if (!c)
		return 0;
	lost = end_writers(c);
	if (!keep)
		c->ops->discard(c->capture);
	else
		rc = c->ops->end(c->capture, &told, e);
	if (told) {
		char *line = text_print_line(told);

		fprintf(stderr, "wedge: %s\n", line);
		free(line);
	}
	if (rc == -1)
		err_wrap(e, "capture");
	else if (c->failed)
		rc = err_set(e, "capture: it broke off");
	else if (lost)
		rc = err_set(e, "capture: it lacks %llu %s of journal and key log", lost,
			     lost == 1 ? "line" : "lines");
	free(told);
	capture_filter_free(&c->filter);
	free(c);
	return rc;
}
