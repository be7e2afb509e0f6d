/* live_watch.c - asks a wedge for its packets and its journal (proxy/service/service_viewers.c), or
 * a run for its folder (live_run.c), and shows what a live_view makes of them. */
#include "scenarios/live/live_watch.h"

#include "proxy/base/clock.h"
#include "proxy/base/run_folder.h"
#include "proxy/base/run_line.h"
#include "scenarios/capture/packet_filter.h"
#include "scenarios/live/live_folder.h"
#include "scenarios/live/live_lines.h"
#include "scenarios/live/live_view.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define ANSWER_MS  2000 /* a turn of its loop, on a busy host */
#define TURN_MS	   100
#define READ_BYTES 65536

/* Of a proxy; a run gives one descriptor, of its folder. */
enum { PACKETS, LINES, PIPES, CONN = PIPES, OUT, POLLED };

struct watch {
	struct live_view *view;
	struct live_lines lines;
	struct live_folder *folder; /* NULL: it is a proxy */
	struct pollfd fds[POLLED];
	struct pcapng_buf buf; /* to be written */
};

/* Connects to that wedge, which tells of itself; NULL with *e. */
static json_t *meet_wedge(int folder, const char *name, int *fd, struct err *e)
{
	int none[RUN_LINE_FDS];
	json_t *line;
	size_t n;

	*fd = run_folder_connect(folder, name, e);
	if (*fd == -1)
		return NULL;
	line = run_line_recv(*fd, ANSWER_MS, none, &n, e);
	if (!line)
		close(*fd);
	return line;
}

struct lister {
	int folder;
	void (*fn)(void *arg, const struct live_wedge *w);
	void *arg;
};

static void show_wedge(void *arg, const char *name)
{
	const struct lister *l = arg;
	struct live_wedge w = {.name = name};
	struct err ignored;
	int fd;
	json_t *line = meet_wedge(l->folder, name, &fd, &ignored);

	if (!line)
		return;
	w.what = run_line_text(line, "what");
	w.why = run_line_text(line, "why");
	l->fn(l->arg, &w);
	json_decref(line);
	close(fd);
}

int live_wedges(void (*fn)(void *arg, const struct live_wedge *w), void *arg, struct err *e)
{
	struct lister l = {run_folder_open(e), fn, arg};

	if (l.folder == -1)
		return -1;
	run_folder_each(l.folder, show_wedge, &l);
	close(l.folder);
	return 0;
}

static void read_legs(const json_t *line, enum leg legs[LEG_COUNT])
{
	const json_t *list = json_object_get(line, "legs");

	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		legs[leg] = json_integer_value(json_array_get(list, leg)) == LEG_SERVER
				? LEG_SERVER
				: LEG_CLIENT;
}

/* Asks a wedge that was met for what it shows. Returns how many descriptors it gives, or -1. */
static int ask_wedge(int fd, int given[RUN_LINE_FDS], enum leg legs[LEG_COUNT], struct err *e)
{
	json_t *line = NULL;
	size_t n = 0;
	int rc = -1;

	if (write(fd, "\n", 1) != 1)
		err_errno(e, "asking wedge");
	else
		line = run_line_recv(fd, ANSWER_MS, given, &n, e);
	if (line && *run_line_text(line, "why"))
		err_set(e, "%s", run_line_text(line, "why"));
	else if (line && !n)
		err_set(e, "that wedge shows nothing");
	else if (line)
		rc = (int)n;
	read_legs(line, legs);
	json_decref(line);
	return rc;
}

/* 1; 0 when nobody reads it any more; -1 with *e. */
static int write_all(struct watch *w, struct err *e)
{
	for (size_t done = 0; done < w->buf.len;) {
		ssize_t n = write(w->fds[OUT].fd, w->buf.data + done, w->buf.len - done);

		if (n == -1 && errno == EPIPE)
			return 0;
		if (n == -1 && errno != EINTR)
			return err_errno(e, "writing packets");
		done += n > 0 ? (size_t)n : 0;
	}
	w->buf.len = 0;
	return 1;
}

static void take_line(void *arg, json_t *line, int64_t wall_ns)
{
	const struct watch *w = arg;

	live_view_line(w->view, line, wall_ns);
}

/* Takes what a pipe has; that has ended is read no more. 1; -1 with *e. */
static int take_bytes(struct watch *w, int which, struct err *e)
{
	char data[READ_BYTES];
	ssize_t n = read(w->fds[which].fd, data, sizeof(data));

	if (n == -1)
		return errno == EINTR ? 1 : err_errno(e, "reading from wedge");
	if (n == 0)
		w->fds[which].fd = -1;
	else if (which == LINES)
		live_lines_take(&w->lines, data, (size_t)n, take_line, w);
	else
		return live_view_packets(w->view, LEG_CLIENT, data, (size_t)n, e) == -1 ? -1 : 1;
	return 1;
}

/* What wedge says while it is watched is why it shows nothing more; its end says nothing. */
static int hear_wedge(struct watch *w, struct err *e)
{
	int none[RUN_LINE_FDS], rc = 1;
	struct err ignored;
	size_t n;
	json_t *line = run_line_recv(w->fds[CONN].fd, 0, none, &n, &ignored);

	if (line && *run_line_text(line, "why"))
		rc = err_set(e, "%s", run_line_text(line, "why"));
	json_decref(line);
	w->fds[CONN].fd = -1;
	return rc;
}

/* Waits, and takes what has come. 1; 0 when nobody reads what is written; -1 with *e. */
static int take_ready(struct watch *w, struct err *e)
{
	int rc = 1;

	if (poll(w->fds, POLLED, TURN_MS) == -1)
		return errno == EINTR ? 1 : err_errno(e, "waiting for packets");
	for (int i = 0; i < PIPES && rc == 1; i++)
		if (w->fds[i].revents)
			rc = take_bytes(w, i, e);
	if (rc == 1 && w->fds[CONN].revents)
		rc = hear_wedge(w, e);
	if (rc == 1 && w->folder)
		rc = live_folder_read(w->folder, e) == -1 ? -1 : 1;
	return rc == 1 && w->fds[OUT].revents & POLLERR ? 0 : rc;
}

/* A proxy has ended when its pipes have, a run when it has closed its socket. */
static bool goes_on(const struct watch *w)
{
	if (w->folder)
		return w->fds[CONN].fd != -1;
	return w->fds[PACKETS].fd != -1 || w->fds[LINES].fd != -1;
}

static int follow_wedge(struct watch *w, struct err *e)
{
	int64_t shown = INT64_MIN;
	int rc = 1;

	while (rc == 1 && goes_on(w)) {
		int64_t now = clock_wall();

		if (shown > now || shown < now - TURN_MS * NS_PER_MS) {
			live_view_show(w->view, now, &w->buf);
			rc = write_all(w, e);
			shown = now;
		}
		if (rc == 1)
			rc = take_ready(w, e);
	}
	if (rc == 1) {
		live_view_show(w->view, INT64_MAX, &w->buf);
		rc = write_all(w, e);
	}
	return rc < 0 ? -1 : 0;
}

static int watch_met(int conn, struct packet_filter *filter, int out, struct err *e)
{
	struct watch w = {
	    .fds = {{-1, POLLIN, 0}, {-1, POLLIN, 0}, {conn, POLLIN, 0}, {.fd = out}}};
	enum leg legs[LEG_COUNT];
	int given[RUN_LINE_FDS], n = ask_wedge(conn, given, legs, e), rc = n == -1 ? -1 : 0;

	if (n == PIPES) {
		w.fds[PACKETS].fd = given[PACKETS];
		w.fds[LINES].fd = given[LINES];
	}
	if (rc == 0) {
		w.view = live_view_new(n == PIPES ? LIVE_ALL : LIVE_LEGS,
				       filter ? packet_filter_takes : NULL, filter);
		if (n != PIPES) {
			live_view_legs(w.view, legs);
			w.folder = live_folder_new(given[0], w.view, &w.buf);
		}
		rc = follow_wedge(&w, e);
	}
	live_folder_free(w.folder);
	live_view_free(w.view);
	live_lines_free(&w.lines);
	free(w.buf.data);
	for (int i = 0; i < n; i++)
		close(given[i]);
	return rc;
}

int live_filter_check(const char *text, struct err *e)
{
	struct packet_filter *f = packet_filter_new(text, e);

	packet_filter_free(f);
	return f ? 0 : -1;
}

static int watch_by_name(const char *name, struct packet_filter *filter, int fd, struct err *e)
{
	int folder = run_folder_open(e), conn, rc;
	json_t *line;

	if (folder == -1)
		return -1;
	line = meet_wedge(folder, name, &conn, e);
	close(folder);
	if (!line)
		return -1;
	json_decref(line);
	rc = watch_met(conn, filter, fd, e);
	close(conn);
	return rc;
}

int live_watch(const char *name, const char *filter, int fd, struct err *e)
{
	struct packet_filter *f = NULL;
	int rc;

	if (filter) {
		f = packet_filter_new(filter, e);
		if (!f)
			return err_wrap(e, "the filter");
	}
	rc = watch_by_name(name, f, fd, e);
	packet_filter_free(f);
	return rc;
}
