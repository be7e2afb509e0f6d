/* session_wire.c - tells the journal what a session is on the wire: who opened each leg and who
 * accepted it. The packet plane tells it from the packets; this is for where there is none. */
#include "proxy/stream/session_wire.h"

#include "proxy/base/journal.h"
#include "proxy/stream/session.h"
#include "proxy/stream/sockopt.h"

void session_tell_leg(const struct session *s, enum leg leg, int fd, const struct addr *peer)
{
	struct addr local, other = *peer;
	const struct addr *client = leg == LEG_CLIENT ? &other : &local;
	const struct addr *server = leg == LEG_CLIENT ? &local : &other;
	char from[ADDR_TEXT], to[ADDR_TEXT];

	if (s->table->packets_tell || !s->table->env.journal)
		return;
	sock_local(fd, &local);
	addr_unmap(&other);
	if (!local.len)
		return;
	journal_event(s->table->env.journal, "connection", "s:I, s:s, s:s, s:s", "session",
		      (json_int_t)s->number, "leg", leg_name(leg), "client",
		      addr_format(client, from), "server", addr_format(server, to));
}

void session_tell_dial(void *arg, int fd, const struct addr *to)
{
	session_tell_leg(arg, LEG_SERVER, fd, to);
}
