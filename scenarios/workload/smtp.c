/* smtp.c - the parameters of the workload "smtp" and the rules between them. */
#include "scenarios/workload/smtp.h"

#include "scenarios/workload/smtp_client.h"
#include "scenarios/workload/smtp_params.h"
#include "scenarios/workload/smtp_server.h"

static const struct param client_params[] = {
    USERS_PARAMS(struct smtp_client_cfg),
    USERS_OPEN_PARAMS(struct smtp_client_cfg),
    P_SIZE("message", struct smtp_client_cfg, message, .def = "1KiB", .min = "256B", .max = "64MiB",
	   .help = "Bytes of a message, its header included."),
    P_COUNT("per_connection", struct smtp_client_cfg, per_connection, .def = "0", .max = "10000000",
	    .help = "Messages of a connection; behind the last comes QUIT. 0: all, and no QUIT."),
    P_DURATION("timeout", struct smtp_client_cfg, timeout, .def = "5m", .min = "1ms", .max = "24h",
	       .help = "A message that takes longer, the connection included, has failed."),
    KEEPALIVE_PARAMS(struct smtp_client_cfg),
    P_END,
};

static const struct param server_params[] = {
    P_DURATION("service", struct smtp_server_cfg, service, .def = "0", .min = "0", .max = "1h",
	       .help = "Time between a message's end and the answer to it."),
    P_FRACTION("service_varies", struct smtp_server_cfg, service_varies, .def = "0%",
	       .help = "Each is drawn by the seed between service less and service more this "
		       "share of it."),
    P_END,
};

static int check_ends(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct smtp_client_cfg *client = client_cfg;

	(void)server_cfg;
	if (!client)
		return 0;
	if (keepalive_check(&client->keepalive, e))
		return -1;
	return users_check(&client->load, e);
}

const struct workload workload_smtp = {
    .name = "smtp",
    .summary = "mail that one host hands to another (RFC 5321), a message an exchange",
    .client_params = client_params,
    .server_params = server_params,
    .live_params = users_live_params,
    .client_size = sizeof(struct smtp_client_cfg),
    .server_size = sizeof(struct smtp_server_cfg),
    .client = smtp_client,
    .server = smtp_server,
    .check = check_ends,
};
