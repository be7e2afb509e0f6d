/* conn_wire.h - journals where on the wire the connections are that the packet plane knows. */
#ifndef WEDGE_PACKET_CONN_WIRE_H
#define WEDGE_PACKET_CONN_WIRE_H

#include "proxy/packet/conn_table.h"

/* Journals a connection that is new. */
void conn_wire_journal(const struct pkt_conn *c);

/* Journals the forwarded connections of a table again. */
void conn_wire_tell(const struct conn_table *t);

#endif
