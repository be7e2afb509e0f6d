/* origin.c - the parameters of the workload "origin" and the rules between them. */
#include "scenarios/workload/origin.h"

#include "scenarios/workload/origin_client.h"
#include "scenarios/workload/origin_params.h"
#include "scenarios/workload/origin_server.h"
#include "scenarios/workload/rpc_rows.h"

static const char *const method_names[] = {"GET", "POST", NULL}; /* rpc_method_names begins so */
static const char *const ends_names[] = {"length", "chunked", "close", NULL};

static const struct param client_params[] = {
    P_COUNT("exchanges", struct origin_client_cfg, http.exchanges, .def = "1", .min = "1",
	    .max = "10000000", .help = "Requests, one after the other on a kept-alive connection."),
    P_DURATION("timeout", struct origin_client_cfg, http.timeout, .def = "30s", .min = "1ms",
	       .max = "24h",
	       .help = "An exchange that takes longer has failed; its connection is closed."),
    P_ENUM("method", struct origin_client_cfg, http.method, method_names, .def = "GET",
	   .help = "Of its requests; a POST brings a line of text."),
    P_SIZE("body", struct origin_client_cfg, body, .def = "64KiB", .max = "64MiB",
	   .help = "Bytes of the answer's body that are expected; a body whose SHA-256 isn't the "
		   "expected one's has failed."),
    RPC_HOST_NAME_ROW(struct origin_client_cfg, http.host_name, "www.example.org"),
    P_END,
};

static const struct param server_params[] = {
    P_SIZE("body", struct origin_server_cfg, body, .def = "64KiB", .max = "64MiB",
	   .help = "Bytes of the body that every path answers with: lines of text made from the "
		   "run's seed, always the same."),
    P_ENUM("ends", struct origin_server_cfg, ends, ends_names, .def = "length",
	   .help = "How an answer tells its end: by Content-Length; chunked (RFC 9112 7.1), with "
		   "the last, empty chunk; or by the connection's end, a FIN. A client of HTTP/1.0 "
		   "gets the last instead of chunks."),
    P_SIZE("chunk", struct origin_server_cfg, chunk, .needs = "ends", .def = "4KiB", .min = "1B",
	   .max = "64MiB",
	   .help = "Of ends=chunked: bytes of a chunk; the last of them has what is left."),
    P_FLAG("continue", struct origin_server_cfg, go_on, .def = "true",
	   .help = "A request with Expect: 100-continue gets its 100 at once; else never, and is "
		   "answered as usual if its body comes all the same."),
    P_DURATION("service", struct origin_server_cfg, service, .def = "0", .min = "0", .max = "1h",
	       .help = "Time between the request's last byte and the response's first."),
    P_FLAG("nodelay", struct origin_server_cfg, nodelay, .def = "true",
	   .help = "TCP_NODELAY: no Nagle algorithm (RFC 896) on responses, as web servers have "
		   "it."),
    P_END,
};

static int check_ends(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct origin_client_cfg *client = client_cfg;
	const struct origin_server_cfg *server = server_cfg;

	if (client && server && client->body != server->body)
		return err_set(e, "body: the client expects %lluB, the server has %lluB",
			       (unsigned long long)client->body, (unsigned long long)server->body);
	return 0;
}

const struct workload workload_origin = {
    .name = "origin",
    .summary = "a web server for real clients: every path has the same body, known to the byte",
    .client_params = client_params,
    .server_params = server_params,
    .client_size = sizeof(struct origin_client_cfg),
    .server_size = sizeof(struct origin_server_cfg),
    .client = origin_client,
    .server = origin_server,
    .check = check_ends,
};
