/* probe_client.c - an exchange is a check on a connection of its own; user n checks server n, and
 * with more users than servers they begin with the first again. */
#include "scenarios/workload/probe_client.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/allocation.h"
#include "scenarios/workload/probe_params.h"
#include "scenarios/workload/sip_write.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

struct probe_user {
	struct user user;
	struct allocation allocation;
};

static const struct probe_client_cfg *cfg_of(const struct user *u)
{
	return u->users->task->cfg;
}

static const struct addr *server_of(const struct user *u)
{
	const struct workload_task *task = u->users->task;

	return task->naddresses ? &task->addresses[u->slot % task->naddresses] : &task->address;
}

static void begin_check(struct user *u)
{
	struct err e;

	u->due = u->now.start +
		 users_vary_timeout(&u->chance, cfg_of(u)->timeout, cfg_of(u)->timeout_varies);
	if (user_connect(u, 0, server_of(u), &e) == -1)
		user_fail(u, OUTCOME_CONNECT, e.text);
}

static void end_check(struct user *u)
{
	user_end_talk(u, 0);
	user_done(u);
}

static void ask_options(struct user *u)
{
	struct addr own = {.len = sizeof(own.in6)};
	struct sip_request r = {
	    .method = "OPTIONS", .cseq = 1, .more = "Accept: application/sdp\r\n"};
	char host[ADDR_TEXT], by[ADDR_TEXT], to[ADDR_TEXT + 8], call[64], from[96], branch[40];
	unsigned long long drawn = (unsigned long long)rng_next(&u->chance);
	char *uri, *whole, *text;

	if (getsockname(u->talk[0].fd, &own.sa, &own.len) == -1)
		own = *server_of(u);
	addr_unmap(&own);
	uri = xasprintf("sip:%s", addr_format(server_of(u), to));
	whole = xasprintf("<%s>", uri);
	snprintf(call, sizeof(call), "%016llx", drawn);
	snprintf(branch, sizeof(branch), SIP_BRANCH_MAGIC "%016llx", drawn ^ (drawn << 7));
	snprintf(from, sizeof(from), "<sip:probe@%.60s>;tag=%08llx", addr_format_host(&own, host),
		 drawn >> 32);
	r.uri = uri;
	r.to = whole;
	r.from = from;
	r.call_id = call;
	r.branch = branch;
	r.sent_by = addr_format(&own, by);
	text = sip_write_request(&r);
	talk_write(&u->talk[0], text, strlen(text));
	free(text);
	free(whole);
	free(uri);
}

static void ask_server(struct user *u)
{
	struct probe_user *p = (struct probe_user *)u;

	switch ((enum probe_check)cfg_of(u)->check) {
	case PROBE_CONNECT:
		end_check(u);
		break;
	case PROBE_ALLOCATE:
		allocation_ask(&p->allocation, &u->talk[0], &u->chance, u->slot + 1,
			       cfg_of(u)->password);
		break;
	case PROBE_OPTIONS:
		ask_options(u);
		break;
	}
}

/* 1: the server is well; 0: its answer isn't whole; -1 with *e: it is none, or says no. */
static int read_options(struct user *u, struct err *e)
{
	struct sip_message m;
	ssize_t n = sip_parse(u->talk[0].in, u->talk[0].nin, &m, e);

	if (n <= 0)
		return (int)n;
	if (m.is_request || m.status < 200 || m.status >= 300)
		return err_set(e, "the OPTIONS was answered with %u", m.is_request ? 0 : m.status);
	u->now.bytes += (uint64_t)n;
	return 1;
}

static void read_answer(struct user *u)
{
	struct probe_user *p = (struct probe_user *)u;
	size_t came = u->talk[0].nin;
	struct err e;
	int rc = 0;

	if (cfg_of(u)->check == PROBE_OPTIONS)
		rc = read_options(u, &e);
	else if (cfg_of(u)->check == PROBE_ALLOCATE) {
		rc = allocation_read(&p->allocation, &u->talk[0], &u->chance, &e);
		u->now.bytes += came - u->talk[0].nin;
	}
	if (rc == -1)
		user_fail(u, OUTCOME_OTHER, e.text);
	else if (rc == 1)
		end_check(u);
}

static void take_event(struct user *u, int which, enum talk_event event)
{
	int error = errno;

	if (event == TALK_CONNECTED)
		ask_server(u);
	else if (event == TALK_DATA)
		read_answer(u);
	else if (event == TALK_EOF)
		user_fail(u, OUTCOME_EOF, "the server ended the connection without an answer");
	else if (event == TALK_ERROR)
		user_fail_talk(u, which, error);
}

static void forget_user(struct user *u)
{
	(void)u;
}

int probe_client(const struct workload_task *task)
{
	static const struct users_protocol protocol = {
	    .user_size = sizeof(struct probe_user),
	    .begin = begin_check,
	    .event = take_event,
	    .due = user_give_up,
	    .forget = forget_user,
	};
	const struct probe_client_cfg *cfg = task->cfg;

	return users_run(task, &protocol, &cfg->load, NULL);
}
