/* capture_facts.c - a sentence a fact, with its number. */
#include "scenarios/diagnosis_report/capture_facts.h"

#include "scenarios/base/figure_text.h"

#include <inttypes.h>

#define BACK_MAX (1 * NS_PER_MS) /* less is the disorder of several capture queues, as for R0 */

static void write_count(FILE *out, const char *what, uint64_t n)
{
	fprintf(out, "%s: %" PRIu64 " packet%s", what, n, plural_ending(n));
}

static void write_cut(const struct capture_counts *n, FILE *out)
{
	if (!n->cut)
		return;
	write_count(out, "Cut by the snap length", n->cut);
	fprintf(out,
		", behind %" PRIu32 " bytes: what was said in them is not known, lengths are.\n",
		n->cut_at);
}

static void write_unread(const struct capture_counts *n, uint64_t not_parsed, FILE *out)
{
	if (n->unknown_link) {
		write_count(out, "Of link types that are not read here", n->unknown_link);
		fprintf(out, ", the first of type %u, left out.\n", n->unknown_link_type);
	}
	if (n->too_deep) {
		write_count(out, "Nested too deep", n->too_deep);
		fprintf(out, " of more than %d headers, not opened further.\n", LAYERS_MAX);
	}
	if (n->fragments) {
		write_count(out, "Fragments", n->fragments);
		fputs(", not put together; the connections they belong to are not judged.\n", out);
	}
	if (not_parsed) {
		write_count(out, "TCP that can't be read", not_parsed);
		fputs(n->cut ? ", cut by the snap length (96 bytes are enough), later fragments or "
			       "malformed.\n"
			     : ", later fragments or malformed.\n",
		      out);
	}
}

void capture_facts_write(const struct capture_counts *n, uint64_t not_parsed, FILE *out)
{
	char time[UNITS_TEXT];

	if (n->back_step > BACK_MAX) {
		write_count(out, "The clock goes back", n->back);
		fprintf(out, ", by %s at most.\n",
			format_seconds(clock_seconds(n->back_step), time));
	}
	if (n->lag > BACK_MAX) {
		write_count(out, "Written too late by one of several interfaces", n->late);
		fprintf(out, ", by up to %s; put in order.\n",
			format_seconds(clock_seconds(n->lag), time));
	}
	if (n->jumps)
		fprintf(out,
			"The clock jumps by more than a year, %" PRIu64 " time%s, first at frame "
			"%" PRIu32 ": time is told as if it had gone on there.\n",
			n->jumps, plural_ending(n->jumps), n->jump_frame);
	if (n->timeless) {
		write_count(out, "Without a time", n->timeless);
		fputs(", which get that of the one before.\n", out);
	}
	if (n->copies) {
		write_count(out, "Captured at several points", n->copies);
		fprintf(out, " left out, up to %s after the first of their kind, which counts.\n",
			format_seconds(clock_seconds(n->copy_lag), time));
	}
	write_cut(n, out);
	write_unread(n, not_parsed, out);
}
