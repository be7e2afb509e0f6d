/* progress.c - on a terminal one line that is written over; else a line now and then. */
#include "scenarios/run/progress.h"

#include "proxy/base/clock.h"
#include "proxy/base/standard_streams.h"

#include <stdio.h>
#include <string.h>

#define SHOW_EVERY_TTY	(NS_PER_S / 5)
#define SHOW_EVERY_FILE (5 * NS_PER_S)
#define TELL_EVERY	(NS_PER_S / 5)

void progress_init(struct progress *p, const char *scenario, unsigned count,
		   const struct run_news *news)
{
	memset(p, 0, sizeof(*p));
	p->tty = standard_streams_terminal();
	p->scenario = scenario;
	p->count = count;
	p->news = news;
}

static void show_progress(struct progress *p, const char *tail, bool last)
{
	double elapsed = clock_seconds(clock_now(&clock_monotonic) - p->phase_started);

	if (p->tty)
		standard_streams_erase_line(stderr);
	fprintf(stderr, "[%u/%u] %s: %-12s %6.1f s  %llu", p->index, p->count, p->scenario,
		p->phase, elapsed, (unsigned long long)p->exchanges);
	if (p->expected)
		fprintf(stderr, "/%llu", (unsigned long long)p->expected);
	fprintf(stderr, " exchanges%s%s%s", tail ? "  " : "", tail ? tail : "",
		last || !p->tty ? "\n" : "");
	fflush(stderr);
}

void progress_phase(struct progress *p, const char *name, uint64_t expected)
{
	snprintf(p->phase, sizeof(p->phase), "%s", name);
	p->index++;
	p->exchanges = 0;
	p->expected = expected;
	p->phase_started = clock_now(&clock_monotonic);
	p->last_shown = p->phase_started;
	run_news_send(p->news, "phase", "s:i, s:I", "index", (int)p->index - 1, "expected",
		      (json_int_t)expected);
	if (p->tty)
		show_progress(p, NULL, false);
}

/* Not more often than somebody can see. */
static void tell_exchanges(struct progress *p, int64_t now)
{
	if (now - p->last_told < TELL_EVERY)
		return;
	p->last_told = now;
	run_news_send(p->news, "exchanges", "s:I", "exchanges", (json_int_t)p->exchanges);
}

void progress_update(struct progress *p, uint64_t exchanges)
{
	int64_t now = clock_now(&clock_monotonic);

	p->exchanges = exchanges;
	tell_exchanges(p, now);
	if (now - p->last_shown < (p->tty ? SHOW_EVERY_TTY : SHOW_EVERY_FILE))
		return;
	p->last_shown = now;
	show_progress(p, NULL, false);
}

void progress_count(struct progress *p, uint64_t exchanges)
{
	p->exchanges = exchanges;
}

void progress_phase_done(struct progress *p, const char *summary)
{
	show_progress(p, summary, true);
	run_news_send(p->news, "phase_done", "s:I, s:s", "exchanges", (json_int_t)p->exchanges,
		      "summary", summary ? summary : "");
}
