/* page.c - one function a part of the page. Lines that are to be copied (filters) are never
 * wrapped. */
#include "scenarios/diagnosis_report/page.h"

#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"
#include "scenarios/diagnosis/doubts.h"
#include "scenarios/diagnosis_report/capture_lines.h"
#include "scenarios/diagnosis_report/figures.h"
#include "scenarios/diagnosis_report/findings_page.h"

#include <inttypes.h>
#include <stdlib.h>

/* Where the user names no number. */
#define SHOWN	      10
#define SHOWN_OF_MANY 5 /* connections, below their servers */
#define CAUSES_SHOWN  5

/* Returns what the verdict on a cause begins with: the finding that explains it, if there is one.
 * The caller frees. */
static char *verdict_lead(const struct diagnosis *d, enum cause worst)
{
	int64_t total = d->all.tallies.of[worst]->lengths.total;
	const struct finding *x = findings_explain(&d->groups.findings, worst, total);
	char *text, *lead;

	if (!x)
		return xstrdup("Most time was lost to");
	text = finding_sentence(x);
	lead = xasprintf("%s. There most time was lost, to", text);
	free(text);
	return lead;
}

static void write_verdict(const struct diagnosis *d, FILE *out)
{
	enum cause worst = tallies_worst(&d->all.tallies);
	int64_t lost = tallies_lost(&d->all.tallies);
	char total[UNITS_TEXT], median[UNITS_TEXT], all[UNITS_TEXT], *text, *lead;
	const struct tally *x;
	const char *label;

	if (worst == CAUSE_COUNT && d->groups.findings.n) {
		text = finding_sentence(&d->groups.findings.list[0]);
		layout_wrap(out, "No time was lost, but: ", 0, text);
		free(text);
		return;
	}
	if (worst == CAUSE_COUNT) {
		layout_wrap(out, "", 0,
			    d->all.counts.connections
				? "Nobody waited here for anything that TCP, a network or an "
				  "application should have done sooner."
				: "No connection was selected.");
		return;
	}
	x = d->all.tallies.of[worst];
	label = tally_label(x);
	lead = verdict_lead(d, worst);
	text = xasprintf(
	    "%s: %s%s%s. %" PRIu64 " wait%s in %" PRIu64 " of %" PRIu64
	    " connection%s, %s in all: %.0f %% of the %s that were lost, %.0f %% of the "
	    "connections' time; median %s. %s %s.",
	    lead, cause_row(worst)->words, label ? ", " : "", label ? label : "", x->lengths.n,
	    plural_ending(x->lengths.n), d->all.with[worst], d->all.counts.connections,
	    plural_ending(d->all.counts.connections), time_text(x->lengths.total, total),
	    share_percent(x->lengths.total, lost), time_text(lost, all),
	    share_percent(x->lengths.total, d->all.time),
	    time_text(durations_quantile(&x->values, 0.5), median),
	    doubt_asks_elsewhere(label) ? "From this vantage it can't be told whether it is"
					: "It is",
	    blamed_words(worst, x));
	layout_wrap(out, "", 0, text);
	free(lead);
	free(text);
}

static void write_examples(const struct tally *x, FILE *out)
{
	char *first = stall_filter(&x->first), *longest = stall_filter(&x->longest);
	char length[UNITS_TEXT];

	fprintf(out, "%10sfirst    %s\n", "", first);
	if (x->first.frames[0] != x->longest.frames[0])
		fprintf(out, "%10slongest  %s   (%s)\n", "", longest,
			time_text(x->longest.to - x->longest.from, length));
	free(first);
	free(longest);
}

static void write_cause(enum cause c, const struct tally *x, FILE *out)
{
	char total[UNITS_TEXT], median[UNITS_TEXT], low[UNITS_TEXT], high[UNITS_TEXT];
	const struct cause_row *row = cause_row(c);
	const char *label = tally_label(x);
	char *spread = xasprintf("%s to %s", time_text(durations_quantile(&x->values, 0.05), low),
				 time_text(durations_quantile(&x->values, 0.95), high));

	fprintf(out, "%8" PRIu64 " %10s %10s  %-22s %-7s  %s (%s)\n", x->lengths.n,
		time_text(x->lengths.total, total),
		time_text(durations_quantile(&x->values, 0.5), median), spread, blamed_side(c, x),
		row->key, row->rule);
	free(spread);
	if (!row->lost)
		return;
	fprintf(out, "%10s%s%s%s\n", "", row->words, label ? ", " : "", label ? label : "");
	write_examples(x, out);
}

/* top: so many; 0: those whose time was lost, and some of the others. */
static void write_causes(const struct diagnosis *d, size_t top, FILE *out)
{
	enum cause order[CAUSE_COUNT];
	size_t n = tallies_order(&d->all.tallies, order), left = 0;

	if (!n)
		return;
	fputs("\n   Waits      Total     Median  5 % to 95 %            Up to    Cause\n", out);
	for (size_t i = 0; i < n; i++) {
		if (top ? i < top : i < CAUSES_SHOWN || !cause_row(order[i])->lost)
			write_cause(order[i], d->all.tallies.of[order[i]], out);
		else
			left++;
	}
	if (left)
		fprintf(out, "%10sand %zu more (--top, --json)\n", "", left);
}

/* Writes "50 x delayed-ack-windows, 2 x rto and 1 more". */
static void write_mix(const struct tallies *t, FILE *out)
{
	enum cause order[CAUSE_COUNT];
	size_t n = tallies_order(t, order), lost = 0;

	for (size_t i = 0; i < n; i++) {
		if (!cause_row(order[i])->lost)
			continue;
		if (lost++ < 2)
			fprintf(out, "%s%" PRIu64 " x %s", lost > 1 ? ", " : "",
				t->of[order[i]]->lengths.n, cause_row(order[i])->key);
	}
	if (lost > 2)
		fprintf(out, " and %zu more", lost - 2);
	fputc('\n', out);
}

static uint64_t count_losing(const struct service *s)
{
	uint64_t n = 0;

	for (int c = 0; c < CAUSE_COUNT; c++)
		if (cause_row((enum cause)c)->lost && s->with[c] > n)
			n = s->with[c];
	return n;
}

static void write_services(const struct diagnosis *d, size_t shown, FILE *out)
{
	char server[ADDR_TEXT], lost[UNITS_TEXT], time[UNITS_TEXT];
	const struct service **order = services_by_loss(&d->services);

	fputs("\n    Lost        Of  Connections  Server, and causes\n", out);
	for (size_t i = 0; i < d->services.n && i < shown; i++) {
		const struct service *s = order[i];
		int64_t sum = tallies_lost(&s->tallies);

		if (!sum)
			break;
		fprintf(out, "%8s  %8s  %11" PRIu64 "  %s: ", time_text(sum, lost),
			time_text(s->time, time), s->counts.connections,
			addr_port(&s->server) ? addr_format(&s->server, server) : "all others");
		write_mix(&s->tallies, out);
	}
	free(order);
}

static void write_connections(const struct diagnosis *d, size_t shown, FILE *out)
{
	char client[ADDR_TEXT], server[ADDR_TEXT], lost[UNITS_TEXT], time[UNITS_TEXT];

	for (size_t i = 0; i < d->ranking.n && i < shown; i++) {
		const struct ranked *r = &d->ranking.list[i];

		if (r->lost == 0)
			break;
		if (!i)
			fputs("\n    Lost      Of  tcp.stream  Connection, and causes\n", out);
		fprintf(out, "%8s  %8s %8" PRIu32 "   %s -> %s%s: ", time_text(r->lost, lost),
			time_text(r->end - r->begin, time), r->wire.index,
			addr_format(&r->wire.client, client), addr_format(&r->wire.server, server),
			r->wire.unreliable ? " (unreliable)" : "");
		write_mix(&r->tallies, out);
	}
}

void page_write(const struct diagnosis *d, const char *path, size_t top, FILE *out)
{
	size_t shown = top ? top : SHOWN;
	/* Where hundreds are alike, their server says more than each of them. */
	bool many = count_losing(&d->all) > shown;

	write_verdict(d, out);
	fputc('\n', out);
	capture_lines_write(d, path, out);
	write_causes(d, top, out);
	if (many)
		write_services(d, shown, out);
	write_connections(d, many && !top ? SHOWN_OF_MANY : shown, out);
	findings_write(&d->groups.findings, NULL, out);
	fputc('\n', out);
	healthy_lines_write(d, out);
}
