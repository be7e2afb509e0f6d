/* v1_impairments.c - a list is read as a file's would be. That of a session becomes texts in which
 * each names the session, and so goes the way of every change. */
#include "proxy/api/v1_impairments.h"

#include "proxy/api/v1_problem.h"
#include "proxy/base/mem.h"
#include "proxy/base/param.h"
#include "proxy/config/config_copy.h"
#include "proxy/config/config_load.h"
#include "proxy/engine/engine_sessions.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

enum { VALUE_TEXT = 512 };

static const char *const type_names[] = {
    [PARAM_DURATION] = "duration", [PARAM_SIZE] = "size",   [PARAM_RATE] = "rate",
    [PARAM_FRACTION] = "fraction", [PARAM_COUNT] = "count", [PARAM_NUMBER] = "number",
    [PARAM_ENUM] = "enum",	   [PARAM_FLAG] = "flag",   [PARAM_TEXT] = "text",
};

static json_t *list_choices(const struct param *p)
{
	json_t *list = json_array();

	for (const char *const *c = p->choices; *c; c++)
		json_array_append_new(list, json_string(*c));
	return list;
}

/* defaults: where the rows' values are when nothing is given; they are told as values are. */
static json_t *describe_row(const struct param *p, const void *defaults)
{
	char usual[VALUE_TEXT] = "";
	json_t *o;

	if (p->def)
		param_format(p, defaults, usual, sizeof(usual));
	o = json_pack("{s:s, s:s, s:s, s:b, s:s*, s:s*, s:s*}", "name", p->name, "type",
		      type_names[p->type], "help", p->help, "required", !p->def, "default",
		      p->def ? usual : NULL, "min", p->min, "max", p->max);

	if (p->type == PARAM_ENUM)
		json_object_set_new(o, "choices", list_choices(p));
	return o;
}

static json_t *describe_rows(const struct param *rows)
{
	json_t *list = json_array();
	size_t size = 0;
	void *defaults;

	for (const struct param *p = rows; p->name; p++)
		if (p->offset + sizeof(max_align_t) > size)
			size = p->offset + sizeof(max_align_t);
	defaults = xcalloc(1, size);
	param_defaults(rows, defaults);
	for (const struct param *p = rows; p->name; p++)
		json_array_append_new(list, describe_row(p, defaults));
	param_free(rows, defaults);
	free(defaults);
	return list;
}

static void add_kind(void *arg, const struct impairment_kind *k)
{
	json_t *answer = arg;

	json_array_append_new(json_object_get(answer, "kinds"),
			      json_pack("{s:s, s:s, s:s, s:b, s:s, s:o}", "name", k->name,
					"summary", k->summary, "acts_on", k->plane, "directed",
					k->directed, "example", k->example, "parameters",
					describe_rows(k->own.rows)));
	if (!json_object_get(answer, "common"))
		json_object_set_new(answer, "common", describe_rows(k->common.rows));
}

void v1_impairments_kinds(const struct toxi *t, struct http_answer *a)
{
	json_t *answer = json_pack("{s:[]}", "kinds");

	t->base.impairments_ops->each_kind(add_kind, answer);
	v1_json(a, 200, answer);
}

/* A common row that one of the kind's own has the name of says nothing, nor does an empty text,
 * which can't be read back. */
static void add_values(json_t *to, const struct impairment_parameters *of, bool changed_only)
{
	char value[VALUE_TEXT];

	for (const struct param *p = of->rows; p->name; p++) {
		if (json_object_get(to, p->name))
			continue;
		param_format(p, of->values, value, sizeof(value));
		if (p->type == PARAM_TEXT && !*value)
			continue;
		if (!changed_only || (p->def && strcmp(value, p->def) != 0))
			json_object_set_new(to, p->name, json_string(value));
	}
}

json_t *v1_impairments_describe(const struct impairment_count *c, enum v1_origin origin)
{
	static const char *const names[] = {"proxy", "toxic", "addition"};
	json_t *values = json_object();

	add_values(values, &c->own, false);
	add_values(values, &c->common, true);
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:o}", "name", c->name, "kind", c->kind,
			 "text", c->text, "sessions", (json_int_t)c->sessions, "acted",
			 (json_int_t)c->acted, "origin", names[origin], "parameters", values);
}

void v1_impairments_hide_file(struct err *e)
{
	static const char file[] = "file: ";
	char *at = strstr(e->text, file);

	if (at)
		snprintf(at, sizeof(e->text) - (size_t)(at - e->text),
			 "%sit can't be used; an API with --api-token would say why", file);
}

/* Reads the body's list into p, which is empty; answers when it isn't one. */
static int read_list(const struct toxi *t, struct config_proxy *p, bool trusted,
		     const struct http_request *r, struct http_answer *a)
{
	struct err e;

	if (config_load_impairments(t->base.impairments_ops, p, V1_BODY, r->body, r->len, &e) == 0)
		return 0;
	if (!trusted)
		v1_impairments_hide_file(&e);
	v1_problem_of_body(a, e.text);
	return -1;
}

static const struct config_proxy *find_configured(const struct toxi *t, const char *name)
{
	for (size_t i = 0; i < t->base.n; i++)
		if (strcmp(t->base.proxy[i].name, name) == 0)
			return &t->base.proxy[i];
	return NULL;
}

/* One that a session's text names, or all of a proxy. */
struct appending {
	struct addition *to;
	uint64_t session; /* 0: all */
};

/* A parameter that is given twice counts as it was given last. */
static void append_text(void *arg, const struct impairment_count *c)
{
	const struct appending *w = arg;
	int len = (int)strlen(c->text) - 1; /* without its bracket */
	char *text;

	if (w->session)
		text = xasprintf("%.*s%ssession=%" PRIu64 ",name=session.%" PRIu64 ".%s}", len,
				 c->text, c->text[len - 1] == '{' ? "" : ",", w->session,
				 w->session, c->name);
	else
		text = xstrdup(c->text);
	addition_append(w->to, text);
	free(text);
}

/* Those of the body in the place of what was put behind the proxy's for that session, or all. */
static bool put_additions(struct toxi *t, const struct config_proxy *p, uint64_t session,
			  struct http_answer *a)
{
	struct additions next = additions_copy(&t->additions);
	struct appending w = {additions_renew(&next, p->name, (enum proxy_mode)p->mode, session),
			      session};
	struct err e;

	t->base.impairments_ops->count_each(p->impairments, append_text, &w);
	if (toxi_exchange_additions(t, &next, &e) == 0)
		return true;
	v1_problem(a, 409, e.text);
	return false;
}

/* A copy of one that is configured, or a blank one, without impairments. */
static struct config_proxy *begin_one(const struct toxi *t, struct config *one, const char *name,
				      const struct config_proxy *from)
{
	const struct impairments_ops *ops = t->base.impairments_ops;
	struct config_proxy *p;

	config_init(one, ops);
	if (!from)
		return config_add(one, name);
	p = config_add_copy(one, from);
	ops->free(p->impairments);
	p->impairments = ops->create();
	return p;
}

static bool define_proxy(struct toxi *t, const struct config *one, struct http_answer *a)
{
	struct err e;

	if (toxi_define(t, one, &e) == 0)
		return true;
	v1_problem(a, 409, e.text);
	return false;
}

bool v1_impairments_of_proxy(struct toxi *t, const char *name, bool trusted,
			     const struct http_request *r, struct http_answer *a)
{
	const struct config_proxy *from = find_configured(t, name);
	struct config one;
	struct config_proxy *p = begin_one(t, &one, name, from);
	bool done = false;

	if (!from && toxi_model_find(&t->model, name) < 0)
		v1_problem(a, 404, "there is no proxy of that name");
	else if (read_list(t, p, trusted, r, a) == 0)
		done = from ? define_proxy(t, &one, a) : put_additions(t, p, 0, a);
	config_fini(&one);
	return done;
}

static bool is_at_work(const struct toxi *t, const struct engine_session *s)
{
	struct service_proxy_info info;

	for (size_t i = 0; service_proxy_info(t->host->service, i, &info); i++)
		if (info.mode == s->mode && strcmp(info.name, s->proxy) == 0)
			return true;
	return false;
}

/* What runs, as the service counts it. */
struct own_list {
	char prefix[48];
	json_t *list;
};

static void add_own(void *arg, const struct impairment_count *c)
{
	struct own_list *own = arg;

	if (strncmp(c->name, own->prefix, strlen(own->prefix)) == 0)
		json_array_append_new(own->list, v1_impairments_describe(c, V1_OF_ADDITION));
}

static void show_session(const struct toxi *t, const struct engine_session *s,
			 struct http_answer *a)
{
	struct own_list own = {.list = json_array()};
	struct service_proxy_info info;

	snprintf(own.prefix, sizeof(own.prefix), "session.%" PRIu64 ".", s->number);
	for (size_t i = 0; service_proxy_info(t->host->service, i, &info); i++)
		if (info.mode == s->mode && strcmp(info.name, s->proxy) == 0)
			service_count_impairments(t->host->service, i, add_own, &own);
	v1_json(a, 200, json_pack("{s:o}", "impairments", own.list));
}

/* What no open session can have is refused as what the body says. */
static int check_for_session(const struct toxi *t, const struct config_proxy *p, uint64_t session,
			     struct http_answer *a)
{
	const struct impairments_ops *ops = t->base.impairments_ops;
	struct addition texts = {.session = session};
	struct additions all = {.v = &texts, .n = 1};
	struct appending w = {&texts, session};
	struct config scratch;
	struct config_proxy *of;
	struct err e;
	int rc;

	config_init(&scratch, ops);
	of = config_add(&scratch, p->name);
	of->mode = p->mode;
	texts.proxy = p->name;
	texts.mode = (enum proxy_mode)p->mode;
	ops->count_each(p->impairments, append_text, &w);
	rc = additions_put(&all, ops, of, &e) == -1 ? -1 : 0;
	if (rc == -1)
		v1_problem(a, 400, e.text);
	for (size_t i = 0; i < texts.n; i++)
		free(texts.text[i]);
	free(texts.text);
	config_fini(&scratch);
	return rc;
}

static bool change_session(struct toxi *t, const struct engine_session *s, bool trusted,
			   const struct http_request *r, struct http_answer *a)
{
	const struct config_proxy *from = find_configured(t, s->proxy);
	struct config one;
	struct config_proxy *p = begin_one(t, &one, s->proxy, from);
	bool done;

	p->mode = (int)s->mode;
	done = read_list(t, p, trusted, r, a) == 0 && check_for_session(t, p, s->number, a) == 0 &&
	       put_additions(t, p, s->number, a);
	config_fini(&one);
	return done;
}

void v1_impairments_of_session(struct toxi *t, uint64_t number, bool trusted,
			       const struct http_request *r, struct http_answer *a)
{
	const struct engine *en = service_engine(t->host->service);
	struct engine_session s;

	if (!engine_find_session(en, number, &s))
		v1_problem(a, 404, "no session of that number is open");
	else if (r->method != EVHTTP_REQ_GET && !is_at_work(t, &s))
		v1_problem(a, 409, "its proxy is gone, and with it what changes its sessions");
	else if (r->method == EVHTTP_REQ_GET || change_session(t, &s, trusted, r, a))
		show_session(t, &s, a);
}
