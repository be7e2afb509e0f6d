/* client_ports.c - the first half of a client's ports is for the slots that it begins with, the
 * second for those that it adds. */
#include "scenarios/workload/client_ports.h"

#define ADDED_MAX 256 /* slots added whose connections don't meet; more may */

const struct client_ports client_ports_all = {.first = CLIENT_PORT_FIRST,
					      .n = CLIENT_PORT_LAST - CLIENT_PORT_FIRST + 1};

struct client_ports client_ports_part(struct client_ports whole, size_t i, size_t n)
{
	size_t part = whole.n / n;

	return (struct client_ports){.first = (uint16_t)(whole.first + i * part),
				     .n = (uint16_t)part};
}

/* Connections that are open together have numbers of different rests, so none of them depends on
 * when the others are made. */
uint16_t client_ports_pick(const struct client_ports *p, uint64_t slots, uint64_t slot,
			   uint64_t made)
{
	uint16_t half = p->n / 2;

	if (!half)
		return 0;
	if (slot < slots)
		return (uint16_t)(p->first + (made * slots + slot) % half);
	return (uint16_t)(p->first + half + (made * ADDED_MAX + slot - slots) % half);
}
