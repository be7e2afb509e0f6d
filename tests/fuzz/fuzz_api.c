/* fuzz_api.c - requests to both APIs, one after the other, as a client may send them: each gets an
 * answer with a status, and a body that is the JSON it says it is. Seeds have a request in each
 * part between form feeds: METHOD TARGET, line end, body.
 * LAYER: wedge_impairments wedge_api
 * ROUNDS: 400 of each seed. */
#include "impairments/live/impairments_ops.h"
#include "proxy/api/http_path.h"
#include "proxy/api/metrics.h"
#include "proxy/api/toxi_routes.h"
#include "proxy/api/v1.h"
#include "proxy/base/mem.h"
#include "proxy/stream/session_commons.h"

#include <jansson.h>
#include <string.h>

#define REQUESTS_MAX 64

/* What the requests change; nothing of it runs. */
struct target {
	struct control_host host;
	struct toxi toxi;
	struct v1 v1;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libfyaml 0.7.12 loses memory by itself: fuzz_config.c. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

/* Takes any configuration, as a host does with ports and addresses enough. */
static int apply_nothing(struct control_host *h, const struct config *wanted,
			 struct service_diff *diff, struct err *e)
{
	(void)h;
	(void)e;
	*diff = (struct service_diff){.proxies = wanted->n};
	for (size_t i = 0; i < wanted->n; i++)
		BUG_ON(!wanted->proxy[i].name || !*wanted->proxy[i].name);
	return 0;
}

static struct service *make_service(const struct log *log, struct loop **loop)
{
	struct service_env env = {.log = log, .ops = &impairments_ops};
	struct service *s;
	struct err e;

	env.loop = *loop = loop_new(&e);
	env.commons = session_commons_new(0);
	s = env.loop ? service_new(&env, &e) : NULL;
	BUG_ON(!s);
	return s;
}

static void begin_target(struct target *t, struct service *s, struct loop *loop,
			 const struct log *log)
{
	struct config base;

	config_init(&base, &impairments_ops);
	*t = (struct target){.host = {.loop = loop,
				      .log = log,
				      .service = s,
				      .impairments_ops = &impairments_ops,
				      .apply = apply_nothing}};
	toxi_init(&t->toxi, &t->host, &base);
	t->v1 = (struct v1){.toxi = &t->toxi};
	config_fini(&base);
}

static void check_answer(const struct http_answer *a, bool routed)
{
	const char *body = (const char *)evbuffer_pullup(a->body, -1);
	size_t len = evbuffer_get_length(a->body);
	json_error_t why;
	json_t *value;

	BUG_ON(routed && a->status < 200);
	if (!routed || !a->type || !strstr(a->type, "json"))
		return;
	value = json_loadb(body ? body : "", len, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &why);
	if (len && !value)
		fprintf(stderr, "%s: %.*s\n", why.text, (int)len, body);
	BUG_ON(len && !value);
	json_decref(value);
}

/* A stream has no end, and needs a connection; so does who asks for a capture, which is made by a
 * process. */
static bool needs_connection(const char *path)
{
	static const char captures[] = "/wedge/v1/captures";

	return strcmp(path, "/wedge/v1/journal") == 0 ||
	       strncmp(path, captures, strlen(captures)) == 0;
}

/* As api.c decides. */
static void answer(struct target *t, const struct http_request *r)
{
	struct http_answer a = {.body = evbuffer_new()};
	bool routed;

	if (!needs_connection(r->path)) {
		routed = v1_answer(&t->v1, r, NULL, &a) || toxi_routes_answer(&t->toxi, r, &a);
		check_answer(&a, routed && (a.routed || a.status));
	}
	evbuffer_free(a.body);
}

static enum evhttp_cmd_type method_of(const char *word, size_t len)
{
	static const struct {
		const char *word;
		enum evhttp_cmd_type type;
	} methods[] = {{"GET", EVHTTP_REQ_GET},	    {"POST", EVHTTP_REQ_POST},
		       {"PUT", EVHTTP_REQ_PUT},	    {"DELETE", EVHTTP_REQ_DELETE},
		       {"PATCH", EVHTTP_REQ_PATCH}, {"HEAD", EVHTTP_REQ_HEAD}};

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (len == strlen(methods[i].word) && memcmp(word, methods[i].word, len) == 0)
			return methods[i].type;
	return EVHTTP_REQ_OPTIONS;
}

/* text: ends with NUL, which it may also have within. */
static void send_request(struct target *t, char *text, size_t len)
{
	char *line_end = memchr(text, '\n', len), *space, *query, *path, *clean;
	struct http_request r = {.body = "", .query = ""};

	if (line_end) {
		*line_end = '\0';
		r.body = line_end + 1;
		r.len = (size_t)(text + len - r.body);
	}
	space = strchr(text, ' ');
	if (!space)
		return;
	r.method = method_of(text, (size_t)(space - text));
	query = strchr(space, '?');
	r.query = query ? query + 1 : "";
	path = http_path_decode(space + 1);
	if (!path)
		return;
	clean = http_path_clean(path);
	if (strcmp(clean, path) != 0)
		free(http_path_location(clean, space + 1));
	r.path = clean;
	answer(t, &r);
	free(clean);
	free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct log silent = {.level = LOG_LEVEL_ERROR};
	static struct service *service;
	static struct loop *loop;
	char *text = xcalloc(1, size + 1), *at = text, *end = text + size;
	struct evbuffer *metrics = evbuffer_new();
	struct target t;

	if (!service)
		service = make_service(&silent, &loop);
	if (size)
		memcpy(text, data, size);
	begin_target(&t, service, loop, &silent);
	for (int i = 0; i < REQUESTS_MAX && at < end; i++) {
		char *next = memchr(at, '\f', (size_t)(end - at));
		size_t len = (size_t)((next ? next : end) - at);

		at[len] = '\0';
		send_request(&t, at, len);
		at += len + 1;
	}
	metrics_write(&t.toxi, 1, metrics);
	evbuffer_free(metrics);
	toxi_fini(&t.toxi);
	free(text);
	return 0;
}
