/* sip_client.c - users on the states of sip_call. */
#include "scenarios/workload/sip_client.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/sip_call.h"

#include <string.h>

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

/* Finds where the relays are: at their port among the lab's services, else beside the SIP server.
 * Returns how many. */
static size_t find_relays(const struct workload_task *task, struct addr *relays)
{
	const struct sip_client_cfg *cfg = task->cfg;
	size_t n = 0;

	for (size_t i = 0; i < task->nservices; i++)
		if (addr_port(&task->services[i]) == cfg->relay_port)
			relays[n++] = task->services[i];
	if (n)
		return n;
	relays[0] = task->address;
	addr_set_port(&relays[0], (uint16_t)cfg->relay_port);
	return 1;
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
	struct addr *relays = xcalloc(task->nservices + 1, sizeof(*relays));
	struct rng chance = rng_make(task->chance, 3, 0);
	struct stun_draft check;
	struct balance b = {.how = cfg->relay_port ? cfg->relay_balance : BALANCE_FIRST,
			    .asks = BALANCE_TURN,
			    .every = cfg->probe_every,
			    .timeout = cfg->probe_timeout};
	int status;

	allocation_write(&check, &chance);
	b.size = check.len;
	b.request = xcalloc(1, check.len);
	memcpy(b.request, check.data, check.len);
	balance_init(&b, relays, find_relays(task, relays), clock_now(&clock_monotonic));
	status = users_run(task, &protocol, &cfg->load, &b);
	free(relays);
	return status;
}
