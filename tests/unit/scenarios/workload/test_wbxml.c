/* test_wbxml.c - ActiveSync's documents, written and read.
 * LAYER: wedge_workload */
#include "scenarios/workload/wbxml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void note_element(void *arg, unsigned element, const char *text)
{
	char *out = arg;

	snprintf(out + strlen(out), 256 - strlen(out), "%x=%s;", element, text);
}

/* The document of [MS-ASWBXML]'s kind: a Ping of one folder. */
static const char ping[] = "\x03\x01\x6a\x00\x00\x0d\x45\x48\x03"
			   "80\0\x01\x49\x4a\x4b\x03"
			   "5\0\x01\x01\x01\x01";

static void a_document_is_written(void **state)
{
	struct http_text text = {.v = NULL};
	struct wbxml w;

	(void)state;
	wbxml_begin(&w, &text);
	wbxml_open(&w, PING);
	wbxml_text(&w, PING_HEARTBEAT, "80");
	wbxml_open(&w, PING_FOLDERS);
	wbxml_open(&w, PING_FOLDER);
	wbxml_text(&w, PING_ID, "5");
	for (int i = 0; i < 3; i++)
		wbxml_close(&w);
	assert_int_equal(text.len, sizeof(ping) - 1);
	assert_memory_equal(text.v, ping, text.len);
	free(text.v);
}

static void it_is_read(void **state)
{
	char out[256] = "";

	(void)state;
	assert_int_equal(wbxml_read(ping, sizeof(ping) - 1, note_element, out, NULL), 0);
	assert_string_equal(out, "d08=80;d0b=5;d0a=;d09=;d05=;");
}

static void no_part_of_it_is_a_document(void **state)
{
	char out[256];
	struct err e;

	(void)state;
	for (size_t len = 0; len < sizeof(ping) - 1; len++) {
		out[0] = '\0';
		assert_int_equal(wbxml_read(ping, len, note_element, out, &e), -1);
	}
}

static void what_activesync_does_not_have_is_refused(void **state)
{
	static const char *const wrong[] = {
	    "\x03\x01\x6a\x01\x45\x01", /* a string table (cut to its NUL) */
	    "\x03\x01\x6a\x00\xc5\x01", "\x03\x01\x6a\x00\x45\x02\x01",
	    "\x03\x01\x6a\x00\x01\x01", "\x03\x01\x6a\x00\x45\x01\x01",
	};
	static const size_t lengths[] = {6, 6, 7, 6, 7};
	char out[256];
	struct err e;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		out[0] = '\0';
		assert_int_equal(wbxml_read(wrong[i], lengths[i], note_element, out, &e), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_document_is_written),
	    cmocka_unit_test(it_is_read),
	    cmocka_unit_test(no_part_of_it_is_a_document),
	    cmocka_unit_test(what_activesync_does_not_have_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
