/* users_rate.c - an exchange that finds no free user makes one: it waits for no other's end (an
 * open loop), up to as many as there may be. */
#include "scenarios/workload/users_rate.h"

#include "proxy/base/clock.h"
#include "scenarios/workload/rpc_params.h"

#include <string.h>

#define USERS_MAX 1024
#define ALWAYS	  (UINT64_MAX / 2) /* a rate's user has no count of their own */

int users_rate_check(const char *text, struct err *e)
{
	int64_t every;

	return rpc_rate_parse(text, &every, e);
}

static int64_t rate_every(const struct users *us)
{
	int64_t every = 0;

	BUG_ON(us->load->rate && rpc_rate_parse(us->load->rate, &every, NULL) == -1);
	return every;
}

/* Returns how long after the last exchange the next one comes. */
static int64_t draw_gap(struct users *us)
{
	if (us->load->arrivals == USERS_EVEN)
		return us->every;
	return (int64_t)rng_exponential(&us->gaps, (double)us->every);
}

bool users_rate_begin(struct users *us)
{
	us->every = rate_every(us);
	us->arrivals = us->load->exchanges;
	us->arrival = clock_now(&clock_monotonic);
	return us->every > 0;
}

bool users_rate_watch(const struct users *us, int64_t *due)
{
	if (!us->every || us->stopping || !us->arrivals)
		return false;
	if (us->arrival < *due)
		*due = us->arrival;
	return true;
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
	struct tally_exchange x = {.start = us->arrival, .end = us->arrival};

	tally_fail(&us->tally, &x, OUTCOME_OTHER, "as many users as there may be are busy");
}

void users_rate_turn(struct users *us, int64_t now)
{
	while (us->every && !us->stopping && us->arrivals && us->arrival <= now) {
		struct user *u = find_free(us, now);

		if (u) {
			u->arrived = us->arrival;
			user_begin(u);
		} else {
			refuse_arrival(us);
		}
		us->arrival += draw_gap(us);
		if (!us->task->until_stop)
			us->arrivals--;
	}
}

/* The last exchange came at arrival - before; the next one keeps the new distance to it. What is
 * drawn doesn't depend on when the last one came. */
static void set_rate(struct users *us)
{
	int64_t before = us->every, now = clock_now(&clock_monotonic), next;

	us->every = rate_every(us);
	if (before == us->every || !us->every)
		return;
	next = us->load->arrivals == USERS_POISSON ? now + draw_gap(us)
	       : before				   ? us->arrival - before + us->every
						   : now;
	us->arrival = next > now ? next : now;
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
		set_rate(us);
	return runner_done(us->task->msg_fd);
}
