/* smtp.c - the parameters of the workload "smtp" and the rules between them. */
#include "scenarios/workload/smtp.h"

#include "proxy/base/clock.h"
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
    P_DURATION("keepalive", struct smtp_client_cfg, keepalive, .def = "0", .min = "0", .max = "9h",
	       .help = "SO_KEEPALIVE, the first probe after so many idle seconds; 0: no probes."),
    P_DURATION("keepalive_interval", struct smtp_client_cfg, keepalive_interval,
	       .needs = "keepalive", .def = "1s", .min = "1s", .max = "9h",
	       .help = "Seconds between probes (TCP_KEEPINTVL)."),
    P_COUNT("keepalive_probes", struct smtp_client_cfg, keepalive_probes, .needs = "keepalive",
	    .def = "9", .min = "1", .max = "127",
	    .help = "Unanswered probes after which the connection is dead (TCP_KEEPCNT)."),
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

static int whole_seconds(const char *name, int64_t value, struct err *e)
{
	if (value % NS_PER_S == 0)
		return 0;
	return err_set(e, "%s: the kernel counts whole seconds", name);
}

static int check_ends(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct smtp_client_cfg *client = client_cfg;

	(void)server_cfg;
	if (!client)
		return 0;
	if (whole_seconds("keepalive", client->keepalive, e) ||
	    whole_seconds("keepalive_interval", client->keepalive_interval, e))
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
