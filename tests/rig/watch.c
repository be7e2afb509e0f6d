/* watch.c - clock, log and journal of a rig: see the header. */
#include "tests/rig/watch.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"

#include <ctype.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SHOWN_BYTES 60

void text_add(struct text *t, const void *data, size_t n)
{
	if (t->n + n + 1 > t->room) {
		t->room = 2 * (t->n + n + 1);
		t->s = xrealloc(t->s, t->room, 1);
	}
	memcpy(t->s + t->n, data, n);
	t->n += n;
	t->s[t->n] = '\0';
}

/* The journal only opens by path. */
static struct journal *memory_journal(struct watch *w)
{
	char path[64];
	struct journal *j;
	struct err e;

	w->journal_fd = memfd_create("journal", MFD_CLOEXEC);
	BUG_ON(w->journal_fd == -1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", w->journal_fd);
	j = journal_open(path, &w->clock.clock, &e);
	BUG_ON(!j);
	return j;
}

void watch_init(struct watch *w, uint64_t seed)
{
	*w = (struct watch){.journal_fd = -1};
	fake_clock_init(&w->clock, 0);
	w->env = (struct env){.timed = true,
			      .clock = &w->clock.clock,
			      .timers = timerq_new(),
			      .journal = memory_journal(w),
			      .seed = seed};
	text_add(&w->log, "", 0);
	text_add(&w->journal, "", 0);
}

void watch_fini(struct watch *w)
{
	BUG_ON(timerq_next(w->env.timers) != INT64_MAX);
	timerq_free(w->env.timers);
	journal_close(w->env.journal);
	close(w->journal_fd);
	free(w->log.s);
	free(w->journal.s);
}

void watch_advance(struct watch *w, int64_t ns)
{
	int64_t until = w->clock.t + ns, due;

	while ((due = timerq_next(w->env.timers)) <= until) {
		if (due > w->clock.t)
			w->clock.t = due;
		timerq_run(w->env.timers, w->clock.t);
	}
	w->clock.t = until;
}

void watch_say(struct watch *w, const char *fmt, ...)
{
	char when[UNITS_TEXT], what[256];
	va_list ap;
	char *line;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	line = xasprintf("%s %s\n", format_duration(w->clock.t, when), what);
	text_add(&w->log, line, strlen(line));
	free(line);
}

static bool printable(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isprint(p[i]))
			return false;
	return n <= SHOWN_BYTES;
}

void watch_bytes(struct watch *w, const char *who, const void *data, size_t n)
{
	if (printable(data, n))
		watch_say(w, "%s%.*s", who, (int)n, (const char *)data);
	else
		watch_say(w, "%s%zuB", who, n);
}

void watch_end(struct watch *w, const char *who, enum flow_end end)
{
	watch_say(w, "%s%s", who, end == END_FIN ? "FIN" : "RST");
}

void watch_reset(struct watch *w, const char *who, enum leg leg, bool after_delivery,
		 const char *why)
{
	watch_say(w, "%sreset %s%s: %s", who, leg_name(leg),
		  after_delivery ? " after delivery" : "", why);
}

const char *watch_who(unsigned session, const char *dir, char buf[WATCH_WHO])
{
	snprintf(buf, WATCH_WHO, "%u %s%s", session, dir, dir[0] ? " " : "");
	return buf;
}

void watch_log_clear(struct watch *w)
{
	w->log.n = 0;
	text_add(&w->log, "", 0);
}

const char *watch_journal(struct watch *w)
{
	char piece[4096];
	const char *second;
	off_t at = 0;
	ssize_t n;

	journal_flush(w->env.journal);
	w->journal.n = 0;
	text_add(&w->journal, "", 0);
	while ((n = pread(w->journal_fd, piece, sizeof(piece), at)) > 0) {
		text_add(&w->journal, piece, (size_t)n);
		at += n;
	}
	second = strchr(w->journal.s, '\n');
	return second ? second + 1 : "";
}

void flow_feed(struct flow *f, const void *data, size_t n)
{
	struct evbuffer *buf = evbuffer_new();

	BUG_ON(!buf || evbuffer_add(buf, data, n) == -1);
	flow_push(f, buf);
	BUG_ON(evbuffer_get_length(buf));
	evbuffer_free(buf);
}
