/* test_options.c - a command line read by a table: where values go, what is refused and in which
 * words, and the help that the same rows print. LAYER: wedge_base */
#include "proxy/base/options.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct args {
	const char *word, *path;
	bool flag;
	unsigned times, calls;
};

static int refuse_bad(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct args *a = args;

	a->calls++;
	assert_string_equal(row->name, "call");
	return strcmp(value, "bad") == 0 ? err_set(e, "'%s' is no good", value) : 0;
}

static const struct option_row rows[] = {
    O_WORD("word", "WORD", struct args, word, .help = "a word"),
    O_WORD("path", "FILE", struct args, path, .help = "a file,\non two lines"),
    O_FLAG("flag", struct args, flag, .help = "a flag"),
    O_END,
};

static const struct option_row more_rows[] = {
    O_CALL("call", "A-LONG-NAME-OF-VALUE", refuse_bad, .repeats = true, .help = "a function"),
    O_CALL("nothing", NULL, option_set_nothing, .help = "given or not"),
    O_TIMES("times", struct args, times, .letter = 't', .help = "again and again"),
    O_CALL("help", NULL, option_set_end, .letter = 'h', .help = "this text"),
    O_END,
};

static const struct option_row *const tables[] = {rows, more_rows, NULL};

static struct option_command command(enum option_wording wording, bool ends_at_word)
{
	return (struct option_command){.name = "try",
				       .tables = tables,
				       .wording = wording,
				       .ends_at_word = ends_at_word,
				       .help_before = "before\n",
				       .help_after = "after\n",
				       .help_column = 16};
}

static char line[256]; /* options_parse leaves pointers into it */

static int parse(const struct option_command *c, struct args *a, struct options_given *given,
		 const char *text, struct err *e)
{
	char *argv[16], *at = line;
	int argc = 0;

	snprintf(line, sizeof(line), "%s", text);
	for (char *word = strtok_r(at, " ", &at); word; word = strtok_r(NULL, " ", &at))
		argv[argc++] = word;
	argv[argc] = NULL;
	return options_parse(c, a, argc, argv, given, e);
}

static void values_go_where_the_rows_say(void **state)
{
	const struct option_command c = command(OPTIONS_NEAREST, false);
	struct options_given given = {.n = 0};
	struct args a = {.word = NULL};
	struct err e;

	(void)state;
	assert_int_equal(
	    parse(&c, &a, &given, "try rest --word=y -tt --fl --path p --nothing --flag", &e), 8);
	assert_string_equal(a.word, "y");
	assert_string_equal(a.path, "p");
	assert_int_equal(a.times, 2);
	assert_true(a.flag);
	assert_int_equal(given.n, 5);
	assert_string_equal(given.row[1]->name, "times");
	assert_true(options_have(&given, "nothing"));
	assert_false(options_have(&given, "call"));
}

static void the_first_word_may_end_the_options(void **state)
{
	const struct option_command c = command(OPTIONS_NEAREST, true);
	struct args a = {.word = NULL};
	struct err e;

	(void)state;
	assert_int_equal(parse(&c, &a, NULL, "try -t rest --flag", &e), 2);
	assert_int_equal(a.times, 1);
	assert_false(a.flag);
	assert_int_equal(parse(&c, &a, NULL, "try -- --flag", &e), 2);
}

static void a_setter_may_refuse_and_may_end(void **state)
{
	const struct option_command c = command(OPTIONS_PLAIN, false);
	struct args a = {.word = NULL};
	struct err e;

	(void)state;
	assert_int_equal(parse(&c, &a, NULL, "try --call good --call bad --flag", &e), -1);
	assert_string_equal(e.text, "--call: 'bad' is no good");
	assert_int_equal(a.calls, 2);
	assert_false(a.flag);
	assert_int_equal(parse(&c, &a, NULL, "try --word x --word=x", &e), -1);
	assert_string_equal(e.text, "--word: it is given twice; one is accepted");
	assert_int_equal(parse(&c, &a, NULL, "try --path=", &e), -1);
	assert_string_equal(e.text, "--path: its value is empty; a file's name is expected");
	assert_int_equal(parse(&c, &a, NULL, "try --word=", &e), -1);
	assert_non_null(strstr(e.text, "--word: its value is empty; "));
	assert_int_equal(parse(&c, &a, NULL, "try -h --no-such", &e), 0);
}

static void refusals_have_the_words_of_the_command(void **state)
{
	const struct option_command nearest = command(OPTIONS_NEAREST, false);
	const struct option_command plain = command(OPTIONS_PLAIN, false);
	struct args a = {.word = NULL};
	struct err e;

	(void)state;
	assert_int_equal(parse(&nearest, &a, NULL, "try --wrod x", &e), -1);
	assert_string_equal(e.text, "unknown option --wrod; did you mean --word?");
	assert_int_equal(parse(&nearest, &a, NULL, "try --elephant", &e), -1);
	assert_string_equal(e.text, "unknown option --elephant; 'wedge try --help' lists them");
	assert_int_equal(parse(&nearest, &a, NULL, "try --word", &e), -1);
	assert_string_equal(e.text, "--word needs a value; 'wedge try --help' tells which");
	assert_int_equal(parse(&plain, &a, NULL, "try --wrod", &e), -1);
	assert_string_equal(e.text, "unknown option '--wrod'; see wedge try --help");
	assert_int_equal(parse(&plain, &a, NULL, "try --word", &e), -1);
	assert_string_equal(e.text, "--word needs a value; see wedge try --help");
}

static void the_help_is_printed_from_the_rows(void **state)
{
	struct option_command c = command(OPTIONS_NEAREST, false);
	char text[1024] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	options_print_help(&c, out);
	c.help_in_lines = true;
	c.help_column = 20;
	options_print_rows(&c, rows, out);
	fclose(out);
	assert_string_equal(text, "before\n"
				  "  --word WORD   a word\n"
				  "  --path FILE   a file,\n"
				  "                on two lines\n"
				  "  --flag        a flag\n"
				  "  --call A-LONG-NAME-OF-VALUE\n"
				  "                a function\n"
				  "  --nothing     given or not\n"
				  "  -t, --times   again and again\n"
				  "  -h, --help    this text\n"
				  "after\n"
				  "      --word WORD   a word\n"
				  "      --path FILE   a file,\n"
				  "                    on two lines\n"
				  "      --flag        a flag\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_go_where_the_rows_say),
	    cmocka_unit_test(the_first_word_may_end_the_options),
	    cmocka_unit_test(a_setter_may_refuse_and_may_end),
	    cmocka_unit_test(refusals_have_the_words_of_the_command),
	    cmocka_unit_test(the_help_is_printed_from_the_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
