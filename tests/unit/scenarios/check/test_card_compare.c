/* test_card_compare.c - what counts as a change between two cards, and which file is no card.
 * LAYER: wedge_check */
#include "scenarios/check/card_compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* The texts of all changes between two cards whose cells are given, each with "; " behind it. */
static const char *compare(const char *old, const char *now)
{
	static char said[400];
	json_t *a = json_loads(old, 0, NULL), *b = json_loads(now, 0, NULL), *changes, *change;
	size_t i;

	assert_non_null(a);
	assert_non_null(b);
	a = json_pack("{s:f,s:o}", "limit", 3.0, "cells", a);
	b = json_pack("{s:f,s:o}", "limit", 3.0, "cells", b);
	changes = card_compare(a, b);
	*said = '\0';
	json_array_foreach(changes, i, change)
	{
		size_t len = strlen(said);

		snprintf(said + len, sizeof(said) - len, "%s; ",
			 json_string_value(json_object_get(change, "text")));
	}
	json_decref(changes);
	json_decref(a);
	json_decref(b);
	return said;
}

#define T13(grade, letter, seconds)                                                                \
	"[{\"id\":\"T13\",\"grade\":\"" grade "\",\"letter\":\"" letter "\",\"seconds\":" seconds  \
	"}]"

static void test_changes(void **state)
{
	(void)state;
	assert_string_equal(compare(T13("HUNG", "F", "null"), T13("DETECTED", "A", "2.0")),
			    "T13: was HUNG (F), is DETECTED (A) in 2.00 s; ");
	assert_string_equal(compare(T13("HUNG", "F", "null"), T13("HUNG", "F", "null")), "");
	/* More than 5 % and more than 0.1 s, either way. */
	assert_string_equal(compare(T13("DETECTED", "A", "2.0"), T13("DETECTED", "A", "2.2")),
			    "T13: was DETECTED (A) in 2.00 s, is DETECTED (A) in 2.20 s; ");
	assert_string_equal(compare(T13("DETECTED", "A", "2.2"), T13("DETECTED", "A", "2.0")),
			    "T13: was DETECTED (A) in 2.20 s, is DETECTED (A) in 2.00 s; ");
	assert_string_equal(compare(T13("DETECTED", "A", "2.0"), T13("DETECTED", "A", "2.09")),
			    ""); /* 4.5 % */
	assert_string_equal(compare(T13("DETECTED", "A", "9.9"), T13("DETECTED", "A", "10.3")),
			    ""); /* 0.4 s, 4 % */
	assert_string_equal(compare(T13("DETECTED", "A", "0.01"), T13("DETECTED", "A", "0.09")),
			    ""); /* 0.08 s */
	/* A cell of one card alone. */
	assert_string_equal(compare("[]", T13("HUNG", "F", "null")),
			    "T13: was not on the card, is HUNG (F); ");
	assert_string_equal(compare(T13("DETECTED", "A", "2.0"), "[]"),
			    "T13: was DETECTED (A) in 2.00 s, is not on the card; ");
}

static const char *text_of(const json_t *changes, size_t i)
{
	return json_string_value(json_object_get(json_array_get(changes, i), "text"));
}

static void test_conditions(void **state)
{
	json_t *a = json_pack("{s:f,s:s,s:[]}", "limit", 60.0, "command", "curl", "cells");
	json_t *b = json_pack("{s:f,s:s,s:[]}", "limit", 3.0, "command", "curl -m 2", "cells");
	json_t *changes = card_compare(a, b);

	(void)state;
	assert_int_equal(json_array_size(changes), 2);
	assert_string_equal(text_of(changes, 0), "command: was curl, is curl -m 2");
	assert_string_equal(text_of(changes, 1), "limit: was 60 s, is 3 s");
	json_decref(changes);
	json_decref(a);
	json_decref(b);
}

/* How the command was run, where that is told at all. */
static void test_setup(void **state)
{
	json_t *a = json_pack("{s:s,s:b,s:[]}", "server", "httpd", "ready_request", 1, "cells");
	json_t *b = json_pack("{s:s,s:s,s:s,s:[]}", "server", "httpd", "ready", "it listens",
			      "then", "curl -sS x", "cells");
	json_t *changes = card_compare(a, b);

	(void)state;
	assert_int_equal(json_array_size(changes), 3);
	assert_string_equal(text_of(changes, 0), "ready: was not given, is it listens");
	assert_string_equal(text_of(changes, 1), "ready_request: was given, is not given");
	assert_string_equal(text_of(changes, 2), "then: was not given, is curl -sS x");
	json_decref(changes);
	json_decref(a);
	json_decref(b);
}

/* Where the old card has no grades, there is nothing to compare cells with. */
static void test_ungraded(void **state)
{
	json_t *a = json_pack("{s:s,s:o}", "not_gradable", "it ends with status 3", "cells",
			      json_loads(T13("NOT-EXERCISED", "-", "null"), 0, NULL));
	json_t *b = json_pack("{s:o}", "cells", json_loads(T13("HUNG", "F", "null"), 0, NULL));
	json_t *changes = card_compare(a, b);

	(void)state;
	assert_int_equal(json_array_size(changes), 1);
	assert_string_equal(text_of(changes, 0),
			    "not_gradable: was it ends with status 3, is graded");
	json_decref(changes);
	json_decref(a);
	json_decref(b);
}

static void refuse(const char *content, const char *error)
{
	char path[] = "/tmp/test_card_compare.XXXXXX";
	int fd = mkstemp(path);
	struct err e = {""};
	json_t *card;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
	card = card_load(path, &e);
	unlink(path);
	assert_null(card);
	if (!strstr(e.text, error) || !strstr(e.text, path))
		fail_msg("'%s' has no '%s'", e.text, error);
}

static void test_refused(void **state)
{
	struct err e = {""};

	(void)state;
	refuse("", ":1:0: ");
	refuse("{\n \"cells\": [}\n", ":2:12: ");
	refuse("[]", "it has no cells");
	refuse("{\"cells\": [{\"id\": \"T01\"}]}", "cell 1 has no id or no grade");
	assert_null(card_load("/nonexistent/card.json", &e));
	assert_non_null(strstr(e.text, "/nonexistent/card.json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_changes), cmocka_unit_test(test_conditions),
	    cmocka_unit_test(test_setup),   cmocka_unit_test(test_ungraded),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
