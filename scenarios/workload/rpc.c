/* rpc.c - the parameters of the workload "rpc" and the rules between them. */
#include "scenarios/workload/rpc.h"

#include "proxy/base/clock.h"
#include "scenarios/workload/http.h"
#include "scenarios/workload/rpc_client.h"
#include "scenarios/workload/rpc_content.h"
#include "scenarios/workload/rpc_params.h"
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

	return rpc_record_parse(text, &low, &high, e);
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

static int path_check(const char *text, struct err *e)
{
	if (text[0] != '/' || strlen(text) > 1024)
		return err_set(e, "a path begins with / and has at most 1024 characters");
	for (const char *s = text; *s; s++)
		if (*s <= ' ' || *s > '~')
			return err_set(
			    e, "a path has neither blanks nor control characters; write them "
			       "as %%20");
	return 0;
}

static int rate_check(const char *text, struct err *e)
{
	int64_t every;

	return rpc_rate_parse(text, &every, e);
}

/* Those that rpc_orders.c takes. */
static const char *const live_params[] = {"connections", "rate", "think", "timeout", NULL};

static const char *const arrivals_names[] = {"even", "poisson", NULL};
static const char *const port_names[] = {"new", "same", NULL};
static const char *const balance_names[] = {"first", "round_robin", "connect_probe",
					    "request_probe", NULL};
static const char *const list_status_names[] = {"200", "207", NULL};
static const char *const list_encoding_names[] = {"length", "chunked", NULL};
static const char *const close_names[] = {"close", "shutdown", NULL};

static const struct param client_params[] = {
    P_COUNT("exchanges", struct rpc_client_cfg, exchanges, .def = "60", .min = "1",
	    .max = "10000000", .help = "Requests to send, over all connections together."),
    P_COUNT("connections", struct rpc_client_cfg, connections, .def = "1", .min = "1",
	    .max = "1024",
	    .help = "Kept-alive connections in parallel; each works one request after the other."),
    P_DURATION("connect_every", struct rpc_client_cfg, connect_every, .def = "0", .min = "0",
	       .max = "1h", .help = "How long after each connection the next one begins its work."),
    P_TEXT(
	"rate", struct rpc_client_cfg, rate, .def = "0", .check = rate_check,
	.help =
	    "Requests in a time, 20/s, whether or not others are answered: on a free connection, "
	    "else on a new one, and timed from when they were due; 0: each connection waits for "
	    "its answer."),
    P_ENUM("arrivals", struct rpc_client_cfg, arrivals, arrivals_names, .def = "even",
	   .help = "The times between requests by the rate, and between connections by "
		   "connect_every. even: all are the same, as of one machine; poisson: each is "
		   "drawn by the seed from the exponential distribution with that mean, as the "
		   "calls of many people come."),
    P_COUNT("retries", struct rpc_client_cfg, retries, .def = "0", .max = "1000",
	    .help = "How often a request that failed is made again; each try is an exchange."),
    P_ENUM("retry_port", struct rpc_client_cfg, retry_port, port_names, .needs = "retries",
	   .def = "new",
	   .help = "The local port of the connection that a retry makes: another one, or that of "
		   "the try that failed, whose connection then ends by RST."),
    P_DURATION("retry_wait", struct rpc_client_cfg, retry_wait, .needs = "retries", .def = "0",
	       .min = "0", .max = "1h", .help = "Pause between a failure and its retry."),
    P_FRACTION("retry_varies", struct rpc_client_cfg, retry_varies, .needs = "retry_wait",
	       .def = "0%",
	       .help = "Each of these pauses is drawn by the seed between retry_wait less and "
		       "retry_wait more this share of it: clients that failed together don't come "
		       "back together."),
    P_COUNT("per_connection", struct rpc_client_cfg, per_connection, .def = "0", .max = "10000000",
	    .help = "Exchanges after which a connection is closed and the next one made; 0: all."),
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
    P_TEXT("path", struct rpc_client_cfg, path, .def = "/", .check = path_check,
	   .help = "What is asked for; wedge's own server answers every path alike."),
    P_DURATION("think", struct rpc_client_cfg, think, .def = "0", .min = "0", .max = "1h",
	       .help =
		   "Pause between a response and the next request of the same connection; after a "
		   "failure that isn't retried 100ms at least, so that a dead server isn't "
		   "asked without a pause."),
    P_FRACTION("think_varies", struct rpc_client_cfg, think_varies, .def = "0%",
	       .help = "Each pause is drawn by the seed between think less and think more this "
		       "share of it: the timers of several connections don't fall in step."),
    P_DURATION(
	"timeout", struct rpc_client_cfg, timeout, .def = "30s", .min = "1ms", .max = "24h",
	.help = "An exchange that takes longer has failed; its connection is closed. The time in "
		"which a connection must be made is the same, and another failure: "
		"failed_connect, not failed_timeout."),
    P_DURATION("idle_timeout", struct rpc_client_cfg, idle_timeout, .def = "0", .min = "0",
	       .max = "24h",
	       .help = "An exchange for which nothing has come for so long, since the request or "
		       "the last byte, has failed, too (failed_timeout), however small that byte's "
		       "use was; 0: only timeout counts."),
    P_TEXT("records", struct rpc_client_cfg, records, .def = "", .check = records_check,
	   .takes_empty = true,
	   .help = "Asks wedge's server for lists of so many records, one number after the other "
		   "and then from the first again; empty: for its usual response."),
    P_FLAG("verify", struct rpc_client_cfg, verify, .def = "true",
	   .help =
	       "A body that isn't the one whose SHA-256 its header announced (Content-Digest, RFC "
	       "9530) has failed; else it is taken, and only counted as altered."),
    P_ENUM("balance", struct rpc_client_cfg, balance, balance_names, .def = "first",
	   .help =
	       "Which of several servers a new connection goes to: always the first one; one "
	       "after the other; or one after the other of those that the last health check found "
	       "well (all, before the first check and while none is): one that connects, or one "
	       "that sends a request and waits for its answer."),
    P_DURATION("probe_every", struct rpc_client_cfg, probe_every, .needs = "balance", .def = "2s",
	       .min = "10ms", .max = "1h",
	       .help = "Of the health checks: from one's beginning to the next one's; those of "
		       "several servers are evenly spread over that time."),
    P_DURATION("probe_timeout", struct rpc_client_cfg, probe_timeout, .needs = "balance",
	       .def = "1s", .min = "1ms", .max = "1h",
	       .help = "A health check that takes longer has failed."),
    P_ENUM("close", struct rpc_client_cfg, close, close_names, .def = "close",
	   .help = "How a connection is ended: close(2), which doesn't wait, or FIN and waiting "
		   "for the server's."),
    P_DURATION("close_timeout", struct rpc_client_cfg, close_timeout, .needs = "close",
	       .def = "10s", .min = "1ms", .max = "24h",
	       .help = "Of close=shutdown: how long the server's FIN is waited for."),
    P_DURATION("keepalive", struct rpc_client_cfg, keepalive, .def = "0", .min = "0", .max = "9h",
	       .help = "SO_KEEPALIVE, the first probe after so many idle seconds; 0: no probes."),
    P_DURATION("keepalive_interval", struct rpc_client_cfg, keepalive_interval,
	       .needs = "keepalive", .def = "1s", .min = "1s", .max = "9h",
	       .help = "Seconds between probes (TCP_KEEPINTVL)."),
    P_COUNT("keepalive_probes", struct rpc_client_cfg, keepalive_probes, .needs = "keepalive",
	    .def = "9", .min = "1", .max = "127",
	    .help = "Unanswered probes after which the connection is dead (TCP_KEEPCNT)."),
    P_FLAG("quickack", struct rpc_client_cfg, quickack, .def = "false",
	   .help =
	       "TCP_QUICKACK, set again after every read and before every wait: the client's own "
	       "kernel acknowledges at once."),
    P_FLAG("nodelay", struct rpc_client_cfg, nodelay, .def = "false",
	   .help = "TCP_NODELAY: no Nagle algorithm (RFC 896) on requests."),
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
    P_DURATION("service", struct rpc_server_cfg, service, .def = "0", .min = "0", .max = "1h",
	       .help = "Time between the request's last byte and the response's first."),
    P_COUNT("processors", struct rpc_server_cfg, processors, .needs = "service", .def = "0",
	    .min = "0", .max = "10000",
	    .help = "How many requests are in service at the same time; others wait in order of "
		    "arrival. 0: all of them."),
    P_FLAG("nodelay", struct rpc_server_cfg, nodelay, .def = "false",
	   .help =
	       "TCP_NODELAY: no Nagle algorithm (RFC 896) on responses. Without it a small second "
	       "write waits until the first one is acknowledged."),
    P_END,
};

static int whole_seconds(const char *name, int64_t ns, struct err *e)
{
	if (ns % NS_PER_S == 0)
		return 0;
	return err_set(e, "%s: the kernel counts keep-alive times in whole seconds", name);
}

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
	if (client->connections > client->exchanges)
		return err_set(e, "connections: %llu connections can't share %llu exchanges",
			       (unsigned long long)client->connections,
			       (unsigned long long)client->exchanges);
	if (client->probe_timeout > client->probe_every)
		return err_set(e,
			       "probe_timeout: a check ends before the next one, so it is at most "
			       "probe_every");
	if (whole_seconds("keepalive", client->keepalive, e))
		return -1;
	return whole_seconds("keepalive_interval", client->keepalive_interval, e);
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
	if (client_cfg && client_check(client_cfg, e))
		return -1;
	return server_cfg ? server_check(server_cfg, e) : 0;
}

const struct workload workload_rpc = {
    .name = "rpc",
    .summary = "HTTP/1.1 requests one after the other; each response leaves in two small writes",
    .client_params = client_params,
    .server_params = server_params,
    .live_params = live_params,
    .client_size = sizeof(struct rpc_client_cfg),
    .server_size = sizeof(struct rpc_server_cfg),
    .client = rpc_client,
    .server = rpc_server,
    .check = rpc_check,
};
