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

/* What the two are called: captures, or legs of one. */
static const char *client_side(const struct attribution *a)
{
	return a->question.legs ? "the client leg" : "the client's capture";
}

static const char *server_side(const struct attribution *a)
{
	return a->question.legs ? "the server leg" : "the server's capture";
}

/* Says how many connections never got to the second capture. */
static void write_absent(const struct attribution *a, FILE *out)
{
	char lost[UNITS_TEXT], *text, *most;

	if (!a->absent)
		return;
	most =
	    a->missing > a->absent
		? xasprintf(" (up to %zu, if what is left there is of other clients)", a->missing)
		: xstrdup("");
	text = xasprintf("%s%zu of %zu connection%s of %s %s in %s%s: what the client wanted there "
			 "didn't get that far. %s lost on %s.",
			 *most ? "At least " : "", a->absent, a->connections[0],
			 plural_ending(a->connections[0]), client_side(a),
			 a->absent == 1 ? "isn't" : "aren't", server_side(a), most,
			 a->absent_lost ? time_text(a->absent_lost, lost) : "No time was",
			 a->absent == 1 ? "it" : "them");
	layout_wrap(out, "", 0, text);
	free(text);
	free(most);
}

/* Returns the time that was lost in waits that can't be split, and how many in *n. */
static int64_t sum_unsplit(const struct attribution *a, uint64_t *n)
{
	int64_t sum = 0;

	*n = 0;
	for (int c = 0; c < CAUSE_COUNT; c++)
		if (cause_row((enum cause)c)->lost) {
			sum = sum_of_times(sum, a->unsplit[c].total);
			*n += a->unsplit[c].n;
		}
	return sum;
}

static void write_unsplit(const struct attribution *a, bool other, FILE *out)
{
	char time[UNITS_TEXT], *text;
	uint64_t n;
	int64_t sum = sum_unsplit(a, &n);

	if (!n)
		return;
	text = xasprintf("%s%s in %" PRIu64 " wait%s that can't be split between the captures: no "
			 "data of both ended %s. %s alone tells why.",
			 time_text(sum, time), other ? " more were lost" : " were lost", n,
			 plural_ending(n), n == 1 ? "it" : "them",
			 a->question.legs ? "--from client" : "The client's capture");
	layout_wrap(out, "", 0, text);
	free(text);
}

static void write_sentence(const struct attribution *a, FILE *out)
{
	int64_t all = sum_share(a, SHARES);
	char part[UNITS_TEXT], whole[UNITS_TEXT], *text;
	int most = 0;
	uint64_t unsplit;

	write_absent(a, out);
	sum_unsplit(a, &unsplit);
	if (all <= 0) {
		if (!unsplit)
			fprintf(out, "The client lost no %stime.\n", a->absent ? "other " : "");
		write_unsplit(a, false, out);
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
	write_unsplit(a, true, out);
}

/* Appends "; 3 look so" to a list of what isn't in both. */
static void add_lonely(char **text, size_t n, const char *one, const char *many)
{
	char *longer;

	if (!n)
		return;
	longer = xasprintf("%s; %zu %s", *text, n, n == 1 ? one : many);
	free(*text);
	*text = longer;
}

static void write_known(const struct attribution *a, FILE *out)
{
	char *whole,
	    *text = xasprintf("In both: %zu as they are, %zu through NAT (the same sequence "
			      "numbers), %zu through a proxy (the same payload)",
			      a->twins[TWIN_SAME], a->twins[TWIN_NAT], a->twins[TWIN_PROXY]);

	add_lonely(&text, a->ambiguous, "looks like several others and is left out",
		   "look like several others and are left out");
	add_lonely(&text, a->wordless, "carried no data by which it could be known again",
		   "carried no data by which they could be known again");
	add_lonely(&text, a->outside, "is of a time in which the other capture wasn't taken",
		   "are of a time in which the other capture wasn't taken");
	add_lonely(&text, a->missing - a->absent, "isn't found in the other",
		   "aren't found in the other");
	whole = xasprintf("%s.", text);
	layout_wrap(out, "", 0, whole);
	free(whole);
	free(text);
}

static void write_clocks(const struct attribution *a, const char *const names[2], FILE *out)
{
	char offset[UNITS_TEXT], error[UNITS_TEXT];
	const struct clock_align *c = &a->clocks;

	char *text;

	text =
	    a->question.legs
		? xasprintf("%s holds both legs of wedge's connections, by one clock: %zu "
			    "connection%s on the client leg, %zu on the server leg. --from "
			    "client and --from server tell of each wait of one leg.",
			    names[0], a->connections[0], plural_ending(a->connections[0]),
			    a->connections[1])
		: xasprintf("Nearer to the client: %s (%zu connection%s), to the server: %s "
			    "(%zu).",
			    names[a->swapped], a->connections[0], plural_ending(a->connections[0]),
			    names[!a->swapped], a->connections[1]);
	fputc('\n', out);
	layout_wrap(out, "", 0, text);
	free(text);
	write_known(a, out);
	if (!a->question.legs)
		fprintf(out,
			"The second clock is %s %s, and drifts by %.1f ppm; right to %s either "
			"way.\n",
			time_text((int64_t)(c->offset < 0 ? -c->offset : c->offset), offset),
			c->offset < 0 ? "behind" : "ahead", c->drift * 1e6,
			time_text((int64_t)c->error, error));
}

static void write_cause(const struct attribution *a, enum cause c, const struct attributed *x,
			FILE *out)
{
	char text[UNITS_TEXT];

	fprintf(out, "%6" PRIu64 " %9s", x->lengths.n, time_text(x->lengths.total, text));
	for (int s = 0; s < SHARES; s++)
		fprintf(out, " %9s", time_text(x->shares[s].total, text));
	fprintf(out, "  %s\n%16s", cause_row(c)->words, "median");
	for (int s = 0; s < SHARES; s++)
		fprintf(out, " %9s", time_text(durations_quantile(&x->shares[s], 0.5), text));
	fprintf(out, "  frames %u to %u of %s\n", x->first.frames[0],
		x->first.frames[2] ? x->first.frames[2] : x->first.frames[1], client_side(a));
}

void pair_page_write(const struct attribution *a, const char *const names[2], FILE *out)
{
	bool any = false;

	write_sentence(a, out);
	write_clocks(a, names, out);
	for (int c = 0; c < CAUSE_COUNT; c++) {
		if (!a->causes[c].lengths.n)
			continue;
		if (!any)
			fputs("\n Waits     Total    client     to srv    server     to cl.  "
			      "Cause, as the "
			      "client's capture has it\n",
			      out);
		any = true;
		write_cause(a, (enum cause)c, &a->causes[c], out);
	}
	if (a->not_found)
		fprintf(out, "\n%" PRIu64 " wait%s no counterpart in %s.\n", a->not_found,
			a->not_found == 1 ? " has" : "s have", server_side(a));
}
