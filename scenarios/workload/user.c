/* user.c - an exchange ends well, or fails and is tried again or pauses. */
#include "scenarios/workload/user.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define FAILED_PAUSE (100 * NS_PER_MS) /* a dead server must not make us spin */

int64_t users_vary(struct rng *r, int64_t mean, double share)
{
	if (share > 0)
		mean += (int64_t)((double)mean * share * (2 * rng_unit(r) - 1));
	return mean;
}

int64_t users_vary_timeout(struct rng *r, int64_t timeout, double share)
{
	if (share > 0)
		timeout += (int64_t)((double)timeout * share * rng_unit(r));
	return timeout;
}

enum outcome users_outcome(int error, bool connecting)
{
	if (connecting)
		return OUTCOME_CONNECT;
	return error == ECONNRESET || error == EPIPE ? OUTCOME_RESET : OUTCOME_OTHER;
}

/* From the port that tells which connection it is; by the rate, whose user is free is a matter of
 * time. */
static uint16_t pick_port(struct user *u, int which)
{
	struct users *us = u->users;
	const struct client_ports *all = &us->task->ports;

	if (us->arrivals.every)
		return client_ports_pick(all, 1, 0, us->made++);
	return client_ports_pick(all, us->n * USER_TALKS, u->slot * USER_TALKS + (uint64_t)which,
				 u->made[which]);
}

int user_connect(struct user *u, int which, const struct addr *to, struct err *e)
{
	struct addr from = {.in6 = {.sin6_family = to->sa.sa_family}, .len = to->len};
	struct talk *t = &u->talk[which];

	talk_close(t);
	if (u->local.len) {
		u->made[which]++;
		return talk_connect(t, to, &u->local, e);
	}
	addr_set_port(&from, pick_port(u, which));
	u->made[which]++;
	if (addr_port(&from) && talk_connect(t, to, &from, e) == 0)
		return 0;
	if (addr_port(&from) && errno != EADDRNOTAVAIL && errno != EADDRINUSE)
		return -1;
	return talk_connect(t, to, NULL, e);
}

/* Ends the user's connections, which are in good order or of no use. */
void user_end_talk(struct user *u, int which)
{
	struct talk *t = &u->talk[which];

	if (t->fd != -1 && u->users->load->close == USERS_SHUTDOWN) {
		closers_add(&u->users->closers, t->fd, clock_now(&clock_monotonic));
		t->fd = -1;
	}
	talk_close(t);
}

void user_hang_up(struct user *u)
{
	u->users->protocol->forget(u);
	for (int i = 0; i < USER_TALKS; i++)
		talk_close(&u->talk[i]);
}

void user_leave(struct user *u)
{
	user_hang_up(u);
	u->busy = false;
	u->over = true;
}

/* The exchange that has just ended may be one that the runner awaits. */
static void count_awaited(struct users *us, const struct tally_exchange *x)
{
	if (awaited_count(&us->awaited, x) && runner_done(us->task->msg_fd) == -1)
		us->gone = true;
}

static void end_exchange(struct user *u, struct tally_exchange *x, enum outcome outcome,
			 const char *text)
{
	struct users *us = u->users;

	x->end = clock_now(&clock_monotonic);
	x->ok = outcome == OUTCOME_OK;
	if (x->ok)
		tally_add(&us->tally, x);
	else
		tally_fail(&us->tally, x, outcome, text);
	count_awaited(us, x);
}

void user_count(struct user *u, struct tally_exchange *x, enum outcome outcome, const char *text)
{
	end_exchange(u, x, outcome, text);
	u->now.end = x->end;
	if (!u->users->task->until_stop)
		u->todo--;
}

void user_rest(struct user *u, int64_t due)
{
	u->busy = false;
	u->retry = 0;
	u->arrived = 0;
	u->local.len = 0;
	u->due = due;
	if (!u->todo || u->users->stopping)
		user_leave(u);
}

static void go_on(struct user *u, int64_t pause)
{
	struct users *us = u->users;

	if (!us->task->until_stop)
		u->todo--;
	user_rest(u, u->now.end + users_vary(&u->pauses, pause, us->load->think_varies));
}

void user_done(struct user *u)
{
	if (u->leaving) {
		u->users->protocol->forget(u);
		user_end_talk(u, 0);
	}
	u->now.retry = u->retry;
	u->users->retried_ok += u->retry > 0;
	end_exchange(u, &u->now, OUTCOME_OK, NULL);
	go_on(u, u->users->load->think);
}

/* A port that its own try still holds can be bound again only when that connection is gone at once:
 * by RST. */
static void keep_port(struct user *u)
{
	struct linger at_once = {.l_onoff = 1};
	struct addr local = {.len = sizeof(local.in6)};

	if (u->users->load->retry_port != USERS_PORT_SAME || u->retry == u->users->load->retries ||
	    u->talk[0].fd == -1 || getsockname(u->talk[0].fd, &local.sa, &local.len) == -1)
		return;
	u->local = local;
	(void)setsockopt(u->talk[0].fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void user_fail_alone(struct user *u, enum outcome outcome, const char *text)
{
	struct users *us = u->users;
	int64_t think = us->load->think;

	u->now.retry = u->retry;
	end_exchange(u, &u->now, outcome, text);
	if (u->retry < us->load->retries && !us->stopping) {
		u->retry++;
		us->retried++;
		u->busy = false;
		u->due = u->arrived = u->now.end;
		return;
	}
	go_on(u, think > FAILED_PAUSE ? think : FAILED_PAUSE);
}

void user_fail(struct user *u, enum outcome outcome, const char *text)
{
	if (u->leaving) {
		user_done(u);
		return;
	}
	keep_port(u);
	user_hang_up(u);
	user_fail_alone(u, outcome, text);
}

void user_fail_talk(struct user *u, int which, int error)
{
	user_fail(u, users_outcome(error, u->talk[which].connecting), strerror(error));
}

void user_give_up(struct user *u)
{
	bool connecting = u->talk[0].connecting;

	user_fail(u, connecting ? OUTCOME_CONNECT : OUTCOME_TIMEOUT,
		  connecting ? "timed out in connect" : "timed out without an answer");
}

bool user_is_idle(const struct user *u, double *seconds)
{
	if (u->busy || u->over || u->talk[0].fd == -1 || !u->now.end)
		return false;
	*seconds = (double)(clock_now(&clock_monotonic) - u->now.end) / NS_PER_S;
	return true;
}

void user_lost(struct user *u, const char *text)
{
	double idle;

	if (user_is_idle(u, &idle))
		json_array_append_new(u->users->idle_lost, json_real(idle));
	tally_error(&u->users->tally, text);
	user_hang_up(u);
}

void user_break(struct user *u, enum outcome outcome, const char *text)
{
	if (u->busy)
		user_fail(u, outcome, text);
	else
		user_lost(u, text);
}

void user_break_talk(struct user *u, int which, enum talk_event event, int error)
{
	if (event == TALK_EOF)
		user_break(u, OUTCOME_EOF, "the server ended the connection");
	else
		user_break(u, users_outcome(error, u->talk[which].connecting), strerror(error));
}

struct user *user_add(struct users *us, uint64_t todo, int64_t due)
{
	struct user *u = xcalloc(1, us->protocol->user_size);

	us->v = xrealloc(us->v, us->n + 1, sizeof(struct user *));
	us->v[us->n] = u;
	u->users = us;
	u->slot = us->n++;
	u->pauses = rng_make(us->task->chance, 1, u->slot);
	u->chance = rng_make(us->task->chance, 2, u->slot);
	u->todo = todo;
	u->due = due;
	for (int k = 0; k < USER_TALKS; k++)
		talk_init(&u->talk[k]);
	return u;
}

void user_begin(struct user *u)
{
	memset(&u->now, 0, sizeof(u->now));
	u->now.start = u->arrived ? u->arrived : clock_now(&clock_monotonic);
	u->busy = true;
	u->leaving = false;
	u->users->protocol->begin(u);
}
