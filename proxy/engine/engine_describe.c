/* engine_describe.c - the names are those of docs/openapi.json. */
#include "proxy/engine/engine_describe.h"

#include "proxy/base/clock.h"
#include "proxy/engine/engine.h"

static json_t *describe_flow(const struct engine_session *s, enum dir dir)
{
	enum leg from = dir == DIR_UPSTREAM ? LEG_CLIENT : LEG_SERVER;
	enum leg to = dir == DIR_UPSTREAM ? LEG_SERVER : LEG_CLIENT;

	return json_pack(
	    "{s:I, s:I, s:I, s:I, s:f, s:b, s:f, s:I, s:b}", "received", (json_int_t)s->got[from],
	    "sent", (json_int_t)s->sent[to], "held", (json_int_t)s->held[dir], "undelivered",
	    (json_int_t)s->undelivered[dir], "waiting", s->waiting[dir], "read", s->reading[dir],
	    "paused", s->paused[dir], "unread", (json_int_t)s->unread[dir], "ended", s->ended[dir]);
}

static json_t *describe_session(const struct engine_session *s)
{
	char client[ADDR_TEXT], server[ADDR_TEXT];
	json_t *o = json_pack("{s:I, s:s, s:s, s:s, s:f, s:o, s:o}", "session",
			      (json_int_t)s->number, "proxy", s->proxy, "state", s->state, "client",
			      addr_format(&s->client, client), "seconds", s->seconds, "upstream",
			      describe_flow(s, DIR_UPSTREAM), "downstream",
			      describe_flow(s, DIR_DOWNSTREAM));

	if (o && s->server.len)
		json_object_set_new(o, "server", json_string(addr_format(&s->server, server)));
	return o;
}

static void add_stage(void *arg, const struct engine_session_stage *st)
{
	json_array_append_new(arg, json_pack("{s:s, s:s, s:b, s:b, s:b, s:I}", "name", st->name,
					     "direction", dir_name(st->dir), "active", st->active,
					     "acted", st->acted, "pausing", st->pausing, "held",
					     (json_int_t)st->held));
}

json_t *engine_describe_session_whole(const struct engine_session *s)
{
	json_t *stages = json_array(), *o = describe_session(s);

	engine_each_stage(s, add_stage, stages);
	json_object_set_new(o, "impairments", stages);
	return o;
}

/* A list that is being made. */
struct listing {
	json_t *list;
	size_t most;
	bool whole; /* each with its impairments */
};

static bool add_session(void *arg, const struct engine_session *s)
{
	struct listing *l = arg;

	json_array_append_new(l->list,
			      l->whole ? engine_describe_session_whole(s) : describe_session(s));
	return json_array_size(l->list) < l->most;
}

json_t *engine_describe_sessions(const struct engine *en, size_t most, bool whole)
{
	struct listing l = {.list = json_array(), .most = most, .whole = whole};

	engine_each_session(en, add_session, &l);
	return l.list;
}

static json_t *describe_direction(const struct engine_proxy_counts *c, enum dir dir)
{
	enum leg from = dir == DIR_UPSTREAM ? LEG_CLIENT : LEG_SERVER;
	enum leg to = dir == DIR_UPSTREAM ? LEG_SERVER : LEG_CLIENT;

	return json_pack("{s:I, s:I, s:I, s:I, s:f}", "received", (json_int_t)c->got[from], "sent",
			 (json_int_t)c->sent[to], "inside", (json_int_t)c->inside[dir], "left",
			 (json_int_t)c->left[dir], "waited", c->waited[dir]);
}

json_t *engine_describe_counts(const struct engine_proxy_counts *c)
{
	return json_pack("{s:I, s:I, s:o, s:o}", "sessions_open", (json_int_t)c->open,
			 "sessions_begun", (json_int_t)c->begun, "upstream",
			 describe_direction(c, DIR_UPSTREAM), "downstream",
			 describe_direction(c, DIR_DOWNSTREAM));
}

json_t *engine_describe_packets(const struct engine *en)
{
	struct engine_stats stats;

	engine_stats(en, &stats);
	return json_pack("{s:I, s:I, s:I}", "received", (json_int_t)stats.packets.received,
			 "dropped", (json_int_t)stats.packets.dropped, "held",
			 (json_int_t)stats.packets.held_now);
}
