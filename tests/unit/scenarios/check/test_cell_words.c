/* test_cell_words.c - what is put into a command may itself look like a name to replace.
 * LAYER: wedge_check */
#include "scenarios/check/cell_words.h"
#include "scenarios/scenario/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char *word_of(const struct check_plan *plan, const char *word, const char *folder)
{
	char *argv[] = {(char *)word, NULL};
	char **words = cell_words(plan, argv, folder), *first = strdup(words[0]);

	words_free(words);
	return first;
}

static void check_word(const char *host, const char *word, const char *folder, const char *wanted)
{
	const struct check_plan plan = {.host = host, .port = 8080};
	char *got = word_of(&plan, word, folder);

	assert_string_equal(got, wanted);
	free(got);
}

static void test_names(void **state)
{
	(void)state;
	check_word("wedge.test", "{url}", "/f", "http://wedge.test:8080/");
	check_word("wedge.test", "-{host}:{port}-{port}", "/f", "-wedge.test:8080-8080");
	check_word("wedge.test", "{ca} and {ca}", "/f", "/f/ca.pem and /f/ca.pem");
	check_word("wedge.test", "{other} {", "/f", "{other} {");
}

/* A value with its own name in it is put in once. */
static void test_own_name(void **state)
{
	(void)state;
	check_word("wedge.test", "{ca}", "/a{ca}b", "/a{ca}b/ca.pem");
	check_word("{host}", "{host} {host}", "/f", "{host} {host}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_own_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
