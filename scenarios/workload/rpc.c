/* rpc.c - the parameters of the workload "rpc" and the rules between them. */
#include "scenarios/workload/rpc.h"

#include "scenarios/workload/http.h"
#include "scenarios/workload/rpc_client.h"
#include "scenarios/workload/rpc_content.h"
#include "scenarios/workload/rpc_params.h"
#include "scenarios/workload/rpc_rows.h"
#include "scenarios/workload/rpc_server.h"

#include <stdlib.h>
#include <string.h>

static int response_check(const char *text, struct err *e)
{
	struct rpc_response r;

	return rpc_response_parse(text, &r, e);
}

static int record_check(const char *text, struct err *e)
{
	uint64_t low, high;

	return rpc_record_parse(text, RECORD_MIN, &low, &high, e);
}

static int records_check(const char *text, struct err *e)
{
	uint64_t *counts;
	size_t n;

	if (rpc_records_parse(text, &counts, &n, e))
		return -1;
	free(counts);
	return 0;
}

static const char *const list_status_names[] = {"200", "207", NULL};
static const char *const list_encoding_names[] = {"length", "chunked", NULL};

static const struct param client_params[] = {
    RPC_CLIENT_ROWS,
    P_SIZE("request", struct rpc_client_cfg, request, .def = "512B", .min = "112B", .max = "1MiB",
	   .help =
	       "Bytes of one whole request, sent in one write: a GET, above 4096 bytes a POST."),
    P_ENUM(
	"method", struct rpc_client_cfg, method, rpc_method_names, .def = "GET",
	.help =
	    "Of its requests, up to 4096 bytes. A POST, as of Exchange Web Services, has what its "
	    "header leaves as a body, and the others none. PROPFIND, which asks WebDAV for a "
	    "folder's items, has Depth: 1; those of RPC over HTTP (MS-RPCH) stand for Outlook's. "
	    "Health checks are GETs."),
    P_TEXT("path", struct rpc_client_cfg, path, .def = "/", .check = rpc_path_check,
	   .help = "What is asked for; wedge's own server answers every path alike."),
    P_TEXT("records", struct rpc_client_cfg, records, .def = "", .check = records_check,
	   .takes_empty = true,
	   .help = "Asks wedge's server for lists of so many records, one number after the other "
		   "and then from the first again; empty: for its usual response."),
    P_FLAG("verify", struct rpc_client_cfg, verify, .def = "true",
	   .help =
	       "A body that isn't the one whose SHA-256 its header announced (Content-Digest, RFC "
	       "9530) has failed; else it is taken, and only counted as altered."),
    P_END,
};

static const struct param server_params[] = {
    P_TEXT("response", struct rpc_server_cfg, response, .def = "180B,220B", .check = response_check,
	   .help =
	       "Sizes of the writes that a response leaves in: the header in the first, the body "
	       "in the others; a single size is header and body in one write."),
    P_TEXT("record", struct rpc_server_cfg, record, .def = "512B,2KiB", .check = record_check,
	   .help = "Bytes of a record of the lists that a client may ask for, drawn by the seed "
		   "between two sizes; each ends with " RECORD_END " and a line end."),
    P_ENUM("list_status", struct rpc_server_cfg, list_status, list_status_names, .def = "200",
	   .help = "Of the answer with a list: 200 with the records alone, or 207 Multi-Status "
		   "(WebDAV, RFC 4918), which has them in an XML document."),
    P_ENUM(
	"list_encoding", struct rpc_server_cfg, list_encoding, list_encoding_names, .def = "length",
	.help = "How the answer with a list tells its end: by Content-Length; or chunked (RFC 9112 "
		"7.1), a chunk a record, where it is whole with the last, empty chunk."),
    P_FLAG("digest", struct rpc_server_cfg, digest, .def = "false",
	   .help = "Announces each body's SHA-256 in its header (Content-Digest, RFC 9530)."),
    RPC_SERVER_ROWS,
    P_END,
};

static int client_check(const struct rpc_client_cfg *client, struct err *e)
{
	const char *method = rpc_method_names[client->method];
	size_t least = http_request_min(method, client->path);

	if (client->records[0])
		least += strlen("/10000000" RECORDS_QUERY "10000");
	if (client->request < least)
		return err_set(e, "request: with this path a request has at least %zuB", least);
	if (client->method && strcmp(method, "POST") != 0 && client->request > HTTP_GET_MAX)
		return err_set(e, "request: a %s has at most %dB", method, HTTP_GET_MAX);
	return rpc_client_check(client, e);
}

static int server_check(const struct rpc_server_cfg *server, struct err *e)
{
	bool list = server->list_status || server->list_encoding;
	unsigned least = server->digest ? HTTP_DIGEST_HEAD_MIN : 0;
	struct rpc_response r;

	if (rpc_response_parse(server->response, &r, e))
		return -1;
	if (list)
		least = server->digest ? HTTP_LIST_DIGEST_HEAD_MIN : HTTP_LIST_HEAD_MIN;
	if (r.head < least)
		return err_set(e,
			       "%s: the header is a write of its own, of at least %uB: "
			       "response: [%uB, 4KiB]",
			       server->digest	     ? "digest"
			       : server->list_status ? "list_status"
						     : "list_encoding",
			       least, least);
	return 0;
}

static int rpc_check(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct rpc_client_cfg *client = client_cfg;
	const struct rpc_server_cfg *server = server_cfg;

	if (client && server && client->tls != server->tls)
		return err_set(e, "tls: both ends speak it, or neither");
	if (client && client_check(client, e))
		return -1;
	return server ? server_check(server, e) : 0;
}

const struct workload workload_rpc = {
    .name = "rpc",
    .summary = "HTTP/1.1 requests one after the other; each response leaves in two small writes",
    .client_params = client_params,
    .server_params = server_params,
    .live_params = rpc_live_params,
    .client_size = sizeof(struct rpc_client_cfg),
    .server_size = sizeof(struct rpc_server_cfg),
    .client = rpc_client,
    .server = rpc_server,
    .check = rpc_check,
};
