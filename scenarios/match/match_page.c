/* match_page.c - one paragraph a match; near misses only where nothing fits. */
#include "scenarios/match/match_page.h"

#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"

#include <string.h>

#define NEAR_SHOWN 3

/* Writes "exchange-delayed-ack (F01)"; returns buf. */
#define NAME_TEXT 96
static char *name_text(const struct scenario *s, char buf[NAME_TEXT])
{
	snprintf(buf, NAME_TEXT, "%.64s%s%s%s", s->name, s->failure ? " (" : "",
		 s->failure ? s->failure : "", s->failure ? ")" : "");
	return buf;
}

static const struct scenario *find_scenario(const struct matches *m, const char *name)
{
	for (size_t i = 0; i < m->catalog.n; i++)
		if (strcmp(m->catalog.list[i]->name, name) == 0)
			return m->catalog.list[i];
	return NULL;
}

/* Returns the family's names, "a (F02) or b (F03)"; NULL: there is none. The caller frees. */
static char *family_text(const struct matches *m, const struct scenario *s)
{
	char *text = NULL, name[NAME_TEXT];

	for (size_t i = 0; i < s->nfamily; i++) {
		const struct scenario *f = find_scenario(m, s->family[i]);
		char *longer;

		if (!f)
			continue;
		longer =
		    xasprintf("%s%s%s", text ? text : "", text ? " or " : "", name_text(f, name));
		free(text);
		text = longer;
	}
	return text;
}

static void write_family(const struct matches *m, const struct scenario_match *x, FILE *out)
{
	char *family = family_text(m, x->scenario), *text;

	if (!family)
		return;
	text = xasprintf("%s can't tell it from %s.", m->pair ? "Captures alone" : "One capture",
			 family);
	layout_wrap(out, "  ", 2, text);
	free(text);
	free(family);
}

/* Writes what no capture shows, for those who can ask elsewhere. */
static void write_beyond(const struct scenario_match *x, FILE *out)
{
	for (size_t i = 0; i < x->scenario->nsignatures; i++) {
		const struct signature *g = &x->scenario->signatures[i];
		char *text;

		if (g->nconditions || strstr(g->vantages, "_wire"))
			continue;
		text = xasprintf("To look for beyond the capture: %s (%s).", g->text, g->vantages);
		layout_wrap(out, "  ", 2, text);
		free(text);
	}
}

/* Returns the vantages whose capture proves the failure. */
static const char *proving_vantages(const struct scenario *s)
{
	for (size_t i = 0; i < s->nsignatures; i++)
		if (s->signatures[i].nconditions && !s->signatures[i].hint)
			return s->signatures[i].vantages;
	return "";
}

static const char *other_side(const struct scenario *s)
{
	return strstr(proving_vantages(s), "server_wire") ? "server's" : "client's";
}

/* Writes what couldn't be judged. */
static void write_lacks(const struct scenario_match *x, FILE *out)
{
	char *text;

	if (!x->lacks)
		return;
	text = xasprintf("Not to be judged here: %s.", x->lacks);
	layout_wrap(out, "  ", 2, text);
	free(text);
}

/* Of two captures says which one shows it. */
static const char *capture_words(const struct matches *m, const struct scenario_match *x)
{
	if (!m->pair)
		return "";
	return x->far ? ", seen on the server's side" : ", seen on the client's side";
}

static void write_fit(const struct matches *m, const struct scenario_match *x, bool first,
		      FILE *out)
{
	char name[NAME_TEXT], where[SCOPE_TEXT], *text;

	text = xasprintf("%s %s: %s, at %s%s. %s.",
			 first ? "This is" : "It fits, too:", name_text(x->scenario, name),
			 x->evidence, scope_format(x->scope, where), capture_words(m, x),
			 x->scenario->title);
	layout_wrap(out, "", 2, text);
	free(text);
	write_lacks(x, out);
	write_family(m, x, out);
	write_beyond(x, out);
}

/* Returns why it can't be told, and which capture would tell; the caller frees. */
static char *doubt_text(const struct scenario_match *x)
{
	if (x->withheld)
		return xstrdup("The capture is unreliable, and lacks what would tell it from "
			       "losses: another one of the same traffic would");
	return xasprintf("From this vantage it can't be told: a capture of the same traffic on the "
			 "%s side of what stands between would",
			 other_side(x->scenario));
}

static void write_hint(const struct matches *m, const struct scenario_match *x, FILE *out)
{
	char name[NAME_TEXT], where[SCOPE_TEXT], *doubt = doubt_text(x), *text;

	text = xasprintf("This may be %s: %s, at %s%s. %s.", name_text(x->scenario, name),
			 x->evidence, scope_format(x->scope, where), capture_words(m, x), doubt);
	layout_wrap(out, "", 2, text);
	free(text);
	free(doubt);
	write_lacks(x, out);
	write_family(m, x, out);
}

static void write_near(const struct matches *m, const struct scenario_match *x, FILE *out)
{
	enum cause worst = tallies_worst(&x->scope->sums.service.tallies);
	char name[NAME_TEXT], where[SCOPE_TEXT], *text;
	const struct tally *t =
	    worst == CAUSE_COUNT ? NULL : x->scope->sums.service.tallies.of[worst];
	bool labelled = t && 2 * t->labelled > t->lengths.n;

	text =
	    xasprintf("Near %s, and not it, at %s%s: %s.%s%s%s%s%s", name_text(x->scenario, name),
		      scope_format(x->scope, where), capture_words(m, x), x->differs,
		      t ? " What is here: " : "", t ? cause_row(worst)->words : "",
		      labelled ? ", " : "", labelled ? t->label : "", t ? "." : "");
	layout_wrap(out, "", 2, text);
	free(text);
}

/* Returns whether a better match of the same family was written. */
static bool is_told(const struct matches *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (m->list[k].kind == m->list[i].kind &&
		    match_is_family(m->list[k].scenario, m->list[i].scenario))
			return true;
	return false;
}

void match_page_write(const struct matches *m, FILE *out)
{
	bool first = true;
	size_t near = 0;

	if (!m->n || m->list[0].kind == MATCH_NEAR)
		layout_wrap(out, "", 0, "No documented failure of the catalogue fits.");
	for (size_t i = 0; i < m->n; i++) {
		const struct scenario_match *x = &m->list[i];

		if (is_told(m, i))
			continue;
		if (x->kind == MATCH_FITS)
			write_fit(m, x, first, out);
		else if (x->kind == MATCH_HINT)
			write_hint(m, x, out);
		else if (near++ < NEAR_SHOWN)
			write_near(m, x, out);
		first = false;
	}
}

static json_t *text_or_null(const char *text)
{
	json_t *j = text ? json_string(text) : json_null();

	return j ? j : json_null();
}

json_t *match_json(const struct matches *m)
{
	json_t *all = json_array();

	for (size_t i = 0; i < m->n; i++) {
		const struct scenario_match *x = &m->list[i];
		char where[SCOPE_TEXT];
		json_t *j = json_object(), *family = json_array();

		for (size_t k = 0; k < x->scenario->nfamily; k++)
			json_array_append_new(family, json_string(x->scenario->family[k]));
		json_object_set_new(j, "scenario", json_string(x->scenario->name));
		json_object_set_new(j, "failure", text_or_null(x->scenario->failure));
		json_object_set_new(j, "kind", json_string(match_kinds[x->kind]));
		if (m->pair)
			json_object_set_new(j, "capture", json_integer(x->far));
		json_object_set_new(j, "vantage", json_string(x->vantage));
		json_object_set_new(j, "service", json_string(scope_format(x->scope, where)));
		json_object_set_new(j, "evidence", json_string(x->evidence));
		json_object_set_new(j, "holds", json_integer((json_int_t)x->holds));
		json_object_set_new(j, "fails", json_integer((json_int_t)x->fails));
		json_object_set_new(j, "differs", text_or_null(x->differs));
		json_object_set_new(j, "lacks", text_or_null(x->lacks));
		json_object_set_new(j, "family", family);
		json_array_append_new(all, j);
	}
	return all;
}
