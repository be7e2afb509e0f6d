/* conn_table.h - the connections that the packet plane knows: found by role and addresses,
 * forgotten when they are over or idle, bounded in number. Knows no packets and no stages: its
 * owner hears of each connection before it goes. */
#ifndef WEDGE_PACKET_CONN_TABLE_H
#define WEDGE_PACKET_CONN_TABLE_H

#include "proxy/packet/pkt_select.h"
#include "proxy/packet/pkt_stage.h"

#include <stddef.h>
#include <sys/queue.h>

/* The role of wedge in a connection. On loopback one 4-tuple can be the server leg of one proxy and
 * the client leg of another, so the role is part of the key. */
enum pkt_role { PKT_ROLE_CLIENT_LEG, PKT_ROLE_SERVER_LEG, PKT_ROLE_FORWARDED };

struct pkt_key {
	enum pkt_role role;
	struct addr client, server;
};

struct pkt_entry {
	struct pkt_conn conn;
	enum pkt_role role;
	struct pkt_hooks hooks; /* of the selection that it was opened under */
	bool answered;		/* the client has sent more than SYNs: it had a SYN-ACK */
	bool closing;		/* RST, or FIN from both sides */
	bool unwatched;		/* only its SYNs and RSTs are seen */
	struct pkt *held_syn;	/* held until its client is answered (syn_hold.h); NULL: none */
	bool let_in;		/* its SYN was held and has gone on to the listener */
	LIST_ENTRY(pkt_entry) by_key, by_session;
	TAILQ_ENTRY(pkt_entry) by_age;
};

struct conn_table;

/* Returns the entry that the connection is part of. */
static inline struct pkt_entry *conn_table_entry(struct pkt_conn *c)
{
	return (struct pkt_entry *)((char *)c - offsetof(struct pkt_entry, conn));
}

/* forget(arg, en) is called for every entry that goes, before it is freed. env must outlive the
 * table. */
struct conn_table *conn_table_new(const struct env *env,
				  void (*forget)(void *arg, struct pkt_entry *en), void *arg);

/* Removes all entries; NULL is fine. */
void conn_table_free(struct conn_table *t);

/* Returns the entry of that role and those addresses, or NULL. */
struct pkt_entry *conn_table_find(struct conn_table *t, const struct pkt_key *key);

/* Returns the newest client leg whose session number has the low 24 bits of that mark
 * (proxy/base/mark.h), or NULL. */
struct pkt_entry *conn_table_find_mark(struct conn_table *t, uint32_t mark);

/* Adds an entry, born and last seen now. When the table is full, its oldest entry goes. */
struct pkt_entry *conn_table_add(struct conn_table *t, const struct pkt_key *key, uint64_t session);

/* Notes that a packet has passed at the time now (ns), and sets en->closing, which decides how long
 * the entry stays. */
void conn_table_touch(struct conn_table *t, struct pkt_entry *en, int64_t now);

void conn_table_remove(struct conn_table *t, struct pkt_entry *en);

/* Calls fn(arg, en) with every entry. */
void conn_table_each(const struct conn_table *t, void (*fn)(void *arg, const struct pkt_entry *en),
		     void *arg);

/* Removes the entries for which is(arg, en) is true. */
void conn_table_remove_if(struct conn_table *t, bool (*is)(void *arg, const struct pkt_entry *en),
			  void *arg);

#endif
