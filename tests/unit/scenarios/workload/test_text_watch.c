/* test_text_watch.c - a text is found however the output is cut, and only where it is. The referee
 * is strstr on the whole. LAYER: wedge_workload */
#include "scenarios/workload/text_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool watch_in_pieces(const char *text, const char *output, size_t piece)
{
	struct text_watch w = {.text = text};
	size_t n = strlen(output);

	for (size_t at = 0; at < n; at += piece)
		text_watch_take(&w, output + at, n - at < piece ? n - at : piece);
	return w.found;
}

static void a_text_is_found_across_pieces(void **state)
{
	static const char *const texts[] = {"r", "ready", "aab", "listening on 80", "not in there"};
	static const char *const outputs[] = {
	    "",	     "ready",	  "readready\n",    "rrrready", "server: listening on 80\n",
	    "aaaab", "read\nady", "listening on 8",
	};

	(void)state;
	for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
		for (size_t o = 0; o < sizeof(outputs) / sizeof(outputs[0]); o++)
			for (size_t piece = 1; piece < 30; piece++)
				assert_int_equal(watch_in_pieces(texts[t], outputs[o], piece),
						 strstr(outputs[o], texts[t]) != NULL);
}

static void the_longest_text_is_found(void **state)
{
	char text[TEXT_WATCH_MAX + 1], output[3 * TEXT_WATCH_MAX];

	(void)state;
	memset(text, 'x', TEXT_WATCH_MAX);
	text[TEXT_WATCH_MAX] = '\0';
	memset(output, 'x', sizeof(output));
	output[100] = 'y';
	output[101 + TEXT_WATCH_MAX] = '\0';
	for (size_t piece = 1; piece < sizeof(output); piece++)
		assert_true(watch_in_pieces(text, output, piece));
	output[100 + TEXT_WATCH_MAX] = '\0';
	for (size_t piece = 1; piece < sizeof(output); piece++)
		assert_false(watch_in_pieces(text, output, piece));
}

static void nothing_is_found_for_no_text(void **state)
{
	(void)state;
	assert_false(watch_in_pieces(NULL, "anything", 3));
	assert_false(watch_in_pieces("", "anything", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_text_is_found_across_pieces),
	    cmocka_unit_test(the_longest_text_is_found),
	    cmocka_unit_test(nothing_is_found_for_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
