/* rdp_server.c - confirms TLS and nothing else; answers what the beginning of a session asks, and
 * each key with a cell of the screen. */
#include "scenarios/workload/rdp_server.h"

#include "proxy/base/clock.h"
#include "scenarios/workload/rdp_params.h"
#include "scenarios/workload/rdp_pdu.h"
#include "scenarios/workload/serving.h"
#include "scenarios/workload/user.h"

#include <string.h>

#define FIRST_USER 1007 /* of MCS, behind the channels that are there from the beginning */

struct rdp_peer {
	struct serving_peer peer;
	struct rdp_draft confirm; /* that is due */
	bool confirming, secured, opened;
	unsigned requested;
	struct tally_exchange now;
};

static void begin_answer(struct rdp_peer *r)
{
	memset(&r->now, 0, sizeof(r->now));
	r->now.start = clock_now(&clock_monotonic);
}

/* What is written is the last of an exchange's answer. */
static void end_answer(struct rdp_peer *r, const struct rdp_draft *d)
{
	r->now.first = r->now.last = clock_now(&clock_monotonic);
	r->now.bytes = d->len;
	r->now.ok = true;
	talk_write(&r->peer.talk, d->data, d->len);
	r->now.end = clock_now(&clock_monotonic);
	tally_add(&r->peer.serving->tally, &r->now);
	r->now.start = 0;
}

static void refuse_peer(struct rdp_peer *r, const char *text)
{
	struct tally_exchange x = {.start = clock_now(&clock_monotonic)};

	x.end = x.start;
	tally_fail(&r->peer.serving->tally, &x, OUTCOME_OTHER, text);
	r->now.start = 0;
	r->peer.over = true;
}

static void send_confirm(struct rdp_peer *r)
{
	r->confirming = false;
	r->peer.due = INT64_MAX;
	talk_write(&r->peer.talk, r->confirm.data, r->confirm.len);
	if (r->peer.talk.sent < r->peer.talk.nout || r->peer.talk.nin) {
		refuse_peer(r, "the client doesn't wait for the Connection Confirm");
		return;
	}
	r->secured = true;
	talk_secure(&r->peer.talk, r->peer.serving->secure);
}

static void take_request(struct rdp_peer *r, const struct rdp_pdu *pdu)
{
	const struct rdp_server_cfg *cfg = r->peer.serving->task->cfg;
	struct rdp_draft d;

	begin_answer(r);
	if (!pdu->negotiates || !(pdu->protocols & RDP_TLS)) {
		rdp_write_refusal(&d);
		talk_write(&r->peer.talk, d.data, d.len);
		refuse_peer(r, "the client doesn't offer TLS");
		return;
	}
	r->requested = pdu->protocols;
	rdp_write_confirm(&r->confirm, RDP_TLS);
	r->confirming = true;
	r->peer.due =
	    r->now.start + users_vary(r->peer.serving->chance, cfg->service, cfg->service_varies);
	if (!cfg->service)
		send_confirm(r);
}

static void answer_key(struct rdp_peer *r)
{
	struct rng *chance = r->peer.serving->chance;
	unsigned left = 8 * (unsigned)rng_below(chance, 160);
	unsigned top = 16 * (unsigned)rng_below(chance, 64);
	struct rdp_draft d;

	begin_answer(r);
	rdp_write_cell(&d, left, top, 8, 16, (uint16_t)rng_below(chance, 0x10000));
	end_answer(r, &d);
}

static void take_pdu(struct rdp_peer *r, const struct rdp_pdu *pdu)
{
	unsigned user = FIRST_USER;
	struct rdp_draft d;

	if (!r->secured) {
		if (pdu->kind == RDP_CONNECTION_REQUEST && !r->confirming)
			take_request(r, pdu);
		else
			refuse_peer(r, "a PDU that isn't due before TLS");
		return;
	}
	switch (pdu->kind) {
	case RDP_CONNECT_INITIAL:
		r->opened = true;
		rdp_write_connect_response(&d, r->requested);
		end_answer(r, &d);
		break;
	case RDP_ATTACH_USER:
		rdp_write_attached(&d, user);
		talk_write(&r->peer.talk, d.data, d.len);
		break;
	case RDP_JOIN:
		rdp_write_joined(&d, user, pdu->channel);
		talk_write(&r->peer.talk, d.data, d.len);
		break;
	case RDP_FAST_PATH:
		answer_key(r);
		break;
	case RDP_ERECT_DOMAIN:
	case RDP_MCS_DATA:
		break;
	default:
		refuse_peer(r, "a PDU that isn't due in a session");
	}
}

static void read_pdus(struct serving_peer *p)
{
	struct rdp_peer *r = (struct rdp_peer *)p;
	struct rdp_pdu pdu;
	struct err e;
	ssize_t n = 0;

	while (!p->over && !p->talk.securing &&
	       (n = rdp_parse((const uint8_t *)p->talk.in, p->talk.nin, r->opened, &pdu, &e)) > 0) {
		talk_take(&p->talk, (size_t)n);
		take_pdu(r, &pdu);
	}
	if (n == -1)
		refuse_peer(r, e.text);
}

static void send_due(struct serving_peer *p, int64_t now)
{
	(void)now;
	send_confirm((struct rdp_peer *)p);
}

static void end_peer(struct serving_peer *p)
{
	struct rdp_peer *r = (struct rdp_peer *)p;

	if (!r->now.start)
		return;
	r->now.end = clock_now(&clock_monotonic);
	tally_fail(&p->serving->tally, &r->now, OUTCOME_OTHER,
		   "the client went away before its session was open");
}

int rdp_server(const struct workload_task *task)
{
	static const struct serving_protocol protocol = {
	    .peer_size = sizeof(struct rdp_peer),
	    .tls = true,
	    .read = read_pdus,
	    .due = send_due,
	    .end = end_peer,
	};

	return serving_run(task, &protocol);
}
