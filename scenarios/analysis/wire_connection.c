/* wire_connection.c - the selection and the end of a connection's findings. */
#include "scenarios/analysis/wire_connection.h"

#include <stdlib.h>

bool wire_connection_at_port(const struct wire_connection *w, uint16_t port)
{
	return !port || addr_port(&w->server) == port;
}

void wire_connection_fini(struct wire_connection *w)
{
	free(w->exchanges);
	free(w->acks);
	free(w->resends);
	for (int d = 0; d < DIR_COUNT; d++)
		free(w->sent_at[d]);
	free(w->silences);
	free(w->flights);
}
