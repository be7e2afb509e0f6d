/* service_run.c - SIGHUP reads the file again where there is one; it ends the process where there
 * is none, as SIGTERM and SIGINT do. Each prints in one line what became of it. */
#include "proxy/service/service_run.h"

#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "proxy/base/slice.h"
#include "proxy/engine/engine.h"
#include "proxy/ns/descriptors.h"
#include "proxy/service/service.h"
#include "proxy/service/service_announce.h"
#include "proxy/service/service_capture.h"
#include "proxy/service/service_captures.h"
#include "proxy/service/service_confine.h"
#include "proxy/service/service_records.h"
#include "proxy/service/service_signals.h"
#include "proxy/service/service_viewers.h"
#include "proxy/service/workers.h"

#include <signal.h>
#include <string.h>

struct service_run {
	const struct service_source *source;
	struct loop *loop;
	struct workers *workers;
	struct service_records records;
	struct service_viewers *viewers;
	struct control_host host;
	struct control *control; /* NULL: nobody steers but signals */
	struct log log;
	struct service_signals signals;
	uint64_t seed, hold_limit, nworkers;
	bool draining, served;
	int status;
};

static void set_level(struct service_run *run, const struct config *c)
{
	run->log.level = (enum log_level)c->level;
	if (run->source->verbose)
		run->log.level = run->source->verbose > 1 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
}

/* Refuses a change of what is fixed for the life of the process. */
static int check_fixed(const struct service_run *run, const struct config *c, struct err *e)
{
	if (c->seed_given && c->seed != run->seed)
		return err_set(e, "seed: %llu can't become %llu while wedge runs; start it again",
			       (unsigned long long)run->seed, (unsigned long long)c->seed);
	if (c->hold_limit != run->hold_limit)
		return err_set(e, "hold_limit: it can't change while wedge runs; start it again");
	if (c->workers != run->nworkers)
		return err_set(e, "workers: it can't change while wedge runs; start it again");
	return service_records_check(&run->records, c, e);
}

/* Changes the service while the capture takes every packet, so that it misses none. */
static int apply_config(struct service_run *run, const struct config *c, struct service_diff *diff,
			struct err *e)
{
	int rc;

	service_records_widen(&run->records);
	service_viewers_widen(run->viewers);
	rc = workers_apply(run->workers, c, diff, e);
	service_records_narrow(&run->records, workers_first(run->workers));
	service_viewers_narrow(run->viewers);
	return rc;
}

static void note_change(struct service_run *run, const struct service_diff *diff, double ms)
{
	journal_event(run->records.journal, "config_changed", "s:I, s:I, s:I, s:I, s:f", "proxies",
		      (json_int_t)diff->proxies, "added", (json_int_t)diff->added, "removed",
		      (json_int_t)diff->removed, "changed", (json_int_t)diff->changed, "ms", ms);
}

/* A client of the control plane has asked for it. */
static int control_apply(struct control_host *h, const struct config *c, struct service_diff *diff,
			 struct err *e)
{
	struct service_run *run = container_of(h, struct service_run, host);
	const struct clock *clock = loop_clock(run->loop);
	int64_t began = clock_now(clock);
	int rc = apply_config(run, c, diff, e);

	if (rc == 0)
		note_change(run, diff, (double)(clock_now(clock) - began) / NS_PER_MS);
	return rc;
}

static int open_control(struct service_run *run, const struct config *c, struct err *e)
{
	const struct service_source *src = run->source;

	run->host = (struct control_host){.loop = run->loop,
					  .journal = run->records.journal,
					  .log = &run->log,
					  .service = workers_first(run->workers),
					  .impairments_ops = src->impairments_ops,
					  .apply = control_apply};
	if (!src->control.listens)
		return 0;
	if (service_records_offer(&run->records, src->capture_ops, &run->host, e) == -1)
		return -1;
	run->host.captures = run->records.captures;
	run->control = src->control_ops->open(&src->control, &run->host, c, e);
	return run->control ? 0 : -1;
}

static int reload_config(struct service_run *run, struct service_diff *diff, struct err *e)
{
	struct config c;
	int rc;

	if (service_source_check_again(run->source, e) == -1)
		return -1;
	rc = service_source_load(run->source, &c, e);
	if (rc == 0)
		rc = check_fixed(run, &c, e);
	if (rc == 0 && run->control)
		rc = run->source->control_ops->reload(run->control, &c, diff, e);
	else if (rc == 0)
		rc = apply_config(run, &c, diff, e);
	if (rc == 0)
		set_level(run, &c);
	config_fini(&c);
	return rc;
}

static void reload_cb(int signal_number, short what, void *arg)
{
	struct service_run *run = arg;
	const struct clock *clock = loop_clock(run->loop);
	int64_t began = clock_now(clock);
	struct service_diff diff;
	struct err e;
	double ms;
	int rc;

	(void)signal_number;
	(void)what;
	rc = reload_config(run, &diff, &e);
	ms = (double)(clock_now(clock) - began) / NS_PER_MS;
	if (rc == -1) {
		log_error(&run->log, "configuration refused, the old one goes on: %s", e.text);
		journal_event(run->records.journal, "config_refused", "s:s", "why", e.text);
		return;
	}
	fprintf(stderr,
		"wedge: configuration changed in %.2f ms: %zu added, %zu removed, %zu changed; %zu "
		"%s at work\n",
		ms, diff.added, diff.removed, diff.changed, diff.proxies,
		diff.proxies == 1 ? "proxy" : "proxies");
	service_announce_moved(workers_first(run->workers), run->source->path);
	if (!run->control)
		note_change(run, &diff, ms);
}

static void drained_cb(void *arg)
{
	struct service_run *run = arg;

	loop_stop(run->loop);
}

static void stop_cb(int signal_number, short what, void *arg)
{
	struct service_run *run = arg;
	struct engine_stats stats;

	(void)signal_number;
	(void)what;
	workers_stats(run->workers, &stats);
	if (run->draining) {
		run->status = stats.sessions_open ? 1 : 0;
		loop_stop(run->loop);
		return;
	}
	run->draining = true;
	if (run->source->ends_at_once) {
		loop_stop(run->loop);
		return;
	}
	workers_drain(run->workers, drained_cb, run);
	workers_stats(run->workers, &stats);
	log_info(&run->log, "accepts no more");
	if (stats.sessions_open)
		fprintf(stderr, "wedge: waits for %llu open %s to end; another signal resets %s\n",
			(unsigned long long)stats.sessions_open,
			stats.sessions_open == 1 ? "session" : "sessions",
			stats.sessions_open == 1 ? "it" : "them");
}

/* A terminal that closes may say so more than once, by its shell and by the kernel: only the first
 * one counts, and none resets sessions. */
static void hangup_cb(int signal_number, short what, void *arg)
{
	struct service_run *run = arg;

	if (!run->draining)
		stop_cb(signal_number, what, run);
}

static int watch_signal(struct service_run *run, int number,
			void (*cb)(int number, short what, void *arg), struct err *e)
{
	return service_signals_add(&run->signals, run->loop, number, cb, run, e);
}

static int watch_ends(struct service_run *run, struct err *e)
{
	if (watch_signal(run, SIGTERM, stop_cb, e) == -1 ||
	    watch_signal(run, SIGINT, stop_cb, e) == -1)
		return -1;
	if (run->source->path || service_signals_ignored(SIGHUP))
		return 0;
	return watch_signal(run, SIGHUP, hangup_cb, e);
}

/* A run without a seed of its own draws one, and tells it so that the run can be repeated. */
static int choose_seed(struct service_run *run, const struct config *c, struct err *e)
{
	run->hold_limit = c->hold_limit;
	run->nworkers = c->workers;
	run->seed = c->seed;
	return c->seed_given ? 0 : rng_draw_seed(&run->seed, e);
}

static void announce_seed(const struct service_run *run, const struct config *c)
{
	journal_event(run->records.journal, "seed", "s:I", "seed", (json_int_t)run->seed);
	if (!c->seed_given && (run->source->path || config_impairments(c)))
		fprintf(stderr, "wedge: the seed is %llu; --seed %llu repeats its decisions\n",
			(unsigned long long)run->seed, (unsigned long long)run->seed);
}

/* The control plane lists and closes the sessions of one engine. */
static size_t choose_workers(const struct service_run *run)
{
	if (run->source->control.listens)
		return 1;
	return run->nworkers ? (size_t)run->nworkers : workers_default();
}

static int start_workers(struct service_run *run, struct err *e)
{
	const struct workers_config config = {.n = choose_workers(run),
					      .loop = run->loop,
					      .hold_limit = run->hold_limit,
					      .journal = run->records.journal,
					      .log = &run->log,
					      .seed = run->seed,
					      .ops = run->source->impairments_ops,
					      .timed = run->source->control.listens};

	run->workers = workers_new(&config, e);
	return run->workers ? 0 : -1;
}

static int run_service(struct service_run *run, const struct config *c, struct err *e)
{
	struct service_diff diff;

	if (choose_seed(run, c, e) == -1)
		return -1;
	set_level(run, c);
	descriptors_raise();
	run->viewers = service_viewers_new(run->source->capture_ops, &run->log);
	if (service_records_open(&run->records, c, run->source->capture_ops,
				 run->source->control.listens || run->viewers, &run->log, e) == -1)
		return -1;
	run->loop = loop_new(e);
	if (!run->loop)
		return -1;
	if (run->source->path && watch_signal(run, SIGHUP, reload_cb, e) == -1)
		return -1;
	if (start_workers(run, e) == -1)
		return -1;
	service_copy_secrets(workers_first(run->workers), &run->records.secrets);
	if (apply_config(run, c, &diff, e) == -1)
		return -1;
	if (service_capture_watch(run->records.capture, run->loop, e) == -1 ||
	    watch_ends(run, e) == -1)
		return -1;
	service_viewers_serve(run->viewers, run->loop, run->workers, run->records.journal);
	service_announce_moved(workers_first(run->workers), run->source->path);
	announce_seed(run, c);
	if (open_control(run, c, e) == -1)
		return -1;
	service_confine(run->workers, c, run->source->path || run->control, &run->log);
	if (diff.proxies == 0 && !run->control)
		fprintf(stderr, "wedge: no proxy is at work\n");
	run->served = true;
	if (loop_run(run->loop) == -1)
		return err_set(e, "the event loop failed");
	return 0;
}

/* Signals are blocked: the process only ends from here on, and none must cut that short. */
static int end_run(struct service_run *run, struct err *e)
{
	sigset_t ending;
	int rc;

	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	/* Without rules and listeners this host's kernel answers in the place of those that are
	 * dead, or silent. */
	if (run->workers) {
		workers_reset(run->workers);
		service_capture_end_here(run->records.capture);
	}
	if (run->control)
		run->source->control_ops->close(run->control);
	service_captures_free(run->records.captures);
	rc = workers_end(run->workers, e);
	service_capture_unwatch(run->records.capture);
	service_viewers_free(run->viewers);
	service_signals_fini(&run->signals);
	loop_free(run->loop);
	return service_records_end(&run->records, run->served, rc, e);
}

int service_run(const struct service_source *source, struct err *e)
{
	struct service_run run = {.source = source,
				  .log = {.level = LOG_LEVEL_WARN, .out = stderr}};
	struct err of_records;
	struct config c;
	int rc;

	slice_ask();
	if (!source->path) {
		service_source_overrule(source, source->command_line);
		rc = run_service(&run, source->command_line, e);
	} else {
		rc = service_source_load(source, &c, e);
		if (rc == 0)
			rc = run_service(&run, &c, e);
		config_fini(&c);
	}
	if (end_run(&run, &of_records) == -1 && rc == 0)
		rc = err_set(e, "%s", of_records.text);
	return rc == -1 ? -1 : run.status;
}
