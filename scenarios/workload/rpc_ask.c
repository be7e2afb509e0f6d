/* rpc_ask.c - a request is made anew only where it isn't the one before. */
#include "scenarios/workload/rpc_ask.h"

#include "proxy/base/mem.h"

#include <string.h>

#define HTTP_PORT  80
#define HTTPS_PORT 443

char *rpc_host_field(const struct rpc_client_cfg *cfg, const struct addr *server,
		     char out[ADDR_TEXT])
{
	unsigned port = addr_port(server);

	if (!cfg->host_name[0])
		return addr_format(server, out);
	snprintf(out, ADDR_TEXT, port == (cfg->tls ? HTTPS_PORT : HTTP_PORT) ? "%s" : "%s:%u",
		 cfg->host_name, port);
	return out;
}

void rpc_write_request(const struct client *cl, char *buf, size_t size, const char *method,
		       const struct addr *server, const char *target, uint64_t user)
{
	struct rng cookie = rng_make(rng_part_seed(cl->task->seed, "cookie"), 0, user);
	char host[ADDR_TEXT];

	http_request(buf, size, &cookie, method, rpc_host_field(cl->cfg, server, host), target);
}

static void make_request(struct client *cl, struct conn *c, const char *target)
{
	char *text = xcalloc(1, cl->cfg->request + 1);

	rpc_write_request(cl, text, cl->cfg->request, rpc_method_names[cl->cfg->method], c->server,
			  target, c->slot);
	conn_request(c, text, cl->cfg->request);
}

void rpc_ask(struct client *cl, struct conn *c)
{
	const struct rpc_lists *lists = cl->mine;
	struct rpc_asking *asking = c->mine;
	uint64_t list = c->slot + asking->lists * cl->slots;
	char target[2048];

	if (!lists->n) {
		if (c->server != asking->named)
			make_request(cl, c, cl->cfg->path);
		asking->named = c->server;
		return;
	}
	/* Connection i of n asks for list i, i + n, ... */
	asking->lists++;
	c->now.asked = lists->records[list % lists->n];
	snprintf(target, sizeof(target), "%s%s%llu" RECORDS_QUERY "%llu", cl->cfg->path,
		 strcmp(cl->cfg->path, "/") == 0 ? "" : "/", (unsigned long long)list,
		 (unsigned long long)c->now.asked);
	make_request(cl, c, target);
}

void rpc_count_records(struct conn *c, const char *data, size_t len)
{
	for (const char *at = data; (at = memchr(at, '\n', len - (size_t)(at - data))); at++)
		c->content.records++;
}
