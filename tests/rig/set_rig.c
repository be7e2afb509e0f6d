/* set_rig.c - sessions of a table without an engine, whose flows deliver into a log. */
#include "tests/rig/set_rig.h"

#include "proxy/base/mem.h"
#include "tests/rig/watch.h"

#include <event2/buffer.h>
#include <string.h>

struct rig_session {
	struct set_rig *rig;
	struct session session;
	bool open, blocked[DIR_COUNT];
};

struct set_rig {
	struct watch watch;
	struct session_table table;
	struct impairment_set *set;
	struct session_hooks hooks;
	struct addr client;
	struct rig_session sessions[SET_RIG_SESSIONS];
	struct err error;
};

static void host_deliver(struct flow *f, struct evbuffer *buf)
{
	struct rig_session *o = f->host_arg;
	size_t n = evbuffer_get_length(buf);
	char name[WATCH_WHO];

	watch_bytes(&o->rig->watch, watch_who((unsigned)o->session.number, dir_name(f->dir), name),
		    evbuffer_pullup(buf, -1), n);
	evbuffer_drain(buf, n);
	if (!o->blocked[f->dir])
		flow_sent(f, n);
}

static void host_deliver_end(struct flow *f, enum flow_end end)
{
	struct rig_session *o = f->host_arg;
	char name[WATCH_WHO];

	watch_end(&o->rig->watch, watch_who((unsigned)o->session.number, dir_name(f->dir), name),
		  end);
}

static void host_interest(struct flow *f)
{
	(void)f;
}

static void host_reset(struct flow *f, enum leg leg, bool after_delivery, const char *why)
{
	struct rig_session *o = f->host_arg;
	char name[WATCH_WHO];

	watch_reset(&o->rig->watch, watch_who((unsigned)o->session.number, "", name), leg,
		    after_delivery, why);
}

static void host_finish_back(struct flow *f)
{
	struct rig_session *o = f->host_arg;
	char name[WATCH_WHO];

	watch_say(&o->rig->watch, "%sFIN back", watch_who((unsigned)o->session.number, "", name));
}

static const struct flow_host_ops host = {
    .deliver = host_deliver,
    .deliver_end = host_deliver_end,
    .interest = host_interest,
    .reset = host_reset,
    .finish_back = host_finish_back,
};

static struct impairment_set *parse_set(const char *impairments, struct err *e)
{
	struct impairment_set *s = impairment_set_new();
	char *copy = xstrdup(impairments), *next;
	int rc = 0;

	for (char *text = *copy ? copy : NULL; text && rc == 0; text = next) {
		next = strstr(text, " + ");
		if (next) {
			*next = '\0';
			next += strlen(" + ");
		}
		rc = impairment_set_text(s, text, e);
	}
	free(copy);
	if (rc == 0)
		return s;
	impairment_set_free(s);
	return NULL;
}

struct set_rig *set_rig_new_seed(const char *impairments, uint64_t seed)
{
	struct set_rig *r = xcalloc(1, sizeof(*r));
	struct err e = {""};

	watch_init(&r->watch, seed);
	r->set = parse_set(impairments, &e);
	if (!r->set || impairment_set_check(r->set, false, &e) == -1)
		fprintf(stderr, "%s: %s\n", impairments, e.text);
	BUG_ON(e.text[0]);
	r->table.env = r->watch.env;
	r->hooks = impair_proxy_session_hooks(&r->set->alone);
	set_rig_client(r, "192.0.2.1");
	return r;
}

void set_rig_proxy(struct set_rig *r, struct impair_proxy *p)
{
	r->hooks = impair_proxy_session_hooks(p);
}

struct set_rig *set_rig_new(const char *impairments)
{
	return set_rig_new_seed(impairments, 1);
}

void set_rig_free(struct set_rig *r)
{
	for (unsigned i = 1; i <= SET_RIG_SESSIONS; i++)
		set_rig_close(r, i);
	impairment_set_stop(r->set);
	impairment_set_free(r->set);
	watch_fini(&r->watch);
	free(r);
}

struct impairment_set *set_rig_set(struct set_rig *r)
{
	return r->set;
}

bool set_rig_apply(struct set_rig *r, const char *impairments)
{
	struct impairment_set *wanted = parse_set(impairments, &r->error);
	int rc = -1;

	if (wanted)
		rc = impairment_set_apply(r->set, wanted, false, &r->error);
	impairment_set_free(wanted);
	return rc == 0;
}

const char *set_rig_error(const struct set_rig *r)
{
	return r->error.text;
}

void set_rig_client(struct set_rig *r, const char *address)
{
	struct err e;

	BUG_ON(addr_parse_host(address, 40000, &r->client, &e) == -1);
}

void set_rig_port(struct set_rig *r, uint16_t port)
{
	addr_set_port(&r->client, port);
}

static struct rig_session *session_at(struct set_rig *r, unsigned session)
{
	BUG_ON(!session || session > SET_RIG_SESSIONS);
	return &r->sessions[session - 1];
}

void set_rig_open(struct set_rig *r, unsigned session)
{
	struct rig_session *o = session_at(r, session);
	struct session *s = &o->session;
	struct accept_verdict verdict = {.action = ACCEPT_GO};

	BUG_ON(o->open);
	memset(o, 0, sizeof(*o));
	o->rig = r;
	o->open = true;
	s->table = &r->table;
	s->number = session;
	s->client = r->client;
	s->began = r->watch.clock.t;
	s->upstream_port = 80; /* of a server with a name */
	for (enum dir dir = 0; dir < DIR_COUNT; dir++)
		flow_init(&s->flow[dir], &r->table.env, dir, session, &host, o);
	r->hooks.accept(r->hooks.arg, s, &verdict);
	if (verdict.action != ACCEPT_GO)
		watch_say(&r->watch, "%u refused: %s", session, verdict.why);
	else
		r->hooks.open(r->hooks.arg, s);
}

void set_rig_connect(struct set_rig *r, unsigned session, const char *address)
{
	struct session *s = &session_at(r, session)->session;
	struct err e;

	BUG_ON(addr_parse_host(address, 80, &s->server, &e) == -1);
	r->hooks.connected(r->hooks.arg, s);
}

void set_rig_close(struct set_rig *r, unsigned session)
{
	struct rig_session *o = session_at(r, session);

	if (!o->open)
		return;
	o->open = false;
	r->hooks.close(r->hooks.arg, &o->session);
	for (int i = 0; i < DIR_COUNT; i++)
		flow_fini(&o->session.flow[i]);
}

void set_rig_feed_data(struct set_rig *r, unsigned session, enum dir dir, const void *data,
		       size_t n)
{
	flow_feed(set_rig_flow(r, session, dir), data, n);
}

void set_rig_feed(struct set_rig *r, unsigned session, enum dir dir, const char *text)
{
	set_rig_feed_data(r, session, dir, text, strlen(text));
}

void set_rig_end(struct set_rig *r, unsigned session, enum dir dir, enum flow_end end)
{
	flow_finish(set_rig_flow(r, session, dir), end);
}

void set_rig_advance(struct set_rig *r, int64_t ns)
{
	watch_advance(&r->watch, ns);
}

struct flow *set_rig_flow(struct set_rig *r, unsigned session, enum dir dir)
{
	return &session_at(r, session)->session.flow[dir];
}

void set_rig_block(struct set_rig *r, unsigned session, enum dir dir, bool blocked)
{
	struct flow *f = set_rig_flow(r, session, dir);

	session_at(r, session)->blocked[dir] = blocked;
	if (!blocked)
		flow_sent(f, f->undelivered);
}

const char *set_rig_log(const struct set_rig *r)
{
	return r->watch.log.s;
}

void set_rig_log_clear(struct set_rig *r)
{
	watch_log_clear(&r->watch);
}

const char *set_rig_journal(struct set_rig *r)
{
	return watch_journal(&r->watch);
}
