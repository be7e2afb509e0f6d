/* bulk.c - the parameters of the workload "bulk" and the rules between them. */
#include "scenarios/workload/bulk.h"

#include "scenarios/workload/bulk_client.h"
#include "scenarios/workload/bulk_params.h"
#include "scenarios/workload/bulk_server.h"

#include <string.h>

static int name_check(const char *text, struct err *e)
{
	if (!text[0] || strlen(text) > 128)
		return err_set(e, "a name has from 1 to 128 characters");
	for (const char *s = text; *s; s++)
		if (*s < ' ' || *s > '~' || *s == '/')
			return err_set(e, "a name is ASCII, its folders before backslashes");
	return 0;
}

static const struct param client_params[] = {
    USERS_PARAMS(struct bulk_client_cfg),
    USERS_OPEN_PARAMS(struct bulk_client_cfg),
    P_TEXT("share", struct bulk_client_cfg, share, .def = "files", .check = name_check,
	   .help = "The share that is copied from."),
    P_TEXT("file", struct bulk_client_cfg, file, .def = "archive.zip", .check = name_check,
	   .help = "The file; an exchange is its copy: opened, read to its end, closed."),
    P_SIZE("read", struct bulk_client_cfg, read, .def = "64KiB", .min = "512B", .max = "64KiB",
	   .help = "Bytes of one READ."),
    P_COUNT("reads", struct bulk_client_cfg, reads, .def = "4", .min = "1", .max = "32",
	    .help = "READs under way at a time, as far as the server's credits reach."),
    P_COUNT("per_connection", struct bulk_client_cfg, per_connection, .def = "0", .max = "10000000",
	    .help = "Copies after which a connection is closed and the next one made; 0: all."),
    P_DURATION("timeout", struct bulk_client_cfg, timeout, .def = "5m", .min = "1ms", .max = "24h",
	       .help = "A copy that takes longer, the connection included, has failed."),
    P_END,
};

static const struct param server_params[] = {
    P_SIZE("size", struct bulk_server_cfg, size, .def = "4MiB", .min = "0", .max = "1024GiB",
	   .help =
	       "Bytes of each of its files; every name in every share is one's, and nothing can "
	       "be written."),
    P_END,
};

static int check_ends(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct bulk_client_cfg *client = client_cfg;

	(void)server_cfg;
	return client ? users_check(&client->load, e) : 0;
}

const struct workload workload_bulk = {
    .name = "bulk",
    .summary = "file copies by SMB 2.0.2, as a guest: CREATE, READ to the end, CLOSE",
    .client_params = client_params,
    .server_params = server_params,
    .live_params = users_live_params,
    .client_size = sizeof(struct bulk_client_cfg),
    .server_size = sizeof(struct bulk_server_cfg),
    .client = bulk_client,
    .server = bulk_server,
    .check = check_ends,
};
