/* relay_client.c - an exchange is a connection: a request, its answer, the end. */
#include "scenarios/workload/relay_client.h"

#include "proxy/base/clock.h"
#include "scenarios/workload/allocation.h"
#include "scenarios/workload/relay_params.h"

#include <errno.h>
#include <string.h>

struct relay_user {
	struct user user;
	struct allocation allocation;
};

static const struct relay_client_cfg *cfg_of(const struct user *u)
{
	return u->users->task->cfg;
}

static void begin_request(struct user *u)
{
	struct err e;

	u->due = u->now.start + cfg_of(u)->timeout;
	if (user_connect(u, 0, &u->users->task->address, &e) == -1)
		user_fail(u, OUTCOME_CONNECT, e.text);
}

static void read_answer(struct user *u)
{
	struct relay_user *r = (struct relay_user *)u;
	size_t came = u->talk[0].nin;
	struct err e;
	int rc = allocation_read(&r->allocation, &u->talk[0], &e);

	u->now.bytes += came - u->talk[0].nin;
	if (rc == -1)
		user_fail(u, OUTCOME_OTHER, e.text);
	else if (rc == 1) {
		talk_close(&u->talk[0]);
		user_done(u);
	}
}

static void take_event(struct user *u, int which, enum talk_event event)
{
	struct relay_user *r = (struct relay_user *)u;
	int error = errno;

	switch (event) {
	case TALK_CONNECTED:
		allocation_ask(&r->allocation, &u->talk[which], &u->chance);
		break;
	case TALK_DATA:
		read_answer(u);
		break;
	case TALK_EOF:
		user_fail(u, OUTCOME_EOF, "the relay ended the connection without an answer");
		break;
	case TALK_ERROR:
		user_fail(u, users_outcome(error, u->talk[which].connecting), strerror(error));
		break;
	default:
		break;
	}
}

static void give_up(struct user *u)
{
	bool connecting = u->talk[0].connecting;

	user_fail(u, connecting ? OUTCOME_CONNECT : OUTCOME_TIMEOUT,
		  connecting ? "timed out in connect" : "timed out without an answer");
}

static void forget_user(struct user *u)
{
	(void)u;
}

int relay_client(const struct workload_task *task)
{
	static const struct users_protocol protocol = {
	    .user_size = sizeof(struct relay_user),
	    .begin = begin_request,
	    .event = take_event,
	    .due = give_up,
	    .forget = forget_user,
	};
	const struct relay_client_cfg *cfg = task->cfg;

	return users_run(task, &protocol, &cfg->load);
}
