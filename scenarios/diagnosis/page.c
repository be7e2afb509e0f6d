/* page.c - one function a part of the page. */
#include "scenarios/diagnosis/page.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "scenarios/base/layout.h"
#include "scenarios/diagnosis/capture_facts.h"
#include "scenarios/diagnosis/findings_page.h"

#include <inttypes.h>
#include <string.h>

#define SHOWN_CONNECTIONS 10

static char *time_text(int64_t ns, char buf[UNITS_TEXT])
{
	return format_seconds(clock_seconds(ns), buf);
}

static double share_percent(int64_t part, int64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static const char *plural_ending(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* Returns who can end the waits of that cause: by most of them. */
static const char *blamed_side(enum cause c, const struct tally *x)
{
	return blame_name(cause_blame(c, 2 * x->to_client >= x->lengths.n));
}

/* Returns the text of a filter that shows the frames, to be freed. */
static char *frames_filter(const struct stall *s)
{
	char *text = xasprintf("frame.number in {%u", s->frames[0]), *more;

	for (int i = 1; i < STALL_FRAMES && s->frames[i]; i++) {
		more = xasprintf("%s, %u", text, s->frames[i]);
		free(text);
		text = more;
	}
	more = xasprintf("%s}", text);
	free(text);
	return more;
}

static void write_verdict(const struct diagnosis *d, FILE *out)
{
	enum cause worst = tallies_worst(&d->all.tallies);
	int64_t lost = tallies_lost(&d->all.tallies);
	char total[UNITS_TEXT], median[UNITS_TEXT], all[UNITS_TEXT], *text;
	const struct tally *x;

	if (worst == CAUSE_COUNT && d->groups.findings.n) {
		text = finding_sentence(&d->groups.findings.list[0]);
		layout_wrap(out, "No time was lost, but: ", 0, text);
		free(text);
		return;
	}
	if (worst == CAUSE_COUNT) {
		layout_wrap(out, "", 0,
			    d->all.counts.connections
				? "Nobody waited for anything here that TCP, a network "
				  "or an application should have done sooner."
				: "There is no TCP connection in this capture.");
		return;
	}
	x = d->all.tallies.of[worst];
	text = xasprintf(
	    "Most time was lost to: %s%s%s. %" PRIu64 " wait%s, %s in all, %.0f %% of the %s "
	    "that were lost; median %s; it is up to the %s.",
	    cause_row(worst)->words, 2 * x->labelled > x->lengths.n ? ", " : "",
	    2 * x->labelled > x->lengths.n ? x->label : "", x->lengths.n,
	    plural_ending(x->lengths.n), time_text(x->lengths.total, total),
	    share_percent(x->lengths.total, lost), time_text(lost, all),
	    time_text(durations_quantile(&x->values, 0.5), median), blamed_side(worst, x));
	layout_wrap(out, "", 0, text);
	free(text);
}

static void write_capture(const struct diagnosis *d, const char *path, FILE *out)
{
	char span[UNITS_TEXT], time[UNITS_TEXT], active[UNITS_TEXT], stalled[UNITS_TEXT];
	char *vantage;

	fprintf(out, "%s: %" PRIu64 " packets in %s, %" PRIu64 " of TCP, %" PRIu64 " connection%s",
		path, d->stream.packets, time_text(d->stream.last - d->stream.first, span),
		d->stream.tcp_packets, d->all.counts.connections,
		plural_ending(d->all.counts.connections));
	if (d->cut_short)
		fprintf(out, "; it breaks off: %s", d->cut_short);
	fprintf(out, "\nConnections lasted %s together: %s active, %s standing still.\n",
		time_text(d->all.time, time), time_text(d->all.time - d->all.stalled, active),
		time_text(d->all.stalled, stalled));
	vantage = vantages_sentence(&d->vantages);
	if (vantage) {
		layout_wrap(out, "", 0, vantage);
		free(vantage);
	}
	capture_facts_write(&d->capture, d->stream.not_parsed, out);
}

static void write_cause(enum cause c, const struct tally *x, FILE *out)
{
	char total[UNITS_TEXT], median[UNITS_TEXT], low[UNITS_TEXT], high[UNITS_TEXT];
	char *spread, *filter = frames_filter(&x->first);

	spread = xasprintf("%s to %s", time_text(durations_quantile(&x->values, 0.05), low),
			   time_text(durations_quantile(&x->values, 0.95), high));
	fprintf(out, "%8" PRIu64 "  %9s  %9s  %-22s  %-7s %s%s%s\n", x->lengths.n,
		time_text(x->lengths.total, total),
		time_text(durations_quantile(&x->values, 0.5), median), spread, blamed_side(c, x),
		cause_row(c)->words, x->labelled ? ", " : "", x->labelled ? x->label : "");
	fprintf(out, "%66s %s\n", "", filter);
	free(spread);
	free(filter);
}

/* Writes the causes of one kind (lost time or not), most time first. */
static void write_causes(const struct tallies *t, bool lost, FILE *out)
{
	bool written[CAUSE_COUNT] = {false};

	for (;;) {
		int most = -1;

		for (int c = 0; c < CAUSE_COUNT; c++)
			if (t->of[c] && !written[c] && cause_row((enum cause)c)->lost == lost &&
			    (most < 0 || t->of[c]->lengths.total > t->of[most]->lengths.total))
				most = c;
		if (most < 0)
			return;
		written[most] = true;
		write_cause((enum cause)most, t->of[most], out);
	}
}

static void write_connections(const struct diagnosis *d, FILE *out)
{
	char client[ADDR_TEXT], server[ADDR_TEXT], lost[UNITS_TEXT], time[UNITS_TEXT];

	for (size_t i = 0; i < d->ranking.n && i < SHOWN_CONNECTIONS; i++) {
		const struct ranked *r = &d->ranking.list[i];
		enum cause worst = tallies_worst(&r->tallies);

		if (worst == CAUSE_COUNT)
			break;
		if (!i)
			fputs("\nConnections that lost the most time\n", out);
		fprintf(out, "%9s of %-9s tcp.stream eq %-5" PRIu32 " %s -> %s: %s\n",
			time_text(r->lost, lost), time_text(r->end - r->begin, time), r->wire.index,
			addr_format(&r->wire.client, client), addr_format(&r->wire.server, server),
			cause_row(worst)->words);
	}
}

static void write_healthy(const struct diagnosis *d, FILE *out)
{
	const struct service_counts *n = &d->all.counts;
	uint64_t again = n->retransmissions[0] + n->retransmissions[1];
	uint64_t data = n->data_segments[0] + n->data_segments[1];
	char connect[UNITS_TEXT];

	fprintf(out, "\nBeside that: %" PRIu64 " of %" PRIu64 " segments sent again", again, data);
	if (again)
		fprintf(out, " (%.2f %%, %" PRIu64 " of them fast)",
			share_percent((int64_t)again, (int64_t)data),
			n->fast_retransmissions[0] + n->fast_retransmissions[1]);
	fprintf(out, ", %" PRIu64 " zero windows, %" PRIu64 " RSTs, %" PRIu64 " refused",
		n->zero_windows[0] + n->zero_windows[1], n->resets[0] + n->resets[1], n->refused);
	if (d->all.connects.n)
		fprintf(out, "; connecting took %s (median)",
			time_text(durations_quantile(&d->all.connects, 0.5), connect));
	fputs(".\n", out);
	if (n->unreliable)
		fprintf(out,
			"The capture is faulty in %" PRIu64
			" connection%s (R0): nothing is said of "
			"loss there.\n",
			n->unreliable, plural_ending(n->unreliable));
}

void page_write(const struct diagnosis *d, const char *path, FILE *out)
{
	write_verdict(d, out);
	fputc('\n', out);
	write_capture(d, path, out);
	if (tallies_stalled(&d->all.tallies)) {
		fputs("\n   Waits      Total     Median  5 % to 95 %             Up to   Cause, "
		      "and the "
		      "frames of the first\n",
		      out);
		write_causes(&d->all.tallies, true, out);
		write_causes(&d->all.tallies, false, out);
	}
	write_connections(d, out);
	findings_write(&d->groups.findings, out);
	write_healthy(d, out);
}
