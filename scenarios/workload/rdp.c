/* rdp.c - the parameters of the workload "rdp" and the rules between them. */
#include "scenarios/workload/rdp.h"

#include "scenarios/workload/rdp_client.h"
#include "scenarios/workload/rdp_params.h"
#include "scenarios/workload/rdp_server.h"

static const struct param client_params[] = {
    USERS_PARAMS(struct rdp_client_cfg),
    USERS_OPEN_PARAMS(struct rdp_client_cfg),
    P_COUNT("per_connection", struct rdp_client_cfg, per_connection, .def = "0", .max = "10000000",
	    .help = "Exchanges of a session. The first opens it, each other one is a key pressed "
		    "and what it changes on the screen; behind the last it is kept until the "
		    "user's next exchange, which opens another one. 0: all are one session's."),
    P_DURATION("timeout", struct rdp_client_cfg, timeout, .def = "30s", .min = "1ms", .max = "24h",
	       .help = "An exchange that takes longer, the connection included, has failed."),
    P_FRACTION("timeout_varies", struct rdp_client_cfg, timeout_varies, .def = "0%",
	       .help = "Each is drawn by the seed between timeout and this share more: the timers "
		       "of programs aren't exact."),
    P_END,
};

static const struct param server_params[] = {
    P_DURATION("service", struct rdp_server_cfg, service, .def = "0", .min = "0", .max = "1h",
	       .help = "Time between a Connection Request and its Confirm."),
    P_FRACTION("service_varies", struct rdp_server_cfg, service_varies, .def = "0%",
	       .help = "Each is drawn by the seed between service less and service more this "
		       "share of it."),
    P_END,
};

static int rdp_check(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct rdp_client_cfg *client = client_cfg;

	(void)server_cfg;
	return client ? users_check(&client->load, e) : 0;
}

const struct workload workload_rdp = {
    .name = "rdp",
    .summary = "remote desktop sessions (MS-RDPBCGR): X.224, TLS, and MCS up to the session",
    .client_params = client_params,
    .server_params = server_params,
    .live_params = users_live_params,
    .client_size = sizeof(struct rdp_client_cfg),
    .server_size = sizeof(struct rdp_server_cfg),
    .client = rdp_client,
    .server = rdp_server,
    .check = rdp_check,
};
