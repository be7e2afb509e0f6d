/* foldersync_server.c - a class 1 WebDAV server (RFC 4918 18.1) of mailboxes that nobody can
 * change: every path is a folder's, or one of its item's. */
#include "scenarios/workload/foldersync_server.h"

#include "scenarios/workload/dav_folder.h"
#include "scenarios/workload/foldersync_params.h"
#include "scenarios/workload/rpc_server.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DAV_FIELDS "DAV: 1\r\nAllow: OPTIONS, GET, HEAD, PROPFIND\r\n"
#define FINITE_DEPTH                                                                               \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error xmlns:D=\"DAV:\">"                   \
	"<D:propfind-finite-depth/></D:error>\n"

struct mailboxes {
	uint64_t *items; /* of the first nitems folders */
	size_t nitems;
	uint64_t low, high;
};

struct request {
	bool asks_depth; /* has said which */
	int depth;	 /* -1: infinity */
};

static void take_field(struct peer *p, const char *name, const char *value)
{
	struct request *q = p->mine;

	if (strcasecmp(name, "Depth") != 0)
		return;
	q->asks_depth = true;
	q->depth = !strcmp(value, "0") ? 0 : !strcmp(value, "1") ? 1 : -1;
}

static void answer_list(struct peer *p, const struct dav_folder *f, uint64_t item, int depth)
{
	const struct foldersync_server_cfg *cfg = p->server->task->cfg;
	struct http_reply reply = {.status = 207, .fields = "DAV: 1\r\n", .type = "text/xml"};
	struct http_text body = {.v = NULL};
	size_t last;

	reply.chunked = cfg->encoding == FOLDERSYNC_CHUNKED;
	last = dav_folder_list(&body, f, item, depth, reply.chunked ? (size_t)cfg->chunk : 0);
	if (!item && depth)
		p->now.records = p->now.asked = f->items;
	peer_reply(p, &reply, &body, last);
}

static void choose_answer(struct server *s, struct peer *p)
{
	const struct mailboxes *m = s->mine;
	const char *method = p->http.method;
	struct http_reply reply = {.status = 200, .fields = DAV_FIELDS};
	struct http_text body = {.v = NULL};
	struct request *q = p->mine, asked = *q;
	struct dav_folder f;
	uint64_t item = dav_folder_find(&f, p->http.target, s->task->seed);

	*q = (struct request){.depth = 0};
	f.low = m->low;
	f.high = m->high;
	f.items = m->items[f.number % m->nitems];
	if (item > f.items) {
		reply.status = 404;
	} else if (!strcmp(method, "PROPFIND") && asked.asks_depth && asked.depth >= 0) {
		answer_list(p, &f, item, asked.depth);
		return;
	} else if (!strcmp(method, "PROPFIND")) { /* none stands for infinity (9.1) */
		reply = (struct http_reply){.status = 403, .type = "text/xml"};
		http_text_add(&body, FINITE_DEPTH);
	} else if ((!strcmp(method, "GET") || !strcmp(method, "HEAD")) && item) {
		reply = (struct http_reply){.status = 200, .type = "message/rfc822"};
		dav_folder_message(&body, &f, item);
	} else if (strcmp(method, "OPTIONS") != 0) {
		reply.status = 405;
	}
	peer_reply(p, &reply, &body, 0);
}

int foldersync_server(const struct workload_task *task)
{
	static const struct rpc_server_protocol protocol = {
	    .own_size = sizeof(struct request),
	    .answer = choose_answer,
	    .field = take_field,
	};
	const struct foldersync_server_cfg *cfg = task->cfg;
	struct mailboxes m;
	int rc;

	BUG_ON(rpc_records_parse(cfg->items, &m.items, &m.nitems, NULL));
	BUG_ON(rpc_record_parse(cfg->item, DAV_ITEM_MIN, &m.low, &m.high, NULL));
	rc = rpc_serve(task, &protocol, &m);
	free(m.items);
	return rc;
}
