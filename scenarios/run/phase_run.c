/* phase_run.c - one phase, run for real: a lab, its roles, their messages, the two captures. What
 * comes out is what the applications and the wire said; nothing here judges. */
#include "scenarios/run/phase_run.h"

#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"
#include "scenarios/run/phase_roles.h"

#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_LIMIT (20 * NS_PER_S)  /* for all roles to be ready; a command server may be slow */
#define QUIET_LIMIT (300 * NS_PER_S) /* without a word from any role a phase has failed */
#define STOP_LIMIT  (20 * NS_PER_S)  /* from a stop to the result */

struct phase_runner {
	struct phase_roles roles_;
	struct lab *lab;
	struct phase_data *data;
	struct progress *progress;
	int64_t last_word;
};

static int send_message(struct phase_runner *s, size_t i, const char *what, struct err *e)
{
	if (msg_send(s->roles_.roles[i].msg_fd, what, NULL) == -1)
		return err_set(e, "the role '%s' has ended before its time",
			       s->roles_.roles[i].name);
	return 0;
}

static int receive_message(struct phase_runner *s, size_t i, struct err *e)
{
	struct role_state *a = &s->roles_.state[i];
	json_t *m = NULL;
	int got = msg_recv(s->roles_.roles[i].msg_fd, 5000, &m, e);
	const char *type = msg_type(m);
	int rc = 0;

	if (got == -1) {
		a->gone = true;
		if (!a->result)
			return err_set(e, "the role '%s' has ended without a result",
				       s->roles_.roles[i].name);
		return 0;
	}
	s->last_word = clock_now(&clock_monotonic);
	if (strcmp(type, "ready") == 0) {
		a->ready = true;
		if (a->part == PART_WEDGE && json_string_value(json_object_get(m, "backend")))
			s->data->backend =
			    xstrdup(json_string_value(json_object_get(m, "backend")));
	} else if (strcmp(type, "progress") == 0) {
		a->progress = (uint64_t)json_integer_value(json_object_get(m, "exchanges"));
		if (a->part == PART_CLIENT && a->traffic == 0)
			progress_update(s->progress, a->progress);
	} else if (strcmp(type, "result") == 0) {
		a->result = json_incref(m);
	} else if (strcmp(type, "error") == 0) {
		rc = err_set(e, "%s: %s", s->roles_.roles[i].name,
			     json_string_value(json_object_get(m, "text")));
	}
	json_decref(m);
	return rc;
}

/* An exit is only news when the role owed a result: its last messages are read first. */
static int read_exit(struct phase_runner *s, struct err *e)
{
	int status, i = lab_reap(s->lab, &status);

	if (i < 0 || s->roles_.state[i].result)
		return 0;
	while (!s->roles_.state[i].result && !s->roles_.state[i].gone)
		if (receive_message(s, (size_t)i, e) == -1) {
			if (WIFSIGNALED(status))
				err_wrap(e, "signal %d", WTERMSIG(status));
			return -1;
		}
	return 0;
}

static int poll_messages(struct phase_runner *s, int timeout_ms, struct err *e)
{
	struct pollfd fds[64];
	size_t index[64], n = 0;

	for (size_t i = 0; i < s->roles_.n && n < ARRAY_LEN(fds) - 1; i++) {
		if (s->roles_.state[i].gone)
			continue;
		index[n] = i;
		fds[n++] = (struct pollfd){.fd = s->roles_.roles[i].msg_fd, .events = POLLIN};
	}
	fds[n] = (struct pollfd){.fd = lab_fd(s->lab), .events = POLLIN};
	if (poll(fds, n + 1, timeout_ms) <= 0)
		return 0;
	for (size_t k = 0; k < n; k++)
		if (fds[k].revents && receive_message(s, index[k], e) == -1)
			return -1;
	if (fds[n].revents && read_exit(s, e) == -1)
		return -1;
	return 0;
}

static bool all_ready(const struct phase_runner *s)
{
	for (size_t i = 0; i < s->roles_.n; i++)
		if (!s->roles_.state[i].ready)
			return false;
	return true;
}

/* Whether every actor of that part (of all traffics, or only the main one) has told its result. */
static bool have_result(const struct phase_runner *s, enum role_part part, bool main_only)
{
	for (size_t i = 0; i < s->roles_.n; i++) {
		const struct role_state *a = &s->roles_.state[i];

		if (a->part == part && !a->result && !(main_only && a->traffic != 0))
			return false;
	}
	return true;
}

static const char *still_missing(const struct phase_runner *s, bool ready)
{
	for (size_t i = 0; i < s->roles_.n; i++)
		if (ready ? !s->roles_.state[i].ready : !s->roles_.state[i].result)
			return s->roles_.roles[i].name;
	return "nobody";
}

static int await_ready(struct phase_runner *s, struct err *e)
{
	int64_t limit = clock_now(&clock_monotonic) + READY_LIMIT;

	while (!all_ready(s)) {
		if (poll_messages(s, 200, e) == -1)
			return -1;
		if (clock_now(&clock_monotonic) > limit)
			return err_set(e, "the role '%s' was not ready within %d s",
				       still_missing(s, true), (int)(READY_LIMIT / NS_PER_S));
	}
	return 0;
}

static int start_clients(struct phase_runner *s, struct err *e)
{
	/* The main client last, so that its siblings are already talking. */
	for (size_t i = s->roles_.n; i-- > 0;)
		if (s->roles_.state[i].part == PART_CLIENT && send_message(s, i, "start", e) == -1)
			return -1;
	return 0;
}

static int await_main(struct phase_runner *s, struct err *e)
{
	s->last_word = clock_now(&clock_monotonic);
	while (!have_result(s, PART_CLIENT, true)) {
		if (poll_messages(s, 500, e) == -1)
			return -1;
		if (clock_now(&clock_monotonic) - s->last_word > QUIET_LIMIT)
			return err_set(e, "no word from any role for %d s",
				       (int)(QUIET_LIMIT / NS_PER_S));
	}
	return 0;
}

/* Stops every actor of a part that still works and waits for their results. */
static int stop_part(struct phase_runner *s, enum role_part part, struct err *e)
{
	int64_t limit = clock_now(&clock_monotonic) + STOP_LIMIT;

	for (size_t i = 0; i < s->roles_.n; i++) {
		struct role_state *a = &s->roles_.state[i];

		/* One that has just ended by itself doesn't hear it; its result is on the way. */
		if (a->part == part && !a->result)
			(void)send_message(s, i, "stop", NULL);
	}
	while (!have_result(s, part, false)) {
		if (poll_messages(s, 200, e) == -1)
			return -1;
		if (clock_now(&clock_monotonic) > limit)
			return err_set(e, "the role '%s' didn't stop within %d s",
				       still_missing(s, false), (int)(STOP_LIMIT / NS_PER_S));
	}
	return 0;
}

static int run_phase_steps(struct phase_runner *s, struct err *e)
{
	int64_t started;

	if (await_ready(s, e) == -1)
		return -1;
	started = clock_now(&clock_monotonic);
	if (start_clients(s, e) == -1 || await_main(s, e) == -1)
		return -1;
	s->data->duration = (double)(clock_now(&clock_monotonic) - started) / (double)NS_PER_S;
	/* Clients first, so that connections end as the applications end them; the taps last, so
	 * that they see it all. */
	if (stop_part(s, PART_CLIENT, e) == -1 || stop_part(s, PART_WEDGE, e) == -1 ||
	    stop_part(s, PART_SERVER, e) == -1 || stop_part(s, PART_TAP, e) == -1)
		return -1;
	return 0;
}

static void collect(struct phase_runner *s, const struct phase *p)
{
	struct phase_data *d = s->data;

	d->ntraffic = p->ntraffic;
	d->traffic = xcalloc(p->ntraffic, sizeof(*d->traffic));
	for (size_t i = 0; i < p->ntraffic; i++) {
		d->traffic[i].name = p->traffic[i].name;
		d->traffic[i].port = p->traffic[i].port;
	}
	for (size_t i = 0; i < s->roles_.n; i++) {
		struct role_state *a = &s->roles_.state[i];

		if (a->part == PART_CLIENT)
			d->traffic[a->traffic].client = json_incref(a->result);
		else if (a->part == PART_SERVER)
			d->traffic[a->traffic].server = json_incref(a->result);
		else if (a->part == PART_TAP)
			d->taps[a->leg] = json_incref(a->result);
		else
			d->wedge = json_incref(a->result);
	}
	d->environment = json_deep_copy(lab_environment(s->lab));
}

static int read_captures(struct phase_runner *s, struct err *e)
{
	for (int leg = 0; leg < LEG_COUNT; leg++) {
		const char *path = s->roles_.taps[leg].path;

		if (analysis_read(path, &s->data->wire[leg], e) == -1)
			return -1;
		s->data->capture[leg] = xstrdup(strrchr(path, '/') + 1);
	}
	return 0;
}

struct phase_data *phase_run(const struct phase *p, const char *label, double sweep_value,
			     const struct phase_run_options *options, struct err *e)
{
	struct phase_runner s = {.progress = options->progress};
	struct lab_spec spec = {
	    .forward = options->intercept != INTERCEPT_EXPLICIT,
	    .congestion = "reno",
	};
	int rc;

	s.data = xcalloc(1, sizeof(*s.data));
	s.data->label = xstrdup(label);
	s.data->sweep_value = sweep_value;
	s.data->forwarded = options->intercept == INTERCEPT_FORWARD;
	phase_roles_init(&s.roles_, p, label, options);
	rc = lab_start(&spec, s.roles_.roles, s.roles_.n, &s.lab, e);
	if (rc == 0) {
		rc = run_phase_steps(&s, e);
		if (rc == 0)
			collect(&s, p);
		lab_stop(s.lab);
		for (size_t i = 0; i < s.roles_.n; i++)
			close(s.roles_.roles[i].msg_fd);
	}
	if (rc == 0)
		rc = read_captures(&s, e);
	phase_roles_free(&s.roles_);
	if (rc == -1) {
		phase_data_free(s.data);
		return NULL;
	}
	return s.data;
}

void phase_data_free(struct phase_data *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->ntraffic; i++) {
		json_decref(d->traffic[i].client);
		json_decref(d->traffic[i].server);
	}
	free(d->traffic);
	for (int leg = 0; leg < LEG_COUNT; leg++) {
		analysis_free(d->wire[leg]);
		json_decref(d->taps[leg]);
		free(d->capture[leg]);
	}
	json_decref(d->wedge);
	json_decref(d->environment);
	free(d->backend);
	free(d->label);
	free(d);
}
