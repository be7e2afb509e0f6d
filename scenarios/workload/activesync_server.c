/* activesync_server.c - knows no phone: a Sync's key says how many came before it, and a Ping waits
 * its time. */
#include "scenarios/workload/activesync_server.h"

#include "proxy/base/clock.h"
#include "proxy/base/rng.h"
#include "scenarios/workload/activesync_params.h"
#include "scenarios/workload/rpc_server.h"
#include "scenarios/workload/wbxml.h"
#include "scenarios/workload/words.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MAX 4096 /* of a request */
#define KEY_TEXT 64
#define FIELDS	 "MS-Server-ActiveSync: 6.5\r\n"
#define OPTIONS                                                                                    \
	FIELDS "MS-ASProtocolVersions: 2.5\r\nMS-ASProtocolCommands: Sync,FolderSync,Ping\r\n"     \
	       "Allow: OPTIONS, POST\r\n"

/* The folders that every phone has, and their types: inbox, sent items, calendar, contacts. */
static const struct folder {
	const char *id, *name, *type;
} folders[] = {
    {"1", "Inbox", "2"}, {"2", "Sent Items", "5"}, {"3", "Calendar", "8"}, {"4", "Contacts", "9"}};

struct command {
	char body[BODY_MAX];
	size_t len;
	char key[KEY_TEXT], collection[KEY_TEXT];
	int64_t heartbeat;
};

struct phones {
	struct rng news;
};

static void read_command(struct peer *p, const char *data, size_t len)
{
	struct command *c = p->mine;
	size_t room = BODY_MAX - c->len;

	memcpy(c->body + c->len, data, len < room ? len : room);
	c->len += len < room ? len : room;
}

static void take_element(void *arg, unsigned element, const char *text)
{
	struct command *c = arg;

	if (element == AIRSYNC_SYNC_KEY || element == FOLDER_SYNC_KEY)
		snprintf(c->key, sizeof(c->key), "%s", text);
	else if (element == AIRSYNC_COLLECTION_ID || element == PING_ID)
		snprintf(c->collection, sizeof(c->collection), "%s", text);
	else if (element == PING_HEARTBEAT)
		c->heartbeat = strtoll(text, NULL, 10) * NS_PER_S;
}

static void answer_folder_sync(struct wbxml *w)
{
	char count[24];

	snprintf(count, sizeof(count), "%zu", ARRAY_LEN(folders));
	wbxml_open(w, FOLDER_SYNC);
	wbxml_text(w, FOLDER_STATUS, "1");
	wbxml_text(w, FOLDER_SYNC_KEY, "1");
	wbxml_open(w, FOLDER_CHANGES);
	wbxml_text(w, FOLDER_COUNT, count);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		wbxml_open(w, FOLDER_ADD);
		wbxml_text(w, FOLDER_SERVER_ID, folders[i].id);
		wbxml_text(w, FOLDER_PARENT_ID, "0");
		wbxml_text(w, FOLDER_DISPLAY_NAME, folders[i].name);
		wbxml_text(w, FOLDER_TYPE, folders[i].type);
		wbxml_close(w);
	}
	wbxml_close(w);
	wbxml_close(w);
}

static void add_message(struct wbxml *w, const char *collection, unsigned long long n,
			struct rng *rng)
{
	char id[KEY_TEXT + 32], words[49] = "";

	snprintf(id, sizeof(id), "%s:%llu", collection, n);
	words_fill(rng, words, sizeof(words) - 1);
	wbxml_open(w, AIRSYNC_ADD);
	wbxml_text(w, AIRSYNC_SERVER_ID, id);
	wbxml_open(w, AIRSYNC_APPLICATION_DATA);
	wbxml_text(w, EMAIL_FROM, "meyer@example.com");
	wbxml_text(w, EMAIL_SUBJECT, words);
	wbxml_text(w, EMAIL_READ, "0");
	wbxml_close(w);
	wbxml_close(w);
}

/* The first Sync, of key 0, brings a key only. */
static void answer_sync(struct wbxml *w, struct peer *p, const struct command *c)
{
	const struct activesync_server_cfg *cfg = p->server->task->cfg;
	unsigned long long key = strtoull(c->key, NULL, 10);
	uint64_t items = key ? cfg->items : 0;
	struct rng rng = rng_make(rng_part_seed(p->server->task->seed, p->http.target), 0, key);
	char next[KEY_TEXT];

	snprintf(next, sizeof(next), "%llu", key + 1);
	wbxml_open(w, AIRSYNC_SYNC);
	wbxml_open(w, AIRSYNC_COLLECTIONS);
	wbxml_open(w, AIRSYNC_COLLECTION);
	wbxml_text(w, AIRSYNC_CLASS, "Email");
	wbxml_text(w, AIRSYNC_SYNC_KEY, next);
	wbxml_text(w, AIRSYNC_COLLECTION_ID, c->collection);
	wbxml_text(w, AIRSYNC_STATUS, "1");
	if (items) {
		wbxml_open(w, AIRSYNC_COMMANDS);
		for (uint64_t i = 0; i < items; i++)
			add_message(w, c->collection, (key - 1) * items + i + 1, &rng);
		wbxml_close(w);
	}
	for (int i = 0; i < 3; i++)
		wbxml_close(w);
	p->now.records = p->now.asked = items;
}

/* Waits for its heartbeat, or until something is new. */
static void answer_ping(struct wbxml *w, struct peer *p, const struct command *c)
{
	const struct activesync_server_cfg *cfg = p->server->task->cfg;
	struct phones *phones = p->server->mine;
	int64_t news = cfg->change_every
			   ? (int64_t)rng_exponential(&phones->news, (double)cfg->change_every)
			   : INT64_MAX;
	bool is_new = news < c->heartbeat;

	p->hold = is_new ? news : c->heartbeat;
	wbxml_open(w, PING);
	wbxml_text(w, PING_STATUS, is_new ? "2" : "1");
	if (is_new) {
		wbxml_open(w, PING_FOLDERS);
		wbxml_text(w, PING_FOLDER, c->collection);
		wbxml_close(w);
	}
	wbxml_close(w);
}

/* Returns whether the target's query says that command. */
static bool is_command(const struct peer *p, const char *name)
{
	const char *at = strstr(p->http.target, "Cmd=");
	size_t len = strlen(name);

	return at && !strncmp(at + 4, name, len) && (at[4 + len] == '&' || !at[4 + len]);
}

static void choose_answer(struct server *s, struct peer *p)
{
	struct http_reply reply = {.status = 200, .fields = FIELDS, .type = WBXML_TYPE};
	struct http_text body = {.v = NULL};
	struct command *c = p->mine;
	struct wbxml w;

	(void)s;
	wbxml_begin(&w, &body);
	if (!strcmp(p->http.method, "OPTIONS")) {
		reply = (struct http_reply){.status = 200, .fields = OPTIONS};
	} else if (strcmp(p->http.method, "POST") != 0) {
		reply = (struct http_reply){.status = 405, .fields = "Allow: OPTIONS, POST\r\n"};
	} else if (wbxml_read(c->body, c->len, take_element, c, NULL)) {
		reply = (struct http_reply){.status = 400};
	} else if (is_command(p, "FolderSync")) {
		answer_folder_sync(&w);
	} else if (is_command(p, "Sync")) {
		answer_sync(&w, p, c);
	} else if (is_command(p, "Ping") && c->heartbeat > 0) {
		answer_ping(&w, p, c);
	} else {
		reply = (struct http_reply){.status = 400};
	}
	if (!reply.type)
		body.len = 0;
	memset(c, 0, sizeof(*c));
	peer_reply(p, &reply, &body, 0);
}

int activesync_server(const struct workload_task *task)
{
	static const struct rpc_server_protocol protocol = {
	    .own_size = sizeof(struct command),
	    .answer = choose_answer,
	    .body = read_command,
	};
	struct phones phones = {.news = rng_make(task->chance, 0, 0)};

	return rpc_serve(task, &protocol, &phones);
}
