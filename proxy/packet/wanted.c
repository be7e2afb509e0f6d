/* wanted.c - where clients of this host wanted to go. */
#include "proxy/packet/wanted.h"

static bool is_it(const struct wanted_note *n, const struct addr *client, uint32_t isn)
{
	struct addr here = *client, noted = n->client;

	addr_set_port(&here, 0);
	addr_set_port(&noted, 0);
	return noted.len && n->isn == isn && addr_equal(&here, &noted);
}

void wanted_note(struct wanted *w, const struct addr *client, uint32_t isn, const struct addr *to)
{
	w->note[w->next] = (struct wanted_note){.client = *client, .to = *to, .isn = isn};
	w->next = (w->next + 1) % WANTED_MAX;
}

/* The newest first: a SYN that is sent again is noted again. */
bool wanted_take(struct wanted *w, const struct addr *client, uint32_t isn, struct addr *to)
{
	*to = (struct addr){.len = 0};
	for (size_t i = 1; i <= WANTED_MAX; i++) {
		struct wanted_note *n = &w->note[(w->next + WANTED_MAX - i) % WANTED_MAX];

		if (!n->client.len || !is_it(n, client, isn))
			continue;
		*to = n->to;
		n->client.len = 0;
		return true;
	}
	return false;
}
