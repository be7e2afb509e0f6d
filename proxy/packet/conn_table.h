/* conn_table.h - the connections that the packet plane knows: found by role and addresses,
 * forgotten when over or idle, bounded. Knows no packets and no stages: its owner is told before
 * one goes. */
#ifndef WEDGE_PACKET_CONN_TABLE_H
#define WEDGE_PACKET_CONN_TABLE_H

#include "proxy/packet/pkt_tracker.h"

#include <stddef.h>
#include <sys/queue.h>

/* What a connection is to wedge. On loopback one 4-tuple can be the server leg of one proxy and the
 * client leg of another, so the role is part of the key. */
enum pkt_role { PKT_ROLE_CLIENT_LEG, PKT_ROLE_SERVER_LEG, PKT_ROLE_FORWARDED };

struct pkt_key {
	enum pkt_role role;
	struct addr client, server;
};

struct pkt_entry {
	struct pkt_conn conn;
	enum pkt_role role;
	struct pkt_hooks hooks; /* of the selection that it was opened under */
	bool answered;		/* the client has sent more than SYNs */
	bool closing;		/* RST, or FIN from both sides */
	bool unwatched;		/* only its SYNs and RSTs are seen */
	bool let_in;		/* its SYN was kept, and went on to the listener */
	struct pkt *syn;	/* kept until the answer; NULL: none (syn_hold.h) */
	LIST_ENTRY(pkt_entry) by_key, by_session;
	TAILQ_ENTRY(pkt_entry) by_age;
};

struct conn_table;

static inline struct pkt_entry *conn_table_entry(struct pkt_conn *c)
{
	return (struct pkt_entry *)((char *)c - offsetof(struct pkt_entry, conn));
}

/* forget is called for every entry that goes, before it is freed. */
struct conn_table *conn_table_new(const struct env *env,
				  void (*forget)(void *arg, struct pkt_entry *en), void *arg);
void conn_table_free(struct conn_table *t);

struct pkt_entry *conn_table_find(struct conn_table *t, const struct pkt_key *key);

/* The client leg whose session number has these low 24 bits (proxy/base/mark.h); the newest one. */
struct pkt_entry *conn_table_find_mark(struct conn_table *t, uint32_t mark);

/* A new entry, born and last seen now. The oldest one of a full table goes. */
struct pkt_entry *conn_table_add(struct conn_table *t, const struct pkt_key *key, uint64_t session);

/* The connection lives: stamps last_seen; closing as in the entry decides how long it is kept. */
void conn_table_touch(struct conn_table *t, struct pkt_entry *en, int64_t now);

void conn_table_remove(struct conn_table *t, struct pkt_entry *en);
void conn_table_remove_if(struct conn_table *t, bool (*is)(void *arg, const struct pkt_entry *en),
			  void *arg);

#endif
