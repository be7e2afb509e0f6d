/* wanted.c - where clients of this host wanted to go. */
#include "proxy/packet/wanted.h"

void wanted_note(struct wanted *w, const struct addr *client, const struct addr *to)
{
	w->note[w->next] = (struct wanted_note){.client = *client, .to = *to};
	w->next = (w->next + 1) % WANTED_MAX;
}

/* The newest first: a SYN that is sent again is noted again. */
bool wanted_take(struct wanted *w, const struct addr *client, struct addr *to)
{
	*to = (struct addr){.len = 0};
	for (size_t i = 1; i <= WANTED_MAX; i++) {
		struct wanted_note *n = &w->note[(w->next + WANTED_MAX - i) % WANTED_MAX];

		if (!n->client.len || !addr_equal(&n->client, client))
			continue;
		*to = n->to;
		n->client.len = 0;
		return true;
	}
	return false;
}
