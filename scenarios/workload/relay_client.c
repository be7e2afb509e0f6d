/* relay_client.c - an exchange is a connection: an allocation, what it is used for, the end. */
#include "scenarios/workload/relay_client.h"

#include "proxy/base/clock.h"
#include "scenarios/workload/allocation.h"
#include "scenarios/workload/relay_params.h"

#include <errno.h>
#include <string.h>

#define MEDIA_EVERY (20 * NS_PER_MS)
#define MEDIA_LEAST 172	  /* bytes of a packet: RTP's header and 20 ms of G.711 */
#define PEER_PORT   49170 /* of who is called */

struct relay_user {
	struct user user;
	struct allocation allocation;
	int64_t used_until; /* 0: it isn't used yet, or not any more */
	int64_t media_due;
	struct addr peer;
};

static const struct relay_client_cfg *cfg_of(const struct user *u)
{
	return u->users->task->cfg;
}

/* Draws how long the answer to a request is waited for. */
static int64_t draw_timeout(struct user *u)
{
	return users_vary_timeout(&u->chance, cfg_of(u)->timeout, cfg_of(u)->timeout_varies);
}

static void begin_request(struct user *u)
{
	struct relay_user *r = (struct relay_user *)u;
	struct err e;

	r->used_until = 0;
	u->due = u->now.start + draw_timeout(u);
	if (user_connect(u, 0, &u->users->task->address, &e) == -1)
		user_fail(u, OUTCOME_CONNECT, e.text);
}

/* Uses the allocation from now on. */
static void begin_use(struct relay_user *r)
{
	int64_t now = clock_now(&clock_monotonic);

	r->used_until = now + cfg_of(&r->user)->hold;
	r->media_due = cfg_of(&r->user)->media ? now : INT64_MAX;
	r->user.due = r->media_due < r->used_until ? r->media_due : r->used_until;
}

/* Sends what 20 ms bring, in packets that are as large as they may be. */
static void send_media(struct relay_user *r)
{
	uint64_t left = cfg_of(&r->user)->media * (uint64_t)(MEDIA_EVERY / NS_PER_MS) / 1000;

	do {
		uint64_t n = left < ALLOCATION_MEDIA_MAX ? left : ALLOCATION_MEDIA_MAX;

		allocation_send(&r->allocation, &r->user.talk[0], &r->peer,
				n > MEDIA_LEAST ? (size_t)n : MEDIA_LEAST);
		left -= n;
	} while (left);
	r->media_due += MEDIA_EVERY;
}

/* The last request has been granted. */
static void take_grant(struct relay_user *r)
{
	struct user *u = &r->user;
	const struct relay_client_cfg *cfg = cfg_of(u);

	if (r->allocation.asked == STUN_ALLOCATE && cfg->hold && cfg->media) {
		r->peer = u->users->task->address;
		addr_set_port(&r->peer, PEER_PORT);
		allocation_permit(&r->allocation, &u->talk[0], &u->chance, &r->peer);
		u->due = clock_now(&clock_monotonic) + draw_timeout(u);
	} else if (r->allocation.asked != STUN_REFRESH && cfg->hold) {
		begin_use(r);
	} else {
		user_end_talk(u, 0);
		user_done(u);
	}
}

static void read_answer(struct user *u)
{
	struct relay_user *r = (struct relay_user *)u;
	size_t came = u->talk[0].nin;
	struct err e;
	int rc = allocation_read(&r->allocation, &u->talk[0], &u->chance, &e);

	u->now.bytes += came - u->talk[0].nin;
	if (rc == -1)
		user_fail(u, OUTCOME_OTHER, e.text);
	else if (rc == 1)
		take_grant(r);
}

static void take_event(struct user *u, int which, enum talk_event event)
{
	struct relay_user *r = (struct relay_user *)u;
	int error = errno;

	switch (event) {
	case TALK_CONNECTED:
		allocation_ask(&r->allocation, &u->talk[which], &u->chance, u->slot + 1,
			       cfg_of(u)->password);
		break;
	case TALK_DATA:
		read_answer(u);
		break;
	case TALK_EOF:
		user_fail(u, OUTCOME_EOF, "the relay ended the connection without an answer");
		break;
	case TALK_ERROR:
		user_fail_talk(u, which, error);
		break;
	default:
		break;
	}
}

static void take_due(struct user *u)
{
	struct relay_user *r = (struct relay_user *)u;
	int64_t now = clock_now(&clock_monotonic);

	if (!r->used_until) {
		user_give_up(u);
	} else if (now >= r->used_until) {
		r->used_until = 0;
		allocation_release(&r->allocation, &u->talk[0], &u->chance);
		u->due = now + draw_timeout(u);
	} else {
		send_media(r);
		u->due = r->media_due < r->used_until ? r->media_due : r->used_until;
	}
}

static void forget_user(struct user *u)
{
	((struct relay_user *)u)->used_until = 0;
}

int relay_client(const struct workload_task *task)
{
	static const struct users_protocol protocol = {
	    .user_size = sizeof(struct relay_user),
	    .begin = begin_request,
	    .event = take_event,
	    .due = take_due,
	    .forget = forget_user,
	};
	const struct relay_client_cfg *cfg = task->cfg;

	return users_run(task, &protocol, &cfg->load, NULL);
}
