/* dav_folder.c - an item is drawn anew whenever it is told of: nothing is kept. */
#include "scenarios/workload/dav_folder.h"

#include "proxy/base/attrs.h"
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "scenarios/workload/words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DOCUMENT_BEGIN                                                                             \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\" "             \
	"xmlns:M=\"urn:schemas:httpmail:\">\n"
#define DOCUMENT_END "</D:multistatus>\n"
#define PROPS_BEGIN  "<D:propstat><D:prop>"
#define PROPS_END    "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>\n"

#define EPOCH	   1041379200 /* 2003-01-01: the oldest item */
#define ITEM_EVERY 7200	      /* seconds between two items, on average */

static const char *const folders[] = {"Inbox", "Contacts", "Calendar", "Sent%20Items",	 "Drafts",
				      "Notes", "Tasks",	   "Journal",  "Deleted%20Items"};
static const char *const people[] = {
    "adams", "baker",  "cole",	 "dixon",  "ellis",	"foster", "grant", "hughes",
    "irwin", "jensen", "keller", "lane",   "meyer",	"nolan",  "owens", "parker",
    "quinn", "reyes",  "shaw",	 "turner", "underwood", "vance",  "walsh", "young",
};

void dav_mailbox_name(uint64_t mailbox, char *out)
{
	uint64_t n = ARRAY_LEN(people);

	if (mailbox < n)
		snprintf(out, DAV_SEGMENT_TEXT, "%s", people[mailbox]);
	else
		snprintf(out, DAV_SEGMENT_TEXT, "%s%u", people[mailbox % n],
			 (unsigned)(mailbox / n + 1));
}

void dav_folder_name(uint64_t folder, char *out)
{
	uint64_t n = ARRAY_LEN(folders), month = folder - n;

	if (folder < n)
		snprintf(out, DAV_SEGMENT_TEXT, "%s", folders[folder]);
	else /* what is older, a folder a month */
		snprintf(out, DAV_SEGMENT_TEXT, "Archive/%04u-%02u", (unsigned)(1990 + month / 12),
			 (unsigned)(month % 12 + 1));
}

/* Returns the number of the folder by whose name the path ends; 0 if there is none. */
static uint64_t folder_number(const char *path)
{
	char name[DAV_SEGMENT_TEXT + 2];
	size_t len = strlen(path);

	for (uint64_t i = 0; i < DAV_FOLDERS_MAX; i++) {
		char segment[DAV_SEGMENT_TEXT];

		dav_folder_name(i, segment);
		snprintf(name, sizeof(name), "/%s/", segment);
		if (len >= strlen(name) && !strcmp(path + len - strlen(name), name))
			return i;
	}
	return 0;
}

uint64_t dav_folder_find(struct dav_folder *f, const char *target, uint64_t seed)
{
	unsigned long long item = 0;
	char *last, end[8] = "";

	memset(f, 0, sizeof(*f));
	snprintf(f->path, sizeof(f->path) - 1, "%.*s", (int)strcspn(target, "?#"), target);
	last = strrchr(f->path, '/');
	if (last && sscanf(last, "/%llu.%4s", &item, end) == 2 && !strcmp(end, "EML"))
		last[1] = '\0';
	else
		item = 0;
	if (!last || last[1])
		snprintf(f->path + strlen(f->path), 2, "/");
	f->number = folder_number(f->path);
	f->seed = rng_part_seed(seed, f->path);
	return item;
}

static void add_date(struct http_text *t, const char *element, int64_t seconds)
{
	char http[HTTP_DATE_TEXT];

	http_text_date(seconds, http);
	http_text_add(t, "<D:%s>%s</D:%s>", element, http, element);
}

struct item {
	struct rng rng; /* of what is to be drawn still */
	uint64_t size;	/* of its entry */
	uint64_t bytes; /* of the message */
	int64_t at;
	uint64_t from;
};

static struct item draw_item(const struct dav_folder *f, uint64_t n)
{
	struct item x = {.rng = rng_make(f->seed, 0, n)};

	x.size = f->low + rng_below(&x.rng, f->high - f->low + 1);
	x.bytes = 1500 + rng_below(&x.rng, 60000);
	x.at = EPOCH + (int64_t)(n * ITEM_EVERY + rng_below(&x.rng, ITEM_EVERY));
	x.from = rng_below(&x.rng, ARRAY_LEN(people));
	return x;
}

static void add_words(struct http_text *t, struct rng *rng, size_t size)
{
	char *words = xcalloc(1, size + 1);

	words_fill(rng, words, size);
	http_text_bytes(t, words, size);
	free(words);
}

static void add_collection(struct http_text *t, const struct dav_folder *f)
{
	int name = (int)strlen(f->path) - 1, start = name;

	while (start > 0 && f->path[start - 1] != '/')
		start--;
	http_text_add(t, "<D:response><D:href>%s</D:href>" PROPS_BEGIN, f->path);
	http_text_add(t, "<D:displayname>%.*s</D:displayname>", name - start, f->path + start);
	add_date(t, "getlastmodified", EPOCH + (int64_t)(f->items + 1) * ITEM_EVERY);
	http_text_add(t,
		      "<D:resourcetype><D:collection/></D:resourcetype>"
		      "<D:childcount>%llu</D:childcount>" PROPS_END,
		      (unsigned long long)f->items);
}

static void add_item(struct http_text *t, const struct dav_folder *f, uint64_t n)
{
	static const char tail[] = "</M:textdescription>" PROPS_END;
	struct item x = draw_item(f, n);
	size_t start = t->len, used;
	struct tm tm;
	time_t at = (time_t)x.at;

	BUG_ON(!gmtime_r(&at, &tm));
	http_text_add(t, "<D:response><D:href>%s%05llu.EML</D:href>" PROPS_BEGIN, f->path,
		      (unsigned long long)n);
	http_text_add(t,
		      "<D:displayname>%05llu.EML</D:displayname>"
		      "<D:getcontentlength>%llu</D:getcontentlength>"
		      "<D:getcontenttype>message/rfc822</D:getcontenttype>"
		      "<D:creationdate>%04d-%02d-%02dT%02d:%02d:%02dZ</D:creationdate>",
		      (unsigned long long)n, (unsigned long long)x.bytes, 1900 + tm.tm_year,
		      tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	add_date(t, "getlastmodified", x.at);
	http_text_add(t,
		      "<D:getetag>\"%08llx\"</D:getetag><D:resourcetype/>"
		      "<M:fromname>%s</M:fromname><M:read>%llu</M:read><M:subject>",
		      (unsigned long long)(rng_next(&x.rng) & 0xffffffff), people[x.from],
		      (unsigned long long)rng_below(&x.rng, 2));
	add_words(t, &x.rng, 12 + rng_below(&x.rng, 40));
	http_text_add(t, "</M:subject><M:textdescription>");
	used = t->len - start + strlen(tail);
	if (x.size > used) /* a long path may make an entry longer than it was to be */
		add_words(t, &x.rng, x.size - used);
	http_text_add(t, "%s", tail);
}

/* Adds a document in chunks. Returns the bytes of the last two of them. */
static size_t add_chunks(struct http_text *t, const struct http_text *document, size_t chunk)
{
	size_t start = t->len;

	for (size_t at = 0; at < document->len; at += chunk) {
		size_t left = document->len - at;

		start = t->len;
		http_text_chunk(t, document->v + at, left < chunk ? left : chunk);
	}
	http_text_last_chunk(t);
	return t->len - start;
}

size_t dav_folder_list(struct http_text *t, const struct dav_folder *f, uint64_t item, int depth,
		       size_t chunk)
{
	uint64_t first = item ? item : 1, last = item ? item : depth ? f->items : 0;
	struct http_text document = {.v = NULL};
	size_t end = strlen(DOCUMENT_END);

	http_text_add(&document, DOCUMENT_BEGIN);
	if (!item)
		add_collection(&document, f);
	for (uint64_t n = first; n <= last; n++)
		add_item(&document, f, n);
	http_text_add(&document, DOCUMENT_END);
	if (chunk)
		end = add_chunks(t, &document, chunk);
	else
		http_text_bytes(t, document.v, document.len);
	free(document.v);
	return end;
}

void dav_folder_message(struct http_text *t, const struct dav_folder *f, uint64_t item)
{
	struct item x = draw_item(f, item);
	size_t start = t->len;
	char date[HTTP_DATE_TEXT];

	http_text_date(x.at, date);
	http_text_add(t, "From: %s@example.com\r\nDate: %s\r\nSubject: ", people[x.from], date);
	add_words(t, &x.rng, 40);
	http_text_add(t, "\r\n\r\n");
	add_words(t, &x.rng, x.bytes - (t->len - start));
}
