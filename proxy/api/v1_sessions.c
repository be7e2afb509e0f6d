/* v1_sessions.c - a list has the sums of each session; one alone has its impairments as well. */
#include "proxy/api/v1_sessions.h"

#include "proxy/api/v1_problem.h"
#include "proxy/base/units.h"
#include "proxy/engine/engine_sessions.h"

#include <string.h>

enum { LISTED_MOST = 10000 };

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

static json_t *describe_whole(const struct engine_session *s)
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

	json_array_append_new(l->list, l->whole ? describe_whole(s) : describe_session(s));
	return json_array_size(l->list) < l->most;
}

/* Reads most=N; -1: the query is another one. */
static int read_query(const char *query, struct listing *l)
{
	static const char key[] = "most=";
	uint64_t n;

	if (!*query)
		return 0;
	if (strncmp(query, key, strlen(key)) != 0 || parse_count(query + strlen(key), &n, NULL) ||
	    !n || n > LISTED_MOST)
		return -1;
	l->most = (size_t)n;
	l->whole = true;
	return 0;
}

void v1_sessions_list(const struct engine *en, const struct http_request *r, struct http_answer *a)
{
	struct listing l = {.most = LISTED_MOST};

	if (read_query(r->query, &l) == -1) {
		v1_problem(a, 400, "the query may be most=N, from 1 to 10000");
		return;
	}
	l.list = json_array();
	engine_each_session(en, add_session, &l);
	v1_json(a, 200, json_pack("{s:o}", "sessions", l.list));
}

void v1_sessions_show(const struct engine *en, uint64_t number, struct http_answer *a)
{
	struct engine_session s;

	if (engine_find_session(en, number, &s))
		v1_json(a, 200, describe_whole(&s));
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
