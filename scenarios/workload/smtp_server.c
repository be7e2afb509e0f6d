/* smtp_server.c - greets, takes every message and keeps none. */
#include "scenarios/workload/smtp_server.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/serving.h"
#include "scenarios/workload/smtp_params.h"
#include "scenarios/workload/user.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME "mail.example.org"

struct smtp_peer {
	struct serving_peer peer;
	bool has_sender, has_recipient, in_message;
	bool answering; /* to a message, when due */
	uint64_t messages;
	struct tally_exchange now; /* from MAIL; start 0: there is none */
};

static void answer_line(struct smtp_peer *s, const char *text)
{
	char *line = xasprintf("%s\r\n", text);

	talk_write(&s->peer.talk, line, strlen(line));
	free(line);
}

static void greet_client(struct serving_peer *p)
{
	answer_line((struct smtp_peer *)p, "220 " NAME " ESMTP wedge");
}

static void forget_mail(struct smtp_peer *s)
{
	s->has_sender = s->has_recipient = s->in_message = s->answering = false;
	s->peer.due = INT64_MAX;
	s->now.start = 0;
}

static void begin_mail(struct smtp_peer *s)
{
	if (s->has_sender) {
		answer_line(s, "503 5.5.1 there is a sender");
		return;
	}
	memset(&s->now, 0, sizeof(s->now));
	s->now.start = clock_now(&clock_monotonic);
	s->has_sender = true;
	answer_line(s, "250 2.1.0 OK");
}

static void name_recipient(struct smtp_peer *s)
{
	s->has_recipient = s->has_sender;
	answer_line(s, s->has_sender ? "250 2.1.5 OK" : "503 5.5.1 MAIL comes first");
}

static void begin_message(struct smtp_peer *s)
{
	s->in_message = s->has_recipient;
	answer_line(s, s->has_recipient ? "354 go ahead, and end with a dot"
					: "503 5.5.1 RCPT comes first");
}

static void accept_message(struct smtp_peer *s)
{
	char *text = xasprintf("250 2.0.0 taken as %llu", (unsigned long long)++s->messages);

	s->now.first = s->now.last = clock_now(&clock_monotonic);
	s->now.bytes = strlen(text) + 2;
	s->now.ok = true;
	answer_line(s, text);
	free(text);
	s->now.end = clock_now(&clock_monotonic);
	tally_add(&s->peer.serving->tally, &s->now);
	forget_mail(s);
}

static void end_message(struct smtp_peer *s)
{
	const struct smtp_server_cfg *cfg = s->peer.serving->task->cfg;

	s->in_message = false;
	if (!cfg->service) {
		accept_message(s);
		return;
	}
	s->answering = true;
	s->peer.due = clock_now(&clock_monotonic) +
		      users_vary(s->peer.serving->chance, cfg->service, cfg->service_varies);
}

static bool is_command(const char *line, const char *name)
{
	size_t n = strlen(name);

	return strncasecmp(line, name, n) == 0 && strchr(" \r\n", line[n]);
}

static void take_command(struct smtp_peer *s, const char *line)
{
	if (is_command(line, "EHLO"))
		answer_line(s, "250-" NAME "\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
			       "250 ENHANCEDSTATUSCODES");
	else if (is_command(line, "HELO"))
		answer_line(s, "250 " NAME);
	else if (strncasecmp(line, "MAIL FROM:", 10) == 0)
		begin_mail(s);
	else if (strncasecmp(line, "RCPT TO:", 8) == 0)
		name_recipient(s);
	else if (is_command(line, "DATA"))
		begin_message(s);
	else if (is_command(line, "RSET")) {
		forget_mail(s);
		answer_line(s, "250 2.0.0 OK");
	} else if (is_command(line, "NOOP"))
		answer_line(s, "250 2.0.0 OK");
	else if (is_command(line, "QUIT")) {
		answer_line(s, "221 2.0.0 " NAME " closes");
		s->peer.over = true;
	} else
		answer_line(s, "500 5.5.2 unknown");
}

/* Takes one line that is whole, or a part of a message's that isn't. Returns how long it is; 0:
 * there is none. */
static size_t take_line(struct smtp_peer *s)
{
	const struct talk *t = &s->peer.talk;
	const char *end = memchr(t->in, '\n', t->nin);
	size_t n = end ? (size_t)(end - t->in) + 1 : 0;

	if (!n && t->nin >= TALK_IN_MAX / 2) {
		answer_line(s, "500 5.5.2 the line is too long");
		s->peer.over = true;
	} else if (n && !s->in_message)
		take_command(s, t->in);
	else if (n == 3 && memcmp(t->in, ".\r\n", 3) == 0)
		end_message(s);
	return n;
}

static void read_lines(struct serving_peer *p)
{
	struct smtp_peer *s = (struct smtp_peer *)p;
	size_t n;

	while (!p->over && !s->answering && (n = take_line(s)) > 0)
		talk_take(&p->talk, n);
}

static void answer_due(struct serving_peer *p, int64_t now)
{
	(void)now;
	accept_message((struct smtp_peer *)p);
	read_lines(p);
}

static void end_peer(struct serving_peer *p)
{
	struct smtp_peer *s = (struct smtp_peer *)p;

	if (!s->now.start)
		return;
	s->now.end = clock_now(&clock_monotonic);
	tally_fail(&p->serving->tally, &s->now, OUTCOME_OTHER,
		   "the client went away before its message was taken");
}

int smtp_server(const struct workload_task *task)
{
	static const struct serving_protocol protocol = {
	    .peer_size = sizeof(struct smtp_peer),
	    .begin = greet_client,
	    .read = read_lines,
	    .due = answer_due,
	    .end = end_peer,
	};

	return serving_run(task, &protocol);
}
