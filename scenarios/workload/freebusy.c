/* freebusy.c - the parameters of the workload "freebusy" and the rules between them. */
#include "scenarios/workload/freebusy.h"

#include "scenarios/workload/freebusy_client.h"
#include "scenarios/workload/freebusy_params.h"
#include "scenarios/workload/freebusy_server.h"
#include "scenarios/workload/rpc_rows.h"

static const struct param client_params[] = {
    RPC_CLIENT_ROWS,
    P_TEXT("path", struct rpc_client_cfg, path, .def = "/EWS/Exchange.asmx",
	   .check = rpc_path_check, .help = "Where the web service is."),
    P_COUNT("rooms", struct freebusy_client_cfg, rooms, .def = "60", .min = "1", .max = "10000",
	    .help = "Rooms that are asked about, one after the other; when all have been, for the "
		    "next day, from the first again."),
    P_COUNT("per_request", struct freebusy_client_cfg, per_request, .def = "1", .min = "1",
	    .max = "100", .help = "Rooms of one request."),
    P_END,
};

static const struct param server_params[] = {
    RPC_SERVER_ROWS,
    P_END,
};

static int check_ends(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct freebusy_client_cfg *client = client_cfg;

	(void)server_cfg;
	if (client && client->per_request > client->rooms)
		return err_set(e, "per_request: there are %llu rooms only",
			       (unsigned long long)client->rooms);
	return client ? rpc_client_check(&client->http, e) : 0;
}

const struct workload workload_freebusy = {
    .name = "freebusy",
    .summary = "GetUserAvailability of Exchange Web Services, room by room; answers of two writes",
    .client_params = client_params,
    .server_params = server_params,
    .live_params = rpc_live_params,
    .client_size = sizeof(struct freebusy_client_cfg),
    .server_size = sizeof(struct freebusy_server_cfg),
    .client = freebusy_client,
    .server = freebusy_server,
    .check = check_ends,
};
