/* users.h - the client end of a workload that talks freely: users, each of whom makes one exchange
 * after the other over connections of their own, with pauses; obeys the runner. Knows no protocol.
 */
#ifndef WEDGE_SCENARIOS_WORKLOAD_USERS_H
#define WEDGE_SCENARIOS_WORKLOAD_USERS_H

#include "scenarios/workload/user.h"
#include "scenarios/workload/users_rate.h"

/* Their rows in a table of client parameters; type begins with a struct users_load load. What each
 * of them does is a text. */
#define USERS_COUNT_PARAMS(type, each)                                                             \
	P_COUNT("exchanges", type, load.exchanges, .def = "60", .min = "1", .max = "10000000",     \
		.help = "Exchanges of all users together."),                                       \
	    P_COUNT("connections", type, load.connections, .def = "1", .min = "1", .max = "1024",  \
		    .help = "Users; each " each),                                                  \
	    P_DURATION("connect_every", type, load.connect_every, .def = "0", .min = "0",          \
		       .max = "1h", .help = "How long after each user the next one begins."),      \
	    P_ENUM("arrivals", type, load.arrivals, arrivals_names, .def = "even",                 \
		   .help = "The times between users by connect_every. even: all are the same; "    \
			   "poisson: each is drawn by the seed from the exponential distribution " \
			   "with that mean, as people come.")

/* The same, and pauses, of a workload whose users make one exchange after the other. */
#define USERS_PARAMS(type)                                                                         \
	USERS_COUNT_PARAMS(type,                                                                   \
			   "makes one exchange after the other, over a connection of their own."), \
	    P_DURATION("think", type, load.think, .def = "0", .min = "0", .max = "1h",             \
		       .help = "Pause between an exchange and the user's next one; after one "     \
			       "that failed 100ms at least."),                                     \
	    P_FRACTION("think_varies", type, load.think_varies, .def = "0%",                       \
		       .help = "Each pause is drawn by the seed between think less and think "     \
			       "more this share of it.")

/* More rows, of a workload whose protocol has a cfg_size. */
#define USERS_OPEN_PARAMS(type)                                                                    \
	P_TEXT("rate", type, load.rate, .def = "0", .check = arrivals_check_rate,                  \
	       .help =                                                                             \
		   "Exchanges in a time, 20/s, whether or not others are over: of a user who has " \
		   "had the pause (think), else of another one; 0: as many users as connections, " \
		   "each with pauses."),                                                           \
	    P_COUNT("retries", type, load.retries, .def = "0", .max = "1000",                      \
		    .help = "How often an exchange that failed is tried again, at once; each try " \
			    "is an exchange."),                                                    \
	    P_ENUM("retry_port", type, load.retry_port, users_port_names, .needs = "retries",      \
		   .def = "new",                                                                   \
		   .help = "The local port of the connection that a retry makes: another one, or " \
			   "that of the try that failed, whose connection then ends by RST.")

/* More rows, of a workload that ends connections by user_end_talk. */
#define USERS_CLOSE_PARAMS(type)                                                                   \
	P_ENUM("close", type, load.close, users_close_names, .def = "close",                       \
	       .help = "How a connection ends that an exchange was made on, and that isn't kept: " \
		       "close(2), which doesn't wait, or FIN and waiting for the server's."),      \
	    P_DURATION("close_timeout", type, load.close_timeout, .needs = "close", .def = "10s",  \
		       .min = "1ms", .max = "24h",                                                 \
		       .help = "Of close=shutdown: how long the server's FIN is waited for.")

/* What the share of a time-out means, for a row of its own: see users_vary_timeout. */
#define USERS_TIMEOUT_VARIES                                                                       \
	"Each is drawn by the seed between that time and this share more: the timers of programs " \
	"aren't exact."

extern const char *const users_close_names[]; /* NULL-terminated */
extern const char *const users_port_names[];
extern const char *const users_live_params[]; /* of USERS_OPEN_PARAMS: those that users_set takes */

/* Checks the rules between them; 0, or -1 with *e. */
int users_check(const struct users_load *load, struct err *e) WG_MUSTUSE;

struct users;

/* Runs a client until all exchanges are over or the runner ends it. balance may be NULL; else it
 * has begun, is worked meanwhile, and freed. Returns the process's exit status. */
int users_run(const struct workload_task *task, const struct users_protocol *protocol,
	      const struct users_load *load, struct balance *balance);

#endif
