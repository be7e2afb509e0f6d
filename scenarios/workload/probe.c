/* probe.c - the parameters of the workload "probe". Its server is that of "relay": what is checked
 * is usually another traffic's server, which this one is behind. */
#include "scenarios/workload/probe.h"

#include "scenarios/workload/password.h"
#include "scenarios/workload/probe_client.h"
#include "scenarios/workload/probe_params.h"
#include "scenarios/workload/relay_params.h"
#include "scenarios/workload/relay_server.h"

static const char *const check_names[] = {"connect", "allocate", "options", NULL};

static const struct param client_params[] = {
    USERS_PARAMS(struct probe_client_cfg),
    USERS_CLOSE_PARAMS(struct probe_client_cfg),
    P_ENUM("check", struct probe_client_cfg, check, check_names, .def = "connect",
	   .help =
	       "What a health check asks for. connect: a connection, which is ended at once; "
	       "allocate: what a call asks its media relay for (TURN's Allocate), and the answer; "
	       "options: what a SIP server can do (OPTIONS, RFC 3261 11), and the answer."),
    P_DURATION("timeout", struct probe_client_cfg, timeout, .def = "1s", .min = "1ms", .max = "24h",
	       .help = "A health check that takes longer has failed."),
    P_FRACTION("timeout_varies", struct probe_client_cfg, timeout_varies, .def = "0%",
	       .help = USERS_TIMEOUT_VARIES),
    P_TEXT("password", struct probe_client_cfg, password, .def = PASSWORD_DEFAULT,
	   .check = password_check,
	   .help = "Of whoever asks for an allocation, where the relay wants credentials."),
    P_END,
};

static const struct param server_params[] = {
    P_DURATION("service", struct relay_server_cfg, service, .def = "0", .min = "0", .max = "1h",
	       .help = "Time between a check's request and its answer."),
    P_TEXT("password", struct relay_server_cfg, password, .def = PASSWORD_DEFAULT,
	   .check = password_check, .takes_empty = true,
	   .help = "The relay's. \"\": it asks nobody for credentials."),
    P_END,
};

static int probe_check(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct probe_client_cfg *client = client_cfg;

	(void)server_cfg;
	return client ? users_check(&client->load, e) : 0;
}

const struct workload workload_probe = {
    .name = "probe",
    .summary = "health checks of servers, one after the other: connect only, or a request",
    .client_params = client_params,
    .server_params = server_params,
    .client_size = sizeof(struct probe_client_cfg),
    .server_size = sizeof(struct relay_server_cfg),
    .client = probe_client,
    .server = relay_server,
    .check = probe_check,
};
