/* activesync.c - the parameters of the workload "activesync" and the rules between them. */
#include "scenarios/workload/activesync.h"

#include "proxy/base/clock.h"
#include "scenarios/workload/activesync_client.h"
#include "scenarios/workload/activesync_params.h"
#include "scenarios/workload/activesync_server.h"
#include "scenarios/workload/rpc_rows.h"

static const struct param client_params[] = {
    RPC_CLIENT_ROWS,
    P_TEXT("path", struct rpc_client_cfg, path, .def = "/Microsoft-Server-ActiveSync",
	   .check = rpc_path_check,
	   .help = "Where the service is; each connection is a user's phone."),
    P_DURATION("heartbeat", struct activesync_client_cfg, heartbeat, .def = "0", .min = "0",
	       .max = "59m",
	       .help = "How long a phone lets the server wait for something new to tell (Ping) "
		       "before it asks again, whole seconds; 0: it only asks (Sync)."),
    P_END,
};

static const struct param server_params[] = {
    P_COUNT("items", struct activesync_server_cfg, items, .def = "5", .max = "100",
	    .help = "Messages that the answer to a Sync brings."),
    P_DURATION("change_every", struct activesync_server_cfg, change_every, .def = "0", .min = "0",
	       .max = "1h",
	       .help = "Mean time until something new comes to a phone that waits, each drawn by "
		       "the seed from the exponential distribution; 0: nothing does, and every "
		       "Ping lasts as long as its heartbeat."),
    RPC_SERVER_ROWS,
    P_END,
};

static int check_ends(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct activesync_client_cfg *client = client_cfg;

	(void)server_cfg;
	if (!client)
		return 0;
	if (client->heartbeat % NS_PER_S)
		return err_set(e, "heartbeat: ActiveSync counts in whole seconds");
	if (client->heartbeat >= client->http.timeout)
		return err_set(e, "heartbeat: a Ping that lasts as long has failed by timeout");
	return rpc_client_check(&client->http, e);
}

const struct workload workload_activesync = {
    .name = "activesync",
    .summary = "Exchange ActiveSync: FolderSync, Sync and Ping of phones, POSTs of WBXML",
    .client_params = client_params,
    .server_params = server_params,
    .live_params = rpc_live_params,
    .client_size = sizeof(struct activesync_client_cfg),
    .server_size = sizeof(struct activesync_server_cfg),
    .client = activesync_client,
    .server = activesync_server,
    .check = check_ends,
};
