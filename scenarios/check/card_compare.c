/* card_compare.c - two runs of one client differ by some milliseconds: less than 5 % or 0.1 s is
 * no change. */
#include "scenarios/check/card_compare.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "scenarios/check/card_field.h"
#include "scenarios/check/card_setup.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define SHARE	0.05
#define SECONDS 0.1
#define ABSENT	"not on the card"

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
	struct stat st;
	int rc = 0;

	if (!card && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		rc = err_set(e, "%s is a folder; a card is a file, of wedge check --json", path);
	else if (!card && why.line > 0)
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
	if (json_is_true(value))
		return xstrdup("given");
	return xstrdup(json_is_string(value) ? json_string_value(value) : "not given");
}

static void compare_values(json_t *changes, const json_t *old, const json_t *now,
			   const char *const *keys)
{
	for (; *keys; keys++) {
		char *was = describe_value(json_object_get(old, *keys));
		char *is = describe_value(json_object_get(now, *keys));

		if (strcmp(was, is) != 0)
			add_change(changes, *keys, was, is);
		free(was);
		free(is);
	}
}

static void compare_cell(json_t *changes, const json_t *old, const json_t *now)
{
	char *was = old ? describe_cell(old) : xstrdup(ABSENT);
	char *is = now ? describe_cell(now) : xstrdup(ABSENT);

	if (!old || !now || is_changed(old, now))
		add_change(changes, card_text(old ? old : now, "id"), was, is);
	free(was);
	free(is);
}

json_t *card_compare(const json_t *old, const json_t *now)
{
	static const char *const keys[] = {"command", "protocol", "limit", "version", NULL};
	const json_t *cells = json_object_get(now, "cells"), *cell;
	const char *ungraded = card_text(old, "not_gradable");
	json_t *changes = json_array();
	size_t i;

	compare_values(changes, old, now, keys);
	compare_values(changes, old, now, card_setup_keys);
	if (*ungraded) {
		add_change(changes, "not_gradable", ungraded, "graded");
		return changes;
	}
	json_array_foreach(cells, i, cell)
	    compare_cell(changes, find_cell(old, card_text(cell, "id")), cell);
	cells = json_object_get(old, "cells");
	json_array_foreach(cells, i, cell) if (!find_cell(now, card_text(cell, "id")))
	    compare_cell(changes, cell, NULL);
	return changes;
}
