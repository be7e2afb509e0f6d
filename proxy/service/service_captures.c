/* service_captures.c - a thread waits for each capture's beginning, and for its file, and tells the
 * loop by a mailbox. A file has no name once it is written: it goes with its descriptor. */
#include "proxy/service/service_captures.h"

#include "proxy/base/clock.h"
#include "proxy/base/mailbox.h"
#include "proxy/base/mem.h"
#include "proxy/service/service_capture.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

enum { KEPT_MAX = 16 };

struct kept_capture {
	struct service_captures *owner;
	uint64_t number;
	enum service_capture_state state;
	struct service_capture *capture; /* NULL: it is over */
	pthread_t thread;		 /* while it starts, and while it is written */
	bool threaded;
	char *folder;
	int64_t began, ended; /* wall clock, ns */
	char *told;
	int rc; /* of the thread's work, with why */
	struct err why;
	int file[CAPTURE_PARTS];
	TAILQ_ENTRY(kept_capture) entry;
};

struct service_captures {
	struct service_captures_env env;
	struct mailbox *box;
	uint64_t started;
	size_t n;
	TAILQ_HEAD(, kept_capture) list;
};

static const char *const part_names[CAPTURE_PARTS] = {"capture.pcapng", "capture-client.pcapng",
						      "capture-server.pcapng"};

struct service_captures *service_captures_new(const struct service_captures_env *env, struct err *e)
{
	struct service_captures *cs = xcalloc(1, sizeof(*cs));

	cs->env = *env;
	TAILQ_INIT(&cs->list);
	cs->box = mailbox_new(env->loop, e);
	if (cs->box)
		return cs;
	free(cs);
	return NULL;
}

static char *part_path(const struct kept_capture *k, int part)
{
	return xasprintf("%s/%s", k->folder, part_names[part]);
}

/* What is read from now on is read from the descriptors. */
static void take_files(struct kept_capture *k)
{
	for (int part = 0; part < CAPTURE_PARTS; part++) {
		char *path = part_path(k, part);

		k->file[part] = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		unlink(path);
		free(path);
	}
	rmdir(k->folder);
}

static void start_thread(struct kept_capture *k, void *(*work)(void *arg))
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&k->thread, NULL, work, k);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	BUG_ON(error); /* a process that has forked three more for it has a thread for it */
	k->threaded = true;
}

static void end_thread(struct kept_capture *k)
{
	if (k->threaded)
		pthread_join(k->thread, NULL);
	k->threaded = false;
}

static void starve_capture(struct kept_capture *k)
{
	const struct service_captures_env *env = &k->owner->env;

	service_capture_starve(k->capture, env->journal, env->secrets);
	service_capture_unwatch(k->capture);
}

static void discard_capture(struct kept_capture *k)
{
	(void)!service_capture_end(k->capture, false, NULL);
	k->capture = NULL;
	take_files(k);
}

/* It captures every packet until here. */
static void started_cb(void *arg)
{
	struct kept_capture *k = arg;
	const struct service_captures_env *env = &k->owner->env;
	struct err why;

	end_thread(k);
	if (k->rc == -1) {
		k->state = CAPTURE_FAILED;
		log_error(env->log, "%s", k->why.text);
		discard_capture(k);
		return;
	}
	k->state = CAPTURE_RUNNING;
	k->began = clock_wall();
	service_capture_feed(k->capture, env->journal, env->secrets);
	service_capture_tell_open(k->capture, env->journal, env->service);
	service_capture_narrow(k->capture, env->service);
	if (service_capture_watch(k->capture, env->loop, &why) == -1)
		log_warn(env->log, "capture: %s; what fails is told at its end", why.text);
}

static void *await_start(void *arg)
{
	struct kept_capture *k = arg;

	k->rc = service_capture_await(k->capture, &k->why);
	mailbox_post(k->owner->box, started_cb, k);
	return NULL;
}

/* The line is for whoever has named a file; in this folder there is none any more. */
static char *shorten_line(const struct kept_capture *k, char *told)
{
	size_t n = strlen(k->folder) + 1;
	char *at;

	while ((at = strstr(told, k->folder)) && at[n - 1] == '/')
		memmove(at, at + n, strlen(at + n) + 1);
	return told;
}

static void written_cb(void *arg)
{
	struct kept_capture *k = arg;

	end_thread(k);
	take_files(k);
	k->state = k->file[CAPTURE_BOTH] == -1 ? CAPTURE_FAILED : CAPTURE_WRITTEN;
	if (k->rc == -1)
		log_error(k->owner->env.log, "%s", k->why.text);
}

static void *write_file(void *arg)
{
	struct kept_capture *k = arg;
	char *told = NULL;

	k->rc = service_capture_finish(k->capture, &told, &k->why);
	k->capture = NULL;
	k->told = told ? shorten_line(k, told) : NULL;
	mailbox_post(k->owner->box, written_cb, k);
	return NULL;
}

static struct kept_capture *find_capture(const struct service_captures *cs, uint64_t number,
					 struct err *e)
{
	struct kept_capture *k;

	TAILQ_FOREACH (k, &cs->list, entry)
		if (k->number == number)
			return k;
	err_set(e, "there is no capture of that number");
	return NULL;
}

static void free_capture(struct kept_capture *k)
{
	for (int part = 0; part < CAPTURE_PARTS; part++)
		if (k->file[part] != -1)
			close(k->file[part]);
	free(k->told);
	free(k->folder);
	free(k);
}

static void forget_capture(struct kept_capture *k)
{
	TAILQ_REMOVE(&k->owner->list, k, entry);
	k->owner->n--;
	free_capture(k);
}

static int check_start(const struct service_captures *cs, struct err *e)
{
	const struct kept_capture *k;

	TAILQ_FOREACH (k, &cs->list, entry)
		if (k->state == CAPTURE_STARTING || k->state == CAPTURE_RUNNING) {
			err_set(e, "capture %llu is running already",
				(unsigned long long)k->number);
			return CAPTURE_NOT_NOW;
		}
	if (cs->n >= KEPT_MAX) {
		err_set(e, "%d captures are kept already; remove one", KEPT_MAX);
		return CAPTURE_NOT_NOW;
	}
	if (!cs->env.ops)
		err_set(e, "this wedge was built without scenarios/, which captures");
	else if (cs->env.ops->check(e) == 0)
		return 0;
	return CAPTURE_NEVER;
}

/* A folder of wedge's alone, for whoever may write into a place for all could exchange the file. */
static char *make_folder(struct err *e)
{
	const char *place = getenv("TMPDIR");
	char *folder = xasprintf("%s/wedge-capture-XXXXXX", place && *place ? place : "/tmp");

	if (mkdtemp(folder))
		return folder;
	err_errno(e, "can't make a folder for the capture, %s", folder);
	free(folder);
	return NULL;
}

static int begin_capture(struct kept_capture *k, struct err *e)
{
	const struct service_captures_env *env = &k->owner->env;
	char *path;

	k->folder = make_folder(e);
	if (!k->folder)
		return -1;
	path = part_path(k, CAPTURE_BOTH);
	k->capture = service_capture_begin(env->ops, path, env->log, e);
	free(path);
	if (k->capture)
		return 0;
	rmdir(k->folder);
	return -1;
}

int service_captures_start(struct service_captures *cs, uint64_t *number, struct err *e)
{
	struct kept_capture *k;
	int rc = check_start(cs, e);

	if (rc)
		return rc;
	k = xcalloc(1, sizeof(*k));
	*k = (struct kept_capture){.owner = cs, .began = clock_wall(), .file = {-1, -1, -1}};
	if (begin_capture(k, e) == -1) {
		free_capture(k);
		return CAPTURE_NEVER;
	}
	k->number = *number = ++cs->started;
	TAILQ_INSERT_TAIL(&cs->list, k, entry);
	cs->n++;
	start_thread(k, await_start);
	return 0;
}

int service_captures_stop(struct service_captures *cs, uint64_t number, struct err *e)
{
	struct kept_capture *k = find_capture(cs, number, e);

	if (!k)
		return CAPTURE_UNKNOWN;
	if (k->state == CAPTURE_STARTING) {
		err_set(e, "it is starting");
		return CAPTURE_NOT_NOW;
	}
	if (k->state != CAPTURE_RUNNING)
		return 0;
	k->state = CAPTURE_WRITING;
	k->ended = clock_wall();
	service_capture_end_here(k->capture);
	starve_capture(k);
	start_thread(k, write_file);
	return 0;
}

int service_captures_remove(struct service_captures *cs, uint64_t number, struct err *e)
{
	struct kept_capture *k = find_capture(cs, number, e);

	if (!k)
		return CAPTURE_UNKNOWN;
	if (k->state == CAPTURE_STARTING || k->state == CAPTURE_WRITING) {
		err_set(e, k->state == CAPTURE_STARTING ? "it is starting" : "it is being written");
		return CAPTURE_NOT_NOW;
	}
	if (k->state == CAPTURE_RUNNING) {
		starve_capture(k);
		discard_capture(k);
	}
	forget_capture(k);
	return 0;
}

void service_captures_free(struct service_captures *cs)
{
	struct kept_capture *k;

	if (!cs)
		return;
	TAILQ_FOREACH (k, &cs->list, entry)
		end_thread(k);
	mailbox_free(cs->box); /* what the threads have told */
	while ((k = TAILQ_FIRST(&cs->list))) {
		if (k->state == CAPTURE_RUNNING)
			starve_capture(k);
		if (k->capture)
			discard_capture(k);
		forget_capture(k);
	}
	free(cs);
}

void service_captures_widen(struct service_captures *cs)
{
	struct kept_capture *k;

	if (cs)
		TAILQ_FOREACH (k, &cs->list, entry)
			if (k->state == CAPTURE_RUNNING)
				service_capture_widen(k->capture);
}

void service_captures_narrow(struct service_captures *cs)
{
	struct kept_capture *k;

	if (cs)
		TAILQ_FOREACH (k, &cs->list, entry)
			if (k->state == CAPTURE_RUNNING)
				service_capture_narrow(k->capture, cs->env.service);
}

bool service_captures_info(const struct service_captures *cs, size_t i,
			   struct service_capture_info *out)
{
	const struct kept_capture *k;

	TAILQ_FOREACH (k, &cs->list, entry)
		if (i-- == 0)
			break;
	if (!k)
		return false;
	*out = (struct service_capture_info){.number = k->number,
					     .state = k->state,
					     .began = clock_seconds(k->began),
					     .ended = clock_seconds(k->ended)};
	memcpy(out->file, k->file, sizeof(out->file));
	if (k->state != CAPTURE_FAILED && k->state != CAPTURE_WRITTEN)
		return true; /* a thread may be setting the rest */
	out->told = k->told;
	out->why = k->rc == -1 ? k->why.text : NULL;
	return true;
}
