/* phase_steps.c - orders are messages; an action is done when every role that it was sent to has
 * answered, is ready, or has ended. */
#include "scenarios/run/phase_steps.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"
#include "scenarios/run/step_runner.h"
#include "scenarios/scenario/guest.h"

#include <string.h>

#define ANSWER_LIMIT (20 * NS_PER_S) /* of a role; an await has its own */
#define LOOK	     (200 * NS_PER_MS)

/* The action under way; none yet: NULL. */
struct doing {
	const struct step_action *action;
	int64_t begun, limit;
	int64_t since; /* an exchange that began then, or later, may be one that is awaited */
};

static int64_t read_clock(void)
{
	return clock_now(&clock_monotonic);
}

/* Returns whether role i is a process that an order to target concerns. */
static bool is_role(const struct phase_runner *r, size_t i, const char *target)
{
	const struct role_state *s = &r->roles.states[i];
	const struct phase *p = r->data->phase;
	bool concerns;
	char *role;

	if (s->kind != ROLE_SERVER && s->kind != ROLE_CLIENT)
		return false;
	role = step_role_format(p->traffic[s->traffic].name, s->kind == ROLE_SERVER);
	concerns = step_concerns(target, role, p->hosts.host[s->host].name);
	free(role);
	return concerns;
}

/* Finds the client of that role which runs; -1: none. */
static ptrdiff_t find_process(const struct phase_runner *r, const char *role)
{
	for (size_t i = 0; i < r->roles.n; i++) {
		const struct role_state *s = &r->roles.states[i];

		if (is_role(r, i, role) && s->begun && !s->result)
			return (ptrdiff_t)i;
	}
	return -1;
}

static ptrdiff_t find_wedge(const struct phase_runner *r)
{
	for (size_t i = 0; i < r->roles.n; i++)
		if (r->roles.states[i].kind == ROLE_WEDGE)
			return (ptrdiff_t)i;
	return -1;
}

/* Sends an order that is answered; m is stolen. A client that has ended by itself takes none. */
static int send_order(struct phase_runner *r, ptrdiff_t i, json_t *m, struct err *e)
{
	int rc = 0;

	if (i != -1) {
		r->roles.states[i].owed++;
		if (msg_send_json(r->roles.lab_roles[i].msg_fd, m) == -1)
			rc = err_set(e, "the role '%s' has ended before its time",
				     r->roles.lab_roles[i].name);
	}
	json_decref(m);
	return rc;
}

static int order_setting(struct phase_runner *r, const struct step_action *a, struct err *e)
{
	const struct step *s = a->step;

	if (step_needs_impairment(s))
		return send_order(r, find_wedge(r),
				  json_pack("{s:s,s:s,s:s,s:s}", "type", "set", "name", s->target,
					    "param", s->key, "value", a->value),
				  e);
	return send_order(
	    r, find_process(r, s->target),
	    json_pack("{s:s,s:s,s:s}", "type", "set", "key", s->key, "value", a->value), e);
}

static void begin_section(struct phase_data *d, const char *name, int64_t at)
{
	if (d->nsections)
		d->sections[d->nsections - 1].to = at;
	d->sections = xrealloc(d->sections, d->nsections + 1, sizeof(*d->sections));
	d->sections[d->nsections++] = (struct phase_section){xstrdup(name), at, INT64_MAX};
}

/* Begins the next process of each role and host that the step names; those of one are neighbours.
 */
static int order_start(struct phase_runner *r, const struct step *s, struct err *e)
{
	const struct role_state *last = NULL;

	for (size_t i = 0; i < r->roles.n; i++) {
		struct role_state *state = &r->roles.states[i];

		if (state->begun || !is_role(r, i, s->target))
			continue;
		if (last && last->kind == state->kind && last->traffic == state->traffic &&
		    last->host == state->host)
			continue;
		state->begun = true;
		last = state;
		if (phase_send(r, i, "begin", e) == -1)
			return -1;
	}
	return 0;
}

/* Sends an order to end; a role that has ended by itself takes none. */
static int order_end(struct phase_runner *r, const struct step *s, struct err *e)
{
	for (size_t i = 0; i < r->roles.n; i++)
		if (is_role(r, i, s->target) && r->roles.states[i].begun &&
		    !r->roles.states[i].result && phase_send(r, i, step_names[s->kind], e) == -1)
			return -1;
	return 0;
}

/* Lets a role stand still; one that has ended by itself takes no order. */
static int order_hang(struct phase_runner *r, const struct step *s, struct err *e)
{
	for (size_t i = 0; i < r->roles.n; i++) {
		struct role_state *state = &r->roles.states[i];

		if (!is_role(r, i, s->target) || !state->begun || state->result)
			continue;
		state->owed++;
		if (phase_send(r, i, step_names[s->kind], e) == -1)
			return -1;
	}
	return 0;
}

/* The lab's number of a host that the scenario's checks have found. */
static int find_host(const struct phase_runner *r, const char *name)
{
	int host = host_list_find(&r->data->phase->hosts, name);

	BUG_ON(host == -1);
	return phase_lab_host((size_t)host);
}

static int order_await(struct phase_runner *r, const struct doing *d, struct err *e)
{
	const struct step *s = d->action->step;
	char *role = step_role_format(s->target, false);
	ptrdiff_t i = find_process(r, role);

	free(role);
	return send_order(r, i,
			  json_pack("{s:s,s:I,s:b,s:I}", "type", "await", "n", (json_int_t)s->n,
				    "failed", s->failed, "since", (json_int_t)d->since),
			  e);
}

/* What a step sets going may show itself before the next one is begun: an await counts from the
 * beginning of the step before it, but for a wait and another await, which have seen what was. */
static void note_begin(struct doing *d, const struct step_action *next)
{
	bool follows = !next->after && (!d->action || d->action->step->kind != STEP_AWAIT);
	int64_t before = d->begun;

	d->action = next;
	d->begun = read_clock();
	d->since = follows ? before : d->begun;
}

/* Gives the orders of an action. */
static int take_action(struct phase_runner *r, struct doing *d, struct err *e)
{
	const struct step *s = d->action->step;

	d->limit = d->begun + (s->kind == STEP_AWAIT ? s->time : ANSWER_LIMIT);
	switch (s->kind) {
	case STEP_SECTION:
		begin_section(r->data, s->target, d->begun);
		return phase_guest_waits(r) &&
			       strcmp(s->target, r->data->phase->guest->section) == 0
			   ? phase_start_guest(r, e)
			   : 0;
	case STEP_SET:
	case STEP_RAMP:
		return order_setting(r, d->action, e);
	case STEP_RESET:
		return send_order(r, find_wedge(r),
				  json_pack("{s:s,s:s}", "type", "reset", "name", s->target), e);
	case STEP_START:
		return order_start(r, s, e);
	case STEP_HANG:
		return order_hang(r, s, e);
	case STEP_UNPLUG:
	case STEP_PLUG:
		return lab_link(r->lab, find_host(r, s->target), s->kind == STEP_PLUG, e);
	case STEP_AWAIT:
		return order_await(r, d, e);
	default:
		return order_end(r, s, e);
	}
}

static bool any_owed(const struct phase_runner *r)
{
	for (size_t i = 0; i < r->roles.n; i++)
		if (r->roles.states[i].owed && !r->roles.states[i].result)
			return true;
	return false;
}

/* Clients that are ready only now get their start. */
static int finish_start(struct phase_runner *r, struct doing *d, bool *done, struct err *e)
{
	*done = true;
	for (size_t i = 0; i < r->roles.n; i++) {
		struct role_state *s = &r->roles.states[i];

		if (s->started || s->result || !s->begun || !s->waits ||
		    !is_role(r, i, d->action->step->target))
			continue;
		if (!s->ready) {
			*done = false;
			continue;
		}
		s->started = true;
		if (s->kind == ROLE_CLIENT && phase_send(r, i, "start", e) == -1)
			return -1;
	}
	return 0;
}

/* Every process of that role that has begun has sent its result and is gone. */
static bool has_ended(const struct phase_runner *r, const char *role)
{
	for (size_t i = 0; i < r->roles.n; i++)
		if (is_role(r, i, role) && r->roles.states[i].begun && !r->roles.states[i].gone)
			return false;
	return true;
}

static int look_done(struct phase_runner *r, struct doing *d, bool *done, struct err *e)
{
	*done = false;
	switch (d->action->step->kind) {
	case STEP_START:
		return finish_start(r, d, done, e);
	case STEP_STOP:
	case STEP_KILL:
	case STEP_VANISH:
		*done = has_ended(r, d->action->step->target);
		return 0;
	default:
		*done = !any_owed(r);
		return 0;
	}
}

/* Notes what was done, for the report. */
static void note_action(struct phase_runner *r, const struct step_action *a, int64_t at,
			int64_t began)
{
	const struct step *s = a->step;
	char *text;

	if (s->kind == STEP_RAMP)
		text = xasprintf("set %s.%s=%s", s->target, s->key, a->value);
	else
		text = step_describe(s);
	json_array_append_new(
	    r->data->steps, json_pack("{s:f,s:s}", "at", clock_seconds(at - began), "step", text));
	free(text);
}

/* The time of an action has run out: of an await that is a finding, of others a fault. */
static int give_up(struct phase_runner *r, const struct doing *d, struct err *e)
{
	char *text = step_describe(d->action->step);

	if (d->action->step->kind != STEP_AWAIT) {
		err_set(e, "%s: no answer in %d s", text, (int)(ANSWER_LIMIT / NS_PER_S));
		free(text);
		return -1;
	}
	r->data->unreached = xasprintf("%s: not reached (%s)", text, d->action->step->where);
	free(text);
	return 0;
}

/* Waits until the action under way is done. Sets *done to false when it has been given up. */
static int finish_action(struct phase_runner *r, struct doing *d, bool *done, struct err *e)
{
	while (look_done(r, d, done, e) == 0 && !*done) {
		int64_t left = d->limit - read_clock();

		if (d->action->step->kind == STEP_AWAIT && phase_guest_ended(r))
			return 0;
		if (left <= 0)
			return give_up(r, d, e);
		if (phase_poll(r, left < LOOK ? left : LOOK, e) == -1)
			return -1;
	}
	return *done ? 0 : -1;
}

static int await_due(struct phase_runner *r, int64_t due, struct err *e)
{
	for (int64_t left = due - read_clock(); left > 0 && !phase_guest_ended(r);
	     left = due - read_clock())
		if (phase_poll(r, left < LOOK ? left : LOOK, e) == -1)
			return -1;
	return 0;
}

static bool is_quick(const struct step *s)
{
	return s->kind == STEP_SECTION || s->kind == STEP_SET || s->kind == STEP_RAMP ||
	       s->kind == STEP_RESET || s->kind == STEP_UNPLUG || s->kind == STEP_PLUG;
}

int phase_steps_run(struct phase_runner *r, struct err *e)
{
	int64_t began = read_clock();
	struct doing d = {.begun = began};
	struct step_runner runner;
	bool done = true;

	r->data->steps = json_array();
	begin_section(r->data, SECTION_START, began);
	step_runner_begin(&runner, &r->roles.program, began);
	while (done) {
		const struct step_action *next;

		if (await_due(r, step_runner_due(&runner), e) == -1)
			return -1;
		if (phase_guest_ended(r))
			break;
		next = step_runner_take(&runner, read_clock());
		if (!next)
			continue;
		if (!next->step)
			break;
		note_begin(&d, next);
		if (take_action(r, &d, e) == -1 || finish_action(r, &d, &done, e) == -1)
			return -1;
		note_action(r, d.action, d.begun, began);
		step_runner_done(&runner, read_clock(), is_quick(d.action->step));
	}
	return 0;
}
