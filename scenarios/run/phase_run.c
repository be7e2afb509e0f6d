/* phase_run.c - a phase's steps: everybody ready, clients started, the main one awaited, clients
 * stopped, captures ended before the rest of the lab. Between the steps one loop reads every role's
 * messages, whichever sends. */
#include "scenarios/run/phase_run.h"

#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"

#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_LIMIT (20 * NS_PER_S)  /* until all roles are ready; a command server may be slow */
#define QUIET_LIMIT (300 * NS_PER_S) /* without a message from any role the phase has failed */
#define STOP_LIMIT  (20 * NS_PER_S)  /* from a stop to the result */

struct phase_runner {
	struct phase_roles roles;
	struct lab *lab;
	struct phase_data *data;
	struct progress *progress;
	int64_t last_message;
	int64_t end; /* of the captures, wall clock; 0 while they go on */
};

static int send_message(struct phase_runner *r, size_t i, const char *what, struct err *e)
{
	/* An end is for the captures: all legs' at one moment. */
	if (msg_send(r->roles.lab_roles[i].msg_fd, what, "s:I", "end", (json_int_t)r->end) == -1)
		return err_set(e, "the role '%s' has ended before its time",
			       r->roles.lab_roles[i].name);
	return 0;
}

static int take_message(struct phase_runner *r, size_t i, const json_t *m, struct err *e)
{
	struct role_state *state = &r->roles.states[i];
	const char *type = msg_type(m), *backend;

	if (strcmp(type, "ready") == 0) {
		state->ready = true;
		backend = json_string_value(json_object_get(m, "backend"));
		if (state->kind == ROLE_WEDGE && backend)
			r->data->backend = xstrdup(backend);
	} else if (strcmp(type, "progress") == 0) {
		if (state->kind == ROLE_CLIENT && state->traffic == 0)
			progress_update(r->progress, (uint64_t)json_integer_value(
							 json_object_get(m, "exchanges")));
	} else if (strcmp(type, "settled") == 0) {
		state->end = (int64_t)json_integer_value(json_object_get(m, "at"));
	} else if (strcmp(type, "result") == 0) {
		state->result = json_incref((json_t *)m);
	} else if (strcmp(type, "error") == 0) {
		return err_set(e, "%s: %s", r->roles.lab_roles[i].name,
			       json_string_value(json_object_get(m, "text")));
	}
	return 0;
}

static int receive_message(struct phase_runner *r, size_t i, struct err *e)
{
	struct role_state *state = &r->roles.states[i];
	json_t *m = NULL;
	int rc;

	if (msg_recv(r->roles.lab_roles[i].msg_fd, 5000, &m, e) == -1) {
		state->gone = true;
		if (!state->result)
			return err_set(e, "the role '%s' has ended without a result",
				       r->roles.lab_roles[i].name);
		return 0;
	}
	r->last_message = clock_now(&clock_monotonic);
	rc = take_message(r, i, m, e);
	json_decref(m);
	return rc;
}

/* A role's exit matters only while it owes a result; its last messages are read first. */
static int read_exit(struct phase_runner *r, struct err *e)
{
	int status, i = lab_reap(r->lab, &status);

	if (i < 0 || r->roles.states[i].result)
		return 0;
	while (!r->roles.states[i].result && !r->roles.states[i].gone)
		if (receive_message(r, (size_t)i, e) == -1) {
			if (WIFSIGNALED(status))
				err_wrap(e, "signal %d", WTERMSIG(status));
			return -1;
		}
	return 0;
}

static int poll_messages(struct phase_runner *r, int timeout_ms, struct err *e)
{
	struct pollfd fds[64];
	size_t index[64], n = 0;

	for (size_t i = 0; i < r->roles.n && n < ARRAY_LEN(fds) - 1; i++) {
		if (r->roles.states[i].gone)
			continue;
		index[n] = i;
		fds[n++] = (struct pollfd){.fd = r->roles.lab_roles[i].msg_fd, .events = POLLIN};
	}
	fds[n] = (struct pollfd){.fd = lab_fd(r->lab), .events = POLLIN};
	if (poll(fds, n + 1, timeout_ms) <= 0)
		return 0;
	for (size_t k = 0; k < n; k++)
		if (fds[k].revents && receive_message(r, index[k], e) == -1)
			return -1;
	if (fds[n].revents && read_exit(r, e) == -1)
		return -1;
	return 0;
}

static bool all_ready(const struct phase_runner *r)
{
	for (size_t i = 0; i < r->roles.n; i++)
		if (!r->roles.states[i].ready)
			return false;
	return true;
}

/* True when every role of that kind (of all traffics, or only of the main one) has sent its result.
 */
static bool have_result(const struct phase_runner *r, enum role_kind kind, bool main_only)
{
	for (size_t i = 0; i < r->roles.n; i++) {
		const struct role_state *state = &r->roles.states[i];

		if (state->kind == kind && !state->result && !(main_only && state->traffic != 0))
			return false;
	}
	return true;
}

/* Returns the name of the first role that isn't ready, or hasn't sent its result. */
static const char *find_missing(const struct phase_runner *r, bool ready)
{
	for (size_t i = 0; i < r->roles.n; i++)
		if (ready ? !r->roles.states[i].ready : !r->roles.states[i].result)
			return r->roles.lab_roles[i].name;
	return "nobody";
}

static int await_ready(struct phase_runner *r, struct err *e)
{
	int64_t limit = clock_now(&clock_monotonic) + READY_LIMIT;

	while (!all_ready(r)) {
		if (poll_messages(r, 200, e) == -1)
			return -1;
		if (clock_now(&clock_monotonic) > limit)
			return err_set(e, "the role '%s' was not ready within %d s",
				       find_missing(r, true), (int)(READY_LIMIT / NS_PER_S));
	}
	return 0;
}

static int start_clients(struct phase_runner *r, struct err *e)
{
	/* The main client last, so that its siblings are already talking. */
	for (size_t i = r->roles.n; i-- > 0;)
		if (r->roles.states[i].kind == ROLE_CLIENT && send_message(r, i, "start", e) == -1)
			return -1;
	return 0;
}

static int await_main_client(struct phase_runner *r, struct err *e)
{
	r->last_message = clock_now(&clock_monotonic);
	while (!have_result(r, ROLE_CLIENT, true)) {
		if (poll_messages(r, 500, e) == -1)
			return -1;
		if (clock_now(&clock_monotonic) - r->last_message > QUIET_LIMIT)
			return err_set(e, "no word from any role for %d s",
				       (int)(QUIET_LIMIT / NS_PER_S));
	}
	return 0;
}

/* Stops every role of that kind that still works and waits for their results. */
static int stop_roles(struct phase_runner *r, enum role_kind kind, struct err *e)
{
	int64_t limit = clock_now(&clock_monotonic) + STOP_LIMIT;

	for (size_t i = 0; i < r->roles.n; i++) {
		struct role_state *state = &r->roles.states[i];

		/* A role that has just ended by itself doesn't read this; its result is on the way.
		 */
		if (state->kind == kind && !state->result)
			(void)send_message(r, i, "stop", NULL);
	}
	while (!have_result(r, kind, false)) {
		if (poll_messages(r, 200, e) == -1)
			return -1;
		if (clock_now(&clock_monotonic) > limit)
			return err_set(e, "the role '%s' didn't stop within %d s",
				       find_missing(r, false), (int)(STOP_LIMIT / NS_PER_S));
	}
	return 0;
}

static struct role_state *wedge_state(struct phase_runner *r)
{
	for (size_t i = 0; i < r->roles.n; i++)
		if (r->roles.states[i].kind == ROLE_WEDGE)
			return &r->roles.states[i];
	BUG("a phase without wedge");
}

/* Lets the wire come to rest, with all impairments in force, and has the captures end there. What
 * the lab's own end puts on the wire, a stopped server's FIN above all, is in none. */
static int end_captures(struct phase_runner *r, struct err *e)
{
	struct role_state *wedge = wedge_state(r);
	size_t i = (size_t)(wedge - r->roles.states);
	int64_t limit = clock_now(&clock_monotonic) + STOP_LIMIT;

	if (send_message(r, i, "settle", e) == -1)
		return -1;
	while (!wedge->end) {
		if (poll_messages(r, 200, e) == -1)
			return -1;
		if (clock_now(&clock_monotonic) > limit)
			return err_set(e, "the wire didn't come to rest within %d s",
				       (int)(STOP_LIMIT / NS_PER_S));
	}
	r->end = wedge->end;
	return stop_roles(r, ROLE_TAP, e);
}

static int run_phase_steps(struct phase_runner *r, struct err *e)
{
	int64_t started;

	if (await_ready(r, e) == -1)
		return -1;
	started = clock_now(&clock_monotonic);
	if (start_clients(r, e) == -1 || await_main_client(r, e) == -1)
		return -1;
	r->data->duration = clock_seconds(clock_now(&clock_monotonic) - started);
	/* Clients first, so that connections end as the applications end them; wedge last, so that
	 * no packet passes without its impairments. */
	if (stop_roles(r, ROLE_CLIENT, e) == -1 || end_captures(r, e) == -1 ||
	    stop_roles(r, ROLE_SERVER, e) == -1 || stop_roles(r, ROLE_WEDGE, e) == -1)
		return -1;
	return 0;
}

static void collect_results(struct phase_runner *r, const struct phase *p)
{
	struct phase_data *d = r->data;

	d->ntraffic = p->ntraffic;
	d->traffic = xcalloc(p->ntraffic, sizeof(*d->traffic));
	for (size_t i = 0; i < p->ntraffic; i++) {
		d->traffic[i].name = p->traffic[i].name;
		d->traffic[i].port = p->traffic[i].port;
	}
	for (size_t i = 0; i < r->roles.n; i++) {
		struct role_state *state = &r->roles.states[i];

		if (state->kind == ROLE_CLIENT)
			d->traffic[state->traffic].client = json_incref(state->result);
		else if (state->kind == ROLE_SERVER)
			d->traffic[state->traffic].server = json_incref(state->result);
		else if (state->kind == ROLE_TAP)
			d->taps[state->leg] = json_incref(state->result);
		else
			d->wedge = json_incref(state->result);
	}
	d->environment = json_deep_copy(lab_environment(r->lab));
}

static int read_captures(struct phase_runner *r, struct err *e)
{
	for (int leg = 0; leg < LEG_COUNT; leg++) {
		const char *path = r->roles.taps[leg].path;

		if (analysis_read(path, &r->data->wire[leg], e) == -1)
			return -1;
		r->data->capture[leg] = xstrdup(strrchr(path, '/') + 1);
	}
	return 0;
}

struct phase_data *phase_run(const struct phase *p, const char *label, double sweep_value,
			     const struct phase_options *options, struct progress *progress,
			     struct err *e)
{
	struct phase_runner r = {.progress = progress};
	struct lab_spec spec = {
	    .forward = options->intercept != INTERCEPT_EXPLICIT,
	    .congestion = "reno",
	};
	int rc;

	r.data = xcalloc(1, sizeof(*r.data));
	r.data->label = xstrdup(label);
	r.data->sweep_value = sweep_value;
	r.data->forwarded = options->intercept == INTERCEPT_FORWARD;
	phase_roles_init(&r.roles, p, label, options);
	rc = lab_start(&spec, r.roles.lab_roles, r.roles.n, &r.lab, e);
	if (rc == 0) {
		rc = run_phase_steps(&r, e);
		if (rc == 0)
			collect_results(&r, p);
		lab_stop(r.lab);
		for (size_t i = 0; i < r.roles.n; i++)
			close(r.roles.lab_roles[i].msg_fd);
	}
	if (rc == 0)
		rc = read_captures(&r, e);
	phase_roles_fini(&r.roles);
	if (rc == -1) {
		phase_data_free(r.data);
		return NULL;
	}
	return r.data;
}
