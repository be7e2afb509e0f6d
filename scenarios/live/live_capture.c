/* live_capture.c - wedge's end of a live capture: checks what can be checked, starts the process,
 * talks with it. The files between them have no names, so that none is ever left behind. */
#include "scenarios/live/live_capture.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/capture_output.h"
#include "scenarios/base/figure_text.h"
#include "scenarios/base/msg.h"
#include "scenarios/base/unnamed_file.h"
#include "scenarios/live/live_process.h"

#include <errno.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS     10000 /* where nobody is served yet */
#define FILTER_MS     1000  /* while sessions wait; a filter takes milliseconds */
#define UNHEARD_BYTES 16384 /* of filters that a process hasn't read: it has stopped */
#define WRITTEN_MS    30000 /* the process that writes goes on by itself */

struct live {
	struct capture shown; /* first: a capture is its live one */
	char *path;
	struct live_files files;
	pid_t pid;
	int msg_fd;
	bool failed; /* reported by read_failure() */
	bool streams;
};

static struct live *live_of(struct capture *c)
{
	return (struct live *)c;
}

static int check_path(const char *path, struct err *e)
{
	if (!*path || path[strlen(path) - 1] == '/')
		return err_set(e, "'%s' is no file's name", path);
	return own_file_check_replace(path, &capture_kind, e);
}

/* Each leg may get a file of its own. */
static int check_paths(const char *path, struct err *e)
{
	int rc = check_path(path, e);

	for (enum leg leg = 0; leg < LEG_COUNT && rc == 0; leg++) {
		char *of_leg = live_leg_path(path, leg);

		rc = check_path(of_leg, e);
		free(of_leg);
	}
	return rc;
}

static int open_files(struct live_files *f, const char *path, struct err *e)
{
	f->raw[LEG_CLIENT] = unnamed_file(path, e);
	if (f->raw[LEG_CLIENT] == -1)
		return -1;
	f->journal = unnamed_file(path, e);
	f->secrets = unnamed_file(path, e);
	if (f->journal == -1 || f->secrets == -1)
		return -1;
	live_lock(f->journal);
	live_lock(f->secrets);
	return 0;
}

static void close_file(int fd)
{
	if (fd != -1)
		close(fd);
}

static void live_free(struct live *l)
{
	close_file(l->files.raw[LEG_CLIENT]);
	if (l->files.raw[LEG_SERVER] != l->files.raw[LEG_CLIENT])
		close_file(l->files.raw[LEG_SERVER]);
	close_file(l->files.journal);
	close_file(l->files.secrets);
	close_file(l->msg_fd);
	free(l->path);
	free(l);
}

/* raw: -1, or where a stream's packets go. */
static int start_process(struct live *l, const struct capture_apart *apart, int raw, struct err *e)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
		return err_errno(e, "socketpair");
	fflush(NULL);
	l->pid = fork();
	if (l->pid == 0 && raw != -1)
		live_stream(raw, ends[1]);
	if (l->pid == 0)
		live_process(l->path, &l->files, apart, ends[1]);
	close(ends[1]);
	l->msg_fd = l->shown.news = ends[0];
	return l->pid == -1 ? err_errno(e, "can't fork the capture") : 0;
}

/* Waits for the process's next message, which must be of that type. 0, with the message in *out
 * unless out is NULL; -1 with *e, the process's own error if it sent one. */
static int await_message(struct live *l, const char *type, int timeout_ms, json_t **out,
			 struct err *e)
{
	json_t *m = NULL;
	int got = msg_recv(l->msg_fd, timeout_ms, &m, NULL), rc = -1;

	if (got == 0)
		err_set(e, "no answer from the capturing process within %d s", timeout_ms / 1000);
	else if (got == -1)
		err_set(e, "the capturing process has ended before its time");
	else if (strcmp(msg_type(m), type) == 0)
		rc = 0;
	else if (json_string_value(json_object_get(m, "text")))
		err_set(e, "%s", json_string_value(json_object_get(m, "text")));
	else
		err_set(e, "the capturing process says '%s' instead of '%s'", msg_type(m), type);
	if (rc == 0 && out)
		*out = json_incref(m);
	json_decref(m);
	return rc;
}

static void discard_capture(struct capture *c)
{
	struct live *l = live_of(c);

	if (l->pid > 0) {
		kill(l->pid, SIGKILL);
		while (waitpid(l->pid, NULL, 0) == -1 && errno == EINTR)
			continue;
	}
	live_free(l);
}

static struct live *new_live(const char *path)
{
	struct live *l = xcalloc(1, sizeof(*l));

	l->path = xstrdup(path);
	l->files = (struct live_files){{-1, -1}, -1, -1};
	l->msg_fd = -1;
	return l;
}

static struct capture *open_capture(const char *path, struct err *e)
{
	struct live *l = new_live(path);

	if (check_paths(path, e) == -1 || open_files(&l->files, path, e) == -1) {
		discard_capture(&l->shown);
		return NULL;
	}
	l->shown = (struct capture){l->files.journal, l->files.secrets, -1};
	return &l->shown;
}

/* Where the client legs are apart, the server legs are captured if they may be. */
static int open_server_file(struct live *l, bool apart, char **lacks, struct err *e)
{
	int *file = l->files.raw;
	struct err why;

	if (!apart) {
		file[LEG_SERVER] = file[LEG_CLIENT];
		return live_check_privilege(e);
	}
	if (live_check_privilege(&why) == 0) {
		file[LEG_SERVER] = unnamed_file(l->path, e);
		return file[LEG_SERVER] == -1 ? -1 : 0;
	}
	*lacks =
	    xasprintf("%s gets the client leg only: the packets of the server leg leave from "
		      "this host's own network, where capturing needs CAP_NET_RAW (as root, or "
		      "after 'setcap cap_net_raw+ep' on wedge)",
		      l->path);
	return 0;
}

static int start_capture(struct capture *c, const struct capture_apart *apart, char **lacks,
			 struct err *e)
{
	struct live *l = live_of(c);

	return open_server_file(l, apart, lacks, e) == -1 ? -1 : start_process(l, apart, -1, e);
}

static int await_start(struct capture *c, struct err *e)
{
	return await_message(live_of(c), "ready", ANSWER_MS, NULL, e);
}

static int select_packets(struct capture *c, const char *filter, struct err *e)
{
	struct live *l = live_of(c);
	json_t *answer = NULL;
	const char *why;
	int rc;

	if (l->failed)
		return 0;
	if (msg_send(l->msg_fd, "filter", "s:s", "filter", filter) == -1)
		return err_set(e, "the capturing process has ended before its time");
	if (await_message(l, "filtered", FILTER_MS, &answer, e) == -1) {
		l->failed = true; /* a late answer would be taken for the next one's */
		return -1;
	}
	why = json_string_value(json_object_get(answer, "why"));
	rc = why ? err_set(e, "%s", why) : 0;
	json_decref(answer);
	return rc;
}

/* What the process says of a stream while all is well is asked by nobody. */
static int read_stream_news(struct live *l, struct err *e)
{
	json_t *m = NULL;
	int rc = 0;

	if (msg_recv(l->msg_fd, ANSWER_MS, &m, NULL) != 1)
		return err_set(e, "the capturing process has ended before its time");
	if (strcmp(msg_type(m), "error") == 0)
		rc = err_set(e, "%s", json_string_value(json_object_get(m, "text")));
	json_decref(m);
	return rc;
}

static int read_failure(struct capture *c, struct err *e)
{
	struct live *l = live_of(c);

	if (l->streams)
		return read_stream_news(l, e);
	if (l->failed)
		return 0;
	l->failed = true;
	return await_message(l, "", ANSWER_MS, NULL, e);
}

static unsigned long long count_of(const json_t *m, const char *key)
{
	return (unsigned long long)json_integer_value(json_object_get(m, key));
}

static char *describe_files(const struct live *l, const json_t *m)
{
	char *client = live_leg_path(l->path, LEG_CLIENT);
	char *server = live_leg_path(l->path, LEG_SERVER), *legs = NULL, *lost = NULL, *text;
	char of_server[64] = "none of the server leg", packets[COUNT_TEXT], comments[COUNT_TEXT];
	bool several = json_is_true(json_object_get(m, "one_tuple"));
	long long n = json_integer_value(json_object_get(m, "lost"));

	if (several)
		legs = xasprintf("; one leg each: %s, %s", client, server);
	if (n == -1)
		lost = xasprintf("; it broke off before the end");
	else if (n)
		lost =
		    xasprintf("; the capture lost %s", count_text((uint64_t)n, "packet", packets));
	if (!json_is_true(json_object_get(m, "no_server")))
		snprintf(of_server, sizeof(of_server), "%llu of the server leg",
			 count_of(m, "server"));
	text = xasprintf("%s: %s of the client leg, %s, %s%s%s", l->path,
			 count_text(count_of(m, "client"), "packet", packets), of_server,
			 count_text(count_of(m, "comments"), "comment", comments), legs ? legs : "",
			 lost ? lost : "");
	free(client);
	free(server);
	free(legs);
	free(lost);
	return text;
}

/* A process that has ended is reported by end_capture. */
static void cut_capture(struct capture *c, int64_t end_ns)
{
	(void)!msg_send(live_of(c)->msg_fd, "cut", "s:I", "end", (json_int_t)end_ns);
}

/* Gives a process that has said its last word a moment to end. */
static bool has_ended(pid_t pid)
{
	const struct timespec step = {.tv_nsec = 10 * NS_PER_MS};
	int left = 100;

	while (waitpid(pid, NULL, WNOHANG) == 0 && --left)
		nanosleep(&step, NULL);
	return left;
}

static int end_capture(struct capture *c, char **told, struct err *e)
{
	struct live *l = live_of(c);
	json_t *m = NULL;
	int rc = -1;

	close_file(l->files.journal);
	close_file(l->files.secrets);
	l->files.journal = l->files.secrets = -1;
	if (msg_send(l->msg_fd, "stop", NULL) == -1)
		err_set(e, "the capturing process has ended before its time");
	else
		rc = await_message(l, "written", WRITTEN_MS, &m, e);
	if (rc == 0)
		*told = describe_files(l, m);
	json_decref(m);
	if (!has_ended(l->pid) && rc == -1)
		err_set(e, "%s isn't written yet; process %d goes on with it", l->path,
			(int)l->pid);
	live_free(l);
	return rc;
}

static struct capture *open_stream(int fd, struct err *e)
{
	struct live *l = new_live("");

	l->streams = true;
	if (start_process(l, NULL, fd, e) == 0)
		return &l->shown;
	live_free(l);
	return NULL;
}

/* A process that can't write reads nothing either. */
static int aim_stream(struct capture *c, const char *filter)
{
	int fd = live_of(c)->msg_fd, queued = 0;

	if (ioctl(fd, SIOCOUTQ, &queued) == -1 || queued > UNHEARD_BYTES)
		return -1;
	return msg_send(fd, "filter", "s:s", "filter", filter);
}

/* Its process goes on until it has read that this end is closed. */
static void leave_stream(struct capture *c)
{
	live_free(live_of(c));
}

const struct capture_ops live_capture = {
    .open = open_capture,
    .start = start_capture,
    .await = await_start,
    .select = select_packets,
    .news = read_failure,
    .cut = cut_capture,
    .end = end_capture,
    .discard = discard_capture,
    .check = live_check_privilege,
    .stream = open_stream,
    .aim = aim_stream,
    .leave = leave_stream,
};
