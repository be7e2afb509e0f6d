/* smtp_client.c - one command after the other, each after the reply to the one before; an exchange
 * is a message, from MAIL, or the connection where it needs one, to the reply behind its end. */
#include "scenarios/workload/smtp_client.h"

#include "proxy/base/mem.h"
#include "scenarios/workload/smtp_params.h"
#include "scenarios/workload/smtp_reply.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN	   "example.org"
#define LINE_BYTES 74 /* of a message, its end included; RFC 5322 2.1.1 wants at most 80 */

enum smtp_state {
	SMTP_OFF,
	SMTP_DIALLING,
	SMTP_GREETING, /* waits for 220 */
	SMTP_HELLO,
	SMTP_READY,
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA,
	SMTP_MESSAGE,
	SMTP_QUITTING,
};

struct smtp_user {
	struct user user;
	enum smtp_state state;
	uint64_t sent; /* messages on this connection */
};

/* What a state waits for. */
static const unsigned wanted[] = {
    [SMTP_GREETING] = 220, [SMTP_HELLO] = 250,	 [SMTP_MAIL] = 250,	[SMTP_RCPT] = 250,
    [SMTP_DATA] = 354,	   [SMTP_MESSAGE] = 250, [SMTP_QUITTING] = 221,
};

static const struct smtp_client_cfg *cfg_of(const struct user *u)
{
	return (const struct smtp_client_cfg *)u->users->load;
}

static void say_command(struct smtp_user *s, enum smtp_state state, const char *command)
{
	char *line = xasprintf("%s\r\n", command);

	s->state = state;
	talk_write(&s->user.talk[0], line, strlen(line));
	free(line);
}

static void say_mail(struct smtp_user *s)
{
	char *command =
	    xasprintf("MAIL FROM:<user%llu@" DOMAIN ">", (unsigned long long)s->user.slot + 1);

	say_command(s, SMTP_MAIL, command);
	free(command);
}

static char *format_header(struct smtp_user *s)
{
	struct rng *chance = &s->user.chance;

	return xasprintf("From: user%llu@" DOMAIN "\r\nTo: inbox@" DOMAIN
			 "\r\nSubject: note %06llu\r\nMessage-ID: <%016llx@" DOMAIN ">\r\n\r\n",
			 (unsigned long long)s->user.slot + 1,
			 (unsigned long long)rng_below(chance, 1000000),
			 (unsigned long long)rng_next(chance));
}

/* Writes a line of letters that nobody reads into the n bytes at line, its end included. */
static void fill_line(struct rng *chance, char *line, size_t n)
{
	for (size_t i = 0; i < n - 2; i++)
		line[i] = (char)('a' + rng_below(chance, 26));
	memcpy(line + n - 2, "\r\n", 2);
}

/* The whole message, and the dot behind it, in one write: a sender that writes line by line meets
 * Nagle's algorithm. */
static void write_message(struct smtp_user *s)
{
	size_t size = (size_t)cfg_of(&s->user)->message, at;
	char *header = format_header(s), *text;

	at = strlen(header);
	text = xrealloc(header, at + size + LINE_BYTES + 3, 1);
	while (at < size) {
		size_t n = size - at < LINE_BYTES ? size - at : LINE_BYTES;

		if (n < 3)
			n = 3;
		fill_line(&s->user.chance, text + at, n);
		at += n;
	}
	memcpy(text + at, ".\r\n", 3);
	s->state = SMTP_MESSAGE;
	talk_write(&s->user.talk[0], text, at + 3);
	free(text);
}

/* A message that was accepted is sent, whatever becomes of the QUIT behind it. */
static void take_accepted(struct smtp_user *s)
{
	s->state = SMTP_READY;
	s->user.leaving = ++s->sent == cfg_of(&s->user)->per_connection;
	if (s->user.leaving)
		say_command(s, SMTP_QUITTING, "QUIT");
	else
		user_done(&s->user);
}

static void fail_refused(struct smtp_user *s, unsigned code)
{
	char *text = xasprintf("the server answers %u where %u was due", code, wanted[s->state]);

	user_fail(&s->user, OUTCOME_OTHER, text);
	free(text);
}

static void take_reply(struct smtp_user *s, unsigned code)
{
	if (s->state == SMTP_READY) {
		user_lost(&s->user, "the server speaks unasked"); /* 421: it goes away */
		return;
	}
	if (code != wanted[s->state]) {
		fail_refused(s, code);
		return;
	}
	switch (s->state) {
	case SMTP_GREETING:
		say_command(s, SMTP_HELLO, "EHLO client." DOMAIN);
		break;
	case SMTP_HELLO:
		say_mail(s);
		break;
	case SMTP_MAIL:
		say_command(s, SMTP_RCPT, "RCPT TO:<inbox@" DOMAIN ">");
		break;
	case SMTP_RCPT:
		say_command(s, SMTP_DATA, "DATA");
		break;
	case SMTP_DATA:
		write_message(s);
		break;
	case SMTP_MESSAGE:
		take_accepted(s);
		break;
	default:
		user_done(&s->user);
	}
}

static void read_replies(struct smtp_user *s)
{
	struct talk *t = &s->user.talk[0];
	unsigned code;
	struct err e;
	ssize_t n = 0;

	while (t->fd != -1 && (n = smtp_parse_reply(t->in, t->nin, &code, &e)) > 0) {
		talk_take(t, (size_t)n);
		s->user.now.bytes += (uint64_t)n;
		take_reply(s, code);
	}
	if (n == -1)
		user_break(&s->user, OUTCOME_OTHER, e.text);
}

static void begin_exchange(struct user *u)
{
	struct smtp_user *s = (struct smtp_user *)u;
	struct err e;

	u->due = u->now.start + cfg_of(u)->timeout;
	if (s->state == SMTP_READY) {
		say_mail(s);
		return;
	}
	s->sent = 0;
	s->state = SMTP_DIALLING;
	if (user_connect(u, 0, &u->users->task->address, &e) == -1)
		user_fail(u, OUTCOME_CONNECT, e.text);
}

static void begin_session(struct smtp_user *s)
{
	s->state = SMTP_GREETING;
	sock_nodelay(s->user.talk[0].fd);
	keepalive_begin(s->user.talk[0].fd, &cfg_of(&s->user)->keepalive);
}

static void take_event(struct user *u, int which, enum talk_event event)
{
	struct smtp_user *s = (struct smtp_user *)u;
	int error = errno;

	if (event == TALK_CONNECTED)
		begin_session(s);
	else if (event == TALK_DATA)
		read_replies(s);
	else if (event == TALK_EOF || event == TALK_ERROR)
		user_break_talk(u, which, event, error);
}

static void forget_session(struct user *u)
{
	struct smtp_user *s = (struct smtp_user *)u;

	s->state = SMTP_OFF;
	s->sent = 0;
}

int smtp_client(const struct workload_task *task)
{
	static const struct users_protocol protocol = {
	    .user_size = sizeof(struct smtp_user),
	    .cfg_size = sizeof(struct smtp_client_cfg),
	    .begin = begin_exchange,
	    .event = take_event,
	    .due = user_give_up,
	    .forget = forget_session,
	};
	const struct smtp_client_cfg *cfg = task->cfg;

	return users_run(task, &protocol, &cfg->load, NULL);
}
