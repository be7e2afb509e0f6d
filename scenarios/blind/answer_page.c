/* answer_page.c - of what was played: its signs, with the frames that tshark finds by their
 * filters, and the longest waits as the engine found them; of a wrong guess: what of its signature
 * the captures don't have. */
#include "scenarios/blind/answer_page.h"

#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"
#include "scenarios/base/figure_text.h"
#include "scenarios/base/layout.h"
#include "scenarios/blind/folder.h"
#include "scenarios/blind/look.h"
#include "scenarios/diagnosis_report/figures.h"
#include "scenarios/diagnosis_report/findings_page.h"
#include "scenarios/match/against.h"

#include <string.h>

#define WAITS_SHOWN 3

static const char *const sides[] = {"the client's side", "the server's side"};
static const char *const captures[] = {BLIND_CLIENT, BLIND_SERVER};

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

/* Returns the file of a blind folder that a signature means by "impaired-server"; NULL: none. */
static const char *look_capture(const struct signature *g)
{
	if (!g->capture || !g->filter || strstr(g->filter, "frame.comment"))
		return NULL; /* comments were left out, since they tell */
	if (strncmp(g->capture, "impaired-", strlen("impaired-")) != 0)
		return NULL;
	return strcmp(strrchr(g->capture, '-'), "-server") == 0 ? BLIND_SERVER : BLIND_CLIENT;
}

static void write_look(const struct answer *a, const struct signature *g, FILE *out)
{
	const char *capture = look_capture(g);
	char count[COUNT_TEXT], *frames;
	size_t found;

	if (!capture)
		return;
	write_command(a, capture, g->filter, out);
	frames = look_frames(a->folder, capture, g->filter, &found);
	if (found)
		fprintf(out, "    shows %s: %s%s\n", count_text(found, "frame", count), frames,
			strchr(frames, ',') && found > 3 ? ", ..." : "");
	free(frames);
}

/* Writes what a capture of the failure shows, in words, and where. */
static void write_signs(const struct answer *a, const struct scenario *s, bool looks, FILE *out)
{
	for (size_t i = 0; i < s->nsignatures; i++) {
		const struct signature *g = &s->signatures[i];

		if (g->hint)
			continue;
		layout_wrap(out, "  - ", 4, g->text);
		if (looks)
			write_look(a, g, out);
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

static bool is_longer(const struct proof *x, const struct proof *y)
{
	return x->stall.to - x->stall.from > y->stall.to - y->stall.from;
}

/* Finds the longest waits; returns how many. */
static size_t longest_waits(const struct proofs *all, const struct proof *list[WAITS_SHOWN])
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct proof *x = &all->list[i];
		size_t k = n < WAITS_SHOWN ? n++ : WAITS_SHOWN - 1;

		if (list[k] && !is_longer(x, list[k]))
			continue;
		for (; k > 0 && is_longer(x, list[k - 1]); k--)
			list[k] = list[k - 1];
		list[k] = x;
	}
	return n;
}

static void write_waits(const struct answer *a, size_t side, FILE *out)
{
	const struct proof *list[WAITS_SHOWN] = {NULL};
	size_t n = longest_waits(&a->found[side].proofs, list);

	if (n)
		fprintf(out, "\nThe longest waits on %s\n", sides[side]);
	for (size_t i = 0; i < n; i++) {
		const struct stall *s = &list[i]->stall;
		char length[UNITS_TEXT], *filter = stall_filter(s);
		char *text =
		    xasprintf("%s: %s%s%s, %s", time_text(s->to - s->from, length),
			      cause_row(s->cause)->words, s->label ? ", " : "",
			      s->label ? s->label : "", blame_words(s->cause, s->to_client));

		layout_wrap(out, "  ", 4, text);
		write_command(a, captures[side], filter, out);
		free(text);
		free(filter);
	}
}

static void write_proof(const struct answer *a, FILE *out)
{
	struct against x;
	char where[SCOPE_TEXT];

	against_make(a->truth, &a->matches, &x);
	fputs("\nWhat a capture of it shows\n", out);
	write_signs(a, a->truth, true, out);
	if (x.holds) {
		fprintf(out, "\nWhat these show, at %s on %s\n", scope_format(x.scope, where),
			sides[x.far]);
		write_conditions(&x, true, out);
	}
	for (size_t side = 0; side < a->nfound; side++)
		write_waits(a, side, out);
	for (size_t side = 0; side < a->nfound; side++)
		findings_write(&a->found[side].groups.findings,
			       side ? "on the server's side" : "on the client's side", out);
	against_fini(&x);
}

/* Says what is here though the guess wouldn't make it, where no figure is of its own. */
static void write_strangers(const struct answer *a, FILE *out)
{
	for (size_t side = 0; side < a->nfound; side++) {
		const struct diagnosis *d = &a->found[side];
		char lost[UNITS_TEXT], waits[COUNT_TEXT], *text;

		text = xasprintf("%s of %s on %s, and %zu %s of connections as a whole",
				 time_text(tallies_lost(&d->all.tallies), lost),
				 count_text(d->proofs.n, "wait", waits), sides[side],
				 d->groups.findings.n,
				 d->groups.findings.n == 1 ? "finding" : "findings");
		layout_wrap(out, "  - ", 4, text);
		free(text);
	}
}

static void write_objection(const struct answer *a, FILE *out)
{
	struct against x;
	char where[SCOPE_TEXT];

	against_make(a->guess, &a->matches, &x);
	fputs("\nWhat a capture of it would show\n", out);
	write_signs(a, a->guess, false, out);
	if (!x.n) {
		fputs("\nNo figure of a capture is its own; what these have, and it would have to "
		      "explain\n",
		      out);
		write_strangers(a, out);
	} else if (x.holds == x.n) {
		fprintf(out,
			"\nThese show it, too, at %s on %s; there is more in them that it doesn't "
			"explain\n",
			scope_format(x.scope, where), sides[x.far]);
	} else {
		fprintf(out, "\nWhat these don't show, at %s on %s\n", scope_format(x.scope, where),
			sides[x.far]);
		write_conditions(&x, false, out);
	}
	against_fini(&x);
}

void answer_page_write(const struct answer *a, FILE *out)
{
	bool told = a->verdict != ANSWER_WRONG && a->verdict != ANSWER_FAMILY;

	write_verdict(a, out);
	if (told)
		write_proof(a, out);
	else
		write_objection(a, out);
	if (told && a->verdict != ANSWER_GIVEN_UP)
		fprintf(out, "\nIts story: wedge show %s\n", a->truth->name);
	if (a->verdict == ANSWER_GIVEN_UP) {
		fputs("\nThe story\n", out);
		layout_wrap(out, "  ", 2, a->truth->story);
	}
	if (!told)
		fputs("\nLook again, or be told: wedge answer FOLDER --give-up\n", out);
}
