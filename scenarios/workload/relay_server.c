/* relay_server.c - an allocation is a UDP socket of its own, which lasts as long as its connection;
 * what comes to it, or is to be sent from it, is dropped: nobody is there to hear it. */
#include "scenarios/workload/relay_server.h"

#include "proxy/base/clock.h"
#include "proxy/base/version.h"
#include "scenarios/workload/allocation.h"
#include "scenarios/workload/relay_access.h"
#include "scenarios/workload/relay_params.h"
#include "scenarios/workload/serving.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct relay_peer {
	struct serving_peer peer;
	struct relay_access access;
	bool allocated;
	int relayed; /* socket of the allocation */
	bool pending;
	struct stun_draft answer; /* that is pending */
	bool challenge;		  /* it asks for credentials, which counts as no exchange */
	struct tally_exchange now;
};

/* Opens the relayed transport address: a port of the address that the client knows. -1: none. */
static int open_relayed(const struct addr *local, struct addr *relayed)
{
	int fd = socket(local->sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*relayed = *local;
	addr_set_port(relayed, 0);
	if (fd == -1)
		return -1;
	if (bind(fd, &relayed->sa, relayed->len) == -1 ||
	    getsockname(fd, &relayed->sa, &relayed->len) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static void refuse_request(struct relay_peer *r, unsigned code, const char *reason)
{
	/* The class of what has been begun as a success: its two bits both set (RFC 8489 5). */
	r->answer.data[1] |= 0x10;
	stun_add_error(&r->answer, code, reason);
	r->now.ok = false;
}

static void answer_allocate(struct relay_peer *r, const struct stun_message *m)
{
	struct addr relayed;

	if (m->transport == -1)
		refuse_request(r, 400, "Bad Request");
	else if (m->transport != STUN_UDP)
		refuse_request(r, 442, "Unsupported Transport Protocol");
	else if (r->allocated)
		refuse_request(r, 437, "Allocation Mismatch");
	else if ((r->relayed = open_relayed(&r->peer.local, &relayed)) == -1)
		refuse_request(r, 508, "Insufficient Capacity");
	else {
		r->allocated = true;
		stun_add_address(&r->answer, STUN_XOR_RELAYED_ADDRESS, &relayed);
		stun_add_u32(&r->answer, STUN_LIFETIME, RELAY_LIFETIME);
		stun_add_address(&r->answer, STUN_XOR_MAPPED_ADDRESS, &r->peer.remote);
	}
}

static void answer_refresh(struct relay_peer *r, const struct stun_message *m)
{
	bool ends = m->lifetime == 0;

	if (!r->allocated) {
		refuse_request(r, 437, "Allocation Mismatch");
		return;
	}
	stun_add_u32(&r->answer, STUN_LIFETIME, ends ? 0 : RELAY_LIFETIME);
	if (ends) {
		close(r->relayed);
		r->allocated = false;
	}
}

static void answer_permission(struct relay_peer *r, const struct stun_message *m)
{
	if (!r->allocated)
		refuse_request(r, 437, "Allocation Mismatch");
	else if (!m->peer.len)
		refuse_request(r, 400, "Bad Request");
}

static void send_answer(struct relay_peer *r)
{
	r->pending = false;
	r->peer.due = INT64_MAX;
	r->now.first = r->now.last = clock_now(&clock_monotonic);
	r->now.bytes = r->answer.len;
	talk_write(&r->peer.talk, r->answer.data, r->answer.len);
	r->now.end = clock_now(&clock_monotonic);
	if (r->challenge)
		return;
	if (r->now.ok)
		tally_add(&r->peer.serving->tally, &r->now);
	else
		tally_fail(&r->peer.serving->tally, &r->now, OUTCOME_OTHER,
			   "a request was refused");
}

/* Refuses who may not ask: without credentials, or with wrong ones. */
static bool refuse_stranger(struct relay_peer *r, const uint8_t *data, const struct stun_message *m)
{
	const struct relay_server_cfg *cfg = r->peer.serving->task->cfg;
	unsigned code = relay_access_judge(&r->access, cfg->password, data, m);

	r->challenge = code == 401 && !m->integrity;
	if (!code)
		return false;
	refuse_request(r, code,
		       code == 401   ? "Unauthorized"
		       : code == 438 ? "Stale Nonce"
				     : "Bad Request");
	if (code != 400)
		relay_access_challenge(&r->access, &r->answer, r->peer.serving->chance);
	return true;
}

static void answer_request(struct relay_peer *r, const struct stun_message *m)
{
	if (m->unknown) {
		uint8_t unknown[2] = {(uint8_t)(m->unknown >> 8), (uint8_t)m->unknown};

		refuse_request(r, 420, "Unknown Attribute");
		stun_add(&r->answer, STUN_UNKNOWN_ATTRIBUTES, unknown, sizeof(unknown));
	} else if (m->method == STUN_ALLOCATE)
		answer_allocate(r, m);
	else if (m->method == STUN_REFRESH)
		answer_refresh(r, m);
	else if (m->method == STUN_CREATE_PERMISSION)
		answer_permission(r, m);
	else if (m->method == STUN_BINDING)
		stun_add_address(&r->answer, STUN_XOR_MAPPED_ADDRESS, &r->peer.remote);
	else
		refuse_request(r, 400, "Bad Request");
}

/* Answers a request, m as parsed from data, at once or after the service time. */
static void take_request(struct relay_peer *r, const uint8_t *data, const struct stun_message *m)
{
	static const char software[] = "wedge " WEDGE_VERSION;
	const struct relay_server_cfg *cfg = r->peer.serving->task->cfg;

	memset(&r->now, 0, sizeof(r->now));
	r->now.start = clock_now(&clock_monotonic);
	r->now.ok = true;
	stun_begin(&r->answer, m->method, STUN_SUCCESS, m->id);
	if (!refuse_stranger(r, data, m))
		answer_request(r, m);
	stun_add(&r->answer, STUN_SOFTWARE, software, strlen(software));
	relay_access_sign(&r->access, &r->answer);
	r->pending = true;
	r->peer.due = r->now.start + cfg->service;
	if (!cfg->service)
		send_answer(r);
}

/* Requests are answered in their order: the next one waits while an answer is pending. */
static void read_requests(struct serving_peer *p)
{
	struct relay_peer *r = (struct relay_peer *)p;
	struct stun_message m;
	struct err e;
	ssize_t n = 0;

	while (!r->pending && !p->over &&
	       (n = stun_parse((const uint8_t *)p->talk.in, p->talk.nin, &m, &e)) > 0) {
		if (m.class == STUN_REQUEST)
			take_request(r, (const uint8_t *)p->talk.in, &m);
		talk_take(&p->talk, (size_t)n);
	}
	if (n == -1) {
		struct tally_exchange x = {.start = clock_now(&clock_monotonic)};

		x.end = x.start;
		tally_fail(&p->serving->tally, &x, OUTCOME_OTHER, e.text);
		p->over = true;
	}
}

static void send_due(struct serving_peer *p, int64_t now)
{
	(void)now;
	send_answer((struct relay_peer *)p);
	read_requests(p);
}

static void end_peer(struct serving_peer *p)
{
	struct relay_peer *r = (struct relay_peer *)p;

	if (r->allocated)
		close(r->relayed);
	r->allocated = false;
	if (!r->pending)
		return;
	r->now.end = clock_now(&clock_monotonic);
	tally_fail(&p->serving->tally, &r->now, OUTCOME_OTHER,
		   "the client went away before it was answered");
}

int relay_server(const struct workload_task *task)
{
	static const struct serving_protocol protocol = {
	    .peer_size = sizeof(struct relay_peer),
	    .read = read_requests,
	    .due = send_due,
	    .end = end_peer,
	};

	return serving_run(task, &protocol);
}
