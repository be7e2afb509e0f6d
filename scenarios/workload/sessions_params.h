/* sessions_params.h - the two configurations of the workload "sessions", and the sizes that some of
 * their parameters are. Private to the sessions files and their tests. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SESSIONS_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_SESSIONS_PARAMS_H

#include "scenarios/workload/keepalive.h"
#include "scenarios/workload/users.h"

enum sessions_interface { SESSIONS_MAILBOX, SESSIONS_ENDPOINT_MAPPER };

struct sessions_client_cfg {
	struct users_load load;
	int interface; /* enum sessions_interface */
	char *user;
	char *request; /* as written: "180B,220B" */
	uint64_t per_connection;
	int64_t timeout;
	struct keepalive keepalive;
};

struct sessions_server_cfg {
	char *response; /* as written */
	uint64_t limit; /* 0: none */
	int64_t service;
	double service_varies;
	struct keepalive keepalive;
};

extern const char *const sessions_interface_names[]; /* NULL-terminated */

/* Check the text of a user's name, and of a size, or of the two sizes that each is drawn between.
 */
int sessions_check_user(const char *text, struct err *e) WG_MUSTUSE;
int sessions_check_sizes(const char *text, struct err *e) WG_MUSTUSE;

/* Draws a size of a text that sessions_check_sizes takes. */
size_t sessions_draw_size(const char *text, struct rng *chance);

#endif
