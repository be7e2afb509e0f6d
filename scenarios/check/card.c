/* card.c - a cell is as good as its worst run. */
#include "scenarios/check/card.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "proxy/base/version.h"
#include "scenarios/check/advice.h"
#include "scenarios/check/card_field.h"
#include "scenarios/check/card_setup.h"

#include <math.h>
#include <string.h>

static json_t *number_or_null(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

json_t *card_run_json(const struct hang_variant *v, const struct cell_facts *f,
		      const struct graded *g)
{
	json_t *connects = json_array();
	char letter[2] = {g->letter, '\0'};

	for (size_t i = 0; i < f->nconnects; i++)
		json_array_append_new(connects, json_real(f->connects[i]));
	return json_pack("{s:s,s:s,s:s,s:o,s:I,s:s*,s:i,s:b,s:f,s:o,s:s*,s:s*,s:o}", "variant",
			 v->what, "grade", grade_names[g->grade], "letter", letter, "seconds",
			 number_or_null(g->seconds), "bytes", (json_int_t)f->bytes, "sha256",
			 f->sha, "exit_status", f->status, "limited", f->limited, "ended", f->ended,
			 "fault_at", number_or_null(f->fault_at), "last_line", f->last, "why",
			 g->why, "connects", connects);
}

static enum grade find_grade(const char *name)
{
	for (int i = 0; name && i < GRADE_COUNT; i++)
		if (strcmp(grade_names[i], name) == 0)
			return (enum grade)i;
	return GRADE_NOT_EXERCISED;
}

/* Of two runs of one grade the slower one is the worse. */
static bool is_worse(enum grade grade, double seconds, const struct card_cell *c)
{
	if (json_array_size(c->runs) == 1 || grade != c->grade)
		return json_array_size(c->runs) == 1 || grade > c->grade;
	return seconds > c->seconds;
}

void card_cell_add(struct card_cell *c, json_t *run)
{
	enum grade grade = find_grade(card_text(run, "grade"));
	double seconds = card_seconds(run);

	if (!c->runs)
		c->runs = json_array();
	json_array_append_new(c->runs, run);
	if (!is_worse(grade, seconds, c))
		return;
	c->worst = json_array_size(c->runs) - 1;
	c->grade = grade;
	c->letter = *card_text(run, "letter") ? *card_text(run, "letter") : '-';
	c->seconds = seconds;
	c->bytes = (uint64_t)json_integer_value(json_object_get(run, "bytes"));
	free(c->why);
	c->why = xstrdup(card_text(run, "why"));
}

const char *card_cell_advice(const struct card *c, const struct card_cell *cell)
{
	return advice_find(c->plan->argv, cell->point, cell->grade, cell->letter);
}

/* Writes how many runs have that grade, and the times of those that have one. */
static void write_grade(FILE *out, const struct card_cell *c, enum grade grade)
{
	double least = NAN, most = NAN;
	char from[UNITS_TEXT], to[UNITS_TEXT];
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(c->runs); i++) {
		const json_t *run = json_array_get(c->runs, i);
		double seconds = card_seconds(run);

		if (find_grade(card_text(run, "grade")) != grade)
			continue;
		n++;
		least = fmin(least, seconds); /* of NAN and a number fmin takes the number */
		most = fmax(most, seconds);
	}
	if (!n)
		return;
	fprintf(out, "%s%zu %s", ftell(out) > 0 ? ", " : "", n, grade_names[grade]);
	if (!isnan(least) && n == 1)
		fprintf(out, " in %s", format_seconds(least, from));
	else if (!isnan(least))
		fprintf(out, " in %s to %s", format_seconds(least, from), format_seconds(most, to));
}

char *card_cell_spread(const struct card_cell *c)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (json_array_size(c->runs) < 2)
		return NULL;
	out = xopen_memstream(&text, &len);
	for (int i = 0; i < GRADE_COUNT; i++)
		write_grade(out, c, (enum grade)i);
	xclose_memstream(out);
	return text;
}

static struct card_cell *find_cell(const struct card *c, const char *id)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->cells[i].point->id, id) == 0)
			return &c->cells[i];
	return NULL;
}

void card_finish(struct card *c)
{
	const struct card_cell *silence = find_cell(c, "T13");
	struct card_cell *trickle = find_cell(c, "T14");

	if (!silence || !trickle || trickle->grade != GRADE_HUNG ||
	    silence->grade != GRADE_DETECTED)
		return;
	trickle->grade = GRADE_TRICKLE_BLIND;
	free(trickle->why);
	trickle->why = xstrdup("it notices silence (T13), and each byte of a trickle begins that "
			       "time anew");
}

size_t card_unexpected(const struct card *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->cells[i].unexpected != NULL;
	return n;
}

void card_fini(struct card *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->cells[i].why);
		free(c->cells[i].unexpected);
		json_decref(c->cells[i].runs);
	}
	free(c->cells);
	free(c->command);
	free(c->not_gradable);
	json_decref(c->compare);
}

/* The packets are for the page (card_html.h); whoever reads JSON has --keep. */
static json_t *runs_json(const struct card_cell *cell)
{
	json_t *runs = json_array();
	json_t *run;
	size_t i;

	json_array_foreach(cell->runs, i, run)
	{
		json_t *copy = json_copy(run);

		json_object_del(copy, "ladder");
		json_array_append_new(runs, copy);
	}
	return runs;
}

static json_t *cell_json(const struct card *c, const struct card_cell *cell)
{
	char letter[2] = {cell->letter, '\0'}, *spread = card_cell_spread(cell);
	json_t *json;

	json = json_pack(
	    "{s:s,s:s,s:s,s:s,s:o,s:I,s:s,s:s*,s:s,s:s*,s:s*,s:o}", "id", cell->point->id, "fault",
	    cell->point->what, "grade", grade_names[cell->grade], "letter", letter, "seconds",
	    number_or_null(cell->seconds), "bytes", (json_int_t)cell->bytes, "why",
	    cell->why ? cell->why : "", "spread", spread, "must", cell->point->must, "advice",
	    card_cell_advice(c, cell), "unexpected", cell->unexpected, "runs", runs_json(cell));
	free(spread);
	return json;
}

json_t *card_json(const struct card *c)
{
	json_t *cells = json_array(), *json;

	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(cells, cell_json(c, &c->cells[i]));
	json = json_pack("{s:s,s:s,s:s}", "version", WEDGE_VERSION, "command", c->command,
			 "protocol", check_protocol_names[c->plan->protocol]);
	json_object_update_new(json, card_setup_json(c->plan));
	json_object_update_new(
	    json, json_pack("{s:f,s:I,s:s*,s:{s:f,s:I},s:o*,s:O*,s:o}", "limit",
			    clock_seconds(c->plan->limit), "seed", (json_int_t)c->plan->seed,
			    "not_gradable", c->not_gradable, "healthy", "seconds",
			    c->healthy_seconds, "bytes", (json_int_t)c->healthy_bytes,
			    "as_expected", c->judged ? json_boolean(!card_unexpected(c)) : NULL,
			    "compare", c->compare, "cells", cells));
	return json;
}
