/* test_html_text.c - whatever a text holds, a browser shows it and does nothing else with it.
 * LAYER: wedge_report */
#include "scenarios/report/html_text.h"

#include "proxy/base/attrs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *written(const char *text, void (*write)(FILE *, const char *))
{
	char *page = NULL;
	size_t len;
	FILE *f = open_memstream(&page, &len);

	assert_non_null(f);
	write(f, text);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(strlen(page), len);
	return page;
}

static void expect_page(const char *text, const char *want)
{
	char *page = written(text, html_text);

	assert_string_equal(page, want);
	free(page);
}

static void what_means_something_to_html_is_an_entity(void **state)
{
	(void)state;
	expect_page("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
	expect_page("\" onload='x'", "&quot; onload=&#39;x&#39;");
	expect_page("a && b &lt; c", "a &amp;&amp; b &amp;lt; c");
	expect_page("</style><!-- ]]>", "&lt;/style&gt;&lt;!-- ]]&gt;");
	expect_page("plain, 200 ms \xc2\xb5s", "plain, 200 ms \xc2\xb5s");
	expect_page("", "");
	expect_page(NULL, "");
}

static void what_no_page_can_show_is_an_escape(void **state)
{
	(void)state;
	expect_page("a\x1b[31mb", "a\\u001b[31mb");
	expect_page("a\xff<", "a\\xff&lt;");
	expect_page("a\xe2\x80\xae"
		    "b",
		    "a\\u202eb");
	expect_page("two\nlines", "two\nlines");
}

/* No byte sequence leaves a character of markup in the page. */
static void no_pair_of_bytes_makes_markup(void **state)
{
	(void)state;
	for (int a = 1; a < 256; a++)
		for (int b = 1; b < 256; b++) {
			char text[] = {(char)a, (char)b, '<', '\0'}, *page, *rest;

			page = written(text, html_text);
			assert_null(strpbrk(page, "<>\"'"));
			for (rest = page; (rest = strchr(rest, '&')); rest++)
				assert_non_null(strchr(rest, ';'));
			free(page);
		}
}

static void a_file_name_is_no_address(void **state)
{
	char *page = written("impaired@1/2#<\"&.pcapng", html_file);

	(void)state;
	assert_string_equal(page, "<a href=\"./impaired%401%2F2%23%3C%22%26.pcapng\">"
				  "impaired@1/2#&lt;&quot;&amp;.pcapng</a>");
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_means_something_to_html_is_an_entity),
	    cmocka_unit_test(what_no_page_can_show_is_an_escape),
	    cmocka_unit_test(no_pair_of_bytes_makes_markup),
	    cmocka_unit_test(a_file_name_is_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
