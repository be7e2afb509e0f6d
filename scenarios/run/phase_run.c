/* phase_run.c - the order of a phase: everybody ready, clients started, the main one awaited or the
 * phase's steps done, clients stopped, captures ended before the rest of the lab. */
#include "scenarios/run/phase_run.h"

#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"
#include "scenarios/run/phase_messages.h"
#include "scenarios/run/phase_steps.h"
#include "scenarios/run/result_merge.h"

#include <string.h>
#include <unistd.h>

#define READY_LIMIT (20 * NS_PER_S)  /* until all roles are ready; a command server may be slow */
#define QUIET_LIMIT (300 * NS_PER_S) /* without a message from any role the phase has failed */
#define STOP_LIMIT  (20 * NS_PER_S)  /* from a stop to the result */

static int await_ready(struct phase_runner *r, struct err *e)
{
	int64_t limit = clock_now(&clock_monotonic) + READY_LIMIT;

	while (!phase_all_ready(r)) {
		if (phase_poll(r, 200 * NS_PER_MS, e) == -1)
			return -1;
		if (clock_now(&clock_monotonic) > limit)
			return err_set(e, "the role '%s' was not ready within %d s",
				       phase_find_missing(r, true), (int)(READY_LIMIT / NS_PER_S));
	}
	return 0;
}

static int start_clients(struct phase_runner *r, struct err *e)
{
	/* The main client last, so that its siblings are already talking. */
	for (size_t i = r->roles.n; i-- > 0;)
		if (r->roles.states[i].kind == ROLE_CLIENT && r->roles.states[i].begun &&
		    !phase_is_guest(r, i) && phase_send(r, i, "start", e) == -1)
			return -1;
	return phase_guest_waits(r) ? 0 : phase_start_guest(r, e);
}

static int await_main_client(struct phase_runner *r, struct err *e)
{
	r->last_message = clock_now(&clock_monotonic);
	while (!phase_have_result(r, ROLE_CLIENT, true)) {
		if (phase_poll(r, 500 * NS_PER_MS, e) == -1)
			return -1;
		if (clock_now(&clock_monotonic) - r->last_message > QUIET_LIMIT)
			return err_set(e, "no word from any role for %d s",
				       (int)(QUIET_LIMIT / NS_PER_S));
	}
	return 0;
}

/* Waits for the guest's result; its own limit bounds that. */
static int await_guest(struct phase_runner *r, struct err *e)
{
	while (!phase_guest_ended(r))
		if (phase_poll(r, 500 * NS_PER_MS, e) == -1)
			return -1;
	return 0;
}

/* Lets the phase go on until it is over: by its steps, and by the guest or the main client. */
static int await_end(struct phase_runner *r, struct err *e)
{
	if (r->roles.program.n && phase_steps_run(r, e) == -1)
		return -1;
	if (r->data->phase->guest)
		return await_guest(r, e);
	return r->roles.program.n ? 0 : await_main_client(r, e);
}

/* Stops every role of that kind that still works and waits for their results. A client finishes the
 * exchange under way; beside a guest, whose end is the phase's, it ends as it is. */
static int stop_roles(struct phase_runner *r, enum role_kind kind, struct err *e)
{
	const char *order = kind == ROLE_CLIENT && r->data->phase->guest ? "kill" : "stop";
	int64_t limit = clock_now(&clock_monotonic) + STOP_LIMIT;

	for (size_t i = 0; i < r->roles.n; i++) {
		struct role_state *state = &r->roles.states[i];

		/* A role that has just ended by itself doesn't read this; its result is on the way.
		 */
		if (state->kind == kind && state->begun && !state->result &&
		    phase_send(r, i, order, NULL) == -1)
			continue;
	}
	while (!phase_have_result(r, kind, false)) {
		if (phase_poll(r, 200 * NS_PER_MS, e) == -1)
			return -1;
		if (clock_now(&clock_monotonic) > limit)
			return err_set(e, "the role '%s' didn't stop within %d s",
				       phase_find_missing(r, false), (int)(STOP_LIMIT / NS_PER_S));
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

	if (phase_send(r, i, "settle", e) == -1)
		return -1;
	while (!wedge->end) {
		if (phase_poll(r, 200 * NS_PER_MS, e) == -1)
			return -1;
		if (clock_now(&clock_monotonic) > limit)
			return err_set(e, "the wire didn't come to rest within %d s",
				       (int)(STOP_LIMIT / NS_PER_S));
	}
	for (i = 0; i < r->roles.n; i++)
		if (r->roles.states[i].kind == ROLE_TAP &&
		    msg_send(r->roles.lab_roles[i].msg_fd, "cut", "s:I", "end",
			     (json_int_t)wedge->end) == -1)
			return err_set(e, "a capture has ended before its time");
	return stop_roles(r, ROLE_TAP, e);
}

static int run_phase_steps(struct phase_runner *r, struct err *e)
{
	int64_t started;

	if (await_ready(r, e) == -1)
		return -1;
	started = clock_now(&clock_monotonic);
	r->data->wall_offset = clock_wall_offset();
	if (start_clients(r, e) == -1)
		return -1;
	if (await_end(r, e) == -1)
		return -1;
	r->data->duration = clock_seconds(clock_now(&clock_monotonic) - started);
	/* Clients first, so that connections end as the applications end them; wedge last, so that
	 * no packet passes without its impairments. */
	if (stop_roles(r, ROLE_CLIENT, e) == -1 || end_captures(r, e) == -1 ||
	    stop_roles(r, ROLE_SERVER, e) == -1 || stop_roles(r, ROLE_WEDGE, e) == -1)
		return -1;
	return 0;
}

/* Adds what an end has reported to what processes of the same role before it have. */
static void collect_end(struct phase_data *d, const struct role_state *state)
{
	struct end_data end = {.traffic = state->traffic,
			       .host = state->host,
			       .is_server = state->kind == ROLE_SERVER};
	size_t i = 0;

	while (i < d->nends && (d->ends[i].traffic != end.traffic || d->ends[i].host != end.host ||
				d->ends[i].is_server != end.is_server))
		i++;
	if (i == d->nends)
		d->ends[d->nends++] = end;
	result_merge(&d->ends[i].result, state->result);
}

static void collect_results(struct phase_runner *r)
{
	struct phase_data *d = r->data;

	d->ends = xcalloc(r->roles.n, sizeof(*d->ends));
	for (size_t i = 0; i < r->roles.n; i++) {
		struct role_state *state = &r->roles.states[i];

		if (state->kind == ROLE_CLIENT || state->kind == ROLE_SERVER)
			collect_end(d, state);
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
	int rc;

	r.data = xcalloc(1, sizeof(*r.data));
	r.data->label = xstrdup(label);
	r.data->sweep_value = sweep_value;
	r.data->phase = phase_clone(p);
	r.data->intercept = options->intercept;
	phase_lab_init(&r.data->lab, r.data->phase, options->intercept, options->pins);
	phase_roles_init(&r.roles, p, label, options);
	r.roles.lab.spec.pluggable = step_program_unplugs(&r.roles.program);
	rc = lab_start(&r.roles.lab.spec, r.roles.lab_roles, r.roles.n, &r.lab, e);
	if (rc == 0) {
		rc = run_phase_steps(&r, e);
		if (rc == 0)
			collect_results(&r);
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
