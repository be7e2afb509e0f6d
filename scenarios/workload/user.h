/* user.h - one user of a client that talks freely (users.h), and what they have in common: their
 * connections, how an exchange of theirs ends, which may be tried again. Knows neither loop nor
 * protocol. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_USER_H
#define WEDGE_SCENARIOS_WORKLOAD_USER_H

#include "proxy/base/rng.h"
#include "scenarios/workload/arrivals.h"
#include "scenarios/workload/awaited.h"
#include "scenarios/workload/balance.h"
#include "scenarios/workload/closers.h"
#include "scenarios/workload/runner.h"
#include "scenarios/workload/talk.h"
#include "scenarios/workload/tally.h"
#include "scenarios/workload/workload.h"

#define USER_TALKS 2 /* connections that a user has at most */

enum users_port { USERS_PORT_NEW, USERS_PORT_SAME };
enum users_close { USERS_CLOSE, USERS_SHUTDOWN };

/* How many users there are, and when they do what: parameters, the same for every such workload. */
struct users_load {
	uint64_t exchanges, connections;
	int64_t connect_every, think;
	double think_varies; /* share of think */
	int arrivals;	     /* enum arrivals_kind */
	/* Of USERS_OPEN_PARAMS alone. */
	char *rate; /* as written: "20/s"; "0" or NULL: none */
	uint64_t retries;
	int retry_port; /* enum users_port */
	/* Of USERS_CLOSE_PARAMS alone. */
	int close; /* enum users_close */
	int64_t close_timeout;
};

struct users;

/* One of them; the first member of the protocol's own. */
struct user {
	struct users *users;
	uint64_t slot; /* their place among the client's */
	uint64_t todo; /* exchanges left */
	bool busy;     /* an exchange is under way */
	bool over;
	bool leaving; /* the exchange is done but for a goodbye: well, whatever becomes of that */
	int64_t due;  /* busy: when the protocol wants to be woken; else when the next one begins,
		       * or, by the rate, may begin */
	int64_t arrived;   /* when the exchange was due that is about to begin; 0: by due */
	uint64_t retry;	   /* how often the exchange at hand has failed */
	struct addr local; /* of the try that failed, for retry_port=same; len 0: none */
	struct talk talk[USER_TALKS];
	uint64_t made[USER_TALKS]; /* connections so far */
	struct tally_exchange now;
	struct rng pauses, chance; /* chance: the protocol's own draws */
};

struct users_protocol {
	size_t user_size;
	/* Bytes of the configuration, of which users.load is a copy then, which a "set" changes;
	 * 0: that of the task, which nothing changes. */
	size_t cfg_size;
	bool tls; /* users.secure is wanted */
	/* The next exchange begins: now.start is set. It ends by user_done or user_fail. */
	void (*begin)(struct user *u);
	/* Something has come on a connection, whether or not an exchange is under way. */
	void (*event)(struct user *u, int which, enum talk_event event);
	/* The due time of an exchange under way has come. */
	void (*due)(struct user *u);
	/* The connections are about to be closed: the protocol's own state begins anew. */
	void (*forget)(struct user *u);
};

struct users {
	const struct workload_task *task;
	const struct users_protocol *protocol;
	const struct users_load *load; /* the configuration begins with it */
	struct secure_context *secure;
	struct balance *balance; /* of connections to one of several servers; NULL: there is none */
	struct closers closers;
	struct tally tally;
	struct user **v;
	size_t n;
	struct arrivals arrivals; /* of exchanges by rate; gaps: of users, too */
	uint64_t made;		  /* of rate: connections so far */
	uint64_t retried, retried_ok;
	json_t *idle_lost, *idle_kept; /* seconds that connections had been idle */
	struct awaited awaited;	       /* by the runner */
	bool stopping, gone;	       /* gone: the runner is */
	enum runner_word word;
};

/* Begins connection number which, from the port that tells which one it is. -1 with *e. */
int user_connect(struct user *u, int which, const struct addr *to, struct err *e) WG_MUSTUSE;

/* Ends connection number which, which is in good order, as close says. */
void user_end_talk(struct user *u, int which);

/* The exchange has ended well, and a user who is leaving ends the first connection; or has failed,
 * and the connections are closed; or has failed on connections that are in good order, and stay. */
void user_done(struct user *u);
void user_fail(struct user *u, enum outcome outcome, const char *text);
void user_fail_alone(struct user *u, enum outcome outcome, const char *text);

/* The exchange has failed: of connection number which errno says so; or it has taken too long,
 * which its first connection did where that isn't there yet. The latter is a protocol's 'due'. */
void user_fail_talk(struct user *u, int which, int error);
void user_give_up(struct user *u);

/* Of a protocol that has several exchanges of a user under way, and keeps them itself: x has ended,
 * by outcome, now; none is under way any more, and the next one begins when due. The former may
 * have been the last one that was to do, which the latter sees to. */
void user_count(struct user *u, struct tally_exchange *x, enum outcome outcome, const char *text);
void user_rest(struct user *u, int64_t due);

/* The connections of a user who has no exchange under way are no use any more. */
void user_lost(struct user *u, const char *text);

/* The connections are no use any more, as outcome and text say; or as the event says that ends
 * connection number which, TALK_EOF or TALK_ERROR of that errno. An exchange under way has failed
 * by it. */
void user_break(struct user *u, enum outcome outcome, const char *text);
void user_break_talk(struct user *u, int which, enum talk_event event, int error);

/* Returns whether the first connection is there and has no exchange; *seconds: for how long. */
bool user_is_idle(const struct user *u, double *seconds);

/* Returns what errno says about how a connection failed. */
enum outcome users_outcome(int error, bool connecting);

/* Of the framework itself: makes one more user, whose first exchange is due then; begins their
 * exchange. */
struct user *user_add(struct users *us, uint64_t todo, int64_t due);
void user_begin(struct user *u);

/* Closes the user's connections, and their part is over. */
void user_leave(struct user *u);
/* Closes them alone. */
void user_hang_up(struct user *u);

/* Draws a time between mean less and mean more that share of it. */
int64_t users_vary(struct rng *r, int64_t mean, double share);

/* Draws a time between timeout and that share of it more: programs' timers fire late, never early.
 */
int64_t users_vary_timeout(struct rng *r, int64_t timeout, double share);

#endif
