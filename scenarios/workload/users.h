/* users.h - the client end of a workload that talks freely: users, each of whom makes one exchange
 * after the other over connections of their own, with pauses; obeys the runner. Knows no protocol.
 */
#ifndef WEDGE_SCENARIOS_WORKLOAD_USERS_H
#define WEDGE_SCENARIOS_WORKLOAD_USERS_H

#include "proxy/base/rng.h"
#include "scenarios/workload/runner.h"
#include "scenarios/workload/talk.h"
#include "scenarios/workload/tally.h"
#include "scenarios/workload/workload.h"

#define USER_TALKS 2 /* connections that a user has at most */

enum users_arrivals { USERS_EVEN, USERS_POISSON };

/* How many users there are, and when they do what: parameters, the same for every such workload. */
struct users_load {
	uint64_t exchanges, connections;
	int64_t connect_every, think;
	double think_varies; /* share of think */
	int arrivals;	     /* enum users_arrivals */
};

/* Their rows in a table of client parameters; type begins with a struct users_load load. */
#define USERS_PARAMS(type)                                                                         \
	P_COUNT("exchanges", type, load.exchanges, .def = "60", .min = "1", .max = "10000000",     \
		.help = "Exchanges of all users together."),                                       \
	    P_COUNT("connections", type, load.connections, .def = "1", .min = "1", .max = "1024",  \
		    .help = "Users; each makes one exchange after the other, over a connection "   \
			    "of their own."),                                                      \
	    P_DURATION("connect_every", type, load.connect_every, .def = "0", .min = "0",          \
		       .max = "1h", .help = "How long after each user the next one begins."),      \
	    P_ENUM("arrivals", type, load.arrivals, users_arrivals_names, .def = "even",           \
		   .help = "The times between users by connect_every. even: all are the same; "    \
			   "poisson: each is drawn by the seed from the exponential distribution " \
			   "with that mean, as people come."),                                     \
	    P_DURATION("think", type, load.think, .def = "0", .min = "0", .max = "1h",             \
		       .help = "Pause between an exchange and the user's next one; after one "     \
			       "that failed 100ms at least."),                                     \
	    P_FRACTION("think_varies", type, load.think_varies, .def = "0%",                       \
		       .help = "Each pause is drawn by the seed between think less and think "     \
			       "more this share of it.")

extern const char *const users_arrivals_names[]; /* NULL-terminated */

/* Checks the rules between them; 0, or -1 with *e. */
int users_check(const struct users_load *load, struct err *e) WG_MUSTUSE;

struct users;

/* One of them; the first member of the protocol's own. */
struct user {
	struct users *users;
	uint64_t slot; /* their place among the client's */
	uint64_t todo; /* exchanges left */
	bool busy;     /* an exchange is under way */
	bool over;
	int64_t due; /* busy: when the protocol wants to be woken; else when the next one begins */
	struct talk talk[USER_TALKS];
	uint64_t made[USER_TALKS]; /* connections so far */
	struct tally_exchange now;
	struct rng pauses, chance; /* chance: the protocol's own draws */
};

struct users_protocol {
	size_t user_size;
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
	const struct users_load *load;
	struct tally tally;
	struct user **v;
	size_t n;
	struct rng gaps;
	uint64_t awaited; /* exchanges that the runner awaits; 0: none */
	bool awaited_failed;
	int64_t awaited_since;
	bool stopping, gone; /* gone: the runner is */
	enum runner_word word;
};

/* Runs a client until all exchanges are over or the runner ends it. Returns the process's exit
 * status. */
int users_run(const struct workload_task *task, const struct users_protocol *protocol,
	      const struct users_load *load);

/* Begins connection number which, from the port that tells which one it is. -1 with *e. */
int user_connect(struct user *u, int which, const struct addr *to, struct err *e) WG_MUSTUSE;

/* The exchange has ended well; or has failed, and the connections are closed; or has failed on
 * connections that are in good order, and stay. */
void user_done(struct user *u);
void user_fail(struct user *u, enum outcome outcome, const char *text);
void user_fail_alone(struct user *u, enum outcome outcome, const char *text);

/* Returns what errno says about how a connection failed. */
enum outcome users_outcome(int error, bool connecting);

/* Draws a time between mean less and mean more that share of it. */
int64_t users_vary(struct rng *r, int64_t mean, double share);

#endif
