/* phase_messages.c - one poll over all roles' sockets and the lab's; a role that has ended is read
 * to the end of what it sent. */
#include "scenarios/run/phase_messages.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"
#include "scenarios/scenario/guest.h"
#include "scenarios/scenario/step_check.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

int phase_send(struct phase_runner *r, size_t i, const char *what, struct err *e)
{
	if (msg_send(r->roles.lab_roles[i].msg_fd, what, NULL) == -1)
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
	} else if (strcmp(type, "done") == 0) {
		state->owed -= state->owed > 0;
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

int phase_poll(struct phase_runner *r, int64_t timeout, struct err *e)
{
	struct timespec wait = {timeout / NS_PER_S, timeout % NS_PER_S};
	struct pollfd *fds = xcalloc(r->roles.n + 1, sizeof(*fds));
	size_t n = r->roles.n;
	int rc = 0;

	for (size_t i = 0; i < n; i++) /* poll passes over a negative descriptor */
		fds[i] = (struct pollfd){
		    .fd = r->roles.states[i].gone ? -1 : r->roles.lab_roles[i].msg_fd,
		    .events = POLLIN};
	fds[n] = (struct pollfd){.fd = lab_fd(r->lab), .events = POLLIN};
	if (ppoll(fds, n + 1, &wait, NULL) > 0) {
		for (size_t i = 0; i < n && rc == 0; i++)
			if (fds[i].revents)
				rc = receive_message(r, i, e);
		if (rc == 0 && fds[n].revents)
			rc = read_exit(r, e);
	}
	free(fds);
	return rc;
}

bool phase_is_guest(const struct phase_runner *r, size_t i)
{
	const struct role_state *state = &r->roles.states[i];
	const struct phase *p = r->data->phase;

	return p->guest && state->kind == ROLE_CLIENT && state->traffic == p->ntraffic - 1;
}

static ptrdiff_t find_guest(const struct phase_runner *r)
{
	for (size_t i = 0; i < r->roles.n; i++)
		if (phase_is_guest(r, i))
			return (ptrdiff_t)i;
	return -1;
}

bool phase_guest_waits(const struct phase_runner *r)
{
	const struct phase *p = r->data->phase;

	return p->guest && p->guest->section && strcmp(p->guest->section, SECTION_START) != 0 &&
	       steps_have_section(p->steps, p->nsteps, p->guest->section);
}

int phase_start_guest(struct phase_runner *r, struct err *e)
{
	ptrdiff_t i = find_guest(r);

	if (i == -1 || r->roles.states[i].started)
		return 0;
	r->roles.states[i].started = true;
	return phase_send(r, (size_t)i, "start", e);
}

bool phase_guest_ended(const struct phase_runner *r)
{
	ptrdiff_t i = find_guest(r);

	return i != -1 && r->roles.states[i].result;
}

bool phase_all_ready(const struct phase_runner *r)
{
	for (size_t i = 0; i < r->roles.n; i++)
		if (r->roles.states[i].begun && !r->roles.states[i].ready)
			return false;
	return true;
}

bool phase_have_result(const struct phase_runner *r, enum role_kind kind, bool main_only)
{
	for (size_t i = 0; i < r->roles.n; i++) {
		const struct role_state *state = &r->roles.states[i];

		if (state->kind == kind && state->begun && !state->result &&
		    !(main_only && state->traffic != 0))
			return false;
	}
	return true;
}

const char *phase_find_missing(const struct phase_runner *r, bool ready)
{
	for (size_t i = 0; i < r->roles.n; i++)
		if (r->roles.states[i].begun &&
		    (ready ? !r->roles.states[i].ready : !r->roles.states[i].result))
			return r->roles.lab_roles[i].name;
	return "nobody";
}
