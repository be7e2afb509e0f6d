/* cause.h - why a connection stood still: the causes that docs/rules.md defines, a row each. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_CAUSE_H
#define WEDGE_SCENARIOS_DIAGNOSIS_CAUSE_H

#include <stdbool.h>

enum cause {
	CAUSE_DELAYED_ACK_LINUX,
	CAUSE_DELAYED_ACK_BSD,
	CAUSE_DELAYED_ACK_WINDOWS,
	CAUSE_DELAYED_ACK_OTHER,
	CAUSE_SYN_RESENT,
	CAUSE_CONNECT_BLACKHOLE,
	CAUSE_REFUSED,
	CAUSE_CONNECT_SLOW,
	CAUSE_RTO,
	CAUSE_RTO_TAIL,
	CAUSE_RTO_DOUBLE,
	CAUSE_RTO_SPURIOUS,
	CAUSE_TAIL_PROBE,
	CAUSE_FAST_RECOVERY,
	CAUSE_PATH_DEAD,
	CAUSE_ZERO_WINDOW,
	CAUSE_DEAD_RECEIVER,
	CAUSE_WINDOW_LIMITED,
	CAUSE_ACKS_LATE,
	CAUSE_DELIVERED_LATE,
	CAUSE_HOST_FREEZE,
	CAUSE_ACCEPTED_SILENT,
	CAUSE_SERVER_THINK,
	CAUSE_MIDSTREAM_SILENCE,
	CAUSE_TRICKLE,
	CAUSE_SERVER_PAUSE,
	CAUSE_CLIENT_PAUSE,
	CAUSE_CLOSE_STUCK,
	CAUSE_IDLE_OR_STALLED,
	CAUSE_CLIENT_THINK,
	CAUSE_UNKNOWN,
	CAUSE_COUNT,
};

/* Who can end the wait. */
enum blame {
	BLAME_CLIENT,
	BLAME_SERVER,
	BLAME_PATH,
	BLAME_NOBODY,
	BLAME_RECEIVER, /* of the data that waits: the client or the server */
	BLAME_SENDER,	/* of the data that is waited for */
};

struct cause_row {
	const char *key;   /* as in JSON and filters of the command line */
	const char *rule;  /* of docs/rules.md */
	const char *words; /* for a person, in the middle of a sentence */
	enum blame blame;
	bool lost; /* the time was lost: somebody waited for what should have come sooner */
};

const struct cause_row *cause_row(enum cause c);

/* Returns whether the cause says that packets were lost: it can't be said where the capture itself
 * lacks some (R0). */
bool cause_is_loss(enum cause c);

/* Returns whether the cause can't be told where a capture lacks packets that nobody knows of:
 * losses, and answers that never came. */
bool cause_needs_all(enum cause c);

/* Returns whether the cause depends on which end is the client. */
bool cause_has_roles(enum cause c);

/* Returns the cause for a delayed ACK by how long it was held, in nanoseconds. */
enum cause cause_of_hold(long long hold);

/* Returns the blame of a cause when the data that waits goes to the client (true) or to the server.
 */
enum blame cause_blame(enum cause c, bool to_client);

/* Returns "client", "server", "path" or "nobody"; not for BLAME_RECEIVER. */
const char *blame_name(enum blame b);

#endif
