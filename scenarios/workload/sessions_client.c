/* sessions_client.c - one PDU after the other, each after the answer to the one before; an exchange
 * is a call, or the connection, bind and logon where it needs them, to the answer to the call. */
#include "scenarios/workload/sessions_client.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/ept_map.h"
#include "scenarios/workload/mailbox.h"
#include "scenarios/workload/sessions_params.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <stdlib.h>

enum sessions_state {
	SESSIONS_OFF,
	SESSIONS_DIALLING,
	SESSIONS_BINDING,
	SESSIONS_BOUND, /* and no logon was taken: idle */
	SESSIONS_LOGGING_ON,
	SESSIONS_READY, /* idle */
	SESSIONS_CALLING,
	SESSIONS_LOGGING_OFF,
};

struct sessions_user {
	struct user user;
	enum sessions_state state;
	uint64_t calls;	   /* on this connection */
	uint32_t call;	   /* number of the last PDU */
	uint16_t fragment; /* bytes of the largest that the server takes */
	struct dcerpc_whole answer;
};

static const struct sessions_client_cfg *cfg_of(const struct sessions_user *s)
{
	return (const struct sessions_client_cfg *)s->user.users->load;
}

static bool is_mapper(const struct sessions_user *s)
{
	return cfg_of(s)->interface == SESSIONS_ENDPOINT_MAPPER;
}

static void send_pdus(struct sessions_user *s, struct le_buf *o)
{
	talk_write(&s->user.talk[0], o->v, o->len);
	free(o->v);
}

static void send_bind(struct sessions_user *s)
{
	struct le_buf o = {.v = NULL};

	s->state = SESSIONS_BINDING;
	dcerpc_write_bind(&o, ++s->call, is_mapper(s) ? &ept_map_interface : &mailbox_interface);
	send_pdus(s, &o);
}

/* Sends the request whose stub is written; it is freed. */
static void send_request(struct sessions_user *s, enum sessions_state state, uint16_t opnum,
			 struct le_buf stub)
{
	struct dcerpc_whole request = {
	    .stub = stub, .type = DCERPC_REQUEST, .call = ++s->call, .opnum = opnum};
	struct le_buf o = {.v = NULL};

	s->state = state;
	dcerpc_write_call(&o, &request,
			  s->fragment < DCERPC_FRAGMENT ? s->fragment : DCERPC_FRAGMENT);
	dcerpc_whole_fini(&request);
	send_pdus(s, &o);
}

static void send_logon(struct sessions_user *s)
{
	struct le_buf stub = {.v = NULL};

	mailbox_write_logon(&stub, cfg_of(s)->user);
	send_request(s, SESSIONS_LOGGING_ON, MAILBOX_LOGON, stub);
}

static void send_call(struct sessions_user *s)
{
	struct le_buf stub = {.v = NULL};
	struct ept_tower asked = {.interface = mailbox_interface};

	if (is_mapper(s))
		ept_map_write_ask(&stub, &asked);
	else
		mailbox_write_call(&stub, sessions_draw_size(cfg_of(s)->request, &s->user.chance));
	send_request(s, SESSIONS_CALLING, is_mapper(s) ? EPT_MAP_OPNUM : MAILBOX_CALL, stub);
}

static void forget_session(struct user *u)
{
	struct sessions_user *s = (struct sessions_user *)u;

	dcerpc_whole_fini(&s->answer);
	s->state = SESSIONS_OFF;
	s->calls = 0;
	s->call = 0;
}

static void take_answered(struct sessions_user *s)
{
	struct le_buf nothing = {.v = NULL};

	s->state = SESSIONS_READY;
	s->user.leaving = ++s->calls == cfg_of(s)->per_connection;
	if (!s->user.leaving || is_mapper(s))
		user_done(&s->user);
	else
		send_request(s, SESSIONS_LOGGING_OFF, MAILBOX_LOGOFF, nothing);
}

static const char *name_request(const struct sessions_user *s)
{
	if (s->state == SESSIONS_LOGGING_ON)
		return "logon";
	return is_mapper(s) ? "question" : "call";
}

/* A fault ends the call alone: the connection stays bound, and the session, if there is one. */
static void fail_fault(struct sessions_user *s, uint32_t status)
{
	char *text =
	    xasprintf("the server answers the %s by fault 0x%08x", name_request(s), status);

	s->state = s->state == SESSIONS_LOGGING_ON ? SESSIONS_BOUND : SESSIONS_READY;
	user_fail_alone(&s->user, OUTCOME_OTHER, text);
	free(text);
}

static int check_mapped(struct sessions_user *s, struct err *e)
{
	struct ept_tower found;
	uint32_t status;

	if (ept_map_parse_answer(s->answer.stub.v, s->answer.stub.len, &found, &status, e))
		return -1;
	return status ? err_set(e, "the endpoint mapper answers status 0x%08x", status) : 0;
}

static int check_called(struct sessions_user *s, struct err *e)
{
	if (is_mapper(s))
		return check_mapped(s, e);
	if (mailbox_check_call(s->answer.stub.v, s->answer.stub.len))
		return 0;
	return err_set(e, "the answer to the call isn't mailbox's");
}

/* An answer is whole. -1 with *e. */
static int take_answer(struct sessions_user *s, struct err *e)
{
	if (s->answer.too_long)
		return err_set(e, "an answer of more than %u bytes", DCERPC_STUB_MAX);
	switch (s->state) {
	case SESSIONS_LOGGING_ON:
		send_call(s);
		return 0;
	case SESSIONS_CALLING:
		if (check_called(s, e))
			return -1;
		take_answered(s);
		return 0;
	default:
		user_done(&s->user);
		return 0;
	}
}

static int take_ack(struct sessions_user *s, const uint8_t *pdu, const struct dcerpc_head *h,
		    struct err *e)
{
	struct dcerpc_ack ack;

	if (dcerpc_parse_ack(pdu, h, &ack, e))
		return -1;
	if (ack.outcomes[0].result != DCERPC_ACCEPTANCE)
		return err_set(e, "the server rejects the bind: result 0x%x, reason 0x%x",
			       ack.outcomes[0].result, ack.outcomes[0].reason);
	s->fragment = ack.fragment;
	if (is_mapper(s))
		send_call(s);
	else
		send_logon(s);
	return 0;
}

static int fail_nak(const uint8_t *pdu, const struct dcerpc_head *h, struct err *e)
{
	uint16_t reason;

	if (dcerpc_parse_nak(pdu, h, &reason, e))
		return -1;
	return err_set(e, "the server answers the bind by bind_nak, reason 0x%x", reason);
}

static int take_part(struct sessions_user *s, const uint8_t *pdu, const struct dcerpc_head *h,
		     struct err *e)
{
	struct dcerpc_part part;
	int rc;

	if (dcerpc_parse_part(pdu, h, &part, e))
		return -1;
	if (h->type == DCERPC_FAULT) {
		if (s->user.leaving)
			user_done(&s->user);
		else
			fail_fault(s, part.status);
		return 0;
	}
	rc = dcerpc_join(&s->answer, h, &part, e);
	return rc == 1 ? take_answer(s, e) : rc;
}

/* Takes a PDU that is whole, while an exchange waits for one. -1 with *e. */
static int take_pdu(struct sessions_user *s, const uint8_t *pdu, const struct dcerpc_head *h,
		    struct err *e)
{
	if (h->big_endian)
		return err_set(e, "the server answers in big-endian numbers");
	if (h->call != s->call)
		return err_set(e, "the server answers a call that isn't under way");
	if (s->state == SESSIONS_BINDING && h->type == DCERPC_BIND_ACK)
		return take_ack(s, pdu, h, e);
	if (s->state == SESSIONS_BINDING && h->type == DCERPC_BIND_NAK)
		return fail_nak(pdu, h, e);
	if (s->state != SESSIONS_BINDING && (h->type == DCERPC_RESPONSE || h->type == DCERPC_FAULT))
		return take_part(s, pdu, h, e);
	return err_set(e, "the server answers by a PDU of type %u, which wasn't due", h->type);
}

static void read_pdus(struct sessions_user *s)
{
	struct talk *t = &s->user.talk[0];
	struct dcerpc_head h;
	struct err e;
	ssize_t n;

	while ((n = dcerpc_parse((const uint8_t *)t->in, t->nin, &h, &e)) > 0) {
		if (!s->user.busy) {
			user_lost(&s->user, "the server speaks unasked");
			return;
		}
		s->user.now.bytes += (uint64_t)n;
		if (take_pdu(s, (const uint8_t *)t->in, &h, &e)) {
			n = -1;
			break;
		}
		if (t->fd == -1)
			return;
		talk_take(t, (size_t)n);
	}
	if (n == -1)
		user_break(&s->user, OUTCOME_OTHER, e.text);
}

static void begin_exchange(struct user *u)
{
	struct sessions_user *s = (struct sessions_user *)u;
	struct err e;

	u->due = u->now.start + cfg_of(s)->timeout;
	if (s->state == SESSIONS_READY) {
		send_call(s);
		return;
	}
	if (s->state == SESSIONS_BOUND) {
		send_logon(s);
		return;
	}
	s->state = SESSIONS_DIALLING;
	if (user_connect(u, 0, &u->users->task->address, &e) == -1)
		user_fail(u, OUTCOME_CONNECT, e.text);
}

static void begin_session(struct sessions_user *s)
{
	sock_nodelay(s->user.talk[0].fd);
	keepalive_begin(s->user.talk[0].fd, &cfg_of(s)->keepalive);
	send_bind(s);
}

static void take_event(struct user *u, int which, enum talk_event event)
{
	struct sessions_user *s = (struct sessions_user *)u;
	int error = errno;

	if (event == TALK_CONNECTED)
		begin_session(s);
	else if (event == TALK_DATA)
		read_pdus(s);
	else if (event == TALK_EOF || event == TALK_ERROR)
		user_break_talk(u, which, event, error);
}

int sessions_client(const struct workload_task *task)
{
	static const struct users_protocol protocol = {
	    .user_size = sizeof(struct sessions_user),
	    .cfg_size = sizeof(struct sessions_client_cfg),
	    .begin = begin_exchange,
	    .event = take_event,
	    .due = user_give_up,
	    .forget = forget_session,
	};
	const struct sessions_client_cfg *cfg = task->cfg;

	return users_run(task, &protocol, &cfg->load, NULL);
}
