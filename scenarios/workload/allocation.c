/* allocation.c - answers to other requests are skipped. */
#include "scenarios/workload/allocation.h"

#include "proxy/base/version.h"

#include <string.h>

void allocation_ask(struct allocation *a, struct talk *t, struct rng *r)
{
	static const char software[] = "wedge " WEDGE_VERSION;
	struct stun_draft d;

	memset(a, 0, sizeof(*a));
	for (size_t i = 0; i < STUN_ID_SIZE; i++)
		a->id[i] = (uint8_t)rng_below(r, 256);
	stun_begin(&d, STUN_ALLOCATE, STUN_REQUEST, a->id);
	stun_add_u32(&d, STUN_REQUESTED_TRANSPORT, (uint32_t)STUN_UDP << 24);
	stun_add_u32(&d, STUN_LIFETIME, RELAY_LIFETIME);
	stun_add(&d, STUN_SOFTWARE, software, strlen(software));
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
		if (memcmp(m.id, a->id, STUN_ID_SIZE) != 0 || m.method != STUN_ALLOCATE)
			continue;
		if (m.class == STUN_ERROR)
			return err_set(e, "the relay refused with %u", m.error);
		if (m.class != STUN_SUCCESS || !m.relayed.len)
			return err_set(e, "the relay's answer has no relayed address");
		a->relayed = m.relayed;
		return 1;
	}
}
