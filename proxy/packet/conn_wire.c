/* conn_wire.c - a line for each pair of addresses under which packets of a connection are seen. */
#include "proxy/packet/conn_wire.h"

#include <jansson.h>

static void journal_connection_to(const struct pkt_conn *c, const struct addr *server)
{
	char from[ADDR_TEXT], to[ADDR_TEXT];

	journal_event(c->env->journal, "connection", "s:I, s:s, s:s, s:s", "session",
		      (json_int_t)c->session, "leg", c->forwarded ? "forwarded" : leg_name(c->leg),
		      "client", addr_format(&c->client, from), "server", addr_format(server, to));
}

/* Once for each connection: it tells where on the wire the session and leg are that all other lines
 * name. A redirected connection goes to wedge's listener, and its answers come from the client's
 * original destination. */
void conn_wire_journal(const struct pkt_conn *c)
{
	if (!journal_is_read(c->env->journal))
		return;
	journal_connection_to(c, &c->server);
	if (c->orig_dst.len)
		journal_connection_to(c, &c->orig_dst);
}

static void tell_forwarded(void *arg, const struct pkt_entry *en)
{
	(void)arg;
	if (en->role == PKT_ROLE_FORWARDED)
		conn_wire_journal(&en->conn);
}

void conn_wire_tell(const struct conn_table *t)
{
	conn_table_each(t, tell_forwarded, NULL);
}
