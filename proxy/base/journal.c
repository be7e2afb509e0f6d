/* journal.c - JSON lines appended to a file, whole lines at a time; interprets none of them. */
#include "proxy/base/journal.h"

#include "proxy/base/line_copies.h"
#include "proxy/base/mem.h"
#include "proxy/base/own_file.h"
#include "proxy/base/text_print.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES 65536

/* Where the lines go. */
struct output {
	int fd; /* -1: nowhere, or to the writer */
	struct writer *writer;
	char *name;
	bool failed; /* a write failed and was reported: later lines are lost, too */
};

struct journal {
	pthread_mutex_t lock; /* of all that follows: lines come from several threads */
	struct output file;
	struct line_copies copies;
	struct writer *only; /* that teller's lines go to alone, while it tells again; else NULL */
	pthread_t teller;
	void (*tap)(void *arg, const char *line, size_t len);
	void *tap_arg;
	const struct clock *clock;
	int64_t opened;
	bool muted;
	char *first; /* the line that the journal began with */
	size_t used;
	char buf[BUFFER_BYTES];
};

/* Whole lines leave in one write, so that several processes may append to one file. */
static void output_write(struct output *o, const char *data, size_t len)
{
	if (o->writer)
		writer_put(o->writer, data, len);
	while (len && o->fd != -1 && !o->failed) {
		ssize_t n = write(o->fd, data, len);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno != EINTR) {
			o->failed = true;
			fprintf(stderr, "wedge: error: the journal %s is incomplete: %s\n", o->name,
				strerror(errno));
		}
	}
}

static void output_close(struct output *o)
{
	if (o->fd != -1)
		close(o->fd);
	free(o->name);
}

static void write_buffer(struct journal *j)
{
	output_write(&j->file, j->buf, j->used);
	j->used = 0;
}

void journal_flush(struct journal *j)
{
	if (!j)
		return;
	pthread_mutex_lock(&j->lock);
	write_buffer(j);
	pthread_mutex_unlock(&j->lock);
}

void journal_mute(struct journal *j, bool mute)
{
	j->muted = mute;
}

static void append_line(struct journal *j, const char *line, size_t len)
{
	if (j->only && pthread_equal(j->teller, pthread_self())) {
		writer_put(j->only, line, len);
		return;
	}
	line_copies_put(&j->copies, line, len);
	if (j->tap)
		j->tap(j->tap_arg, line, len);
	if (j->file.writer) {
		output_write(&j->file, line, len);
		return;
	}
	if (j->used + len > sizeof(j->buf))
		write_buffer(j);
	if (len > sizeof(j->buf)) {
		output_write(&j->file, line, len);
		return;
	}
	memcpy(j->buf + j->used, line, len);
	j->used += len;
}

/* Times are written as decimals of the nanoseconds, which a double can't hold exactly. */
static void write_line(struct journal *j, int64_t t, json_t *object, int64_t wall)
{
	char *rest = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));
	struct text_print state = {.n = 0};
	char wall_text[64] = "";
	char *line;
	size_t len;

	BUG_ON(!rest || t < 0);
	if (!text_print_is_clean(&state, rest, strlen(rest))) {
		char *raw = rest;

		rest = text_print_piece(&state, raw, strlen(raw), &len);
		free(raw);
	}
	if (wall)
		snprintf(wall_text, sizeof(wall_text), ",\"wall\":%" PRId64 ".%09" PRId64,
			 wall / NS_PER_S, wall % NS_PER_S);
	line = xasprintf("{\"t\":%" PRId64 ".%09" PRId64 "%s,%s\n", t / NS_PER_S, t % NS_PER_S,
			 wall_text, rest + 1);
	append_line(j, line, strlen(line));
	if (j->first)
		free(line);
	else
		j->first = line;
	free(rest);
}

static struct journal *new_journal(struct output file, const struct clock *clock)
{
	struct journal *j = xcalloc(1, sizeof(*j));
	json_t *first = json_pack("{s:s}", "event", "journal");

	j->file = file;
	j->clock = clock;
	j->opened = clock_now(clock);
	pthread_mutex_init(&j->lock, NULL);
	write_line(j, 0, first, clock_wall());
	json_decref(first);
	return j;
}

static bool begins_journal(const char *start, size_t len)
{
	const char first[] = "\"event\":\"journal\"";

	return len > 5 && memcmp(start, "{\"t\":", 5) == 0 &&
	       memmem(start, len, first, sizeof(first) - 1);
}

const struct own_kind journal_kind = {.what = "a journal", .begins = begins_journal};

struct journal *journal_open(const char *path, const struct clock *clock, struct err *e)
{
	int fd = -1;

	if (path && own_file_check_append(path, &journal_kind, e) == -1)
		return NULL;
	if (path)
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (path && fd == -1) {
		err_errno(e, "can't write the journal %s", path);
		return NULL;
	}
	return new_journal((struct output){.fd = fd, .name = path ? xstrdup(path) : NULL}, clock);
}

struct journal *journal_to_writer(struct writer *w, const struct clock *clock)
{
	return new_journal((struct output){.fd = -1, .writer = w}, clock);
}

void journal_copy(struct journal *j, struct writer *w)
{
	pthread_mutex_lock(&j->lock);
	line_copies_add(&j->copies, w);
	writer_put(w, j->first, strlen(j->first));
	pthread_mutex_unlock(&j->lock);
}

void journal_uncopy(struct journal *j, const struct writer *w)
{
	pthread_mutex_lock(&j->lock);
	line_copies_remove(&j->copies, w);
	pthread_mutex_unlock(&j->lock);
}

static void tell_only(struct journal *j, struct writer *w)
{
	pthread_mutex_lock(&j->lock);
	j->only = w;
	j->teller = pthread_self();
	pthread_mutex_unlock(&j->lock);
}

void journal_retell(struct journal *j, struct writer *w, void (*tell)(void *arg), void *arg)
{
	tell_only(j, w);
	tell(arg);
	tell_only(j, NULL);
}

void journal_tap(struct journal *j, void (*fn)(void *arg, const char *line, size_t len), void *arg)
{
	j->tap = fn;
	j->tap_arg = arg;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	journal_flush(j);
	output_close(&j->file);
	free(j->first);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

/* One that goes nowhere may get readers later; until then its lines cost nothing. */
bool journal_is_read(const struct journal *j)
{
	return j && !j->muted && (j->file.fd != -1 || j->file.writer || j->copies.n || j->tap);
}

void journal_vevent(struct journal *j, const char *event, json_t *about, const char *fmt,
		    va_list ap)
{
	json_t *object, *members;
	json_error_t why;
	char *braced;

	if (!journal_is_read(j)) {
		json_decref(about);
		return;
	}
	object = json_pack("{s:s}", "event", event);
	BUG_ON(!object);
	braced = xasprintf("{%s}", fmt ? fmt : "");
	members = json_vpack_ex(&why, 0, braced, ap);
	/* Existing names stay: no event can take "event" away. */
	if (about)
		json_object_update_missing(object, about);
	if (members)
		json_object_update_missing(object, members);
	else /* text that isn't UTF-8, for instance: the line still tells that it happened */
		json_object_set_new(object, "unrecorded", json_string(why.text));
	pthread_mutex_lock(&j->lock); /* before the time is taken: lines are in its order */
	write_line(j, clock_now(j->clock) - j->opened, object, 0);
	pthread_mutex_unlock(&j->lock);
	json_decref(members);
	json_decref(about);
	json_decref(object);
	free(braced);
}

void journal_event(struct journal *j, const char *event, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	journal_vevent(j, event, NULL, fmt, ap);
	va_end(ap);
}

void journal_lost(struct journal *j, const char *event, struct writer_losses l)
{
	if (l.lines)
		journal_event(j, event, "s:I, s:s", "lines", (json_int_t)l.lines, "why", l.why);
}
