/* answer_json.c - one function an object of the schema. */
#include "scenarios/blind/answer_json.h"

#include "proxy/base/clock.h"
#include "proxy/base/version.h"
#include "scenarios/base/layout.h"
#include "scenarios/blind/told.h"
#include "scenarios/diagnosis_report/json.h"

#include <stdlib.h>

#define SCHEMA 1

static const char *const verdicts[] = {
    [ANSWER_RIGHT] = "right", [ANSWER_UNTOLD] = "untold",     [ANSWER_FAMILY] = "family",
    [ANSWER_WRONG] = "wrong", [ANSWER_GIVEN_UP] = "given_up",
};

static json_t *make_text(const char *text)
{
	char *clean = layout_utf8(text);
	json_t *j = clean ? json_string(clean) : json_null();

	free(clean);
	return j;
}

/* NULL: null, of what isn't told. */
static json_t *make_scenario(const struct scenario *s)
{
	json_t *j;

	if (!s)
		return json_null();
	j = json_object();
	json_object_set_new(j, "scenario", make_text(s->name));
	json_object_set_new(j, "failure", make_text(s->failure));
	json_object_set_new(j, "title", make_text(s->title));
	return j;
}

/* As far as it is told: of a guess of the right family, which of it is right isn't. */
static json_t *make_family(const struct told *t)
{
	json_t *list;

	if (t->answer->verdict == ANSWER_WRONG)
		return json_null();
	list = json_array();
	json_array_append_new(list, make_text(t->one->name));
	for (size_t i = 0; i < t->one->nfamily; i++)
		json_array_append_new(list, make_text(t->one->family[i]));
	return list;
}

/* Of "11, 70, 71". */
static json_t *make_frames(const char *text)
{
	json_t *list = json_array();
	char *end;

	for (; *text; text = *end ? end + 1 : end) {
		long frame = strtol(text, &end, 10);

		if (end == text)
			break;
		json_array_append_new(list, json_integer(frame));
	}
	return list;
}

static json_t *make_sign(const struct told_sign *s)
{
	json_t *j = json_object();

	json_object_set_new(j, "text", make_text(s->text));
	json_object_set_new(j, "capture", make_text(s->capture));
	json_object_set_new(j, "filter", make_text(s->filter));
	json_object_set_new(j, "found",
			    s->frames ? json_integer((json_int_t)s->found) : json_null());
	json_object_set_new(j, "frames", s->frames ? make_frames(s->frames) : json_null());
	return j;
}

static json_t *make_signs(const struct told *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->nsigns; i++)
		json_array_append_new(list, make_sign(&t->signs[i]));
	return list;
}

/* Where conditions were judged; null: nowhere. */
static json_t *make_place(const struct against *x)
{
	char where[SCOPE_TEXT];
	json_t *j;

	if (!x->scope)
		return json_null();
	j = json_object();
	json_object_set_new(j, "capture", make_text(told_capture(x->far)));
	json_object_set_new(j, "service", make_text(scope_format(x->scope, where)));
	return j;
}

static json_t *make_conditions(const struct against *x)
{
	json_t *list = json_array();

	for (size_t i = 0; i < x->n; i++) {
		json_t *j = json_object();

		json_object_set_new(j, "condition", make_text(x->list[i].condition->text));
		json_object_set_new(j, "measured", make_text(x->list[i].measured));
		json_object_set_new(j, "holds", json_boolean(x->list[i].holds));
		json_array_append_new(list, j);
	}
	return list;
}

/* Appends j, which is taken over, with the name of the capture that it is of. */
static void append_of(json_t *list, size_t side, json_t *j)
{
	json_object_set_new(j, "capture", make_text(told_capture(side)));
	json_array_append_new(list, j);
}

static json_t *make_waits(const struct told *t)
{
	json_t *list = json_array();

	for (size_t side = 0; side < TOLD_SIDES; side++)
		for (size_t i = 0; i < t->nwaits[side]; i++)
			append_of(list, side, json_wait(t->waits[side][i]));
	return list;
}

static json_t *make_findings(const struct told *t)
{
	json_t *list = json_array();

	for (size_t side = 0; t->truth && side < t->answer->nfound; side++) {
		json_t *of_side = json_findings(&t->answer->found[side].groups.findings), *j;
		size_t i;

		json_array_foreach(of_side, i, j)
		{
			append_of(list, side, json_incref(j));
		}
		json_decref(of_side);
	}
	return list;
}

/* Whatever was guessed, what a capture has that needs to be explained. */
static json_t *make_captures(const struct answer *a)
{
	json_t *list = json_array();

	for (size_t side = 0; side < a->nfound; side++) {
		const struct diagnosis *d = &a->found[side];
		json_t *j = json_object();

		json_object_set_new(j, "lost",
				    json_real(clock_seconds(tallies_lost(&d->all.tallies))));
		json_object_set_new(j, "waits", json_integer((json_int_t)told_lost_waits(a, side)));
		json_object_set_new(j, "findings", json_integer((json_int_t)d->groups.findings.n));
		append_of(list, side, j);
	}
	return list;
}

json_t *answer_json(const struct answer *a)
{
	json_t *j = json_object();
	struct told t;

	told_make(a, &t);
	json_object_set_new(j, "schema", json_integer(SCHEMA));
	json_object_set_new(j, "version", json_string(WEDGE_VERSION));
	json_object_set_new(j, "folder", make_text(a->folder));
	json_object_set_new(j, "verdict", json_string(verdicts[a->verdict]));
	json_object_set_new(j, "right", json_boolean(answer_is_right(a)));
	json_object_set_new(j, "guess", make_scenario(a->guess));
	json_object_set_new(j, "answer", make_scenario(t.truth ? a->truth : NULL));
	json_object_set_new(j, "family", make_family(&t));
	json_object_set_new(j, "signs", make_signs(&t));
	json_object_set_new(j, "place", make_place(&t.conditions));
	json_object_set_new(j, "conditions", make_conditions(&t.conditions));
	json_object_set_new(j, "beyond", make_conditions(&a->beyond));
	json_object_set_new(j, "waits", make_waits(&t));
	json_object_set_new(j, "findings", make_findings(&t));
	json_object_set_new(j, "captures", make_captures(a));
	told_fini(&t);
	return j;
}
