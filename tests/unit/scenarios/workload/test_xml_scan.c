/* test_xml_scan.c - elements of a document in pieces of any size.
 * LAYER: wedge_workload */
#include "scenarios/workload/xml_scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void note_element(void *arg, const char *name, const char *text)
{
	char *out = arg;

	snprintf(out + strlen(out), 512 - strlen(out), "%s=%s;", name, text);
}

/* Whatever the pieces, the same elements end. */
static void ends(const char *document, const char *elements)
{
	for (size_t piece = 1; piece <= strlen(document); piece++) {
		char out[512] = "";
		struct xml_scan x = {.element = note_element, .arg = out};

		for (size_t at = 0; at < strlen(document); at += piece) {
			size_t left = strlen(document) - at;

			xml_scan_feed(&x, document + at, left < piece ? left : piece);
		}
		assert_string_equal(out, elements);
	}
}

static void elements_end_with_their_text(void **state)
{
	(void)state;
	ends("<?xml version=\"1.0\"?><D:a xmlns:D=\"DAV:\"><b>12</b><D:c>x</D:c></D:a>",
	     "b=12;c=x;a=;");
}

static void empty_elements_count(void **state)
{
	(void)state;
	ends("<a><b/><c d=\"1\"/></a>", "b=;c=;a=;");
}

static void attributes_and_comments_hold_no_tags(void **state)
{
	(void)state;
	ends("<a b='>' c=\"</a>\">1</a><!-- <d>2</d> --><!DOCTYPE e><f>3</f>", "a=1;f=3;");
	ends("<!---->x<a\n>1</a\n>", "a=1;");
}

static void long_names_and_texts_are_cut(void **state)
{
	char out[1024] = "", document[600];
	struct xml_scan x = {.element = note_element, .arg = out};

	(void)state;
	snprintf(document, sizeof(document), "<%0100d>%0300d</%0100d>", 1, 2, 3);
	xml_scan_feed(&x, document, strlen(document));
	assert_int_equal(strlen(out), XML_NAME_MAX - 1 + 1 + XML_TEXT_MAX - 1 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(elements_end_with_their_text),
	    cmocka_unit_test(empty_elements_count),
	    cmocka_unit_test(attributes_and_comments_hold_no_tags),
	    cmocka_unit_test(long_names_and_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
