/* ack_debts.h - what is read from a socket is acknowledged by what is sent back on it, in the same
 * segment; where nothing is sent back soon, by an ACK of its own. Knows no endpoints. */
#ifndef WEDGE_STREAM_ACK_DEBTS_H
#define WEDGE_STREAM_ACK_DEBTS_H

#include "proxy/base/env.h"

#include <stdbool.h>
#include <sys/queue.h>

/* For so long bytes that go back are waited for. The kernel itself would wait for them 40 ms at the
 * least (TCP_ATO_MIN in include/net/tcp.h), where it takes the connection for an interactive one;
 * where it doesn't, it has acknowledged by then. */
#define ACK_DEBT_PATIENCE (2 * NS_PER_MS)

/* Embedded, zeroed, one a socket. */
struct ack_debt {
	int64_t due; /* the clock's ns */
	int fd;
	bool owed;
	TAILQ_ENTRY(ack_debt) entry;
};

struct ack_debts {
	TAILQ_HEAD(, ack_debt) owed; /* the one that is due first is first */
	struct timer timer;
	const struct env *env;
	void (*ack)(int fd); /* acknowledges what has been read */
};

/* env must outlive it. */
void ack_debts_init(struct ack_debts *d, const struct env *env, void (*ack)(int fd));
void ack_debts_fini(struct ack_debts *d);

/* Bytes have been read from fd. */
void ack_debts_owe(struct ack_debts *d, struct ack_debt *a, int fd);

/* Bytes have been sent on it, or it is about to be closed. No-op when nothing is owed. */
void ack_debts_settle(struct ack_debts *d, struct ack_debt *a);

#endif
