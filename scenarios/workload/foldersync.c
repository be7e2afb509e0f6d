/* foldersync.c - the parameters of the workload "foldersync" and the rules between them. */
#include "scenarios/workload/foldersync.h"

#include "scenarios/workload/dav_folder.h"
#include "scenarios/workload/foldersync_client.h"
#include "scenarios/workload/foldersync_params.h"
#include "scenarios/workload/foldersync_server.h"
#include "scenarios/workload/rpc_rows.h"

#include <stdlib.h>

static const char *const encoding_names[] = {"chunked", "length", NULL};

static int items_check(const char *text, struct err *e)
{
	uint64_t *counts;
	size_t n;

	if (rpc_records_parse(text, &counts, &n, e))
		return -1;
	free(counts);
	return n ? 0 : err_set(e, "no folder has a number of items");
}

static int item_check(const char *text, struct err *e)
{
	uint64_t low, high;

	return rpc_record_parse(text, DAV_ITEM_MIN, &low, &high, e);
}

static const struct param client_params[] = {
    RPC_CLIENT_ROWS,
    P_TEXT("path", struct rpc_client_cfg, path, .def = "/exchange", .check = rpc_path_check,
	   .help = "Where the mailboxes are: each connection is a user's, who has one of their own "
		   "there, PATH/NAME/."),
    P_COUNT("folder", struct foldersync_client_cfg, folder, .def = "0", .max = "999",
	    .help =
		"The first folder that is fetched: 0 is Inbox, 1 Contacts, 2 Calendar, 3 Sent "
		"Items, 4 Drafts, 5 Notes, 6 Tasks, 7 Journal, 8 Deleted Items, then Archive, a "
		"folder a month."),
    P_COUNT("folders", struct foldersync_client_cfg, folders, .def = "1", .min = "1", .max = "999",
	    .help = "How many from that on: the first connection begins with the first, the second "
		    "with the second, and each goes on with as many further as there are "
		    "connections."),
    P_END,
};

static const struct param server_params[] = {
    P_TEXT("items", struct foldersync_server_cfg, items, .def = "50", .check = items_check,
	   .help = "How many items the first folder of a mailbox holds, the second, and so on, and "
		   "then from the first number again."),
    P_TEXT("item", struct foldersync_server_cfg, item, .def = "1KB,2KB", .check = item_check,
	   .help = "Bytes of an item's entry in the list, drawn by the seed between two sizes."),
    P_ENUM("encoding", struct foldersync_server_cfg, encoding, encoding_names, .def = "chunked",
	   .help = "How a list tells its end: chunked (RFC 9112 7.1), whole with the last, empty "
		   "chunk; or by Content-Length."),
    P_SIZE("chunk", struct foldersync_server_cfg, chunk, .def = "4KiB", .min = "1B", .max = "1MiB",
	   .help = "Of encoding=chunked: bytes of a chunk, as a server has it that sends what it "
		   "reads into a buffer; chunks end inside items."),
    RPC_SERVER_ROWS,
    P_END,
};

static int check_ends(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct foldersync_client_cfg *client = client_cfg;

	(void)server_cfg;
	return client ? rpc_client_check(&client->http, e) : 0;
}

const struct workload workload_foldersync = {
    .name = "foldersync",
    .summary = "WebDAV: PROPFIND of a mailbox's folders, answered by 207 with all of their items",
    .client_params = client_params,
    .server_params = server_params,
    .live_params = rpc_live_params,
    .client_size = sizeof(struct foldersync_client_cfg),
    .server_size = sizeof(struct foldersync_server_cfg),
    .client = foldersync_client,
    .server = foldersync_server,
    .check = check_ends,
};
