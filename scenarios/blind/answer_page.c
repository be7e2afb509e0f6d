/* answer_page.c - of what was played: its signs, with the frames that tshark finds by their
 * filters, and the longest waits as the engine found them; of a wrong guess: what of its signature
 * the captures don't have. */
#include "scenarios/blind/answer_page.h"

#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"
#include "scenarios/base/figure_text.h"
#include "scenarios/base/layout.h"
#include "scenarios/blind/told.h"
#include "scenarios/diagnosis_report/figures.h"
#include "scenarios/diagnosis_report/findings_page.h"

#include <string.h>

static const char *const sides[] = {"the client's side", "the server's side"};

/* Returns "sync-dies-mid-stream (F14)"; the caller frees. */
static char *name_text(const struct scenario *s)
{
	return xasprintf("%s%s%s%s", s->name, s->failure ? " (" : "", s->failure ? s->failure : "",
			 s->failure ? ")" : "");
}

static void write_verdict(const struct answer *a, FILE *out)
{
	char *guess = a->guess ? name_text(a->guess) : NULL, *truth = name_text(a->truth), *text;

	if (a->verdict == ANSWER_RIGHT)
		text = xasprintf("Right: this is %s. %s.", truth, a->truth->title);
	else if (a->verdict == ANSWER_UNTOLD)
		text = xasprintf("Right, as far as these captures can tell: they fit %s as well. "
				 "What was played is %s of the same family. %s.",
				 guess, truth, a->truth->title);
	else if (a->verdict == ANSWER_FAMILY)
		text = xasprintf("Nearly: the family is right, and %s isn't the one of it. What is "
				 "wrong is the same; it looks otherwise.",
				 guess);
	else if (a->verdict == ANSWER_WRONG)
		text = xasprintf("Wrong: this isn't %s. %s.", guess, a->guess->title);
	else
		text = xasprintf("It is %s. %s.", truth, a->truth->title);
	layout_wrap(out, "", 0, text);
	free(text);
	free(guess);
	free(truth);
}

/* A folder that a shell would take for something else is shown escaped, not quoted. */
static void write_command(const struct answer *a, const char *capture, const char *filter,
			  FILE *out)
{
	char *folder = text_print_line(a->folder);

	fprintf(out, "    tshark -r %s/%s -Y '%s'\n", folder, capture, filter);
	free(folder);
}

/* Writes what a capture of the failure shows, in words, and where. */
static void write_signs(const struct told *t, FILE *out)
{
	for (size_t i = 0; i < t->nsigns; i++) {
		const struct told_sign *s = &t->signs[i];
		char count[COUNT_TEXT];

		layout_wrap(out, "  - ", 4, s->text);
		if (s->capture)
			write_command(t->answer, s->capture, s->filter, out);
		if (s->found)
			fprintf(out, "    shows %s: %s%s\n", count_text(s->found, "frame", count),
				s->frames, strchr(s->frames, ',') && s->found > 3 ? ", ..." : "");
	}
}

/* Writes the conditions that hold, or those that don't. */
static void write_conditions(const struct against *x, bool holding, FILE *out)
{
	for (size_t i = 0; i < x->n; i++) {
		char *text;

		if (x->list[i].holds != holding)
			continue;
		text = xasprintf("%s: %s", x->list[i].condition->text, x->list[i].measured);
		layout_wrap(out, "  - ", 4, text);
		free(text);
	}
}

/* Writes "\nWORDS, at 10.0.0.2:80 on the client's side", of the place that was judged. */
static void write_place(const char *words, const struct against *x, FILE *out)
{
	char where[SCOPE_TEXT];

	fprintf(out, "\n%s, at %s on %s\n", words, scope_format(x->scope, where), sides[x->far]);
}

static void write_waits(const struct told *t, size_t side, FILE *out)
{
	if (t->nwaits[side])
		fprintf(out, "\nThe longest waits on %s\n", sides[side]);
	for (size_t i = 0; i < t->nwaits[side]; i++) {
		const struct stall *s = &t->waits[side][i]->stall;
		char length[UNITS_TEXT], *filter = stall_filter(s);
		char *text =
		    xasprintf("%s: %s%s%s, %s", time_text(s->to - s->from, length),
			      cause_row(s->cause)->words, s->label ? ", " : "",
			      s->label ? s->label : "", blame_words(s->cause, s->to_client));

		layout_wrap(out, "  ", 4, text);
		write_command(t->answer, told_capture(side), filter, out);
		free(text);
		free(filter);
	}
}

static void write_proof(const struct told *t, FILE *out)
{
	const struct answer *a = t->answer;

	fputs("\nWhat a capture of it shows\n", out);
	write_signs(t, out);
	if (t->conditions.holds) {
		write_place("What these show", &t->conditions, out);
		write_conditions(&t->conditions, true, out);
	}
	for (size_t side = 0; side < a->nfound; side++)
		write_waits(t, side, out);
	for (size_t side = 0; side < a->nfound; side++)
		findings_write(&a->found[side].groups.findings,
			       side ? "on the server's side" : "on the client's side", out);
}

/* Says what is here though the guess wouldn't make it, where no figure is of its own. */
static void write_strangers(const struct answer *a, FILE *out)
{
	for (size_t side = 0; side < a->nfound; side++) {
		const struct diagnosis *d = &a->found[side];
		size_t n = told_lost_waits(a, side);
		char lost[UNITS_TEXT], waits[COUNT_TEXT], *text;

		time_text(tallies_lost(&d->all.tallies), lost);
		count_text(n, "wait", waits);
		text = xasprintf("%s%s%s on %s, and %zu %s of connections as a whole",
				 n ? lost : "", n ? " in " : "", n ? waits : "no wait", sides[side],
				 d->groups.findings.n,
				 d->groups.findings.n == 1 ? "finding" : "findings");
		layout_wrap(out, "  - ", 4, text);
		free(text);
	}
}

static void write_objection(const struct told *t, FILE *out)
{
	const struct against *x = &t->conditions;

	fputs("\nWhat a capture of it would show\n", out);
	write_signs(t, out);
	if (!x->n) {
		fputs("\nNo figure of a capture is its own; what these have, and it would have to "
		      "explain\n",
		      out);
		write_strangers(t->answer, out);
	} else if (x->holds < x->n) {
		write_place("What these don't show", x, out);
		write_conditions(x, false, out);
	} else if (t->answer->beyond.n) {
		write_place("These show it, too", x, out);
		write_place("And what it doesn't explain", &t->answer->beyond, out);
		write_conditions(&t->answer->beyond, true, out);
	} else {
		write_place("These show it, too; there is more in them that it doesn't explain", x,
			    out);
	}
}

void answer_page_write(const struct answer *a, FILE *out)
{
	struct told t;

	told_make(a, &t);
	write_verdict(a, out);
	if (t.truth)
		write_proof(&t, out);
	else
		write_objection(&t, out);
	if (t.truth && a->verdict != ANSWER_GIVEN_UP)
		fprintf(out, "\nIts story: wedge show %s\n", a->truth->name);
	if (a->verdict == ANSWER_GIVEN_UP) {
		fputs("\nThe story\n", out);
		layout_wrap(out, "  ", 2, a->truth->story);
	}
	if (!t.truth)
		fputs("\nLook again, or be told: wedge answer FOLDER --give-up\n", out);
	told_fini(&t);
}
