/* capture_lines.c - a sentence for each thing that is worth telling. */
#include "scenarios/diagnosis_report/capture_lines.h"

#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"
#include "scenarios/diagnosis_report/capture_facts.h"
#include "scenarios/diagnosis_report/figures.h"
#include "scenarios/diagnosis_report/unreliable.h"

#include <inttypes.h>
#include <stdlib.h>

static void write_selection(const struct selection *s, const struct diagnosis *d, FILE *out)
{
	char since[MOMENT_TEXT], until[MOMENT_TEXT];

	if (!s->nnetworks && !s->nports && !s->connection.given && !s->since.given &&
	    !s->until.given)
		return;
	fprintf(out, "Selected: %" PRIu64 " of %" PRIu32 " connections", d->all.counts.connections,
		d->stream.connections.begun);
	if (s->since.given)
		fprintf(out, ", since %s", moment_text(s->since.ns, since));
	if (s->until.given)
		fprintf(out, ", until %s", moment_text(s->until.ns, until));
	fputs(".\n", out);
}

/* Says which leg this is about, where the capture has both. */
static void write_leg(const struct diagnosis *d, FILE *out)
{
	bool server = d->stream.leg == CAPTURE_LEG_SERVER;
	char packets[COUNT_TEXT], *text;

	if (!d->stream.both_legs)
		return;
	text = xasprintf(
	    "It holds both legs of wedge's connections, each connection on either: "
	    "this is about the %s leg, %s of the %s leg %s left out (--from %s: about that "
	    "one).",
	    server ? "server" : "client", count_text(d->stream.of_other_leg, "packet", packets),
	    server ? "client" : "server", d->stream.of_other_leg == 1 ? "is" : "are",
	    server ? "client" : "server");
	layout_wrap(out, "", 0, text);
	free(text);
}

static void write_unreliable(const struct diagnosis *d, FILE *out)
{
	char *why = unreliable_reason(d), *text;

	if (!why)
		return;
	text = xasprintf("The capture is unreliable (R0), nothing is said of loss%s: %s.",
			 d->capture.dropped ? "" : " there", why);
	layout_wrap(out, "", 0, text);
	free(text);
	free(why);
}

#define TAIL_MIN (10 * NS_PER_MS) /* less is the time that an end takes */

/* Says why waits may last beyond the last packet. */
static void write_tail(const struct diagnosis *d, FILE *out)
{
	int64_t tail = packet_stream_end(&d->stream) - d->stream.last;
	char time[UNITS_TEXT], *text;

	if (tail < TAIL_MIN)
		return;
	text =
	    xasprintf("It went on for %s behind its last packet, as its interface statistics tell: "
		      "what was open then waited until its end.",
		      time_text(tail, time));
	layout_wrap(out, "", 0, text);
	free(text);
}

static void write_faults(const struct diagnosis *d, FILE *out)
{
	write_unreliable(d, out);
	if (d->cut_short)
		fprintf(out, "The file breaks off, what follows isn't known: %s.\n", d->cut_short);
	capture_facts_write(&d->capture, d->stream.not_parsed, out);
}

static void write_vantage(const struct diagnosis *d, FILE *out)
{
	char *text;

	if (d->question.taken_at) {
		fprintf(out, "Taken beside the %s, as --from says.\n",
			d->question.taken_at == VANTAGE_CLIENT ? "client" : "server");
		return;
	}
	text = vantages_sentence(&d->vantages);
	if (text)
		layout_wrap(out, "", 0, text);
	free(text);
}

void capture_lines_write(const struct diagnosis *d, const char *path, FILE *out)
{
	char span[UNITS_TEXT], time[UNITS_TEXT], active[UNITS_TEXT], lost[UNITS_TEXT],
	    other[UNITS_TEXT], unknown[UNITS_TEXT], packets[COUNT_TEXT];
	const struct tally *x = d->all.tallies.of[CAUSE_UNKNOWN];
	int64_t sum = tallies_lost(&d->all.tallies), untold = x ? x->lengths.total : 0;
	char *text;

	fprintf(out, "%s: %s in %s, %" PRIu64 " of TCP, %" PRIu32 " connection%s\n", path,
		count_text(d->stream.packets, "packet", packets),
		time_text(d->stream.last - d->stream.first, span), d->stream.tcp_packets,
		d->stream.connections.begun, plural_ending(d->stream.connections.begun));
	write_leg(d, out);
	write_selection(&d->question.selection, d, out);
	write_tail(d, out);
	write_vantage(d, out);
	write_faults(d, out);
	text =
	    xasprintf("The connections lasted %s together: %s active, %s lost, %s idle; %s "
		      "(%.1f %%) of unknown cause.",
		      time_text(d->all.time, time), time_text(d->all.time - d->all.stalled, active),
		      time_text(sum, lost), time_text(d->all.stalled - sum, other),
		      time_text(untold, unknown), share_percent(untold, d->all.time));
	layout_wrap(out, "", 0, text);
	free(text);
}

/* Appends ", more" or the first part of a sentence; takes more. */
static void add_part(char **text, char *more)
{
	char *longer = *text ? xasprintf("%s; %s", *text, more) : xstrdup(more);

	free(more);
	free(*text);
	*text = longer;
}

static void add_times(char **text, const char *what, const char *of, const struct durations *t)
{
	char median[UNITS_TEXT], high[UNITS_TEXT];

	if (t->n)
		add_part(text, xasprintf("%s %s (median of %" PRIu64 "%s%s, 95 %% within %s)", what,
					 time_text(durations_quantile(t, 0.5), median), t->n, of,
					 *of ? plural_ending(t->n) : "",
					 time_text(durations_quantile(t, 0.95), high)));
}

static uint64_t sum_both(const uint64_t of[DIR_COUNT])
{
	return of[DIR_UPSTREAM] + of[DIR_DOWNSTREAM];
}

static void add_resends(char **text, const struct service_counts *n, bool unreliable)
{
	uint64_t again = sum_both(n->retransmissions), late = sum_both(n->out_of_order);
	uint64_t data = sum_both(n->data_segments);
	char resends[COUNT_TEXT], segments[COUNT_TEXT];

	count_text(data, "data segment", segments);
	if (again)
		add_part(text, xasprintf("%s (%" PRIu64 " of them fast) of %s, %.2f %%",
					 count_text(again, "retransmission", resends),
					 sum_both(n->fast_retransmissions), segments,
					 share_percent((int64_t)again, (int64_t)data)));
	else
		add_part(text, xasprintf("nothing%s was sent again (%s)",
					 unreliable ? " that the capture has" : "", segments));
	if (late)
		add_part(text, xasprintf("%" PRIu64 " out of order", late));
}

void healthy_lines_write(const struct diagnosis *d, FILE *out)
{
	const struct service_counts *n = &d->all.counts;
	char *text = NULL, windows[COUNT_TEXT], syns[COUNT_TEXT], fins[COUNT_TEXT],
	     resets[COUNT_TEXT], bytes[COUNT_TEXT];

	if (!n->connections)
		return;
	add_resends(&text, n, d->capture.dropped || n->unreliable);
	add_part(&text, sum_both(n->zero_windows)
			    ? xstrdup(count_text(sum_both(n->zero_windows), "zero window", windows))
			    : xstrdup("no window was closed"));
	add_part(&text, xasprintf("%s, %s, %s, %" PRIu64 " refused",
				  count_text(sum_both(n->syns), "SYN", syns),
				  count_text(sum_both(n->fins), "FIN", fins),
				  count_text(sum_both(n->resets), "RST", resets), n->refused));
	add_part(&text, xasprintf("%s to servers, %" PRIu64 " to clients",
				  count_text(n->data_bytes[DIR_UPSTREAM], "byte", bytes),
				  n->data_bytes[DIR_DOWNSTREAM]));
	add_times(&text, "connecting took", "", &d->all.connects);
	add_times(&text, "an answer began after", " request", &d->answers);
	layout_wrap(out, "Counted: ", 0, text);
	free(text);
}
