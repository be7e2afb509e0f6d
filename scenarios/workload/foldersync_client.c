/* foldersync_client.c - an exchange is a folder's list: a PROPFIND of depth 1, and its 207. How
 * many items there are the folder's own entry says, which comes first. Reads any WebDAV server's.
 */
#include "scenarios/workload/foldersync_client.h"

#include "scenarios/workload/dav_folder.h"
#include "scenarios/workload/foldersync_params.h"
#include "scenarios/workload/rpc_client.h"
#include "scenarios/workload/xml_scan.h"

#include <stdlib.h>
#include <string.h>

struct sync {
	uint64_t asked; /* folders so far */
	struct xml_scan scan;
	uint64_t entries; /* of the list, the folder itself among them */
	bool whole;	  /* the document has ended */
};

static void take_element(void *arg, const char *name, const char *text)
{
	struct conn *c = arg;
	struct sync *s = c->mine;

	if (!strcmp(name, "response"))
		c->content.records = s->entries++;
	else if (!strcmp(name, "childcount") && !s->entries)
		c->now.asked = strtoull(text, NULL, 10);
	else if (!strcmp(name, "multistatus"))
		s->whole = true;
}

static void ask_folder(struct client *cl, struct conn *c)
{
	static const char body[] =
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:propfind xmlns:D=\"DAV:\" "
	    "xmlns:M=\"urn:schemas:httpmail:\"><D:prop><D:displayname/><D:getcontentlength/>"
	    "<D:getcontenttype/><D:creationdate/><D:getlastmodified/><D:getetag/>"
	    "<D:resourcetype/><D:childcount/><M:fromname/><M:read/><M:subject/>"
	    "<M:textdescription/></D:prop></D:propfind>\n";
	const struct foldersync_client_cfg *cfg = (const struct foldersync_client_cfg *)cl->cfg;
	char mailbox[DAV_SEGMENT_TEXT], folder[DAV_SEGMENT_TEXT], target[2048];
	struct sync *s = c->mine;
	uint64_t n = c->slot + s->asked * cl->slots;

	*s = (struct sync){.asked = s->asked + 1, .scan = {.element = take_element, .arg = c}};
	dav_mailbox_name(c->slot, mailbox);
	dav_folder_name(cfg->folder + n % cfg->folders, folder);
	snprintf(target, sizeof(target), "%s/%s/%s/",
		 strcmp(cfg->http.path, "/") == 0 ? "" : cfg->http.path, mailbox, folder);
	rpc_client_ask(c, &(struct http_ask){.method = "PROPFIND",
					     .target = target,
					     .fields = "Depth: 1\r\n",
					     .type = "text/xml; charset=\"utf-8\"",
					     .body = body,
					     .len = strlen(body)});
}

static void read_list(struct conn *c, const char *data, size_t len)
{
	struct sync *s = c->mine;

	xml_scan_feed(&s->scan, data, len);
}

static int judge_list(struct conn *c, struct err *e)
{
	const struct sync *s = c->mine;

	if (c->http.status != 207)
		return err_set(e, "the server answered with status %u, not 207", c->http.status);
	if (!s->whole)
		return err_set(e, "the list isn't a whole multistatus document");
	if (c->now.asked && c->now.asked != c->content.records)
		return err_set(e, "a list of %llu items of a folder that has %llu",
			       (unsigned long long)c->content.records,
			       (unsigned long long)c->now.asked);
	return 0;
}

int foldersync_client(const struct workload_task *task)
{
	static const struct rpc_client_protocol protocol = {
	    .cfg_size = sizeof(struct foldersync_client_cfg),
	    .own_size = sizeof(struct sync),
	    .ask = ask_folder,
	    .body = read_list,
	    .judge = judge_list,
	};

	return rpc_client_run(task, &protocol, NULL);
}
