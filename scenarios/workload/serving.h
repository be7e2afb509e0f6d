/* serving.h - the server end of a workload that talks freely: accepts connections, gives what comes
 * to the protocol, wakes it when something is due, obeys the runner. Knows no protocol. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SERVING_H
#define WEDGE_SCENARIOS_WORKLOAD_SERVING_H

#include "scenarios/workload/talk.h"
#include "scenarios/workload/tally.h"
#include "scenarios/workload/workload.h"

struct serving;

/* One connection; the first member of the protocol's own. */
struct serving_peer {
	struct serving *serving;
	struct talk talk;
	struct addr local, remote;
	int64_t due; /* when the protocol wants to be woken; INT64_MAX: never */
	bool more;   /* set by the protocol: it is to write once nothing waits to be sent */
	bool over;   /* set by the protocol: what is written is sent, then the connection closed */
};

struct serving_protocol {
	size_t peer_size;
	size_t own_size; /* bytes of what it keeps of the server, zeroed at first */
	bool tls;	 /* serving.secure is wanted */
	/* The connection has come; NULL: the client speaks first. */
	void (*begin)(struct serving_peer *p);
	/* There is more in talk.in; takes the whole messages off. */
	void (*read)(struct serving_peer *p);
	void (*due)(struct serving_peer *p, int64_t now);
	/* All is sent, and the kernel takes more; called while 'more' is set. */
	void (*write)(struct serving_peer *p);
	/* The other end has ended its side; NULL: so does the connection, at once. */
	void (*eof)(struct serving_peer *p);
	/* The connection ends, and with it the peer. */
	void (*end)(struct serving_peer *p);
	/* Returns more members of the result, a new object; NULL: there are none. */
	json_t *(*result)(struct serving *s);
};

struct serving {
	const struct workload_task *task;
	const struct serving_protocol *protocol;
	void *own; /* the protocol's */
	struct tally tally;
	int listen_fd;
	int64_t accept_due; /* 0, or when accepting goes on */
	struct serving_peer **peers;
	size_t npeers;
	struct rng *chance; /* the protocol's own draws */
	struct secure_context *secure;
	bool killed; /* by the runner: its kernel ends the connections */
};

/* Runs a server until the runner ends it. Returns the process's exit status. */
int serving_run(const struct workload_task *task, const struct serving_protocol *protocol);

#endif
