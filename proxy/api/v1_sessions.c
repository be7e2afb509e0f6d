/* v1_sessions.c - a list has the sums of each session; one alone has its impairments as well. */
#include "proxy/api/v1_sessions.h"

#include "proxy/api/v1_problem.h"
#include "proxy/base/units.h"
#include "proxy/engine/engine_describe.h"

#include <string.h>

enum { LISTED_MOST = 10000 };

/* Reads most=N, if it is there; -1: the query is another one. */
static int read_query(const char *query, size_t *most)
{
	static const char key[] = "most=";
	uint64_t n;

	if (!*query)
		return 0;
	if (strncmp(query, key, strlen(key)) != 0 || parse_count(query + strlen(key), &n, NULL) ||
	    !n || n > LISTED_MOST)
		return -1;
	*most = (size_t)n;
	return 0;
}

void v1_sessions_list(const struct engine *en, const struct http_request *r, struct http_answer *a)
{
	size_t most = LISTED_MOST;

	if (read_query(r->query, &most) == -1) {
		v1_problem(a, 400, "the query may be most=N, from 1 to 10000");
		return;
	}
	v1_json(a, 200,
		json_pack("{s:o}", "sessions", engine_describe_sessions(en, most, *r->query)));
}

void v1_sessions_show(const struct engine *en, uint64_t number, struct http_answer *a)
{
	struct engine_session s;

	if (engine_find_session(en, number, &s))
		v1_json(a, 200, engine_describe_session_whole(&s));
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
