/* rdp_client.c - an exchange opens a session (X.224, TLS, MCS Connect), or is a key pressed in one.
 * What a client says of itself in between, from the domain to the capabilities, is left out: it is
 * inside TLS. */
#include "scenarios/workload/rdp_client.h"

#include "proxy/base/clock.h"
#include "scenarios/workload/rdp_params.h"
#include "scenarios/workload/rdp_pdu.h"

#include <errno.h>

enum rdp_state {
	RDP_OFF,
	RDP_CONNECTING,
	RDP_ASKED,     /* Connection Request */
	RDP_SECURING,  /* TLS */
	RDP_INITIATED, /* Connect Initial */
	RDP_OPEN,
	RDP_PRESSED, /* a key */
};

struct rdp_user {
	struct user user;
	enum rdp_state state;
	uint64_t done; /* exchanges of this session */
};

static const struct rdp_client_cfg *cfg_of(const struct user *u)
{
	return (const struct rdp_client_cfg *)u->users->load;
}

static void say_pdu(struct user *u, const struct rdp_draft *d)
{
	talk_write(&u->talk[0], d->data, d->len);
}

static void press_key(struct rdp_user *r)
{
	struct rdp_draft d;

	rdp_write_key(&d, (uint8_t)(0x10 + rng_below(&r->user.chance, 40)));
	say_pdu(&r->user, &d);
	r->state = RDP_PRESSED;
}

static void begin_exchange(struct user *u)
{
	const struct rdp_client_cfg *cfg = cfg_of(u);
	struct rdp_user *r = (struct rdp_user *)u;
	struct err e;

	u->due = u->now.start + users_vary_timeout(&u->pauses, cfg->timeout, cfg->timeout_varies);
	if (r->state == RDP_OPEN && (!cfg->per_connection || r->done < cfg->per_connection)) {
		press_key(r);
		return;
	}
	r->done = 0;
	r->state = RDP_CONNECTING;
	if (user_connect(u, 0, &u->users->task->address, &e) == -1)
		user_fail(u, OUTCOME_CONNECT, e.text);
}

static void ask_connection(struct rdp_user *r)
{
	struct rdp_draft d;
	char name[32];

	snprintf(name, sizeof(name), "user%03llu", (unsigned long long)r->user.slot + 1);
	rdp_write_request(&d, name, RDP_TLS);
	say_pdu(&r->user, &d);
	r->state = RDP_ASKED;
}

static void begin_tls(struct rdp_user *r, const struct rdp_pdu *pdu)
{
	if (pdu->failure || !pdu->negotiates || pdu->protocols != RDP_TLS) {
		user_fail(&r->user, OUTCOME_OTHER, "the server doesn't confirm TLS");
		return;
	}
	if (r->user.talk[0].nin) {
		user_fail(&r->user, OUTCOME_OTHER, "the server speaks before TLS has begun");
		return;
	}
	talk_secure(&r->user.talk[0], r->user.users->secure);
	r->state = RDP_SECURING;
}

static void initiate_mcs(struct rdp_user *r)
{
	struct rdp_draft d;
	char name[32];

	snprintf(name, sizeof(name), "PC-%04llu", (unsigned long long)r->user.slot + 1);
	rdp_write_connect_initial(&d, name, RDP_TLS);
	say_pdu(&r->user, &d);
	r->state = RDP_INITIATED;
}

static void end_exchange(struct rdp_user *r)
{
	r->state = RDP_OPEN;
	r->done++;
	user_done(&r->user);
}

/* What comes in an open session unasked is the server's own affair. */
static void take_pdu(struct rdp_user *r, const struct rdp_pdu *pdu)
{
	if (r->state == RDP_ASKED && pdu->kind == RDP_CONNECTION_CONFIRM)
		begin_tls(r, pdu);
	else if (r->state == RDP_INITIATED && pdu->kind == RDP_CONNECT_RESPONSE && !pdu->result)
		end_exchange(r);
	else if (r->state == RDP_PRESSED && pdu->kind == RDP_FAST_PATH)
		end_exchange(r);
	else if (r->state == RDP_ASKED || r->state == RDP_INITIATED)
		user_fail(&r->user, OUTCOME_OTHER, "the server answers with a PDU that isn't due");
}

static void read_pdus(struct rdp_user *r)
{
	struct talk *t = &r->user.talk[0];
	struct rdp_pdu pdu;
	struct err e;
	ssize_t n = 0;

	while (t->fd != -1 && r->state != RDP_SECURING &&
	       (n = rdp_parse((const uint8_t *)t->in, t->nin, r->state >= RDP_OPEN, &pdu, &e)) >
		   0) {
		talk_take(t, (size_t)n);
		r->user.now.bytes += (uint64_t)n;
		take_pdu(r, &pdu);
	}
	if (n == -1)
		user_break(&r->user, OUTCOME_OTHER, e.text);
}

/* The end of a session that nobody uses is no failed exchange; the next one opens another. */
static void take_event(struct user *u, int which, enum talk_event event)
{
	struct rdp_user *r = (struct rdp_user *)u;
	int error = errno;

	switch (event) {
	case TALK_CONNECTED:
		ask_connection(r);
		break;
	case TALK_SECURED:
		initiate_mcs(r);
		break;
	case TALK_DATA:
		read_pdus(r);
		break;
	case TALK_EOF:
		user_break(u, OUTCOME_EOF, "the server ended the session");
		break;
	case TALK_ERROR:
		user_break_talk(u, which, event, error);
		break;
	default:
		break;
	}
}

static void forget_session(struct user *u)
{
	struct rdp_user *r = (struct rdp_user *)u;

	r->state = RDP_OFF;
	r->done = 0;
}

int rdp_client(const struct workload_task *task)
{
	static const struct users_protocol protocol = {
	    .user_size = sizeof(struct rdp_user),
	    .cfg_size = sizeof(struct rdp_client_cfg),
	    .tls = true,
	    .begin = begin_exchange,
	    .event = take_event,
	    .due = user_give_up,
	    .forget = forget_session,
	};
	const struct rdp_client_cfg *cfg = task->cfg;

	return users_run(task, &protocol, &cfg->load, NULL);
}
