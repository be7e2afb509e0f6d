/* sessions.c - the parameters of the workload "sessions" and the rules between them. */
#include "scenarios/workload/sessions.h"

#include "scenarios/workload/sessions_client.h"
#include "scenarios/workload/sessions_params.h"
#include "scenarios/workload/sessions_server.h"

static const struct param client_params[] = {
    USERS_PARAMS(struct sessions_client_cfg),
    USERS_OPEN_PARAMS(struct sessions_client_cfg),
    USERS_CLOSE_PARAMS(struct sessions_client_cfg),
    P_ENUM("interface", struct sessions_client_cfg, interface, sessions_interface_names,
	   .def = "mailbox",
	   .help = "What is called. mailbox: an interface of wedge's own (e871cfc1-3513-4f54-9d2d-"
		   "e89d1fb8cdbf 1.0) with a logon, calls and a logoff, in place of MAPI's, which "
		   "encrypts; endpoint_mapper: ept_map, which asks where mailbox is, without a "
		   "logon."),
    P_TEXT("user", struct sessions_client_cfg, user, .def = "user", .check = sessions_check_user,
	   .help = "Of interface=mailbox: the name that each of the client's connections logs on "
		   "by."),
    P_TEXT("request", struct sessions_client_cfg, request, .def = "200B",
	   .check = sessions_check_sizes,
	   .help = "Of interface=mailbox: bytes of a call's stub; [180B, 220B]: each is drawn "
		   "between them by the seed."),
    P_COUNT("per_connection", struct sessions_client_cfg, per_connection, .def = "0",
	    .max = "10000000",
	    .help = "Calls of a connection; behind the last comes the logoff. 0: all, and no "
		    "logoff."),
    P_DURATION("timeout", struct sessions_client_cfg, timeout, .def = "5m", .min = "1ms",
	       .max = "24h",
	       .help = "A call that takes longer, connection, bind and logon included where it "
		       "needs them, has failed."),
    KEEPALIVE_PARAMS(struct sessions_client_cfg),
    P_END,
};

static const struct param server_params[] = {
    P_TEXT("response", struct sessions_server_cfg, response, .def = "200B",
	   .check = sessions_check_sizes,
	   .help = "Bytes of the stub that answers a call of mailbox; [120B, 180B]: each is drawn "
		   "between them by the seed."),
    P_COUNT("limit", struct sessions_server_cfg, limit, .def = "0", .max = "1000000",
	    .help = "Sessions of one user at most, each from its logon until it logs off or its "
		    "connection has ended; one more is refused by the fault 0x1c010014, "
		    "nca_s_server_too_busy. 0: any number."),
    P_DURATION("service", struct sessions_server_cfg, service, .def = "0", .min = "0", .max = "1h",
	       .help = "Time between a request's end and the answer to it."),
    P_FRACTION("service_varies", struct sessions_server_cfg, service_varies, .def = "0%",
	       .help = "Each is drawn by the seed between service less and service more this "
		       "share of it."),
    KEEPALIVE_PARAMS(struct sessions_server_cfg),
    P_END,
};

static int check_ends(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct sessions_client_cfg *client = client_cfg;
	const struct sessions_server_cfg *server = server_cfg;

	if (server && keepalive_check(&server->keepalive, e))
		return -1;
	if (!client)
		return 0;
	if (keepalive_check(&client->keepalive, e))
		return -1;
	return users_check(&client->load, e);
}

const struct workload workload_sessions = {
    .name = "sessions",
    .summary = "logons to a server by DCE/RPC 5.0 over TCP, a call an exchange",
    .client_params = client_params,
    .server_params = server_params,
    .live_params = users_live_params,
    .client_size = sizeof(struct sessions_client_cfg),
    .server_size = sizeof(struct sessions_server_cfg),
    .client = sessions_client,
    .server = sessions_server,
    .check = check_ends,
};
