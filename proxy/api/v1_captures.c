/* v1_captures.c - a file is handed to the connection as it is, and read as it is sent. */
#include "proxy/api/v1_captures.h"

#include "proxy/api/v1_problem.h"
#include "proxy/base/mem.h"
#include "proxy/service/service_captures.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const state_names[] = {[CAPTURE_STARTING] = "starting",
					  [CAPTURE_RUNNING] = "running",
					  [CAPTURE_WRITING] = "writing",
					  [CAPTURE_WRITTEN] = "written",
					  [CAPTURE_FAILED] = "failed"};
static const char *const part_names[CAPTURE_PARTS] = {"both", "client", "server"};

static bool find_capture(const struct service_captures *cs, uint64_t number,
			 struct service_capture_info *out)
{
	for (size_t i = 0; service_captures_info(cs, i, out); i++)
		if (out->number == number)
			return true;
	return false;
}

static json_t *list_files(const struct service_capture_info *c)
{
	json_t *files = json_array();
	struct stat st;

	for (int part = 0; part < CAPTURE_PARTS; part++)
		if (c->file[part] != -1 && fstat(c->file[part], &st) == 0)
			json_array_append_new(files,
					      json_pack("{s:s, s:I}", "leg", part_names[part],
							"bytes", (json_int_t)st.st_size));
	return files;
}

static json_t *describe_capture(const struct service_capture_info *c)
{
	json_t *o = json_pack("{s:I, s:s, s:f, s:s*, s:s*, s:o}", "capture", (json_int_t)c->number,
			      "state", state_names[c->state], "began", c->began, "told", c->told,
			      "why", c->why, "files", list_files(c));

	if (c->ended > 0)
		json_object_set_new(o, "ended", json_real(c->ended));
	return o;
}

static void answer_refusal(struct http_answer *a, int refusal, const struct err *e)
{
	v1_problem(a,
		   refusal == CAPTURE_UNKNOWN	? 404
		   : refusal == CAPTURE_NOT_NOW ? 409
						: 503,
		   e->text);
}

static void show_capture(const struct service_captures *cs, uint64_t number, int status,
			 struct http_answer *a)
{
	struct service_capture_info c;

	if (find_capture(cs, number, &c))
		v1_json(a, status, describe_capture(&c));
	else
		v1_problem(a, 404, "there is no capture of that number");
}

void v1_captures_list(const struct service_captures *cs, struct http_answer *a)
{
	json_t *list = json_array();
	struct service_capture_info c;

	for (size_t i = 0; service_captures_info(cs, i, &c); i++)
		json_array_append_new(list, describe_capture(&c));
	v1_json(a, 200, json_pack("{s:o}", "captures", list));
}

void v1_captures_start(struct service_captures *cs, struct http_answer *a)
{
	uint64_t number;
	struct err e;
	int rc = service_captures_start(cs, &number, &e);

	if (rc)
		answer_refusal(a, rc, &e);
	else
		show_capture(cs, number, 201, a);
}

void v1_captures_show(const struct service_captures *cs, uint64_t number, struct http_answer *a)
{
	show_capture(cs, number, 200, a);
}

void v1_captures_remove(struct service_captures *cs, uint64_t number, struct http_answer *a)
{
	struct err e;
	int rc = service_captures_remove(cs, number, &e);

	if (rc)
		answer_refusal(a, rc, &e);
	else
		a->status = 204;
}

static bool asks_for_end(const struct http_request *r)
{
	json_t *body = r->len ? json_loadb(r->body, r->len, 0, NULL) : NULL;
	const char *state = json_string_value(json_object_get(body, "state"));
	bool asks = state && strcmp(state, state_names[CAPTURE_WRITTEN]) == 0 &&
		    json_object_size(body) == 1;

	json_decref(body);
	return asks;
}

void v1_captures_change(struct service_captures *cs, uint64_t number, const struct http_request *r,
			struct http_answer *a)
{
	struct err e;
	int rc;

	if (!asks_for_end(r)) {
		v1_problem(a, 400, "the body can be {\"state\":\"written\"}, which ends a capture");
		return;
	}
	rc = service_captures_stop(cs, number, &e);
	if (rc)
		answer_refusal(a, rc, &e);
	else
		show_capture(cs, number, 200, a);
}

/* Which file a query names; CAPTURE_PARTS: none. */
static int choose_part(const char *query)
{
	static const char key[] = "leg=";

	if (!*query)
		return CAPTURE_BOTH;
	for (int part = 0; part < CAPTURE_PARTS; part++)
		if (strncmp(query, key, strlen(key)) == 0 &&
		    strcmp(query + strlen(key), part_names[part]) == 0)
			return part;
	return CAPTURE_PARTS;
}

static void send_file(const struct service_capture_info *c, int part, struct evhttp_request *in,
		      struct http_answer *a)
{
	int fd = fcntl(c->file[part], F_DUPFD_CLOEXEC, 0);
	struct stat st;
	char *name;

	if (fd == -1 || fstat(fd, &st) == -1 ||
	    evbuffer_add_file(a->body, fd, 0, st.st_size) == -1) {
		v1_problem(a, 503, strerror(errno));
		return;
	}
	name =
	    xasprintf("attachment; filename=\"wedge-%llu%s%s.pcapng\"",
		      (unsigned long long)c->number, part ? "-" : "", part ? part_names[part] : "");
	evhttp_add_header(evhttp_request_get_output_headers(in), "Content-Disposition", name);
	free(name);
	a->status = 200;
	a->type = "application/x-pcapng";
	a->nosniff = true;
}

void v1_captures_fetch(const struct service_captures *cs, uint64_t number,
		       const struct http_request *r, struct evhttp_request *in,
		       struct http_answer *a)
{
	int part = choose_part(r->query);
	struct service_capture_info c;

	if (!find_capture(cs, number, &c))
		v1_problem(a, 404, "there is no capture of that number");
	else if (part == CAPTURE_PARTS)
		v1_problem(a, 400, "the query may be leg=client or leg=server");
	else if (c.state != CAPTURE_WRITTEN && c.state != CAPTURE_FAILED)
		v1_problem(a, 409, "its file is written when the capture has ended");
	else if (c.file[part] == -1)
		v1_problem(a, 404, c.why ? c.why : "it has no such file");
	else
		send_file(&c, part, in, a);
}
