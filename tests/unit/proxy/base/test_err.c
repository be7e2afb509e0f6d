/* test_err.c - errors say one line and never overrun it.
 * LAYER: wedge_base */
#include "proxy/base/err.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_setter_returns_minus_one(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(err_set(&e, "%d apples", 3), -1);
	assert_string_equal(e.text, "3 apples");
	assert_int_equal(err_wrap(&e, "basket %d", 7), -1);
	assert_string_equal(e.text, "basket 7: 3 apples");
	errno = ENOENT;
	assert_int_equal(err_errno(&e, "open %s", "x"), -1);
	assert_string_equal(e.text, "open x: No such file or directory");
	assert_int_equal(errno, ENOENT);
}

static void what_users_wrote_makes_no_second_line(void **state)
{
	struct err e;

	(void)state;
	err_set(&e, "no '%s' here", "van\nish\x7f");
	assert_string_equal(e.text, "no 'van\\nish\\u007f' here");
	err_wrap(&e, "a\tb");
	assert_string_equal(e.text, "a\\tb: no 'van\\nish\\u007f' here");
}

static void nobody_needs_to_want_the_text(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, "x"), -1);
	assert_int_equal(err_errno(NULL, "x"), -1);
	assert_int_equal(err_wrap(NULL, "x"), -1);
}

static void long_texts_are_cut_and_ended(void **state)
{
	char text[4096];
	struct err e;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	err_set(&e, "%s", text);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
	errno = EPERM;
	err_errno(&e, "%s", text);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
	err_wrap(&e, "%s", text);
	assert_true(strlen(e.text) < sizeof(e.text));
	assert_non_null(strstr(e.text, ": aaa"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_setter_returns_minus_one),
	    cmocka_unit_test(what_users_wrote_makes_no_second_line),
	    cmocka_unit_test(nobody_needs_to_want_the_text),
	    cmocka_unit_test(long_texts_are_cut_and_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
