/* pauses.c - silences that end together are one pause. It has lasted at least since the first
 * packet that the host left unanswered, and at most since the last one that it sent. */
#include "scenarios/fit/pauses.h"

#include "proxy/base/clock.h"

#define TOGETHER (5 * NS_PER_MS) /* docs/rules.md, R14 */

static void end_pause(struct pauses *p)
{
	const struct host_silence *s = &p->now;
	int64_t last = s->last < s->since ? s->last : s->since;

	if (!s->to)
		return;
	durations_add(&p->lengths, s->to - (s->since - (s->since - last) / 2));
	p->of_client += p->now_of_client;
	if (p->end && s->to > p->end)
		durations_add(&p->periods, s->to - p->end);
	p->end = s->to;
}

void pauses_take(struct pauses *p, bool of_client, const struct host_silence *s)
{
	struct host_silence *now = &p->now;

	if (!now->to || of_client != p->now_of_client || s->to - now->to > TOGETHER ||
	    s->to < now->to) {
		end_pause(p);
		*now = *s;
		p->now_of_client = of_client;
		return;
	}
	/* The end stays the first one: what comes behind it is the host's burst. */
	if (s->since < now->since)
		now->since = s->since;
	if (s->last > now->last)
		now->last = s->last;
}

void pauses_finish(struct pauses *p)
{
	end_pause(p);
	p->now.to = 0;
}

void pauses_fini(struct pauses *p)
{
	durations_fini(&p->lengths);
	durations_fini(&p->periods);
}
