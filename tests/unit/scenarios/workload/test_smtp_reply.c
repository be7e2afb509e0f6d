/* test_smtp_reply.c - replies of SMTP, of one line and of several, cut anywhere. Referees of the
 * workload are curl, smtplib and tshark: tests/loopback/test_smtp.py. LAYER: wedge_workload */
#include "scenarios/workload/smtp_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LONGEST 512 /* RFC 5321 4.5.3.1.5 */

/* Parses text from a block of its own size, so that a read behind it is found. */
static ssize_t parse(const char *text, size_t n, unsigned *code)
{
	char *block = malloc(n ? n : 1);
	struct err e;
	ssize_t got;

	assert_non_null(block);
	memcpy(block, text, n);
	got = smtp_parse_reply(block, n, code, &e);
	free(block);
	return got;
}

static void replies_are_read_to_their_last_line(void **state)
{
	static const struct {
		const char *text;
		ssize_t len;
		unsigned code;
	} cases[] = {
	    {"220 mail.example.org ESMTP\r\n", 28, 220},
	    {"250\r\n", 5, 250},
	    {"250-one\r\n250-two\r\n250 three\r\n", 29, 250},
	    {"354 go\r\n250 next\r\n", 8, 354},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned code = 0;

		assert_int_equal(parse(cases[i].text, strlen(cases[i].text), &code), cases[i].len);
		assert_int_equal(code, cases[i].code);
		for (ssize_t n = 0; n < cases[i].len; n++)
			assert_int_equal(parse(cases[i].text, (size_t)n, &code), 0);
	}
}

static void other_lines_are_refused(void **state)
{
	static const char *const lines[] = {
	    "\r\n", "25\r\n", "abc hello\r\n", "250_x\r\n", "250 bare\n", "HTTP/1.1 400 Bad\r\n",
	};
	unsigned code;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(lines[i], strlen(lines[i]), &code), -1);
}

static void a_line_without_end_is_refused(void **state)
{
	char line[LONGEST + 1];
	unsigned code;

	(void)state;
	memset(line, '2', sizeof(line));
	assert_int_equal(parse(line, LONGEST, &code), 0);
	assert_int_equal(parse(line, sizeof(line), &code), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(replies_are_read_to_their_last_line),
	    cmocka_unit_test(other_lines_are_refused),
	    cmocka_unit_test(a_line_without_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
