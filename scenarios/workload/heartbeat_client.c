/* heartbeat_client.c - a beat whenever the user's timer says so; those under way are a queue, as
 * their echoes come in the order of the beats. */
#include "scenarios/workload/heartbeat_client.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/heartbeat_params.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct heartbeat_user {
	struct user user;
	int64_t tick;	 /* when the timer fires next */
	uint64_t number; /* of the next beat */
	struct tally_exchange *beats;
	size_t first, n, room; /* n of them are under way, from first on */
	size_t came;	       /* bytes of the first one's echo */
	bool differs;	       /* some of them aren't those that were sent */
};

static const struct heartbeat_client_cfg *cfg_of(const struct heartbeat_user *h)
{
	return (const struct heartbeat_client_cfg *)h->user.users->load;
}

static char beat_byte(uint64_t number, size_t i)
{
	if (i < HEARTBEAT_NUMBER)
		return "0123456789abcdef"[number >> 4 * (HEARTBEAT_NUMBER - 1 - i) & 15];
	return (char)('a' + (number + i) % 26);
}

static void write_beat(struct heartbeat_user *h)
{
	size_t size = (size_t)cfg_of(h)->size;
	char *text = xcalloc(size, 1);

	for (size_t i = 0; i < size; i++)
		text[i] = beat_byte(h->number, i);
	talk_write(&h->user.talk[0], text, size);
	free(text);
}

/* What is under way moves to the front when there is no room behind it; the room is twice what that
 * needs. */
static void push_beat(struct heartbeat_user *h)
{
	if (h->first + h->n == h->room) {
		if (2 * h->n >= h->room)
			h->room = h->room ? 2 * h->room : 16;
		h->beats = xrealloc(h->beats, h->room, sizeof(*h->beats));
		memmove(h->beats, h->beats + h->first, h->n * sizeof(*h->beats));
		h->first = 0;
	}
	h->beats[h->first + h->n++] = (struct tally_exchange){.start = clock_now(&clock_monotonic)};
}

/* The first beat under way has ended. */
static void end_beat(struct heartbeat_user *h, enum outcome outcome, const char *text)
{
	struct tally_exchange *beat = &h->beats[h->first++];

	h->n--;
	h->came = 0;
	h->differs = false;
	user_count(&h->user, beat, outcome, text);
}

static void fail_beats(struct heartbeat_user *h, enum outcome outcome, const char *text)
{
	while (h->n)
		end_beat(h, outcome, text);
	user_hang_up(&h->user);
	user_rest(&h->user, h->tick);
}

/* Ticks that have passed unseen are left out, as the kernel's timers tell of them once. */
static void set_timer(struct heartbeat_user *h)
{
	const struct heartbeat_client_cfg *cfg = cfg_of(h);
	int64_t now = clock_now(&clock_monotonic);

	do
		h->tick += users_vary(&h->user.pauses, cfg->every, cfg->every_varies);
	while (h->tick <= now);
}

static bool has_beats_left(const struct heartbeat_user *h)
{
	const struct user *u = &h->user;

	return u->users->task->until_stop || h->n < u->todo;
}

static int64_t patience_end(const struct heartbeat_user *h)
{
	return h->beats[h->first].start + cfg_of(h)->timeout;
}

/* Beats are under way: either the timer fires next, or the patience with the first one ends. */
static void plan_due(struct heartbeat_user *h)
{
	h->user.due = patience_end(h);
	if (has_beats_left(h) && h->tick < h->user.due)
		h->user.due = h->tick;
}

static void send_beat(struct heartbeat_user *h)
{
	struct user *u = &h->user;
	struct err e;

	set_timer(h);
	push_beat(h);
	if (u->talk[0].fd == -1) {
		if (user_connect(u, 0, &u->users->task->address, &e) == -1) {
			fail_beats(h, OUTCOME_CONNECT, e.text);
			return;
		}
		sock_nodelay(u->talk[0].fd);
	}
	write_beat(h);
	h->number++;
	plan_due(h);
}

static void begin_beats(struct user *u)
{
	struct heartbeat_user *h = (struct heartbeat_user *)u;

	h->tick = u->due;
	send_beat(h);
}

static void take_due(struct user *u)
{
	struct heartbeat_user *h = (struct heartbeat_user *)u;
	bool connecting = u->talk[0].connecting;

	if (patience_end(h) <= clock_now(&clock_monotonic))
		fail_beats(h, connecting ? OUTCOME_CONNECT : OUTCOME_TIMEOUT,
			   connecting ? "timed out in connect" : "timed out without the echo");
	else if (has_beats_left(h))
		send_beat(h);
	else
		plan_due(h); /* the timeout has been set to more */
}

/* Takes what has come of the first beat's echo. */
static void take_echo(struct heartbeat_user *h)
{
	struct tally_exchange *beat = &h->beats[h->first];
	struct talk *t = &h->user.talk[0];
	uint64_t number = h->number - h->n;
	size_t left = (size_t)cfg_of(h)->size - h->came, n = t->nin < left ? t->nin : left;

	for (size_t i = 0; i < n; i++)
		h->differs |= t->in[i] != beat_byte(number, h->came + i);
	talk_take(t, n);
	h->came += n;
	beat->bytes += n;
	beat->last = h->user.now.last;
	if (!beat->first)
		beat->first = beat->last;
	if (n == left)
		end_beat(h, h->differs ? OUTCOME_CORRUPT : OUTCOME_OK,
			 "an echo isn't what was sent");
}

static void read_echoes(struct heartbeat_user *h)
{
	struct user *u = &h->user;

	while (h->n && u->talk[0].nin)
		take_echo(h);
	if (h->n)
		plan_due(h);
	else if (u->busy)
		user_rest(u, h->tick);
	if (u->talk[0].nin)
		user_lost(u, "more came back than was sent");
}

static void lose_connection(struct heartbeat_user *h, enum talk_event event, int error)
{
	bool connecting = h->user.talk[0].connecting;
	const char *text = event == TALK_EOF ? "the server ended the connection" : strerror(error);

	if (h->n)
		fail_beats(h, event == TALK_EOF ? OUTCOME_EOF : users_outcome(error, connecting),
			   text);
	else
		user_lost(&h->user, text);
}

static void take_event(struct user *u, int which, enum talk_event event)
{
	struct heartbeat_user *h = (struct heartbeat_user *)u;
	int error = errno;

	(void)which;
	if (event == TALK_DATA)
		read_echoes(h);
	else if (event == TALK_EOF || event == TALK_ERROR)
		lose_connection(h, event, error);
}

static void forget_beats(struct user *u)
{
	struct heartbeat_user *h = (struct heartbeat_user *)u;

	free(h->beats);
	h->beats = NULL;
	h->first = h->n = h->room = h->came = 0;
	h->differs = false;
}

int heartbeat_client(const struct workload_task *task)
{
	static const struct users_protocol protocol = {
	    .user_size = sizeof(struct heartbeat_user),
	    .cfg_size = sizeof(struct heartbeat_client_cfg),
	    .begin = begin_beats,
	    .event = take_event,
	    .due = take_due,
	    .forget = forget_beats,
	};
	const struct heartbeat_client_cfg *cfg = task->cfg;

	return users_run(task, &protocol, &cfg->load, NULL);
}
