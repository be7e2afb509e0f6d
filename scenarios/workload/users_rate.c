/* users_rate.c - an exchange that finds no free user makes one: it waits for no other's end (an
 * open loop), up to as many as there may be. */
#include "scenarios/workload/users_rate.h"

#include "proxy/base/clock.h"

#include <string.h>

#define USERS_MAX 1024
#define ALWAYS	  (UINT64_MAX / 2) /* a rate's user has no count of their own */

static enum arrivals_kind kind_of(const struct users *us)
{
	return (enum arrivals_kind)us->load->arrivals;
}

bool users_rate_begin(struct users *us)
{
	arrivals_begin(&us->arrivals, us->load->rate, us->load->exchanges,
		       clock_now(&clock_monotonic));
	return us->arrivals.every > 0;
}

bool users_rate_watch(const struct users *us, int64_t *due)
{
	return !us->stopping && arrivals_watch(&us->arrivals, due);
}

/* Returns who has waited longest of those that have had their pause; a new one when there is none;
 * NULL when there may be no more. */
static struct user *find_free(struct users *us, int64_t now)
{
	struct user *found = NULL;

	for (size_t i = 0; i < us->n; i++) {
		struct user *u = us->v[i];

		if (!u->busy && !u->over && !u->arrived && u->due <= now &&
		    (!found || u->due < found->due))
			found = u;
	}
	if (!found && us->n < USERS_MAX)
		found = user_add(us, ALWAYS, now);
	return found;
}

static void refuse_arrival(struct users *us)
{
	struct tally_exchange x = {.start = us->arrivals.at, .end = us->arrivals.at};

	tally_fail(&us->tally, &x, OUTCOME_OTHER, "as many users as there may be are busy");
}

void users_rate_turn(struct users *us, int64_t now)
{
	while (!us->stopping && arrivals_came(&us->arrivals, now)) {
		struct user *u = find_free(us, now);

		if (u) {
			u->arrived = us->arrivals.at;
			user_begin(u);
		} else {
			refuse_arrival(us);
		}
		arrivals_next(&us->arrivals, kind_of(us), us->task->until_stop);
	}
}

int users_set(struct users *us, const json_t *m)
{
	const char *key = json_string_value(json_object_get(m, "key"));
	const char *value = json_string_value(json_object_get(m, "value"));
	const struct param *p =
	    key && us->protocol->cfg_size ? param_find(us->task->params, key) : NULL;
	struct err e;

	if (!p || !value || param_set(p, (void *)us->load, value, &e) == -1)
		return runner_error(us->task->msg_fd, p && value ? e.text : "no such parameter");
	if (strcmp(key, "rate") == 0)
		(void)arrivals_set_rate(&us->arrivals, us->load->rate, kind_of(us),
					clock_now(&clock_monotonic));
	return runner_done(us->task->msg_fd);
}
