/* heartbeat.c - the parameters of the workload "heartbeat" and the rules between them. */
#include "scenarios/workload/heartbeat.h"

#include "scenarios/workload/heartbeat_client.h"
#include "scenarios/workload/heartbeat_params.h"
#include "scenarios/workload/heartbeat_server.h"

static const char *const live_params[] = {"every", "timeout", NULL};

static const struct param client_params[] = {
    USERS_COUNT_PARAMS(struct heartbeat_client_cfg, "has a timer and a connection of their own."),
    P_SIZE("size", struct heartbeat_client_cfg, size, .def = "64B", .min = "8B", .max = "64KiB",
	   .help = "Bytes of a beat: its number, eight digits, and letters that go with it."),
    P_DURATION("every", struct heartbeat_client_cfg, every, .def = "10ms", .min = "1ms",
	       .max = "1h",
	       .help = "Time from a beat to the user's next one, whether or not it has come back. "
		       "A beat that needs a connection makes one; those that are due before it is "
		       "there wait for it. Beats that were due while the client itself stood still "
		       "are one."),
    P_FRACTION("every_varies", struct heartbeat_client_cfg, every_varies, .def = "0%",
	       .help = "Each time is drawn by the seed between every less and every more this "
		       "share of it."),
    P_DURATION("timeout", struct heartbeat_client_cfg, timeout, .def = "5s", .min = "1ms",
	       .max = "24h",
	       .help = "A beat that takes longer to come back, the connection included, has "
		       "failed, and with it the connection and every beat that is under way; the "
		       "next one makes another."),
    P_END,
};

static const struct param server_params[] = {P_END};

static int check_ends(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct heartbeat_client_cfg *client = client_cfg;

	(void)server_cfg;
	return client ? users_check(&client->load, e) : 0;
}

const struct workload workload_heartbeat = {
    .name = "heartbeat",
    .summary = "beats by a timer, several at once under way, and their echoes (RFC 862)",
    .client_params = client_params,
    .server_params = server_params,
    .live_params = live_params,
    .client_size = sizeof(struct heartbeat_client_cfg),
    .server_size = sizeof(struct heartbeat_server_cfg),
    .client = heartbeat_client,
    .server = heartbeat_server,
    .check = check_ends,
};
