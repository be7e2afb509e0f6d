/* set_rig.c - a set of impairments on sessions without sockets: see the header. */
#include "tests/rig/set_rig.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"

#include <ctype.h>
#include <event2/buffer.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SHOWN_BYTES 60

struct text {
	char *s;
	size_t n, room;
};

struct one {
	struct set_rig *rig;
	struct session session;
	bool open, blocked[DIR_COUNT];
};

struct set_rig {
	struct fake_clock clock;
	struct session_table table;
	struct impairment_set *set;
	struct session_hooks hooks;
	struct addr client;
	struct one one[SET_RIG_SESSIONS];
	struct text log, journal;
	struct err error;
	int journal_fd;
};

static void append(struct text *t, const void *data, size_t n)
{
	if (t->n + n + 1 > t->room) {
		t->room = 2 * (t->n + n + 1);
		t->s = xrealloc(t->s, t->room, 1);
	}
	memcpy(t->s + t->n, data, n);
	t->n += n;
	t->s[t->n] = '\0';
}

static void log_line(struct one *o, const char *fmt, ...) WG_PRINTF(2, 3);
static void log_line(struct one *o, const char *fmt, ...)
{
	char when[UNITS_TEXT], what[256];
	va_list ap;
	char *line;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	line = xasprintf("%s %u %s\n", format_duration(o->rig->clock.t, when),
			 (unsigned)o->session.number, what);
	append(&o->rig->log, line, strlen(line));
	free(line);
}

static bool printable(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isprint(p[i]))
			return false;
	return n <= SHOWN_BYTES;
}

static void host_deliver(struct flow *f, struct evbuffer *buf)
{
	struct one *o = f->host_arg;
	size_t n = evbuffer_get_length(buf);
	unsigned char *p = evbuffer_pullup(buf, -1);

	if (printable(p, n))
		log_line(o, "%s %.*s", dir_name(f->dir), (int)n, (const char *)p);
	else
		log_line(o, "%s %zuB", dir_name(f->dir), n);
	evbuffer_drain(buf, n);
	if (!o->blocked[f->dir])
		flow_sent(f, n);
}

static void host_deliver_end(struct flow *f, enum flow_end end)
{
	log_line(f->host_arg, "%s %s", dir_name(f->dir), end == END_FIN ? "FIN" : "RST");
}

static void host_interest(struct flow *f)
{
	(void)f;
}

static void host_reset(struct flow *f, enum leg leg, bool after_delivery, const char *why)
{
	(void)after_delivery;
	log_line(f->host_arg, "reset %s: %s", leg_name(leg), why);
}

static void host_finish_back(struct flow *f)
{
	log_line(f->host_arg, "FIN back");
}

static const struct flow_host_ops host = {
    .deliver = host_deliver,
    .deliver_end = host_deliver_end,
    .interest = host_interest,
    .reset = host_reset,
    .finish_back = host_finish_back,
};

static struct impairment_set *parse(const char *impairments, struct err *e)
{
	struct impairment_set *s = impairment_set_new();
	char *copy = xstrdup(impairments), *next;
	int rc = 0;

	for (char *text = *copy ? copy : NULL; text && rc == 0; text = next) {
		next = strstr(text, " + ");
		if (next) {
			*next = '\0';
			next += strlen(" + ");
		}
		rc = impairment_set_text(s, text, e);
	}
	free(copy);
	if (rc == 0)
		return s;
	impairment_set_free(s);
	return NULL;
}

static struct journal *memory_journal(struct set_rig *r)
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

struct set_rig *set_rig_new_seed(const char *impairments, uint64_t seed)
{
	struct set_rig *r = xcalloc(1, sizeof(*r));
	struct err e = {""};

	fake_clock_init(&r->clock, 0);
	r->set = parse(impairments, &e);
	if (!r->set || impairment_set_check(r->set, false, &e) == -1)
		fprintf(stderr, "%s: %s\n", impairments, e.text);
	BUG_ON(e.text[0]);
	r->table.env = (struct env){.clock = &r->clock.clock,
				    .timers = timerq_new(),
				    .journal = memory_journal(r),
				    .seed = seed};
	r->hooks = impairment_set_session_hooks(r->set);
	append(&r->log, "", 0);
	append(&r->journal, "", 0);
	set_rig_client(r, "192.0.2.1");
	return r;
}

struct set_rig *set_rig_new(const char *impairments)
{
	return set_rig_new_seed(impairments, 1);
}

void set_rig_free(struct set_rig *r)
{
	for (unsigned i = 1; i <= SET_RIG_SESSIONS; i++)
		set_rig_close(r, i);
	impairment_set_stop(r->set);
	BUG_ON(timerq_next(r->table.env.timers) != INT64_MAX);
	impairment_set_free(r->set);
	journal_close(r->table.env.journal);
	close(r->journal_fd);
	timerq_free(r->table.env.timers);
	free(r->log.s);
	free(r->journal.s);
	free(r);
}

struct impairment_set *set_rig_set(struct set_rig *r)
{
	return r->set;
}

bool set_rig_apply(struct set_rig *r, const char *impairments)
{
	struct impairment_set *wanted = parse(impairments, &r->error);
	int rc = -1;

	if (wanted)
		rc = impairment_set_apply(r->set, wanted, false, &r->error);
	impairment_set_free(wanted);
	return rc == 0;
}

const char *set_rig_error(const struct set_rig *r)
{
	return r->error.text;
}

void set_rig_client(struct set_rig *r, const char *address)
{
	struct err e;

	BUG_ON(addr_parse_host(address, 40000, &r->client, &e) == -1);
}

static struct one *session_at(struct set_rig *r, unsigned session)
{
	BUG_ON(!session || session > SET_RIG_SESSIONS);
	return &r->one[session - 1];
}

void set_rig_open(struct set_rig *r, unsigned session)
{
	struct one *o = session_at(r, session);
	struct session *s = &o->session;
	struct err e;

	BUG_ON(o->open);
	memset(o, 0, sizeof(*o));
	o->rig = r;
	o->open = true;
	s->table = &r->table;
	s->number = session;
	s->client = r->client;
	s->began = r->clock.t;
	BUG_ON(host_port_parse("server.test:80", &s->dial.name, &e) == -1);
	for (enum dir dir = 0; dir < DIR_COUNT; dir++)
		flow_init(&s->flow[dir], &r->table.env, dir, session, &host, o);
	r->hooks.accept(r->hooks.arg, s, &s->verdict);
	if (s->verdict.action != ACCEPT_GO)
		log_line(o, "refused: %s", s->verdict.why);
	else
		r->hooks.open(r->hooks.arg, s);
}

void set_rig_connect(struct set_rig *r, unsigned session, const char *address)
{
	struct session *s = &session_at(r, session)->session;
	struct err e;

	BUG_ON(addr_parse_host(address, 80, &s->server, &e) == -1);
	r->hooks.connected(r->hooks.arg, s);
}

void set_rig_close(struct set_rig *r, unsigned session)
{
	struct one *o = session_at(r, session);

	if (!o->open)
		return;
	o->open = false;
	r->hooks.close(r->hooks.arg, &o->session);
	for (int i = 0; i < DIR_COUNT; i++)
		flow_fini(&o->session.flow[i]);
}

void set_rig_feed_data(struct set_rig *r, unsigned session, enum dir dir, const void *data,
		       size_t n)
{
	struct evbuffer *buf = evbuffer_new();

	BUG_ON(!buf || evbuffer_add(buf, data, n) == -1);
	flow_push(set_rig_flow(r, session, dir), buf);
	BUG_ON(evbuffer_get_length(buf));
	evbuffer_free(buf);
}

void set_rig_feed(struct set_rig *r, unsigned session, enum dir dir, const char *text)
{
	set_rig_feed_data(r, session, dir, text, strlen(text));
}

void set_rig_end(struct set_rig *r, unsigned session, enum dir dir, enum flow_end end)
{
	flow_finish(set_rig_flow(r, session, dir), end);
}

void set_rig_advance(struct set_rig *r, int64_t ns)
{
	int64_t until = r->clock.t + ns, due;

	while ((due = timerq_next(r->table.env.timers)) <= until) {
		if (due > r->clock.t)
			r->clock.t = due;
		timerq_run(r->table.env.timers, r->clock.t);
	}
	r->clock.t = until;
}

struct flow *set_rig_flow(struct set_rig *r, unsigned session, enum dir dir)
{
	return &session_at(r, session)->session.flow[dir];
}

void set_rig_block(struct set_rig *r, unsigned session, enum dir dir, bool blocked)
{
	struct flow *f = set_rig_flow(r, session, dir);

	session_at(r, session)->blocked[dir] = blocked;
	if (!blocked)
		flow_sent(f, f->undelivered);
}

const char *set_rig_log(const struct set_rig *r)
{
	return r->log.s;
}

void set_rig_log_clear(struct set_rig *r)
{
	r->log.n = 0;
	append(&r->log, "", 0);
}

const char *set_rig_journal(struct set_rig *r)
{
	char piece[4096];
	const char *second;
	off_t at = 0;
	ssize_t n;

	journal_flush(r->table.env.journal);
	r->journal.n = 0;
	append(&r->journal, "", 0);
	while ((n = pread(r->journal_fd, piece, sizeof(piece), at)) > 0) {
		append(&r->journal, piece, (size_t)n);
		at += n;
	}
	second = strchr(r->journal.s, '\n');
	return second ? second + 1 : "";
}
