/* v1_problem.c - the title is the status's own phrase; the detail says what is wrong here. */
#include "proxy/api/v1_problem.h"

#include "proxy/base/mem.h"

#include <string.h>

static const struct {
	int status;
	const char *title;
} titles[] = {
    {400, "Bad Request"},	 {403, "Forbidden"}, {404, "Not Found"},
    {405, "Method Not Allowed"}, {409, "Conflict"},  {503, "Service Unavailable"},
};

static void write_json(struct http_answer *a, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	BUG_ON(!text);
	evbuffer_add(a->body, text, strlen(text));
	evbuffer_add(a->body, "\n", 1);
	free(text);
	json_decref(json);
}

void v1_json(struct http_answer *a, int status, json_t *json)
{
	a->status = status;
	a->type = "application/json";
	write_json(a, json);
}

static json_t *make_problem(struct http_answer *a, int status, const char *detail)
{
	const char *title = "Error";
	json_t *problem;

	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		if (titles[i].status == status)
			title = titles[i].title;
	a->status = status;
	a->type = "application/problem+json";
	problem = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title", title, "status",
			    status, "detail", detail);
	BUG_ON(!problem);
	return problem;
}

void v1_problem(struct http_answer *a, int status, const char *detail)
{
	write_json(a, make_problem(a, status, detail));
}

void v1_problem_of_body(struct http_answer *a, const char *text)
{
	int line, column, used = 0;
	json_t *problem;

	if (sscanf(text, V1_BODY ":%d:%d: %n", &line, &column, &used) < 2 || !used) {
		v1_problem(a, 400, text);
		return;
	}
	problem = make_problem(a, 400, text + used);
	json_object_set_new(problem, "line", json_integer(line));
	json_object_set_new(problem, "column", json_integer(column));
	write_json(a, problem);
}
