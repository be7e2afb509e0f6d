/* cell_ladder.c - a packet becomes a row at once; one that later turns out to be neither near the
 * beginning, nor the fault, nor the end is dropped: memory doesn't grow with the capture. */
#include "scenarios/check/cell_ladder.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/analysis/packet_stream.h"
#include "scenarios/analysis/segment_row.h"

#include <dirent.h>
#include <string.h>

/* Rows: 9 + 17 + 14 at most. */
#define FIRST  9
#define BEFORE 8
#define BEHIND 8
#define LAST   14

#define SAME_MOMENT 1e-6 /* seconds: the clocks' conversions round to less */

struct ladder {
	const struct cell_facts *facts;
	uint16_t port;
	int64_t began;		 /* of the command, on the capture's clock */
	uint64_t packets, fault; /* how many; the fault's number, 0: it hasn't come */
	unsigned connections;
	json_t *rows;
};

struct ladder_connection {
	unsigned number;
	struct segment_numbers numbers;
};

static uint64_t row_number(const json_t *row)
{
	return (uint64_t)json_integer_value(json_object_get(row, "number"));
}

/* Drops the row that is no more among the last ones, if it is nothing else. */
static void drop_row(struct ladder *l)
{
	size_t n = json_array_size(l->rows), i = n - LAST - 1;
	uint64_t number;

	if (n <= LAST)
		return;
	number = row_number(json_array_get(l->rows, i));
	if (number > FIRST &&
	    (!l->fault || number + BEFORE < l->fault || number > l->fault + BEHIND))
		json_array_remove(l->rows, i);
}

static void begin_connection(void *arg, struct connection *c)
{
	struct ladder *l = arg;
	struct ladder_connection *own;

	if (!wire_connection_at_port(&c->wire, l->port))
		return;
	own = xcalloc(1, sizeof(*own));
	own->number = ++l->connections;
	c->owner = own;
}

static void take_segment(void *arg, struct connection *c, const struct segment *s)
{
	struct ladder *l = arg;
	struct ladder_connection *own = c->owner;
	struct segment_row row;
	double at;
	char *text;
	json_t *json;

	if (!own)
		return;
	segment_row_set(&row, &own->numbers, c, s);
	if (!l->packets++) /* the facts have its time: the command's clock and this one's meet */
		l->began = s->at - (int64_t)(l->facts->connects[0] * NS_PER_S);
	at = clock_seconds(s->at - l->began);
	text = segment_row_text(&row);
	json = json_pack("{s:I,s:I,s:f,s:I,s:s,s:s}", "number", (json_int_t)l->packets, "frame",
			 (json_int_t)s->frame, "at", at, "connection", (json_int_t)own->number,
			 "from", s->dir == DIR_UPSTREAM ? "client" : "server", "text", text);
	free(text);
	if (!l->fault && at >= l->facts->fault_at - SAME_MOMENT) {
		l->fault = l->packets;
		json_object_set_new(json, "fault", json_true());
	}
	json_array_append_new(l->rows, json);
	drop_row(l);
}

static void end_connection(void *arg, struct connection *c)
{
	(void)arg;
	free(c->owner);
}

static const struct segment_observer observer = {
    .began = begin_connection, .taken = take_segment, .ended = end_connection};

/* The name of the client's capture in the folder, whatever its phase is called; the caller frees.
 * NULL: there is none. */
static char *find_capture(const char *folder)
{
	static const char suffix[] = "-client.pcapng";
	DIR *d = opendir(folder);
	const struct dirent *entry;
	char *path = NULL;

	while (d && !path && (entry = readdir(d))) {
		size_t len = strlen(entry->d_name);

		if (len > strlen(suffix) &&
		    strcmp(entry->d_name + len - strlen(suffix), suffix) == 0)
			path = xasprintf("%s/%s", folder, entry->d_name);
	}
	if (d)
		closedir(d);
	return path;
}

static int read_capture(const char *folder, struct ladder *l, struct err *e)
{
	char *path = find_capture(folder);
	struct packet_stream s;
	int rc;

	if (!path)
		return err_set(e, "there is no capture of the client's side in %s", folder);
	rc = packet_stream_read(path, CAPTURE_LEG_CLIENT, &observer, l, &s, e);
	packet_stream_fini(&s);
	free(path);
	return rc;
}

int cell_ladder_read(const char *folder, uint16_t port, const struct cell_facts *f, json_t **ladder,
		     struct err *e)
{
	struct ladder l = {.facts = f, .port = port, .rows = json_array()};
	/* Without a connection there is nothing to show. */
	int rc = f->nconnects ? read_capture(folder, &l, e) : 0;

	if (rc == 0)
		*ladder = json_pack("{s:I,s:O}", "packets", (json_int_t)l.packets, "rows", l.rows);
	json_decref(l.rows);
	return rc;
}
