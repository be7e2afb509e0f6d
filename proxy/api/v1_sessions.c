/* v1_sessions.c - a list has the sums of each session; one alone has its impairments as well. */
#include "proxy/api/v1_sessions.h"

#include "proxy/api/v1_problem.h"
#include "proxy/engine/engine_sessions.h"

#include <string.h>

enum { LISTED_MOST = 10000 };

static json_t *describe_flow(const struct engine_session *s, enum dir dir)
{
	enum leg from = dir == DIR_UPSTREAM ? LEG_CLIENT : LEG_SERVER;
	enum leg to = dir == DIR_UPSTREAM ? LEG_SERVER : LEG_CLIENT;

	return json_pack("{s:I, s:I, s:I, s:I, s:b}", "received", (json_int_t)s->got[from], "sent",
			 (json_int_t)s->sent[to], "held", (json_int_t)s->held[dir], "undelivered",
			 (json_int_t)s->undelivered[dir], "ended", s->ended[dir]);
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

static bool add_session(void *arg, const struct engine_session *s)
{
	json_array_append_new(arg, describe_session(s));
	return json_array_size(arg) < LISTED_MOST;
}

void v1_sessions_list(const struct engine *en, struct http_answer *a)
{
	json_t *list = json_array();

	engine_each_session(en, add_session, list);
	v1_json(a, 200, json_pack("{s:o}", "sessions", list));
}

/* The one session that is looked for, and then its description. */
struct search {
	uint64_t number;
	json_t *found;
};

static void add_stage(void *arg, const struct engine_session_stage *st)
{
	json_array_append_new(arg, json_pack("{s:s, s:s, s:b, s:b, s:b, s:I}", "name", st->name,
					     "direction", dir_name(st->dir), "active", st->active,
					     "acted", st->acted, "pausing", st->pausing, "held",
					     (json_int_t)st->held));
}

static bool look_at(void *arg, const struct engine_session *s)
{
	struct search *find = arg;
	json_t *stages;

	if (s->number != find->number)
		return true;
	stages = json_array();
	engine_each_stage(s, add_stage, stages);
	find->found = describe_session(s);
	json_object_set_new(find->found, "impairments", stages);
	return false;
}

void v1_sessions_show(const struct engine *en, uint64_t number, struct http_answer *a)
{
	struct search find = {.number = number};

	engine_each_session(en, look_at, &find);
	if (find.found)
		v1_json(a, 200, find.found);
	else
		v1_problem(a, 404, "no session of that number is open");
}

void v1_sessions_end(struct engine *en, uint64_t number, const struct http_request *r,
		     struct http_answer *a)
{
	bool reset = strcmp(r->query, "how=reset") == 0;

	if (!reset && *r->query && strcmp(r->query, "how=close") != 0)
		v1_problem(a, 400, "the query may be how=close or how=reset");
	else if (!engine_end_session(en, number, reset))
		v1_problem(a, 404, "no session of that number is open");
	else
		a->status = 204;
}
