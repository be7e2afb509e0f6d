/* sip_client.c - users on the states of sip_call. */
#include "scenarios/workload/sip_client.h"

#include "scenarios/workload/sip_call.h"

static void begin_call(struct user *u)
{
	sip_call_begin((struct sip_user *)u);
}

static void take_event(struct user *u, int which, enum talk_event event)
{
	sip_call_event((struct sip_user *)u, which, event);
}

static void take_due(struct user *u)
{
	sip_call_due((struct sip_user *)u);
}

static void forget_user(struct user *u)
{
	sip_call_forget((struct sip_user *)u);
}

int sip_client(const struct workload_task *task)
{
	static const struct users_protocol protocol = {
	    .user_size = sizeof(struct sip_user),
	    .begin = begin_call,
	    .event = take_event,
	    .due = take_due,
	    .forget = forget_user,
	};
	const struct sip_client_cfg *cfg = task->cfg;

	return users_run(task, &protocol, &cfg->load);
}
