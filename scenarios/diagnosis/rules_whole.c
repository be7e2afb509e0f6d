/* rules_whole.c - the rules in order: the first that is the connection's case. */
#include "scenarios/diagnosis/rules_whole.h"

#include "proxy/base/clock.h"

#include <string.h>

#define REFUSED_WITHIN (1 * NS_PER_S)	 /* R2 */
#define SILENCE_MIN    (5 * NS_PER_S)	 /* R16 */
#define SYN_SLACK      (150 * NS_PER_MS) /* of a SYN's timer: its ticks, and the way */

static void set_frames(struct found *f, uint32_t a, uint32_t b, uint32_t c)
{
	f->frames[0] = a;
	f->frames[1] = b;
	f->frames[2] = c;
}

bool is_refused(const struct connection *c, const struct outline *o)
{
	const struct wire_connection *w = &c->wire;

	return w->syn && !w->syn_ack && o->end.at && o->end.dir == DIR_DOWNSTREAM &&
	       o->end.flags & TCP_RST && o->end.at - o->syns[o->nsyns - 1] <= REFUSED_WITHIN;
}

/* Returns whether the times between SYNs are a timer's, in seconds; at least two of them, but a
 * first one of 3 s is Windows' own. */
static bool is_spaced(const int64_t syns[], unsigned n, const unsigned char seconds[7])
{
	for (unsigned i = 0; i + 1 < n && i < 7; i++) {
		int64_t off = syns[i + 1] - syns[i] - seconds[i] * NS_PER_S;

		/* Each step of a timer that backs off is as much longer as the timer is. */
		if (off < -SYN_SLACK || off > SYN_SLACK * (1 + seconds[i] / 2))
			return false;
	}
	return true;
}

const char *syn_sender(const int64_t syns[], unsigned n)
{
	static const struct {
		unsigned char seconds[7];
		unsigned least; /* SYNs that tell it from others */
		const char *words;
	} timers[] = {
	    {{3, 6, 12, 24, 48, 96, 192}, 2, "sent as by Windows up to 7 and 2008 R2 (3, 6 s)"},
	    {{1, 1, 1, 1, 1, 2, 4},
	     3,
	     "sent as by Linux 6.5 or later, or macOS (1, 1, 1, 1, 1, 2, 4 s)"},
	    {{1, 2, 4, 8, 16, 32, 64},
	     3,
	     "sent as by Linux before 6.5, or Windows from 8 on (1, 2, 4 s)"},
	};

	for (size_t i = 0; i < ARRAY_LEN(timers); i++)
		if (n >= timers[i].least && is_spaced(syns, n, timers[i].seconds))
			return timers[i].words;
	return NULL;
}

/* Returns whether the capture lacks, or may lack, some of what the server sent: then nobody knows
 * that it sent nothing, or not all. */
static bool lacks_answers(const struct connection *c)
{
	const struct seq_space *seq = &c->half[DIR_DOWNSTREAM].seq;

	return c->unseen || seq->nislands || seq->edge < seq->next;
}

static bool is_blackhole(const struct connection *c, const struct outline *o, int64_t end,
			 struct found *f)
{
	const struct wire_connection *w = &c->wire;

	/* Other segments of the client answer what the capture lacks. */
	if (!w->syn || w->syn_ack || o->end.at || w->packets[DIR_DOWNSTREAM] ||
	    w->packets[DIR_UPSTREAM] > w->syns[DIR_UPSTREAM])
		return false;
	/* One SYN alone, just before the end, has been waiting for an answer as long as any. */
	if (o->nsyns < 2 && end - w->syn < REFUSED_WITHIN)
		return false;
	f->kind = FINDING_BLACKHOLE;
	f->label = syn_sender(o->syns, o->nsyns);
	f->value = o->nsyns < 2 ? 0 : o->syns[1] - o->syns[0];
	set_frames(f, o->syn_frame, o->nsyns < 2 ? 0 : o->last_syn_frame, 0);
	return true;
}

/* R16: idle for long, and then nobody at the other end. */
static bool is_stale(const struct connection *c, const struct outline *o, int64_t end,
		     struct found *f)
{
	const struct wire_connection *w = &c->wire;
	bool reset = o->end.at && o->end.flags & TCP_RST && o->end.dir == DIR_DOWNSTREAM;

	if (!o->idle || o->revived || (o->end.at && o->end.at < o->after_idle.at))
		return false;
	if (reset && o->step.at == o->end.at)
		f->label = w->reset_answered
			       ? "the server's host answered by RST: it knows of no such connection"
			       : "answered by RST";
	else if (end - o->after_idle.at < SILENCE_MIN)
		return false;
	else
		f->label = o->acked_since
			       ? "the server's host acknowledged, its application said nothing"
			       : STALE_UNANSWERED;
	f->kind = FINDING_STALE;
	f->value = o->idle;
	set_frames(f, o->before_idle.frame, o->after_idle.frame, reset ? o->end.frame : 0);
	return true;
}

static bool is_dropped(const struct connection *c, const struct outline *o, struct found *f)
{
	const struct wire_connection *w = &c->wire;

	if (!w->dropped_after || w->data_bytes[DIR_DOWNSTREAM] || w->midstream || lacks_answers(c))
		return false;
	f->kind = FINDING_DROPPED;
	f->value = w->dropped_after;
	if (o->end.flags & TCP_RST)
		f->label = o->asked ? "by RST, behind the client's request"
				    : "by RST, before the client asked anything";
	else
		f->label = o->asked ? "by FIN, behind the client's request"
				    : "by FIN, before the client asked anything";
	set_frames(f, o->syn_frame, o->accepted_frame, o->end.frame);
	return true;
}

/* R10: the server's end is the first, and came too early. */
static bool is_truncated(const struct connection *c, const struct outline *o,
			 const struct records *answers, struct found *f)
{
	bool by_rst = o->end.flags & TCP_RST;
	uint64_t next = c->half[DIR_DOWNSTREAM].seq.next - (o->end.flags & TCP_FIN ? 1 : 0);
	const char *broken = c->wire.unreliable ? NULL : records_broken(answers, next);

	if (!o->end.at || o->end.dir != DIR_DOWNSTREAM || lacks_answers(c))
		return false;
	f->kind = FINDING_TRUNCATED;
	f->label = by_rst ? "by RST" : "by FIN";
	set_frames(f, o->end.frame, 0, 0);
	if (c->wire.truncated)
		return true;
	f->label = broken;
	if (broken)
		return true;
	f->kind = FINDING_NO_CLOSE_NOTIFY;
	return !by_rst && !c->wire.unreliable && records_end_unannounced(answers, next);
}

bool is_request_dropped(const struct connection *c, const struct outline *o)
{
	const struct wire_exchange *x = connection_current_exchange(c);

	return o->end.at && o->end.dir == DIR_DOWNSTREAM && !o->announced && !lacks_answers(c) &&
	       c->wire.nexchanges > 1 && c->wire.data_bytes[DIR_DOWNSTREAM] && x->request_bytes &&
	       !x->response_start && x->request_start <= o->end.at;
}

bool judge_whole_connection(const struct connection *c, const struct outline *o,
			    const struct records *answers, int64_t end, struct found *f)
{
	memset(f, 0, sizeof(*f));
	f->server = c->wire.server;
	f->connection = c->wire.index;
	if (is_refused(c, o)) {
		f->kind = FINDING_REFUSED;
		set_frames(f, o->last_syn_frame, o->end.frame, 0);
		return true;
	}
	return is_blackhole(c, o, end, f) || is_dropped(c, o, f) || is_stale(c, o, end, f) ||
	       is_truncated(c, o, answers, f);
}
