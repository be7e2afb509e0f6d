/* card_compare.c - two runs of one client differ by some milliseconds: less than 5 % or 0.1 s is
 * no change. */
#include "scenarios/check/card_compare.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "scenarios/check/card_field.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define SHARE	0.05
#define SECONDS 0.1

static int check_cell(const json_t *cell, size_t i, const char *path, struct err *e)
{
	if (!*card_text(cell, "id") || !*card_text(cell, "grade"))
		return err_set(e, "%s is no card: cell %zu has no id or no grade", path, i + 1);
	return 0;
}

json_t *card_load(const char *path, struct err *e)
{
	json_error_t why;
	json_t *card = json_load_file(path, 0, &why), *cells = json_object_get(card, "cells");
	int rc = 0;

	if (!card && why.line > 0)
		rc = err_set(e, "%s:%d:%d: %s", path, why.line, why.column, why.text);
	else if (!card)
		rc = err_set(e, "%s", why.text);
	else if (!json_is_array(cells))
		rc = err_set(e, "%s is no card of wedge check --json: it has no cells", path);
	for (size_t i = 0; rc == 0 && i < json_array_size(cells); i++)
		rc = check_cell(json_array_get(cells, i), i, path, e);
	if (rc == 0)
		return card;
	json_decref(card);
	return NULL;
}

/* "DETECTED (A) in 2.01 s"; the caller frees. */
static char *describe_cell(const json_t *cell)
{
	double seconds = card_seconds(cell);
	char took[UNITS_TEXT];

	if (isnan(seconds))
		return xasprintf("%s (%s)", card_text(cell, "grade"), card_text(cell, "letter"));
	return xasprintf("%s (%s) in %s", card_text(cell, "grade"), card_text(cell, "letter"),
			 format_seconds(seconds, took));
}

static bool is_changed(const json_t *old, const json_t *now)
{
	double was = card_seconds(old), is = card_seconds(now), by = fabs(is - was);

	if (strcmp(card_text(old, "grade"), card_text(now, "grade")) != 0)
		return true;
	if (isnan(was) || isnan(is))
		return isnan(was) != isnan(is);
	return by > SHARE * was && by > SECONDS;
}

static void add_change(json_t *changes, const char *id, const char *was, const char *now)
{
	char *text = xasprintf("%s: was %s, is %s", id, was, now);

	json_array_append_new(changes, json_pack("{s:s,s:s,s:s,s:s}", "id", id, "was", was, "now",
						 now, "text", text));
	free(text);
}

static const json_t *find_cell(const json_t *card, const char *id)
{
	const json_t *cells = json_object_get(card, "cells"), *cell;
	size_t i;

	json_array_foreach(cells, i, cell) if (strcmp(card_text(cell, "id"), id) == 0) return cell;
	return NULL;
}

/* "3 s" of a number, or the text itself; the caller frees. */
static char *describe_value(const json_t *value)
{
	if (json_is_number(value))
		return xasprintf("%g s", json_number_value(value));
	return xstrdup(json_is_string(value) ? json_string_value(value) : "not told");
}

static void compare_conditions(json_t *changes, const json_t *old, const json_t *now)
{
	static const char *const keys[] = {"command", "protocol", "limit", "version"};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		char *was = describe_value(json_object_get(old, keys[i]));
		char *is = describe_value(json_object_get(now, keys[i]));

		if (strcmp(was, is) != 0)
			add_change(changes, keys[i], was, is);
		free(was);
		free(is);
	}
}

json_t *card_compare(const json_t *old, const json_t *now)
{
	json_t *changes = json_array();
	const json_t *cells = json_object_get(now, "cells"), *cell, *before;
	size_t i;

	compare_conditions(changes, old, now);
	json_array_foreach(cells, i, cell)
	{
		char *was, *is;

		before = find_cell(old, card_text(cell, "id"));
		if (!before || !is_changed(before, cell))
			continue;
		was = describe_cell(before);
		is = describe_cell(cell);
		add_change(changes, card_text(cell, "id"), was, is);
		free(was);
		free(is);
	}
	return changes;
}
