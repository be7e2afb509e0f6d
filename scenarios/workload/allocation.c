/* allocation.c - answers to other requests are skipped. */
#include "scenarios/workload/allocation.h"

#include "proxy/base/version.h"

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

static void end_request(struct stun_draft *d)
{
	static const char software[] = "wedge " WEDGE_VERSION;

	stun_add(d, STUN_SOFTWARE, software, strlen(software));
}

static void write_allocate(struct allocation *a, struct stun_draft *d, struct rng *r)
{
	memset(a, 0, sizeof(*a));
	begin_request(a, d, STUN_ALLOCATE, r);
	stun_add_u32(d, STUN_REQUESTED_TRANSPORT, (uint32_t)STUN_UDP << 24);
	stun_add_u32(d, STUN_LIFETIME, RELAY_LIFETIME);
	end_request(d);
}

void allocation_write(struct stun_draft *d, struct rng *r)
{
	struct allocation a;

	write_allocate(&a, d, r);
}

void allocation_ask(struct allocation *a, struct talk *t, struct rng *r)
{
	struct stun_draft d;

	write_allocate(a, &d, r);
	talk_write(t, d.data, d.len);
}

void allocation_permit(struct allocation *a, struct talk *t, struct rng *r, const struct addr *peer)
{
	struct stun_draft d;

	begin_request(a, &d, STUN_CREATE_PERMISSION, r);
	stun_add_address(&d, STUN_XOR_PEER_ADDRESS, peer);
	end_request(&d);
	talk_write(t, d.data, d.len);
	a->source = (uint32_t)rng_next(r);
}

void allocation_release(struct allocation *a, struct talk *t, struct rng *r)
{
	struct stun_draft d;

	begin_request(a, &d, STUN_REFRESH, r);
	stun_add_u32(&d, STUN_LIFETIME, 0);
	end_request(&d);
	talk_write(t, d.data, d.len);
}

int allocation_read(struct allocation *a, struct talk *t, struct err *e)
{
	struct stun_message m;
	ssize_t n;

	for (;;) {
		n = stun_parse((const uint8_t *)t->in, t->nin, &m, e);
		if (n <= 0)
			return (int)n;
		talk_take(t, (size_t)n);
		if (memcmp(m.id, a->id, STUN_ID_SIZE) != 0 || m.method != a->asked)
			continue;
		if (m.class == STUN_ERROR)
			return err_set(e, "the relay refused with %u", m.error);
		if (m.class != STUN_SUCCESS || (a->asked == STUN_ALLOCATE && !m.relayed.len))
			return err_set(e, "the relay's answer has no relayed address");
		if (a->asked == STUN_ALLOCATE)
			a->relayed = m.relayed;
		return 1;
	}
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
