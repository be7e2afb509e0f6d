/* rpc.c - the workload "rpc": its parameters and the rules between them. HTTP/1.1 requests, one
 * after the other on kept-alive connections; each response leaves in as many writes as it is told.
 */
#include "scenarios/workload/rpc.h"

#include "proxy/base/units.h"

#include <string.h>

static int response_check(const char *text, struct err *e)
{
	struct rpc_response r;

	return rpc_response_parse(text, &r, e);
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

static const struct param client_params[] = {
    P_COUNT("exchanges", struct rpc_client_cfg, exchanges, .def = "60", .min = "1",
	    .max = "10000000", .help = "Requests to send, over all connections together."),
    P_COUNT("connections", struct rpc_client_cfg, connections, .def = "1", .min = "1",
	    .max = "1024",
	    .help = "Kept-alive connections in parallel; each works one request after the other."),
    P_SIZE("request", struct rpc_client_cfg, request, .def = "512B", .min = "112B", .max = "1MiB",
	   .help =
	       "Bytes of one whole request, sent in one write: a GET, above 4096 bytes a POST."),
    P_TEXT("path", struct rpc_client_cfg, path, .def = "/", .check = path_check,
	   .help = "What is asked for; wedge's own server answers every path alike."),
    P_DURATION("think", struct rpc_client_cfg, think, .def = "0", .min = "0", .max = "1h",
	       .help = "Pause between a response and the next request of the same connection."),
    P_DURATION("timeout", struct rpc_client_cfg, timeout, .def = "30s", .min = "1ms", .max = "24h",
	       .help = "An exchange that takes longer has failed; its connection is closed."),
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
    P_DURATION("service", struct rpc_server_cfg, service, .def = "0", .min = "0", .max = "1h",
	       .help = "Time between the request's last byte and the response's first."),
    P_FLAG("nodelay", struct rpc_server_cfg, nodelay, .def = "false",
	   .help =
	       "TCP_NODELAY: no Nagle algorithm (RFC 896) on responses. Without it a small second "
	       "write waits until the first one is acknowledged."),
    P_END,
};

int rpc_response_parse(const char *text, struct rpc_response *out, struct err *e)
{
	const char *s = text;

	memset(out, 0, sizeof(*out));
	for (;;) {
		size_t len = strcspn(s, ","), blanks = strspn(s, " ");
		char word[32];

		if (out->n == RPC_WRITES_MAX)
			return err_set(e, "at most %d writes", RPC_WRITES_MAX);
		if (len - blanks >= sizeof(word))
			return err_set(e, "\"%.40s\" is not a list of sizes such as 180B,220B",
				       text);
		memcpy(word, s + blanks, len - blanks);
		word[len - blanks] = '\0';
		word[strcspn(word, " ")] = '\0';
		if (parse_size(word, &out->write[out->n], e))
			return -1;
		if (!out->write[out->n] || out->write[out->n] > RPC_WRITE_MAX)
			return err_set(e, "a write has from 1B to 4GiB, not \"%s\"", word);
		out->n++;
		if (!s[len])
			break;
		s += len + 1;
	}
	if (out->write[0] < HTTP_RESPONSE_HEAD_MIN)
		return err_set(e, "the first write holds the HTTP header, which needs at least %dB",
			       HTTP_RESPONSE_HEAD_MIN);
	if (out->n > 1 && out->write[0] > RPC_HEAD_MAX)
		return err_set(e,
			       "the first write is the HTTP header alone: at most %dB, or clients "
			       "refuse it",
			       RPC_HEAD_MAX);
	out->head = out->n > 1 ? out->write[0] : HTTP_RESPONSE_HEAD_MIN;
	for (size_t i = 0; i < out->n; i++)
		out->body += out->write[i];
	out->body -= out->head;
	return 0;
}

static int rpc_check(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct rpc_client_cfg *client = client_cfg;

	(void)server_cfg;
	if (client && client->request < http_request_min(client->path))
		return err_set(e, "request: with this path a request has at least %zuB",
			       http_request_min(client->path));
	if (client && client->connections > client->exchanges)
		return err_set(e, "connections: %llu connections can't share %llu exchanges",
			       (unsigned long long)client->connections,
			       (unsigned long long)client->exchanges);
	return 0;
}

const struct workload workload_rpc = {
    .name = "rpc",
    .summary = "HTTP/1.1 requests one after the other; each response leaves in two small writes",
    .client_params = client_params,
    .server_params = server_params,
    .client_size = sizeof(struct rpc_client_cfg),
    .server_size = sizeof(struct rpc_server_cfg),
    .client = rpc_client,
    .server = rpc_server,
    .check = rpc_check,
};
