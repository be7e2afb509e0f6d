/* sip_call.c - one state at a time; what comes moves it on, or ends the exchange. */
#include "scenarios/workload/sip_call.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/sip_ask.h"

#include <errno.h>
#include <string.h>

static const struct sip_client_cfg *cfg_of(const struct sip_user *s)
{
	return s->user.users->task->cfg;
}

/* The state that has just begun may take so long. */
static void enter_state(struct sip_user *s, enum sip_state state, int64_t patience)
{
	s->state = state;
	s->user.due = clock_now(&clock_monotonic) + patience;
}

static void fail_call(struct sip_user *s, enum outcome outcome, const char *text)
{
	s->state = SIP_OFF;
	user_fail(&s->user, outcome, text);
}

/* It has failed, and the connection to the server is none the worse for it. */
static void fail_alone(struct sip_user *s, enum outcome outcome, const char *text)
{
	s->state = SIP_OFF;
	talk_close(&s->user.talk[RELAY_TALK]);
	user_fail_alone(&s->user, outcome, text);
}

static void end_call(struct sip_user *s)
{
	s->state = SIP_OFF;
	user_end_talk(&s->user, RELAY_TALK);
	user_done(&s->user);
}

static void send_invite(struct sip_user *s)
{
	sip_ask_invite(s);
	enter_state(s, SIP_INVITED, cfg_of(s)->timeout);
}

static void hang_up(struct sip_user *s)
{
	sip_ask_bye(s);
	enter_state(s, SIP_HANGING_UP, cfg_of(s)->timeout);
}

static void begin_talking(struct sip_user *s)
{
	enter_state(s, SIP_TALKING,
		    users_vary(&s->user.chance, cfg_of(s)->hold, cfg_of(s)->hold_varies));
}

/* The relay has given nothing. */
static void lack_relay(struct sip_user *s)
{
	talk_close(&s->user.talk[RELAY_TALK]);
	s->relay_failed = cfg_of(s)->relay_silent == SIP_DROP;
	if (s->state == SIP_RELAY && s->relay_failed)
		fail_alone(s, OUTCOME_TIMEOUT, "no relay: the call isn't made");
	else if (s->state == SIP_RELAY)
		send_invite(s);
	else if (s->relay_failed)
		hang_up(s);
	else
		begin_talking(s);
}

static void ask_relay(struct sip_user *s, enum sip_state state)
{
	const struct addr *to = balance_pick(s->user.users->balance);
	struct err e;

	enter_state(s, state,
		    users_vary_timeout(&s->user.chance, cfg_of(s)->relay_timeout,
				       cfg_of(s)->relay_timeout_varies));
	if (user_connect(&s->user, RELAY_TALK, to, &e) == -1)
		lack_relay(s);
}

/* The connection is there and signed in where that is wanted: the exchange itself begins. */
static void begin_exchange(struct sip_user *s)
{
	const struct sip_client_cfg *cfg = cfg_of(s);

	s->user.now.start = clock_now(&clock_monotonic);
	s->user.now.first = s->user.now.last = 0;
	s->user.now.bytes = 0;
	s->relay_failed = false;
	memset(&s->allocation, 0, sizeof(s->allocation));
	if (cfg->exchange == SIP_CALL && cfg->relay_port && cfg->relay_when == SIP_BEFORE_INVITE) {
		ask_relay(s, SIP_RELAY);
	} else if (cfg->exchange == SIP_CALL) {
		send_invite(s);
	} else {
		if (cfg->exchange == SIP_MESSAGE)
			sip_ask_message(s);
		else if (cfg->exchange == SIP_PUBLISH)
			sip_ask_publish(s);
		else
			sip_ask_register(s);
		enter_state(s, SIP_ASKING, cfg->timeout);
	}
}

static void sign_in(struct sip_user *s)
{
	sip_ask_from(s);
	s->signed_in = !cfg_of(s)->sign_in;
	if (s->signed_in) {
		begin_exchange(s);
		return;
	}
	sip_ask_register(s);
	enter_state(s, SIP_SIGNING_IN, cfg_of(s)->timeout);
}

void sip_call_begin(struct sip_user *s)
{
	struct err e;

	if (s->user.talk[SIP_TALK].fd != -1) {
		if (s->signed_in)
			begin_exchange(s);
		else
			sign_in(s);
		return;
	}
	enter_state(s, SIP_CONNECTING, cfg_of(s)->timeout);
	if (user_connect(&s->user, SIP_TALK, &s->user.users->task->address, &e) == -1)
		fail_call(s, OUTCOME_CONNECT, e.text);
}

/* A final answer to the INVITE. */
static void take_final(struct sip_user *s, const struct sip_message *m)
{
	char text[64];

	sip_ask_ack(s, m);
	if (m->status >= 300) {
		snprintf(text, sizeof(text), "the INVITE was answered with %u", m->status);
		fail_alone(s, OUTCOME_OTHER, text);
		return;
	}
	s->user.now.answered = clock_now(&clock_monotonic);
	if (cfg_of(s)->relay_port && cfg_of(s)->relay_when == SIP_AFTER_ANSWER)
		ask_relay(s, SIP_NO_MEDIA);
	else
		begin_talking(s);
}

/* 180 and 183 end the beeps; 100 says only that somebody tries. */
static void take_provisional(struct sip_user *s, const struct sip_message *m)
{
	struct tally_exchange *x = &s->user.now;

	if (m->status == 100 || x->ringing)
		return;
	x->ringing = clock_now(&clock_monotonic);
	x->beeps = (uint64_t)((x->ringing - x->start) / cfg_of(s)->beep);
}

/* The registrar asks who we are: a REGISTER is sent again once, within its time.
 * Returns whether it is. */
static bool take_challenge(struct sip_user *s, const struct sip_message *m)
{
	struct err e;

	if (m->status != 401 || !sip_text_is(m->cseq_method, "REGISTER"))
		return false;
	if (sip_take_challenge(&s->challenge, m->authenticate, &e) == -1) {
		fail_alone(s, OUTCOME_OTHER, e.text);
		return true;
	}
	if (s->challenged && !s->challenge.stale)
		return false;
	s->challenged = true;
	sip_ask_register_again(s);
	return true;
}

static void take_asked(struct sip_user *s, const struct sip_message *m)
{
	char text[64];

	if (m->status < 200 || take_challenge(s, m))
		return;
	if (m->status >= 300) {
		snprintf(text, sizeof(text), "the %.20s was answered with %u",
			 s->state == SIP_HANGING_UP ? "BYE" : "request", m->status);
		fail_alone(s, OUTCOME_OTHER, text);
	} else if (s->state == SIP_SIGNING_IN) {
		s->signed_in = true;
		begin_exchange(s);
	} else if (s->relay_failed)
		fail_alone(s, OUTCOME_TIMEOUT, "no relay: the call was dropped");
	else
		end_call(s);
}

static void take_answer(struct sip_user *s, const struct sip_message *m)
{
	bool invited = sip_text_is(m->cseq_method, "INVITE");

	if (!s->call_id || !sip_text_is(m->call_id, s->call_id))
		return; /* of a call that is over */
	if (invited && s->state == SIP_INVITED && m->status < 200)
		take_provisional(s, m);
	else if (invited && s->state == SIP_INVITED)
		take_final(s, m);
	else if (invited && m->status >= 200) /* sent again, as the ACK hasn't come yet */
		sip_ask_ack(s, m);
	else if (!invited && m->cseq == s->cseq &&
		 (s->state == SIP_SIGNING_IN || s->state == SIP_ASKING ||
		  s->state == SIP_HANGING_UP))
		take_asked(s, m);
}

/* Whoever called us ends the call, or asks whether we are there. */
static void take_request(struct sip_user *s, const struct sip_message *m)
{
	bool bye = sip_text_is(m->method, "BYE");
	bool ours = s->call_id && sip_text_is(m->call_id, s->call_id) && s->state > SIP_RELAY;

	sip_ask_answer(s, m,
		       bye && !ours				  ? 481
		       : bye || sip_text_is(m->method, "OPTIONS") ? 200
								  : 501);
	if (bye && ours)
		fail_alone(s, OUTCOME_EOF, "the other side hung up");
}

static void read_messages(struct sip_user *s)
{
	struct talk *t = &s->user.talk[SIP_TALK];
	struct sip_message m;
	struct err e;
	ssize_t n = 0;

	while (t->fd != -1 && (n = sip_parse(t->in, t->nin, &m, &e)) > 0) {
		char *text = xcalloc(1, (size_t)n + 1), *whole = text;
		struct err parsed;

		/* What the message makes happen may close the connection and free its bytes. */
		memcpy(text, t->in, (size_t)n);
		talk_take(t, (size_t)n);
		BUG_ON(sip_parse(text, (size_t)n, &m, &parsed) != n);
		s->user.now.bytes += (uint64_t)n;
		if (m.is_request)
			take_request(s, &m);
		else
			take_answer(s, &m);
		free(whole);
	}
	if (t->fd == -1 || n != -1)
		return;
	if (s->user.busy)
		fail_call(s, OUTCOME_OTHER, e.text);
	else
		talk_close(t);
}

static void sip_event(struct sip_user *s, enum talk_event event)
{
	struct talk *t = &s->user.talk[SIP_TALK];
	int error = errno;

	if (event == TALK_CONNECTED)
		sign_in(s);
	else if (event == TALK_DATA)
		read_messages(s);
	else if (!s->user.busy) { /* the next exchange makes a new connection */
		sip_call_forget(s);
		talk_close(t);
	} else if (event == TALK_EOF)
		fail_call(s, OUTCOME_EOF, "the server ended the connection");
	else
		fail_call(s, users_outcome(error, t->connecting), strerror(error));
}

/* Between the states that wait for it the relay has nothing to say. */
static void relay_event(struct sip_user *s, enum talk_event event)
{
	struct talk *t = &s->user.talk[RELAY_TALK];
	bool waited = s->state == SIP_RELAY || s->state == SIP_NO_MEDIA;
	struct err e;
	int rc = 0;

	if (event == TALK_CONNECTED) {
		allocation_ask(&s->allocation, t, &s->user.chance, s->user.slot + 1,
			       cfg_of(s)->relay_password);
		return;
	}
	if (event == TALK_DATA)
		rc = allocation_read(&s->allocation, t, &s->user.chance, &e);
	if (event != TALK_DATA || rc == -1) {
		talk_close(t);
		if (waited)
			lack_relay(s);
	} else if (rc == 1 && s->state == SIP_RELAY)
		send_invite(s);
	else if (rc == 1 && s->state == SIP_NO_MEDIA)
		begin_talking(s);
}

void sip_call_event(struct sip_user *s, int which, enum talk_event event)
{
	if (which == SIP_TALK)
		sip_event(s, event);
	else
		relay_event(s, event);
}

void sip_call_due(struct sip_user *s)
{
	if (s->state == SIP_RELAY || s->state == SIP_NO_MEDIA)
		lack_relay(s);
	else if (s->state == SIP_TALKING)
		hang_up(s);
	else if (s->state == SIP_CONNECTING)
		fail_call(s, OUTCOME_CONNECT, "timed out in connect");
	else
		fail_call(s, OUTCOME_TIMEOUT, "timed out without a final answer");
}

void sip_call_forget(struct sip_user *s)
{
	s->state = SIP_OFF;
	s->signed_in = false;
	sip_ask_forget(s);
}
