/* test_text_print.c - what could drive a terminal becomes an escape, whole characters stay.
 * LAYER: wedge_base */
#include "proxy/base/text_print.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void expect_line(const char *text, const char *expected)
{
	char *line = text_print_line(text);

	assert_string_equal(line, expected);
	free(line);
}

static void a_line_has_no_control_character(void **state)
{
	(void)state;
	expect_line("a\x1b[31m\x07", "a\\u001b[31m\\u0007");
	expect_line("\xc2\x9b"
		    "1m \x7f\r",
		    "\\u009b1m \\u007f\\u000d");
	expect_line("\xe2\x80\xae \xe2\x81\xa6 \xe2\x80\xa8", "\\u202e \\u2066 \\u2028");
	expect_line("two\nlines\t", "two\\nlines\\t");
	expect_line("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
		    "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
	expect_line("\x9b \xff \xc0\x80 \xed\xa0\x80 \xc3",
		    "\\x9b \\xff \\xc0\\x80 \\xed\\xa0\\x80 \\xc3");
	assert_null(text_print_line(NULL));
}

static void a_character_in_two_pieces_stays_whole(void **state)
{
	struct text_print p = {.n = 0};
	size_t len;
	char *out;

	(void)state;
	out = text_print_piece(&p, "a\xe2\x82", 3, &len);
	assert_int_equal(len, 1);
	free(out);
	assert_false(text_print_is_clean(&p, "b", 1));
	out = text_print_piece(&p, "\xac\n\x1b", 3, &len);
	assert_string_equal(out, "\xe2\x82\xac\n\\u001b");
	free(out);
	assert_true(text_print_is_clean(&p, "b\n", 2));
}

static void a_cut_leaves_whole_escapes(void **state)
{
	char text[10] = "abcdef\x1b"
			"g";

	(void)state;
	text_print_line_in_place(text, sizeof(text));
	assert_string_equal(text, "abcdef");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_has_no_control_character),
	    cmocka_unit_test(a_character_in_two_pieces_stays_whole),
	    cmocka_unit_test(a_cut_leaves_whole_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
