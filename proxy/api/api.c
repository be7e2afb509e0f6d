/* api.c - puts the server, the routes and what they change together, and decides which of them a
 * request is for. */
#include "proxy/api/api.h"

#include "proxy/api/http_guard.h"
#include "proxy/api/http_path.h"
#include "proxy/api/http_server.h"
#include "proxy/api/metrics.h"
#include "proxy/api/page.h"
#include "proxy/api/toxi_answer.h"
#include "proxy/api/toxi_populate.h"
#include "proxy/api/toxi_routes.h"
#include "proxy/api/v1.h"
#include "proxy/api/v1_problem.h"
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"

#include <string.h>

struct control {
	struct control_host *host;
	struct toxi toxi;
	struct v1 v1;
	struct http_server *server;
	char *token;
	bool metrics;
	uint64_t requests; /* answered so far, of which each has an id */
	uint64_t seed;
	char *location; /* of the answer that is under way */
};

enum { ID_LEN = 20 };

/* Twenty digits of base 32, which no two requests share. */
static void add_id(struct control *c, struct evhttp_request *in)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	struct rng rng = rng_make(c->seed, 0, ++c->requests);
	char id[ID_LEN + 1] = "";

	for (int i = 0; i < ID_LEN; i++)
		id[i] = digits[rng_below(&rng, 32)];
	evhttp_add_header(evhttp_request_get_output_headers(in), "X-Toxiproxy-Request-Id", id);
}

static void answer_plain(struct http_answer *a, int status, const char *text)
{
	evbuffer_drain(a->body, evbuffer_get_length(a->body));
	a->status = status;
	a->type = NULL;
	a->nosniff = true;
	evbuffer_add(a->body, text, strlen(text));
}

static bool is_browser(struct evhttp_request *in)
{
	static const char browser[] = "Mozilla/";
	const char *agent = evhttp_find_header(evhttp_request_get_input_headers(in), "User-Agent");

	return agent && strncmp(agent, browser, strlen(browser)) == 0;
}

static void redirect_to(struct control *c, const char *clean, struct evhttp_request *in,
			struct http_answer *a)
{
	free(c->location);
	c->location = http_path_location(clean, evhttp_request_get_uri(in));
	a->location = c->location;
	a->status = 301;
}

/* Toxiproxy's answers to whatever is sent. A browser hears the same refusal on each route, and
 * nothing is done for it. */
static void answer_toxi(struct control *c, const struct http_request *r, struct evhttp_request *in,
			struct http_answer *a)
{
	if (is_browser(in)) {
		answer_plain(a, 403, "User agent not allowed\n");
		a->routed = true;
	} else if (c->metrics && strcmp(r->path, "/metrics") == 0) {
		a->status = 200;
		a->type = METRICS_TYPE;
		a->routed = true;
		metrics_write(&c->toxi, c->requests, a->body);
	} else if (!toxi_routes_answer(&c->toxi, r, a)) {
		answer_plain(a, 404, "404 page not found\n");
	}
}

/* Toxiproxy's clients read each error as JSON. */
static void refuse_cb(const char *path, const char *why, struct http_answer *a)
{
	static const char own[] = "/wedge/v1/";

	if (path && strncmp(path, own, strlen(own)) == 0)
		v1_problem(a, a->status, why);
	else
		toxi_answer_error(a, a->status, "%s", why);
}

static void answer_cb(void *arg, const struct http_request *r, struct evhttp_request *in,
		      struct http_answer *a)
{
	struct control *c = arg;
	char *clean = http_path_clean(r->path);

	if (strcmp(clean, r->path) != 0)
		redirect_to(c, clean, in, a);
	else if (!page_answer(r, in, a) && !v1_answer(&c->v1, r, in, a))
		answer_toxi(c, r, in, a);
	if (a->routed)
		add_id(c, in);
	free(clean);
}

static int read_token(struct control *c, const struct control_config *cc, struct err *e)
{
	char text[ADDR_TEXT];

	if (cc->token) {
		c->token = http_guard_read_token(cc->token, e);
		return c->token ? 0 : -1;
	}
	if (addr_is_loopback(&cc->listen))
		return 0;
	return err_set(e,
		       "%s can be reached by others, who could steer wedge: --api-token FILE names "
		       "a file with the token that they must show",
		       addr_format(&cc->listen, text));
}

static void api_close(struct control *c)
{
	if (!c)
		return;
	v1_journal_free(c->v1.journal);
	http_server_free(c->server);
	toxi_fini(&c->toxi);
	free(c->token);
	free(c->location);
	free(c);
}

static struct control *api_open(const struct control_config *cc, struct control_host *h,
				const struct config *base, struct err *e)
{
	struct http_server_config sc = {
	    .listen = cc->listen, .answer = answer_cb, .refuse = refuse_cb, .is_public = page_has};
	struct control *c = xcalloc(1, sizeof(*c));
	char text[ADDR_TEXT];

	c->host = h;
	c->metrics = cc->metrics;
	toxi_init(&c->toxi, h, base);
	sc.arg = c;
	if (read_token(c, cc, e) == 0 && rng_draw_seed(&c->seed, e) == 0) {
		sc.token = c->token;
		c->v1 = (struct v1){
		    .toxi = &c->toxi, .journal = v1_journal_new(h->journal), .trusted = c->token};
		c->server = http_server_new(h->loop, &sc, e);
	}
	if (!c->server) {
		api_close(c);
		err_wrap(e, "--api");
		return NULL;
	}
	addr_format(http_server_addr(c->server), text);
	fprintf(stderr, "wedge: steered by Toxiproxy's API on http://%s%s\n", text,
		c->token ? ", with a token" : "");
	fprintf(stderr, "wedge: shown, and steered by hand, on http://%s/\n", text);
	if (cc->toxics && toxi_populate_file(&c->toxi, cc->toxics, e) == -1)
		log_error(h->log, "%s", e->text);
	return c;
}

static int api_reload(struct control *c, const struct config *base, struct service_diff *diff,
		      struct err *e)
{
	return toxi_reload(&c->toxi, base, diff, e);
}

const struct control_ops api_ops = {.open = api_open, .reload = api_reload, .close = api_close};
