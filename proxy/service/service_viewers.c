/* service_viewers.c - a viewer gets a line about the service as soon as it connects. When it says
 * something it gets two pipes: the packets, from a process that takes them, and the journal's
 * lines. Putting the two together is left to the viewer, which needs no rights for that. */
#include "proxy/service/service_viewers.h"

#include "proxy/base/journal.h"
#include "proxy/base/mem.h"
#include "proxy/base/run_folder.h"
#include "proxy/base/run_line.h"
#include "proxy/base/version.h"
#include "proxy/engine/engine_wire.h"
#include "proxy/service/service_capture.h"

#include <event2/event.h>
#include <fcntl.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#define VIEWERS_MAX 6
#define PIPE_BYTES  (1 << 20)
#define NAMES_BYTES 160 /* of the proxies' names in a viewer's list */

struct viewer {
	struct service_viewers *of;
	int fd;
	struct event *readable, *news;
	struct capture *packets; /* NULL: it hasn't asked for them */
	struct writer *lines;
	LIST_ENTRY(viewer) entry;
};

struct service_viewers {
	const struct capture_ops *ops;
	const struct log *log;
	int listener;
	char name[RUN_NAME_MAX];
	struct event *coming, *pause;
	struct loop *loop;
	struct workers *workers;
	struct journal *journal;
	struct capture_filter filter;
	size_t n;
	LIST_HEAD(, viewer) viewers;
};

struct service_viewers *service_viewers_new(const struct capture_ops *ops, const struct log *log)
{
	struct service_viewers *v;
	struct err why;

	if (!ops)
		return NULL;
	v = xcalloc(1, sizeof(*v));
	v->ops = ops;
	v->log = log;
	LIST_INIT(&v->viewers);
	v->listener = run_folder_listen(v->name, &why);
	if (v->listener != -1)
		return v;
	log_debug(log, "Wireshark doesn't find this wedge: %s", why.text);
	free(v);
	return NULL;
}

static void end_packets(struct viewer *w, bool at_once)
{
	if (w->news)
		event_free(w->news);
	if (w->packets && at_once)
		w->of->ops->discard(w->packets);
	else if (w->packets)
		w->of->ops->leave(w->packets);
	if (!w->lines)
		return;
	journal_uncopy(w->of->journal, w->lines);
	writer_end(w->lines);
}

static void free_viewer(struct viewer *w, bool at_once)
{
	end_packets(w, at_once);
	event_free(w->readable);
	close(w->fd);
	LIST_REMOVE(w, entry);
	w->of->n--;
	free(w);
}

static json_t *describe_service(const struct service_viewers *v)
{
	struct service *s = workers_first(v->workers);
	struct service_proxy_info p;
	char names[NAMES_BYTES] = "";
	size_t used = 0;
	struct err why = {""};

	for (size_t i = 0; service_proxy_info(s, i, &p) && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
					 p.name);
	if (used >= sizeof(names))
		memcpy(names + sizeof(names) - 4, "...", 4);
	if (v->ops->check(&why) == 0)
		*why.text = '\0';
	return json_pack("{s:s, s:I, s:s, s:s}", "wedge", WEDGE_VERSION, "pid",
			 (json_int_t)getpid(), "what", names, "why", why.text);
}

/* A line that isn't one of the journal's times: readers take it for the beginning's. */
static char *gap_line(void *arg, unsigned long long lines, const char *why)
{
	(void)arg;
	return xasprintf("{\"t\":0,\"event\":\"journal_lost\",\"lines\":%llu,\"why\":\"%s\"}\n",
			 lines, why);
}

static void news_cb(evutil_socket_t fd, short what, void *arg)
{
	struct viewer *w = arg;
	struct err why;

	(void)fd;
	(void)what;
	if (w->of->ops->news(w->packets, &why) == 0)
		return;
	(void)!run_line_send(w->fd, json_pack("{s:s}", "why", why.text), NULL, 0);
	free_viewer(w, true);
}

static void tell_connections(void *arg)
{
	engine_tell_connections(arg);
}

/* In the worker's thread. */
static void journal_again(struct service *s, void *arg)
{
	const struct viewer *w = arg;

	journal_retell(w->of->journal, w->lines, tell_connections, service_engine(s));
}

/* Lines come from the first one on, and then again what was told before: so none is missing. */
static void begin_lines(struct viewer *w)
{
	journal_copy(w->of->journal, w->lines);
	workers_each(w->of->workers, journal_again, w);
}

/* What the proxies of now need is looked up for who looks: each change would pay for it. */
static char *make_filter(struct service_viewers *v)
{
	service_capture_terms(&v->filter, workers_first(v->workers));
	return capture_filter_text(&v->filter);
}

static int open_packets(struct viewer *w, int fd, struct err *e)
{
	char *filter = make_filter(w->of);
	int rc = -1;

	w->packets = w->of->ops->stream(fd, e);
	if (w->packets)
		rc = w->of->ops->aim(w->packets, filter);
	free(filter);
	return rc;
}

static int open_viewer(struct viewer *w, const int packets[2], const int lines[2], struct err *e)
{
	const struct writer_output o = {.fd = lines[1], .gap = gap_line};
	const int ends[2] = {packets[0], lines[0]};

	w->lines = writer_new(&o, e);
	if (!w->lines)
		return -1;
	if (open_packets(w, packets[1], e) == -1)
		return -1;
	w->news = loop_watch(w->of->loop, w->packets->news, EV_READ | EV_PERSIST, news_cb, w);
	if (!w->news)
		return err_errno(e, "the capture can't be watched");
	begin_lines(w);
	return run_line_send(w->fd, json_pack("{s:s}", "why", ""), ends, ARRAY_LEN(ends));
}

static void close_pipe(const int p[2])
{
	for (int i = 0; i < 2; i++)
		if (p[i] != -1)
			close(p[i]);
}

/* The viewer wants to see packets. */
static int show_packets(struct viewer *w, struct err *e)
{
	int packets[2] = {-1, -1}, lines[2] = {-1, -1}, rc = -1;

	if (pipe2(packets, O_CLOEXEC) == -1 || pipe2(lines, O_CLOEXEC) == -1) {
		err_errno(e, "pipes for a viewer");
	} else {
		(void)!fcntl(packets[1], F_SETPIPE_SZ, PIPE_BYTES);
		rc = open_viewer(w, packets, lines, e);
	}
	close_pipe(packets);
	close_pipe(lines);
	return rc;
}

static void readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct viewer *w = arg;
	struct err why = {""};
	char said[16];

	(void)what;
	if (read(fd, said, sizeof(said)) <= 0) {
		free_viewer(w, true);
	} else if (!w->packets && show_packets(w, &why) == -1) {
		(void)!run_line_send(w->fd, json_pack("{s:s}", "why", why.text), NULL, 0);
		free_viewer(w, true);
	}
}

/* After a viewer that can't be accepted for want of descriptors. */
static void go_on_cb(evutil_socket_t fd, short what, void *arg)
{
	const struct service_viewers *v = arg;

	(void)fd;
	(void)what;
	event_add(v->coming, NULL);
}

static void coming_cb(evutil_socket_t fd, short what, void *arg)
{
	struct service_viewers *v = arg;
	int conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct viewer *w;

	(void)what;
	if (conn == -1) {
		event_add(v->pause, &(const struct timeval){.tv_sec = 1});
		return;
	}
	event_add(v->coming, NULL);
	if (v->n >= VIEWERS_MAX || run_line_send(conn, describe_service(v), NULL, 0) == -1) {
		close(conn);
		return;
	}
	w = xcalloc(1, sizeof(*w));
	w->of = v;
	w->fd = conn;
	w->readable = loop_watch(v->loop, conn, EV_READ | EV_PERSIST, readable_cb, w);
	if (!w->readable) {
		close(conn);
		free(w);
		return;
	}
	LIST_INSERT_HEAD(&v->viewers, w, entry);
	v->n++;
}

void service_viewers_serve(struct service_viewers *v, struct loop *loop, struct workers *workers,
			   struct journal *journal)
{
	if (!v)
		return;
	v->loop = loop;
	v->workers = workers;
	v->journal = journal;
	v->pause = evtimer_new(loop_base(loop), go_on_cb, v);
	BUG_ON(!v->pause);
	v->coming = loop_watch(loop, v->listener, EV_READ, coming_cb, v);
	if (!v->coming)
		log_debug(v->log, "Wireshark doesn't find this wedge: its socket can't be watched");
}

/* A process that doesn't hear of it is one that can't write: its viewer loses no more than before.
 */
static void aim_all(const struct service_viewers *v, const char *filter)
{
	const struct viewer *w;

	LIST_FOREACH (w, &v->viewers, entry)
		if (w->packets)
			(void)!v->ops->aim(w->packets, filter);
}

void service_viewers_widen(struct service_viewers *v)
{
	if (v)
		aim_all(v, CAPTURE_FILTER_ALL);
}

void service_viewers_narrow(struct service_viewers *v)
{
	const struct viewer *w;
	char *filter;

	if (!v)
		return;
	LIST_FOREACH (w, &v->viewers, entry)
		if (w->packets)
			break;
	if (!w)
		return;
	filter = make_filter(v);
	aim_all(v, filter);
	free(filter);
}

void service_viewers_free(struct service_viewers *v)
{
	struct viewer *w;

	if (!v)
		return;
	while ((w = LIST_FIRST(&v->viewers)))
		free_viewer(w, false);
	if (v->coming)
		event_free(v->coming);
	if (v->pause)
		event_free(v->pause);
	close(v->listener);
	run_folder_leave(v->name);
	capture_filter_free(&v->filter);
	free(v);
}
