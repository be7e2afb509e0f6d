/* proof_comments.c - the last of the frames tells all, those before it lead there. */
#include "scenarios/proof_comments/proof_comments.h"

#include "proxy/base/mem.h"
#include "scenarios/diagnosis_report/figures.h"
#include "scenarios/diagnosis_report/findings_page.h"

#include <inttypes.h>
#include <stdlib.h>

static size_t count_frames(const uint32_t *frames, size_t max)
{
	size_t n = 0;

	while (n < max && frames[n])
		n++;
	return n;
}

/* Returns " (frames 4, 6, 9)", to be freed; "" for a single one. */
static char *frames_text(const uint32_t *frames, size_t n)
{
	char *text = xstrdup(n > 1 ? " (frames" : ""), *longer;

	for (size_t i = 0; i < n && n > 1; i++) {
		longer = xasprintf("%s%s %" PRIu32 "%s", text, i ? "," : "", frames[i],
				   i == n - 1 ? ")" : "");
		free(text);
		text = longer;
	}
	return text;
}

/* Puts what is told at the last frame, and where it is told at those before. */
static void add_comments(struct comments *c, const uint32_t *frames, size_t max, const char *brief,
			 const char *whole)
{
	size_t n = count_frames(frames, max);
	char *all = frames_text(frames, n), *text;

	for (size_t i = 0; i < n; i++) {
		text = i == n - 1
			   ? xasprintf("wedge: %s%s", whole, all)
			   : xasprintf("wedge: %s: see frame %" PRIu32, brief, frames[n - 1]);
		comments_add(c, frames[i], text);
		free(text);
	}
	free(all);
}

static void comment_stall(struct comments *c, const struct stall *s)
{
	const struct cause_row *row = cause_row(s->cause);
	char length[UNITS_TEXT], *brief, *whole;

	time_text(s->to - s->from, length);
	brief = xasprintf("wait of %s, %s (%s)", length, row->key, row->rule);
	whole = xasprintf("%s: %s%s%s; %s", brief, row->words, s->label ? ", " : "",
			  s->label ? s->label : "", blame_words(s->cause, s->to_client));
	add_comments(c, s->frames, STALL_FRAMES, brief, whole);
	free(brief);
	free(whole);
}

static void comment_case(struct comments *c, const struct found *x)
{
	const struct finding_row *row = finding_row(x->kind);
	struct finding one = {.first = *x, .count = 1};
	char *brief, *whole;

	if (x->value)
		durations_add(&one.values, x->value);
	brief = xasprintf("%s (%s)", row->key, row->rule);
	whole = finding_sentence(&one);
	durations_fini(&one.values);
	add_comments(c, x->frames, FINDING_FRAMES, brief, whole);
	free(brief);
	free(whole);
}

/* Whoever waits for nothing is left alone. */
static bool is_told(const struct stall *s)
{
	return cause_row(s->cause)->lost;
}

void proof_comments_add(const struct diagnosis *d, struct comments *c)
{
	const struct findings *f = &d->groups.findings;

	for (size_t i = 0; i < d->proofs.n; i++)
		if (is_told(&d->proofs.list[i].stall))
			comment_stall(c, &d->proofs.list[i].stall);
	for (size_t i = 0; i < f->ncases; i++)
		comment_case(c, &f->cases[i]);
	comments_sort(c);
}

char *proof_comments_summary(uint64_t left_out, const struct comments *c)
{
	char *left = left_out ? xasprintf("; %" PRIu64 " shorter wait%s none", left_out,
					  left_out == 1 ? " has" : "s have")
			      : xstrdup("");
	char *text = xasprintf("The comments tell why connections stood still, as wedge analyze "
			       "found: %zu comment%s%s. Packets and time stamps are as captured.",
			       c->n, plural_ending(c->n), left);

	free(left);
	return text;
}
