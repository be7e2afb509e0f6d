/* session_wire.c - the packet plane journals connections from their packets; this is for where
 * there is none. */
#include "proxy/stream/session_wire.h"

#include "proxy/base/journal.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/session_table.h"

#include <jansson.h>

static void journal_connection(const struct session *s, enum leg leg, const struct addr *client,
			       const struct addr *server)
{
	char from[ADDR_TEXT], to[ADDR_TEXT];

	journal_event(s->table->env.journal, "connection", "s:I, s:s, s:s, s:s", "session",
		      (json_int_t)s->number, "leg", leg_name(leg), "client",
		      addr_format(client, from), "server", addr_format(server, to));
}

/* s->client may be an address that a PROXY header has named; of a client that has gone no other is
 * known. A redirected client gets its answers from its original destination. */
static void tell_client(const struct session *s, int fd)
{
	struct addr client, local, original;

	sock_peer(fd, &client);
	sock_local(fd, &local);
	if (!client.len)
		client = s->client;
	if (!local.len)
		return;
	journal_connection(s, LEG_CLIENT, &client, &local);
	sock_original(fd, &original);
	if (!addr_equal(&original, &local))
		journal_connection(s, LEG_CLIENT, &client, &original);
}

void session_journal_client(const struct session *s, int fd)
{
	if (!s->table->packets_tell && journal_is_read(s->table->env.journal))
		tell_client(s, fd);
}

static void tell_server(const struct session *s, int fd, const struct addr *to)
{
	struct addr local, server = *to;

	sock_local(fd, &local);
	addr_unmap(&server);
	if (local.len)
		journal_connection(s, LEG_SERVER, &local, &server);
}

void session_journal_dial(const struct session *s, int fd, const struct addr *to)
{
	if (!s->table->packets_tell && journal_is_read(s->table->env.journal))
		tell_server(s, fd, to);
}

void session_journal_legs(const struct session *s)
{
	if (s->ep[LEG_CLIENT].fd != -1)
		tell_client(s, s->ep[LEG_CLIENT].fd);
	if (s->ep[LEG_SERVER].fd != -1)
		tell_server(s, s->ep[LEG_SERVER].fd, &s->server);
}

void session_journal_outside(const struct session *s, const struct addr *local,
			     const struct addr *to)
{
	char from[ADDR_TEXT], text[ADDR_TEXT];

	journal_event(s->table->env.journal, "connection", "s:I, s:s, s:s, s:s, s:b", "session",
		      (json_int_t)s->number, "leg", leg_name(LEG_SERVER), "client",
		      addr_format(local, from), "server", addr_format(to, text), "outside", 1);
}

void session_journal_tried(void *arg, const struct addr *to, const char *result, int64_t took)
{
	const struct session *s = arg;
	char text[ADDR_TEXT];

	if (!s->table->env.journal)
		return;
	journal_event(s->table->env.journal, "server_tried", "s:I, s:s, s:s, s:f", "session",
		      (json_int_t)s->number, "address", addr_format(to, text), "result", result,
		      "after", clock_seconds(took));
}
