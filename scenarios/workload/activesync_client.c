/* activesync_client.c - a phone asks for its folders once, then synchronises its inbox and waits
 * for news in turn. What it knows, the key of its last Sync, outlives its connections. */
#include "scenarios/workload/activesync_client.h"

#include "proxy/base/clock.h"
#include "scenarios/workload/activesync_params.h"
#include "scenarios/workload/dav_folder.h"
#include "scenarios/workload/rpc_client.h"
#include "scenarios/workload/wbxml.h"

#include <stdlib.h>
#include <string.h>

#define INBOX	 "1" /* its id in our server's hierarchy; any server's FolderSync names it */
#define KEY_TEXT 64
#define WINDOW	 "100" /* items that one answer may bring at most */

enum command { FOLDER_SYNC_COMMAND, SYNC_COMMAND, PING_COMMAND };

struct phone {
	enum command command;  /* the next one, or that under way */
	char key[KEY_TEXT];    /* of the last Sync; "": none yet */
	char inbox[KEY_TEXT];  /* the folder's id */
	char folder[KEY_TEXT]; /* the last one that FolderSync has named */
	struct http_text answer;
	unsigned long status; /* of the answer; 0: it has none */
	bool read;	      /* the answer was judged */
};

static void write_folder_sync(struct wbxml *w)
{
	wbxml_open(w, FOLDER_SYNC);
	wbxml_text(w, FOLDER_SYNC_KEY, "0");
	wbxml_close(w);
}

static void write_sync(struct wbxml *w, const struct phone *p)
{
	bool first = !p->key[0];

	wbxml_open(w, AIRSYNC_SYNC);
	wbxml_open(w, AIRSYNC_COLLECTIONS);
	wbxml_open(w, AIRSYNC_COLLECTION);
	wbxml_text(w, AIRSYNC_CLASS, "Email");
	wbxml_text(w, AIRSYNC_SYNC_KEY, first ? "0" : p->key);
	wbxml_text(w, AIRSYNC_COLLECTION_ID, p->inbox);
	if (!first) {
		wbxml_empty(w, AIRSYNC_GET_CHANGES);
		wbxml_text(w, AIRSYNC_WINDOW_SIZE, WINDOW);
	}
	for (int i = 0; i < 3; i++)
		wbxml_close(w);
}

static void write_ping(struct wbxml *w, const struct phone *p, int64_t heartbeat)
{
	char seconds[24];

	snprintf(seconds, sizeof(seconds), "%lld", (long long)(heartbeat / NS_PER_S));
	wbxml_open(w, PING);
	wbxml_text(w, PING_HEARTBEAT, seconds);
	wbxml_open(w, PING_FOLDERS);
	wbxml_open(w, PING_FOLDER);
	wbxml_text(w, PING_ID, p->inbox);
	wbxml_text(w, PING_CLASS, "Email");
	for (int i = 0; i < 3; i++)
		wbxml_close(w);
}

/* What follows on what was answered well; a try that failed is repeated. */
static void choose_command(struct phone *p, bool pings)
{
	if (!p->read)
		return;
	if (p->command == FOLDER_SYNC_COMMAND || p->command == PING_COMMAND || !pings)
		p->command = SYNC_COMMAND;
	else
		p->command = PING_COMMAND;
}

static void ask_server(struct client *cl, struct conn *c)
{
	static const char *const names[] = {"FolderSync", "Sync", "Ping"};
	const struct activesync_client_cfg *cfg = (const struct activesync_client_cfg *)cl->cfg;
	struct http_text body = {.v = NULL};
	char user[DAV_SEGMENT_TEXT], target[2048];
	struct phone *p = c->mine;
	struct wbxml w;

	choose_command(p, cfg->heartbeat > 0);
	if (!p->inbox[0])
		snprintf(p->inbox, sizeof(p->inbox), INBOX);
	p->read = false;
	p->status = 0;
	p->answer.len = 0;
	if (p->command == SYNC_COMMAND && p->key[0])
		c->now.asked = strtoull(WINDOW, NULL, 10);
	dav_mailbox_name(c->slot, user);
	snprintf(target, sizeof(target), "%s?Cmd=%s&User=%s&DeviceId=wedge%04llu&DeviceType=wedge",
		 cfg->http.path, names[p->command], user, (unsigned long long)c->slot);
	wbxml_begin(&w, &body);
	if (p->command == FOLDER_SYNC_COMMAND)
		write_folder_sync(&w);
	else if (p->command == SYNC_COMMAND)
		write_sync(&w, p);
	else
		write_ping(&w, p, cfg->heartbeat);
	rpc_client_ask(c, &(struct http_ask){.method = "POST",
					     .target = target,
					     .fields = "MS-ASProtocolVersion: 2.5\r\n",
					     .type = WBXML_TYPE,
					     .body = body.v,
					     .len = body.len});
	free(body.v);
}

static void read_answer(struct conn *c, const char *data, size_t len)
{
	struct phone *p = c->mine;

	http_text_bytes(&p->answer, data, len);
}

static void take_element(void *arg, unsigned element, const char *text)
{
	struct conn *c = arg;
	struct phone *p = c->mine;

	if (element == AIRSYNC_STATUS || element == FOLDER_STATUS || element == PING_STATUS)
		p->status = strtoul(text, NULL, 10);
	else if (element == AIRSYNC_SYNC_KEY)
		snprintf(p->key, sizeof(p->key), "%s", text);
	else if (element == AIRSYNC_ADD)
		c->content.records++;
	else if (element == FOLDER_SERVER_ID)
		snprintf(p->folder, sizeof(p->folder), "%s", text);
	else if (element == FOLDER_TYPE && !strcmp(text, "2")) /* the default inbox */
		snprintf(p->inbox, sizeof(p->inbox), "%s", p->folder);
}

/* Status 1 is success; of a Ping, that nothing is new, and 2 that something is. An empty answer to
 * a Sync: nothing is new. */
static int judge_answer(struct conn *c, struct err *e)
{
	struct phone *p = c->mine;
	bool empty = p->command == SYNC_COMMAND && p->key[0] && !p->answer.len;

	if (!empty && wbxml_read(p->answer.v, p->answer.len, take_element, c, e))
		return -1;
	if (!empty && p->status != 1 && !(p->command == PING_COMMAND && p->status == 2))
		return err_set(e, "the server answers with ActiveSync's status %lu", p->status);
	p->read = true;
	return 0;
}

static void end_phone(struct conn *c)
{
	struct phone *p = c->mine;

	free(p->answer.v);
}

int activesync_client(const struct workload_task *task)
{
	static const struct rpc_client_protocol protocol = {
	    .cfg_size = sizeof(struct activesync_client_cfg),
	    .own_size = sizeof(struct phone),
	    .ask = ask_server,
	    .body = read_answer,
	    .judge = judge_answer,
	    .end = end_phone,
	};

	return rpc_client_run(task, &protocol, NULL);
}
