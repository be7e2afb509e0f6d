/* config_run.c - the process around a configuration: SIGHUP reads the file again, SIGTERM and
 * SIGINT end it; each says in one line what became of it. */
#include "proxy/service/config_run.h"

#include "proxy/base/mem.h"
#include "proxy/config/config_load.h"
#include "proxy/ns/descriptors.h"
#include "proxy/service/config_apply.h"
#include "proxy/service/config_capture.h"

#include <event2/event.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

struct service {
	const struct config_source *source;
	struct loop *loop;
	struct service *running;
	struct journal *journal;
	struct config_capture *captured;
	struct log log;
	struct event *term, *interrupt, *hangup;
	uint64_t seed;
	char *journal_path, *capture_path; /* "": none */
	bool draining, served;
	int status;
};

static void override(char **text, const char *with)
{
	if (!with)
		return;
	free(*text);
	*text = xstrdup(with);
}

/* What the command line says goes before what the configuration says. */
static void overrule(const struct config_source *src, struct config *c)
{
	if (src->seed)
		c->seed = *src->seed;
	override(&c->journal, src->journal);
	override(&c->capture, src->capture);
}

static int load(const struct config_source *src, struct config *c, struct err *e)
{
	config_init(c, src->impairments_ops);
	if (config_load(c, src->path, e) == -1)
		return -1;
	overrule(src, c);
	return 0;
}

static void set_level(struct service *sv, const struct config *c)
{
	sv->log.level = (enum log_level)c->level;
	if (sv->source->verbose)
		sv->log.level = sv->source->verbose > 1 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
}

static void announce_proxy(const struct service *sv, const struct service_proxy_info *p)
{
	const struct engine *engine = service_engine(sv->running);
	const char *backend = engine_packet_backend(engine);
	bool named = sv->source->path;
	char text[ADDR_TEXT];

	fprintf(stderr, "wedge: %s%s", named ? p->name : "", named ? ": " : "");
	if (p->mode == PROXY_TRANSPARENT)
		fprintf(stderr, "taking connections that come in by %s, by %s; servers see %s",
			p->intercept, engine_intercept_backend(engine, p->mode), p->upstream);
	else if (p->mode == PROXY_REDIRECT)
		fprintf(stderr, "taking connections that this host opens, %s, by %s", p->intercept,
			engine_intercept_backend(engine, p->mode));
	else if (p->listen)
		fprintf(stderr, "listening on %s, forwarding to %s", addr_format(p->listen, text),
			p->upstream);
	else
		fprintf(stderr, "watching what is forwarded to and from %s", p->upstream);
	if (p->mapped)
		fprintf(stderr, ", %zu %s elsewhere", p->mapped,
			p->mapped == 1 ? "destination goes" : "destinations go");
	if (p->defer_backend)
		fprintf(stderr, "; clients wait for their server's answer, by %s",
			p->defer_backend);
	if (backend)
		fprintf(stderr, ", packets through %s", backend);
	if (p->shared)
		fprintf(stderr, ", on one worker: %s has one state for all sessions", p->shared);
	fputc('\n', stderr);
}

static void announce(const struct service *sv)
{
	struct service_proxy_info p;

	for (size_t i = 0; service_proxy_info(sv->running, i, &p); i++)
		if (p.moved)
			announce_proxy(sv, &p);
}

/* What is fixed for the life of the process must be as it was. */
static int check_fixed(const struct service *sv, const struct config *c, struct err *e)
{
	if (c->seed != sv->seed)
		return err_set(e, "seed: %llu can't become %llu while wedge runs; start it again",
			       (unsigned long long)sv->seed, (unsigned long long)c->seed);
	if (strcmp(c->journal, sv->journal_path) != 0)
		return err_set(e, "journal: it can't become '%s' while wedge runs; start it again",
			       c->journal);
	if (strcmp(c->capture, sv->capture_path) != 0)
		return err_set(e, "capture: it can't become '%s' while wedge runs; start it again",
			       c->capture);
	return 0;
}

/* Reading must not wait for anybody: a pipe that was a file once would stop every session. */
static int check_regular(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return err_errno(e, "can't read %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, "%s isn't a regular file: it can't be read again", path);
	return 0;
}

/* Whole or not at all, and no packet of it is missed. */
static int apply(struct service *sv, const struct config *c, struct config_diff *diff,
		 struct err *e)
{
	int rc;

	config_capture_widen(sv->captured);
	rc = config_apply(sv->running, c, diff, e);
	config_capture_narrow(sv->captured, rc == 0 ? c : NULL, sv->running);
	return rc;
}

static int reload(struct service *sv, struct config_diff *diff, struct err *e)
{
	struct config c;
	int rc;

	if (check_regular(sv->source->path, e) == -1)
		return -1;
	rc = load(sv->source, &c, e);
	if (rc == 0)
		rc = check_fixed(sv, &c, e);
	if (rc == 0)
		rc = apply(sv, &c, diff, e);
	if (rc == 0)
		set_level(sv, &c);
	config_fini(&c);
	return rc;
}

static void hangup_cb(evutil_socket_t signal_number, short what, void *arg)
{
	struct service *sv = arg;
	const struct clock *clock = loop_clock(sv->loop);
	int64_t began = clock_now(clock);
	struct config_diff diff;
	struct err e;
	double ms;
	int rc;

	(void)signal_number;
	(void)what;
	rc = reload(sv, &diff, &e);
	ms = (double)(clock_now(clock) - began) / NS_PER_MS;
	if (rc == -1) {
		log_error(&sv->log, "configuration refused, the old one goes on: %s", e.text);
		journal_event(sv->journal, "config_refused", "s:s", "why", e.text);
		return;
	}
	fprintf(stderr,
		"wedge: configuration changed in %.2f ms: %zu added, %zu removed, %zu changed; %zu "
		"%s at work\n",
		ms, diff.added, diff.removed, diff.changed, diff.proxies,
		diff.proxies == 1 ? "proxy" : "proxies");
	announce(sv);
	journal_event(sv->journal, "config_changed", "s:I, s:I, s:I, s:I, s:f", "proxies",
		      (json_int_t)diff.proxies, "added", (json_int_t)diff.added, "removed",
		      (json_int_t)diff.removed, "changed", (json_int_t)diff.changed, "ms", ms);
	journal_flush(sv->journal);
}

static void drained_cb(void *arg)
{
	struct service *sv = arg;

	loop_stop(sv->loop);
}

static void stop_cb(evutil_socket_t signal_number, short what, void *arg)
{
	struct service *sv = arg;
	struct engine *engine = service_engine(sv->running);
	struct engine_stats stats;

	(void)signal_number;
	(void)what;
	engine_stats(engine, &stats);
	if (sv->draining) {
		sv->status = stats.sessions_open ? 1 : 0;
		loop_stop(sv->loop);
		return;
	}
	sv->draining = true;
	engine_drain(engine, drained_cb, sv);
	engine_stats(engine, &stats);
	log_info(&sv->log, "accepts no more");
	if (stats.sessions_open)
		fprintf(stderr, "wedge: waits for %llu open %s to end; another signal resets %s\n",
			(unsigned long long)stats.sessions_open,
			stats.sessions_open == 1 ? "session" : "sessions",
			stats.sessions_open == 1 ? "it" : "them");
}

static struct event *watch_signal(struct service *sv, int signal_number, event_callback_fn cb)
{
	struct event *ev =
	    event_new(loop_base(sv->loop), signal_number, EV_SIGNAL | EV_PERSIST, cb, sv);

	BUG_ON(!ev || event_add(ev, NULL) == -1);
	return ev;
}

/* The capture first: its process has nothing of what comes later. */
static int open_records(struct service *sv, const struct config *c, struct err *e)
{
	sv->journal_path = xstrdup(c->journal);
	sv->capture_path = xstrdup(c->capture);
	if (*c->capture) {
		sv->captured = config_capture_new(sv->source->capture_ops, c->capture, &sv->log, e);
		if (!sv->captured)
			return -1;
	}
	if (!*c->journal && !sv->captured)
		return 0;
	sv->journal = journal_open(*c->journal ? c->journal : NULL, &clock_monotonic, e);
	if (!sv->journal)
		return -1;
	config_capture_journal(sv->captured, sv->journal);
	return 0;
}

static int serve(struct service *sv, const struct config *c, struct err *e)
{
	struct config_diff diff;

	sv->seed = c->seed;
	set_level(sv, c);
	descriptors_raise();
	if (open_records(sv, c, e) == -1)
		return -1;
	sv->loop = loop_new(e);
	if (!sv->loop)
		return -1;
	if (sv->source->path)
		sv->hangup = watch_signal(sv, SIGHUP, hangup_cb);
	sv->running =
	    service_new(sv->loop, sv->journal, &sv->log, c->seed, sv->source->impairments_ops, e);
	if (!sv->running)
		return -1;
	service_copy_secrets(sv->running, config_capture_secrets(sv->captured));
	if (apply(sv, c, &diff, e) == -1)
		return -1;
	config_capture_watch(sv->captured, sv->loop);
	sv->term = watch_signal(sv, SIGTERM, stop_cb);
	sv->interrupt = watch_signal(sv, SIGINT, stop_cb);
	announce(sv);
	if (diff.proxies == 0)
		fprintf(stderr, "wedge: no proxy is at work\n");
	sv->served = true;
	if (loop_run(sv->loop) == -1)
		return err_set(e, "the event loop failed");
	return 0;
}

/* From here on the process only ends: one more signal must not cut that short. */
static int service_fini(struct service *sv, struct err *e)
{
	sigset_t ending;

	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	service_free(sv->running);
	config_capture_unwatch(sv->captured);
	if (sv->term)
		event_free(sv->term);
	if (sv->interrupt)
		event_free(sv->interrupt);
	if (sv->hangup)
		event_free(sv->hangup);
	loop_free(sv->loop);
	journal_close(sv->journal);
	free(sv->journal_path);
	free(sv->capture_path);
	return config_capture_end(sv->captured, sv->served, e);
}

int config_run(const struct config_source *source, struct err *e)
{
	struct service sv = {.source = source, .log = {.level = LOG_LEVEL_WARN, .out = stderr}};
	struct err of_capture;
	struct config c;
	int rc;

	if (!source->path) {
		overrule(source, source->command_line);
		rc = serve(&sv, source->command_line, e);
	} else {
		rc = load(source, &c, e);
		if (rc == 0)
			rc = serve(&sv, &c, e);
		config_fini(&c);
	}
	if (service_fini(&sv, &of_capture) == -1 && rc == 0)
		rc = err_set(e, "%s", of_capture.text);
	return rc == -1 ? -1 : sv.status;
}
