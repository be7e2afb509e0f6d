/* relay.c - the parameters of the workload "relay" and the rules between them. */
#include "scenarios/workload/relay.h"

#include "scenarios/workload/password.h"
#include "scenarios/workload/relay_client.h"
#include "scenarios/workload/relay_params.h"
#include "scenarios/workload/relay_server.h"

static const struct param client_params[] = {
    USERS_PARAMS(struct relay_client_cfg),
    USERS_CLOSE_PARAMS(struct relay_client_cfg),
    P_DURATION("timeout", struct relay_client_cfg, timeout, .def = "10s", .min = "1ms",
	       .max = "24h",
	       .help = "A request that isn't answered in this time, the connection included, has "
		       "failed."),
    P_FRACTION("timeout_varies", struct relay_client_cfg, timeout_varies, .def = "0%",
	       .help = USERS_TIMEOUT_VARIES),
    P_DURATION("hold", struct relay_client_cfg, hold, .def = "0", .min = "0", .max = "1h",
	       .help = "How long each allocation is used; then the relay is told its end, and has "
		       "to confirm that. 0: it isn't used, and the connection ends at once."),
    P_RATE("media", struct relay_client_cfg, media, .def = "0", .min = "0", .max = "10MB/s",
	   .needs = "hold",
	   .help = "Media that is sent through the allocation meanwhile, every 20 ms, behind a "
		   "permission for who is called; 0: none."),
    P_TEXT("password", struct relay_client_cfg, password, .def = PASSWORD_DEFAULT,
	   .check = password_check,
	   .help = "Of all users; a relay that answers a request by 401 gets it again, with "
		   "credentials (RFC 8489 9.2)."),
    P_END,
};

static const struct param server_params[] = {
    P_DURATION("service", struct relay_server_cfg, service, .def = "0", .min = "0", .max = "1h",
	       .help = "Time between the request's last byte and its answer."),
    P_TEXT("password", struct relay_server_cfg, password, .def = PASSWORD_DEFAULT,
	   .check = password_check, .takes_empty = true,
	   .help = "Of all users; who asks without credentials gets 401, which is no exchange, "
		   "and who has wrong ones is refused. \"\": nobody is asked for any."),
    P_END,
};

static int relay_check(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct relay_client_cfg *client = client_cfg;

	(void)server_cfg;
	return client ? users_check(&client->load, e) : 0;
}

const struct workload workload_relay = {
    .name = "relay",
    .summary = "a media relay: TURN Allocate requests over TCP (RFC 8656), a connection each",
    .client_params = client_params,
    .server_params = server_params,
    .client_size = sizeof(struct relay_client_cfg),
    .server_size = sizeof(struct relay_server_cfg),
    .client = relay_client,
    .server = relay_server,
    .check = relay_check,
};
