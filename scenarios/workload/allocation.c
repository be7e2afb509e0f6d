/* allocation.c - answers to other requests are skipped, and those that anybody could have made. */
#include "scenarios/workload/allocation.h"

#include "proxy/base/version.h"

#include <stdio.h>
#include <string.h>

#define RTP_HEADER 12

/* Begins a request: an ID of its own. */
static void begin_request(struct allocation *a, struct stun_draft *d, enum stun_method method,
			  struct rng *r)
{
	for (size_t i = 0; i < STUN_ID_SIZE; i++)
		a->id[i] = (uint8_t)rng_below(r, 256);
	a->asked = method;
	stun_begin(d, (uint16_t)method, STUN_REQUEST, a->id);
}

static void end_request(const struct allocation *a, struct stun_draft *d)
{
	static const char software[] = "wedge " WEDGE_VERSION;

	stun_add(d, STUN_SOFTWARE, software, strlen(software));
	if (!a->nrealm)
		return;
	stun_add(d, STUN_USERNAME, a->user, strlen(a->user));
	stun_add(d, STUN_REALM, a->realm, a->nrealm);
	stun_add(d, STUN_NONCE, a->nonce, a->nnonce);
	stun_sign(d, a->key);
}

static void write_allocate(struct allocation *a, struct stun_draft *d, struct rng *r)
{
	begin_request(a, d, STUN_ALLOCATE, r);
	stun_add_u32(d, STUN_REQUESTED_TRANSPORT, (uint32_t)STUN_UDP << 24);
	stun_add_u32(d, STUN_LIFETIME, RELAY_LIFETIME);
	end_request(a, d);
}

void allocation_write(struct stun_draft *d, struct rng *r)
{
	struct allocation a = {.nrealm = 0};

	write_allocate(&a, d, r);
}

void allocation_ask(struct allocation *a, struct talk *t, struct rng *r, size_t user,
		    const char *password)
{
	struct stun_draft d;

	memset(a, 0, sizeof(*a));
	snprintf(a->user, sizeof(a->user), "user%zu", user);
	a->password = password;
	write_allocate(a, &d, r);
	talk_write(t, d.data, d.len);
}

void allocation_permit(struct allocation *a, struct talk *t, struct rng *r, const struct addr *peer)
{
	struct stun_draft d;

	begin_request(a, &d, STUN_CREATE_PERMISSION, r);
	stun_add_address(&d, STUN_XOR_PEER_ADDRESS, peer);
	end_request(a, &d);
	talk_write(t, d.data, d.len);
	a->source = (uint32_t)rng_next(r);
}

void allocation_release(struct allocation *a, struct talk *t, struct rng *r)
{
	struct stun_draft d;

	begin_request(a, &d, STUN_REFRESH, r);
	stun_add_u32(&d, STUN_LIFETIME, 0);
	end_request(a, &d);
	talk_write(t, d.data, d.len);
}

/* The relay asks who we are: tells it, and asks again. */
static int take_challenge(struct allocation *a, struct talk *t, const struct stun_message *m,
			  struct rng *r, struct err *e)
{
	struct stun_text user = {a->user, strlen(a->user)};
	struct stun_draft d;

	if (!m->realm.len || m->realm.len > ALLOCATION_TEXT_MAX || !m->nonce.len ||
	    m->nonce.len > ALLOCATION_TEXT_MAX)
		return err_set(e, "a 401 whose realm and nonce have %zu and %zu bytes",
			       m->realm.len, m->nonce.len);
	a->nrealm = m->realm.len;
	a->nnonce = m->nonce.len;
	memcpy(a->realm, m->realm.s, m->realm.len);
	memcpy(a->nonce, m->nonce.s, m->nonce.len);
	stun_key(user, m->realm, a->password, a->key);
	write_allocate(a, &d, r);
	talk_write(t, d.data, d.len);
	return 0;
}

/* As allocation_read, of one message, m as parsed from data. */
static int take_answer(struct allocation *a, struct talk *t, const uint8_t *data,
		       const struct stun_message *m, struct rng *r, struct err *e)
{
	if (memcmp(m->id, a->id, STUN_ID_SIZE) != 0 || m->method != a->asked)
		return 0;
	if (m->class == STUN_ERROR && m->error == 401 && !a->nrealm && a->asked == STUN_ALLOCATE)
		return take_challenge(a, t, m, r, e);
	if (m->class == STUN_ERROR)
		return err_set(e, "the relay refused with %u", m->error);
	if (a->nrealm && !stun_is_signed(data, m, a->key))
		return 0; /* as if it hadn't come (RFC 8489 9.2.5) */
	if (m->class != STUN_SUCCESS || (a->asked == STUN_ALLOCATE && !m->relayed.len))
		return err_set(e, "the relay's answer has no relayed address");
	if (a->asked == STUN_ALLOCATE)
		a->relayed = m->relayed;
	return 1;
}

int allocation_read(struct allocation *a, struct talk *t, struct rng *r, struct err *e)
{
	struct stun_message m;
	ssize_t n;
	int rc;

	do {
		n = stun_parse((const uint8_t *)t->in, t->nin, &m, e);
		if (n <= 0)
			return (int)n;
		rc = take_answer(a, t, (const uint8_t *)t->in, &m, r, e);
		talk_take(t, (size_t)n);
	} while (!rc);
	return rc;
}

static void write_rtp(const struct allocation *a, uint8_t *packet)
{
	uint32_t words[2] = {a->packets * 160u,
			     a->source}; /* a sample each 125 us, 20 ms of them */

	packet[0] = 0x80; /* version 2 */
	packet[1] = 0;	  /* PCMU */
	packet[2] = (uint8_t)(a->packets >> 8);
	packet[3] = (uint8_t)a->packets;
	for (size_t i = 0; i < 8; i++)
		packet[4 + i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
}

void allocation_send(struct allocation *a, struct talk *t, const struct addr *peer, size_t bytes)
{
	uint8_t packet[ALLOCATION_MEDIA_MAX], id[STUN_ID_SIZE];
	struct stun_draft d;

	BUG_ON(bytes < RTP_HEADER || bytes > sizeof(packet));
	memset(packet, 0xff, sizeof(packet)); /* silence */
	write_rtp(a, packet);
	memcpy(id, a->id, sizeof(id));
	id[0] = (uint8_t)(id[0] + 1); /* an indication's ID is any that no request has */
	id[1] = (uint8_t)(a->packets >> 8);
	id[2] = (uint8_t)a->packets;
	a->packets++;
	stun_begin(&d, STUN_SEND, STUN_INDICATION, id);
	stun_add_address(&d, STUN_XOR_PEER_ADDRESS, peer);
	stun_add(&d, STUN_DATA, packet, bytes);
	talk_write(t, d.data, d.len);
}
