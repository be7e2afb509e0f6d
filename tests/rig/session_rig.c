/* session_rig.c - two flows a session, which deliver into a log. */
#include "tests/rig/session_rig.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "tests/rig/watch.h"

#include <event2/buffer.h>
#include <string.h>

struct rig_session {
	struct srig *rig;
	unsigned number;
	bool open;
	struct flow flow[DIR_COUNT];
	struct text out[DIR_COUNT];
	enum flow_end ended[DIR_COUNT];
};

struct srig {
	const struct impairment *im;
	struct watch watch;
	void *cfg, *shared;
	bool in[DIR_COUNT];
	bool active;
	struct addr client;
	struct rig_session sessions[SRIG_SESSIONS];
};

static void host_deliver(struct flow *f, struct evbuffer *buf)
{
	struct rig_session *o = f->host_arg;
	size_t n = evbuffer_get_length(buf);
	unsigned char *p = evbuffer_pullup(buf, -1);
	char name[WATCH_WHO];

	BUG_ON(o->ended[f->dir] != END_NONE);
	text_add(&o->out[f->dir], p, n);
	watch_bytes(&o->rig->watch, watch_who(o->number, dir_name(f->dir), name), p, n);
	evbuffer_drain(buf, n);
	flow_sent(f, n);
}

static void host_deliver_end(struct flow *f, enum flow_end end)
{
	struct rig_session *o = f->host_arg;
	char name[WATCH_WHO];

	BUG_ON(o->ended[f->dir] != END_NONE);
	o->ended[f->dir] = end;
	watch_end(&o->rig->watch, watch_who(o->number, dir_name(f->dir), name), end);
}

static void host_interest(struct flow *f)
{
	(void)f;
}

static void host_reset(struct flow *f, enum leg leg, bool after_delivery, const char *why)
{
	struct rig_session *o = f->host_arg;
	char name[WATCH_WHO];

	watch_reset(&o->rig->watch, watch_who(o->number, "", name), leg, after_delivery, why);
}

static const struct flow_host_ops host = {
    .deliver = host_deliver,
    .deliver_end = host_deliver_end,
    .interest = host_interest,
    .reset = host_reset,
};

static int set_params(const struct impairment *im, void *cfg, const char *params, struct err *e)
{
	char *copy = xstrdup(params ? params : ""), *rest = NULL;
	const char *between = strchr(copy, ';') ? ";" : ","; /* a value may have commas */
	int rc = 0;

	for (char *pair = strtok_r(copy, between, &rest); pair && rc == 0;
	     pair = strtok_r(NULL, between, &rest)) {
		char *equals = strchr(pair, '=');
		const struct param *p;

		BUG_ON(!equals);
		*equals = '\0';
		p = param_find(im->params, pair);
		BUG_ON(!p);
		rc = param_set(p, cfg, equals + 1, e);
	}
	free(copy);
	return rc == 0 && im->check ? im->check(cfg, e) : rc;
}

int srig_try(const struct impairment *im, const char *params, struct err *e)
{
	void *cfg = xcalloc(1, im->cfg_size);
	int rc;

	param_defaults(im->params, cfg);
	rc = set_params(im, cfg, params, e);
	param_free(im->params, cfg);
	free(cfg);
	return rc;
}

struct srig *srig_new(const struct impairment *im, const char *params)
{
	struct srig *r = xcalloc(1, sizeof(*r));
	struct err e;

	r->im = im;
	r->active = true;
	r->in[DIR_DOWNSTREAM] = true;
	r->in[DIR_UPSTREAM] = im->both_flows;
	watch_init(&r->watch, 1);
	r->cfg = xcalloc(1, im->cfg_size);
	param_defaults(im->params, r->cfg);
	BUG_ON(set_params(im, r->cfg, params, &e) == -1);
	r->shared = im->shared_size ? xcalloc(1, im->shared_size) : NULL;
	if (im->shared_init)
		im->shared_init(r->shared, &r->watch.env, r->cfg);
	srig_client(r, "192.0.2.1");
	for (unsigned i = 0; i < SRIG_SESSIONS; i++) {
		r->sessions[i] = (struct rig_session){.rig = r, .number = i + 1};
		for (int d = 0; d < DIR_COUNT; d++)
			text_add(&r->sessions[i].out[d], "", 0);
	}
	return r;
}

struct srig *srig_new_dir(const struct impairment *im, const char *params, enum dir dir)
{
	struct srig *r = srig_new(im, params);

	r->in[dir] = true;
	r->in[dir_reverse(dir)] = false;
	return r;
}

void srig_free(struct srig *r)
{
	for (unsigned i = 1; i <= SRIG_SESSIONS; i++) {
		srig_close(r, i);
		for (int d = 0; d < DIR_COUNT; d++)
			free(r->sessions[i - 1].out[d].s);
	}
	if (r->im->shared_fini)
		r->im->shared_fini(r->shared);
	watch_fini(&r->watch);
	param_free(r->im->params, r->cfg);
	free(r->cfg);
	free(r->shared);
	free(r);
}

static struct rig_session *session_at(struct srig *r, unsigned session)
{
	BUG_ON(!session || session > SRIG_SESSIONS);
	return &r->sessions[session - 1];
}

static struct accept_info info_of(struct srig *r, unsigned session)
{
	return (struct accept_info){.env = &r->watch.env,
				    .name = r->im->name,
				    .session = session,
				    .client = r->client,
				    .chance = rng_make(1, 0, session),
				    .active = r->active};
}

/* Logs accept's verdict and returns whether the session goes on. */
static bool ask_accept(struct srig *r, unsigned session)
{
	static const char *const words[] = {"go",     "reset",	   "close",
					    "silent", "connected", "refuse"};
	struct accept_info info = info_of(r, session);
	struct accept_verdict v = {0};
	char delay[UNITS_TEXT];

	if (!r->im->accept)
		return true;
	r->im->accept->accept(r->shared, r->cfg, &info, &v);
	if (v.action == ACCEPT_GO)
		return true;
	watch_say(&r->watch, "%u accept %s%s%s%s%s%s%s%.*s%s: %s", session, words[v.action],
		  v.delay ? " after " : "", v.delay ? format_duration(v.delay, delay) : "",
		  v.read ? " reading" : "", v.leg[LEG_CLIENT] ? " client" : "",
		  v.leg[LEG_SERVER] ? " server" : "", v.reply_len ? " '" : "", (int)v.reply_len,
		  v.reply_len ? (const char *)v.reply : "", v.reply_len ? "'" : "", v.why);
	return v.action == ACCEPT_CONNECTED;
}

bool srig_open(struct srig *r, unsigned session)
{
	struct rig_session *o = session_at(r, session);

	BUG_ON(o->open);
	if (!ask_accept(r, session))
		return false;
	o->open = true;
	for (enum dir d = 0; d < DIR_COUNT; d++) {
		struct stage *st;

		o->ended[d] = END_NONE;
		flow_init(&o->flow[d], &r->watch.env, d, session, &host, o);
		if (!r->in[d] || !r->im->stream)
			continue;
		st = stage_attach(&o->flow[d], r->im->stream, r->cfg, r->im->name, d);
		stage_share(st, r->shared);
		stage_set_active(st, r->active);
	}
	return true;
}

void srig_close(struct srig *r, unsigned session)
{
	struct rig_session *o = session_at(r, session);
	struct accept_info info = info_of(r, session);

	if (!o->open)
		return;
	o->open = false;
	if (r->im->accept && r->im->accept->gone)
		r->im->accept->gone(r->shared, r->cfg, &info);
	for (int d = 0; d < DIR_COUNT; d++)
		flow_fini(&o->flow[d]);
}

void srig_client(struct srig *r, const char *address)
{
	BUG_ON(addr_parse_host(address, 40000, &r->client, NULL) == -1);
}

void srig_active_at_accept(struct srig *r, bool active)
{
	r->active = active;
}

struct flow *srig_flow(struct srig *r, unsigned session, enum dir dir)
{
	return &session_at(r, session)->flow[dir];
}

struct stage *srig_stage(struct srig *r, unsigned session, enum dir dir)
{
	return srig_flow(r, session, dir)->first;
}

void srig_activate(struct srig *r, unsigned session, bool active)
{
	for (enum dir d = 0; d < DIR_COUNT; d++)
		if (srig_stage(r, session, d))
			stage_set_active(srig_stage(r, session, d), active);
}

/* Every stage gets the new configuration before the old one is freed, as in a live change. */
void srig_set(struct srig *r, const char *params)
{
	void *old = r->cfg;
	struct err e;

	r->cfg = xcalloc(1, r->im->cfg_size);
	param_copy(r->im->params, r->cfg, old, r->im->cfg_size);
	BUG_ON(set_params(r->im, r->cfg, params, &e) == -1);
	for (unsigned i = 1; i <= SRIG_SESSIONS; i++)
		for (enum dir d = 0; d < DIR_COUNT && r->sessions[i - 1].open; d++)
			if (srig_stage(r, i, d))
				stage_update(srig_stage(r, i, d), r->cfg);
	param_free(r->im->params, old);
	memset(old, 0xa5, r->im->cfg_size);
	free(old);
}

void srig_feed_data(struct srig *r, unsigned session, enum dir dir, const void *data, size_t n)
{
	flow_feed(srig_flow(r, session, dir), data, n);
}

void srig_feed(struct srig *r, unsigned session, enum dir dir, const char *text)
{
	srig_feed_data(r, session, dir, text, strlen(text));
}

void srig_end(struct srig *r, unsigned session, enum dir dir, enum flow_end end)
{
	flow_finish(srig_flow(r, session, dir), end);
}

void srig_advance(struct srig *r, int64_t ns)
{
	watch_advance(&r->watch, ns);
}

int64_t srig_now(const struct srig *r)
{
	return r->watch.clock.t;
}

const char *srig_out(struct srig *r, unsigned session, enum dir dir, size_t *n)
{
	struct text *t = &session_at(r, session)->out[dir];

	if (n)
		*n = t->n;
	return t->s;
}

enum flow_end srig_ended(struct srig *r, unsigned session, enum dir dir)
{
	return session_at(r, session)->ended[dir];
}

const char *srig_log(const struct srig *r)
{
	return r->watch.log.s;
}

void srig_log_clear(struct srig *r)
{
	watch_log_clear(&r->watch);
}

const char *srig_journal(struct srig *r)
{
	return watch_journal(&r->watch);
}
