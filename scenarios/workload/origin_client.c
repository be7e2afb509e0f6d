/* origin_client.c - asks for / and knows what must come, by its SHA-256. */
#include "scenarios/workload/origin_client.h"

#include "proxy/base/mem.h"
#include "scenarios/workload/origin_body.h"
#include "scenarios/workload/origin_params.h"
#include "scenarios/workload/rpc_client.h"

#include <string.h>

struct digest {
	EVP_MD_CTX *sha; /* of the body that is coming */
};

static void ask_for_body(struct client *cl, struct conn *c)
{
	static const char line[] = "a line of text\n";
	bool post = cl->cfg->method != 0;
	struct digest *d = c->mine;

	if (!d->sha)
		d->sha = EVP_MD_CTX_new();
	BUG_ON(!d->sha || !EVP_DigestInit_ex(d->sha, EVP_sha256(), NULL));
	rpc_client_ask(c, &(struct http_ask){.method = rpc_method_names[cl->cfg->method],
					     .target = cl->cfg->path,
					     .type = post ? "text/plain" : NULL,
					     .body = line,
					     .len = sizeof(line) - 1});
}

static void read_body(struct conn *c, const char *data, size_t len)
{
	const struct digest *d = c->mine;

	BUG_ON(!EVP_DigestUpdate(d->sha, data, len));
}

static int judge_body(struct conn *c, struct err *e)
{
	const struct digest *d = c->mine;
	const unsigned char *expected = c->client->mine;
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	BUG_ON(!EVP_DigestFinal_ex(d->sha, sum, &len));
	if (memcmp(sum, expected, len) != 0)
		return err_set(e, "the body of %lluB isn't the one expected, by its SHA-256",
			       (unsigned long long)c->http.body_bytes);
	return 0;
}

static void end_digest(struct conn *c)
{
	const struct digest *d = c->mine;

	EVP_MD_CTX_free(d->sha);
}

int origin_client(const struct workload_task *task)
{
	static const struct rpc_client_protocol protocol = {
	    .cfg_size = sizeof(struct origin_client_cfg),
	    .own_size = sizeof(struct digest),
	    .ask = ask_for_body,
	    .body = read_body,
	    .judge = judge_body,
	    .end = end_digest,
	};
	struct origin_client_cfg cfg = *(const struct origin_client_cfg *)task->cfg;
	struct workload_task own = *task;
	unsigned char expected[ORIGIN_SHA256];
	char rate[] = "0", path[] = "/";

	cfg.http.connections = 1; /* what its kin have rows for */
	cfg.http.rate = rate;
	cfg.http.path = path;
	own.cfg = &cfg;
	origin_body_sha256(task->seed, cfg.body, expected);
	return rpc_client_run(&own, &protocol, expected);
}
