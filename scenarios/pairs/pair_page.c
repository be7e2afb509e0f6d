/* pair_page.c - the sentence, the table of shares, and how sure the clocks are. */
#include "scenarios/pairs/pair_page.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/figure_text.h"
#include "scenarios/base/layout.h"

#include <inttypes.h>

static const char *const share_words[SHARES] = {
    [SHARE_CLIENT] = "beside the client",
    [SHARE_UP] = "between the captures, on the way to the server",
    [SHARE_SERVER] = "beside the server",
    [SHARE_DOWN] = "between the captures, on the way to the client",
};

/* Returns the sum of a share over all causes whose time was lost; SHARES: of all shares. */
static int64_t sum_share(const struct attribution *a, int share)
{
	int64_t sum = 0;

	for (int c = 0; c < CAUSE_COUNT; c++)
		if (cause_row((enum cause)c)->lost)
			sum += share == SHARES ? a->causes[c].lengths.total
					       : a->causes[c].shares[share].total;
	return sum;
}

static void write_sentence(const struct attribution *a, FILE *out)
{
	int64_t all = sum_share(a, SHARES);
	char part[UNITS_TEXT], whole[UNITS_TEXT], *text;
	int most = 0;

	if (a->absent > a->ambiguous) {
		text = xasprintf(
		    "%s were lost on %" PRIu64 " connection%s that %s not in the capture nearer "
		    "to the server: what the client asked for there didn't get that far.",
		    time_text(a->absent_lost, whole), a->absent, plural_ending(a->absent),
		    a->absent == 1 ? "is" : "are");
		layout_wrap(out, "", 0, text);
		free(text);
	}
	if (all <= 0) {
		fputs(a->absent ? "The client lost no other time.\n"
				: "The client lost no time that both captures could tell of.\n",
		      out);
		return;
	}
	for (int s = 1; s < SHARES; s++)
		if (sum_share(a, s) > sum_share(a, most))
			most = s;
	text = xasprintf("Of %s that the client lost, %s (%.0f %%) passed %s.",
			 time_text(all, whole), time_text(sum_share(a, most), part),
			 100 * (double)sum_share(a, most) / (double)all, share_words[most]);
	layout_wrap(out, "", 0, text);
	free(text);
}

static void write_clocks(const struct attribution *a, const char *const paths[2], FILE *out)
{
	char offset[UNITS_TEXT], error[UNITS_TEXT];
	const struct clock_align *c = &a->clocks;

	fprintf(out, "\nNearer to the client: %s (%zu connections), to the server: %s (%zu).\n",
		paths[a->swapped], a->connections[0], paths[!a->swapped], a->connections[1]);
	fprintf(
	    out,
	    "In both: %zu as they are, %zu through NAT (the same sequence numbers), %zu through a "
	    "proxy (the same payload)",
	    a->twins[TWIN_SAME], a->twins[TWIN_NAT], a->twins[TWIN_PROXY]);
	if (a->ambiguous)
		fprintf(out, "; %zu look like several others and are left out", a->ambiguous);
	fprintf(out,
		".\nThe second clock is %s %s, and drifts by %.1f ppm; right to %s either way.\n",
		time_text((int64_t)(c->offset < 0 ? -c->offset : c->offset), offset),
		c->offset < 0 ? "behind" : "ahead", c->drift * 1e6,
		time_text((int64_t)c->error, error));
}

static void write_cause(enum cause c, const struct attributed *x, FILE *out)
{
	char text[UNITS_TEXT];

	fprintf(out, "%6" PRIu64 " %9s", x->lengths.n, time_text(x->lengths.total, text));
	for (int s = 0; s < SHARES; s++)
		fprintf(out, " %9s", time_text(x->shares[s].total, text));
	fprintf(out, "  %s\n%16s", cause_row(c)->words, "median");
	for (int s = 0; s < SHARES; s++)
		fprintf(out, " %9s", time_text(durations_quantile(&x->shares[s], 0.5), text));
	fprintf(out, "  frames %u to %u of the client's capture\n", x->first.frames[0],
		x->first.frames[2] ? x->first.frames[2] : x->first.frames[1]);
}

void pair_page_write(const struct attribution *a, const char *const paths[2], FILE *out)
{
	bool any = false;

	write_sentence(a, out);
	write_clocks(a, paths, out);
	for (int c = 0; c < CAUSE_COUNT; c++) {
		if (!a->causes[c].lengths.n)
			continue;
		if (!any)
			fputs("\n Waits     Total    client     to srv    server     to cl.  "
			      "Cause, as the "
			      "client's capture has it\n",
			      out);
		any = true;
		write_cause((enum cause)c, &a->causes[c], out);
	}
	if (a->not_found)
		fprintf(out, "\n%" PRIu64 " waits have no counterpart in the other capture.\n",
			a->not_found);
}
