/* stage_rig.c - a flow without sockets: see the header for how a test uses it. */
#include "tests/rig/stage_rig.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"

#include <ctype.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SHOWN_BYTES 40

struct text {
	char *s;
	size_t n, room;
};

struct rig {
	struct fake_clock clock;
	struct env env;
	struct flow flow;
	struct stage *first;
	unsigned nstages;
	bool blocked;
	enum flow_end ended;
	uint64_t fed; /* bytes of the pattern sent so far */
	struct text out, log, journal;
	int journal_fd;
};

static void append(struct text *t, const void *data, size_t n)
{
	if (t->n + n >= t->room) {
		t->room = 2 * (t->n + n + 1);
		t->s = xrealloc(t->s, t->room, 1);
	}
	memcpy(t->s + t->n, data, n);
	t->n += n;
	t->s[t->n] = '\0';
}

static void log_line(struct rig *r, const char *fmt, ...) WG_PRINTF(2, 3);
static void log_line(struct rig *r, const char *fmt, ...)
{
	char when[UNITS_TEXT], what[256];
	va_list ap;
	char *line;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	line = xasprintf("%s %s\n", format_duration(r->clock.t, when), what);
	append(&r->log, line, strlen(line));
	free(line);
}

static struct rig *host_rig(struct flow *f)
{
	return f->host_arg;
}

static bool printable(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isprint(p[i]))
			return false;
	return n <= SHOWN_BYTES;
}

static void rig_deliver(struct flow *f, struct evbuffer *buf)
{
	struct rig *r = host_rig(f);
	size_t n = evbuffer_get_length(buf);
	unsigned char *p = evbuffer_pullup(buf, -1);

	BUG_ON(r->ended != END_NONE);
	append(&r->out, p, n);
	if (printable(p, n))
		log_line(r, "%.*s", (int)n, (const char *)p);
	else
		log_line(r, "%zuB", n);
	evbuffer_drain(buf, n);
	if (!r->blocked)
		flow_sent(f, n);
}

static void rig_deliver_end(struct flow *f, enum flow_end end)
{
	struct rig *r = host_rig(f);

	BUG_ON(r->ended != END_NONE);
	r->ended = end;
	log_line(r, "%s", end == END_FIN ? "FIN" : "RST");
}

static void rig_interest(struct flow *f)
{
	(void)f;
}

static void rig_reset(struct flow *f, enum leg leg, bool after_delivery, const char *why)
{
	log_line(host_rig(f), "reset %s%s: %s", leg_name(leg),
		 after_delivery ? " after delivery" : "", why);
}

static void rig_finish_back(struct flow *f)
{
	log_line(host_rig(f), "FIN back");
}

static const struct flow_host_ops rig_host = {
    .deliver = rig_deliver,
    .deliver_end = rig_deliver_end,
    .interest = rig_interest,
    .reset = rig_reset,
    .finish_back = rig_finish_back,
};

/* The journal only opens by path. */
static struct journal *memory_journal(struct rig *r)
{
	char path[64];
	struct journal *j;
	struct err e;

	r->journal_fd = memfd_create("journal", MFD_CLOEXEC);
	BUG_ON(r->journal_fd == -1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", r->journal_fd);
	j = journal_open(path, &r->clock.clock, &e);
	BUG_ON(!j);
	return j;
}

struct rig *rig_new_dir(const struct stage_ops *ops, const void *cfg, enum dir dir, uint64_t seed,
			uint64_t session)
{
	struct rig *r = xcalloc(1, sizeof(*r));

	fake_clock_init(&r->clock, 0);
	r->env = (struct env){.clock = &r->clock.clock,
			      .timers = timerq_new(),
			      .journal = memory_journal(r),
			      .seed = seed};
	append(&r->out, "", 0);
	append(&r->log, "", 0);
	flow_init(&r->flow, &r->env, dir, session, &rig_host, r);
	if (ops)
		rig_attach(r, ops, cfg, "stage");
	return r;
}

struct rig *rig_new(const struct stage_ops *ops, const void *cfg)
{
	return rig_new_dir(ops, cfg, DIR_UPSTREAM, 1, 1);
}

void rig_free(struct rig *r)
{
	flow_fini(&r->flow);
	BUG_ON(timerq_next(r->env.timers) != INT64_MAX);
	timerq_free(r->env.timers);
	journal_close(r->env.journal);
	close(r->journal_fd);
	free(r->out.s);
	free(r->log.s);
	free(r->journal.s);
	free(r);
}

struct stage *rig_attach(struct rig *r, const struct stage_ops *ops, const void *cfg,
			 const char *name)
{
	struct stage *st = stage_attach(&r->flow, ops, cfg, name, r->nstages++);

	if (!r->first)
		r->first = st;
	stage_set_active(st, true);
	return st;
}

struct stage *rig_stage(struct rig *r)
{
	return r->first;
}

struct flow *rig_flow(struct rig *r)
{
	return &r->flow;
}

static void feed(struct rig *r, const void *data, size_t n)
{
	struct evbuffer *buf = evbuffer_new();

	BUG_ON(!buf || evbuffer_add(buf, data, n) == -1);
	flow_push(&r->flow, buf);
	BUG_ON(evbuffer_get_length(buf));
	evbuffer_free(buf);
}

void rig_feed(struct rig *r, const char *text)
{
	feed(r, text, strlen(text));
}

/* Weyl's sequence: no piece of it looks like its neighbours or like another piece. */
static unsigned char pattern(uint64_t at)
{
	return (unsigned char)(at * UINT64_C(0x9e3779b97f4a7c15) >> 56);
}

void rig_feed_bytes(struct rig *r, size_t n)
{
	unsigned char *data = xcalloc(n, 1);

	for (size_t i = 0; i < n; i++)
		data[i] = pattern(r->fed++);
	feed(r, data, n);
	free(data);
}

bool rig_bytes_in_order(const struct rig *r)
{
	if (r->out.n > r->fed)
		return false;
	for (size_t i = 0; i < r->out.n; i++)
		if ((unsigned char)r->out.s[i] != pattern(i))
			return false;
	return true;
}

void rig_end(struct rig *r, enum flow_end end)
{
	flow_finish(&r->flow, end);
}

void rig_advance(struct rig *r, int64_t ns)
{
	int64_t until = r->clock.t + ns, due;

	while ((due = timerq_next(r->env.timers)) <= until) {
		if (due > r->clock.t)
			r->clock.t = due;
		timerq_run(r->env.timers, r->clock.t);
	}
	r->clock.t = until;
}

void rig_settle(struct rig *r)
{
	for (int i = 0; i < 10000 && timerq_next(r->env.timers) != INT64_MAX; i++) {
		int64_t due = timerq_next(r->env.timers);

		rig_advance(r, due > r->clock.t ? due - r->clock.t : 0);
	}
	BUG_ON(timerq_next(r->env.timers) != INT64_MAX);
}

int64_t rig_now(const struct rig *r)
{
	return r->clock.t;
}

int64_t rig_next_due(const struct rig *r)
{
	return timerq_next(r->env.timers);
}

void rig_block(struct rig *r, bool blocked)
{
	r->blocked = blocked;
	if (!blocked)
		flow_sent(&r->flow, r->flow.undelivered);
}

const char *rig_text(const struct rig *r)
{
	return r->out.s;
}

const unsigned char *rig_bytes(const struct rig *r, size_t *n)
{
	*n = r->out.n;
	return (const unsigned char *)r->out.s;
}

enum flow_end rig_ended(const struct rig *r)
{
	return r->ended;
}

const char *rig_log(const struct rig *r)
{
	return r->log.s;
}

const char *rig_journal(struct rig *r)
{
	char piece[4096];
	const char *second;
	off_t at = 0;
	ssize_t n;

	journal_flush(r->env.journal);
	r->journal.n = 0;
	append(&r->journal, "", 0);
	while ((n = pread(r->journal_fd, piece, sizeof(piece), at)) > 0) {
		append(&r->journal, piece, (size_t)n);
		at += n;
	}
	second = strchr(r->journal.s, '\n');
	return second ? second + 1 : "";
}

bool rig_readable(const struct rig *r)
{
	return flow_readable(&r->flow);
}
