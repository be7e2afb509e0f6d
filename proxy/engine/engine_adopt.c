/* engine_adopt.c - a session is known by the addresses of its client's socket; its server leg by
 * the mark, which has its number. */
#include "proxy/engine/engine_adopt.h"

#include "proxy/engine/engine_accept.h"
#include "proxy/engine/engine_state.h"
#include "proxy/stream/session_sockets.h"
#include "proxy/stream/session_table.h"

void engine_adopt_own(struct engine *en)
{
	struct addr peer, local;
	struct session *s;

	engine_accept_mark(en);
	session_table_mark(en->sessions, true);
	TAILQ_FOREACH (s, &en->sessions->open, entry)
		if (session_client_addrs(s, &peer, &local))
			packet_plane_adopt(en->packets, &peer, &local, s->number);
}

void engine_mark(struct engine *en)
{
	en->marks_legs = en->sessions->marked = true;
	session_table_mark(en->sessions, false);
}

void engine_hand_over(struct engine *en, struct engine_clients *clients)
{
	struct engine_client c;
	struct session *s;

	engine_mark(en);
	en->seen_elsewhere = en->sessions->packets_tell = true;
	session_table_mark(en->sessions, true);
	TAILQ_FOREACH (s, &en->sessions->open, entry) {
		c.number = s->number;
		if (session_client_addrs(s, &c.peer, &c.local))
			engine_clients_add(clients, &c);
	}
}

void engine_adopt(struct engine *en, const struct engine_clients *clients)
{
	for (size_t i = 0; i < clients->n; i++) {
		const struct engine_client *c = &clients->v[i];

		packet_plane_adopt(en->packets, &c->peer, &c->local, c->number);
	}
}

bool engine_sees_packets(const struct engine *en)
{
	return en->packets_all;
}
