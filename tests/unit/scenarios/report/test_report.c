/* test_report.c - one result as text, JSON and JUnit, to the letter; files appear whole or not at
 * all. LAYER: wedge_report */
#include "scenarios/report/brief.h"
#include "scenarios/report/folder.h"
#include "scenarios/report/json.h"
#include "scenarios/report/junit.h"
#include "scenarios/report/text.h"

#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void add_row(struct result *r, const char *label, char unit, double a, double b)
{
	struct result_row *row;

	r->rows = xrealloc(r->rows, r->nrows + 1, sizeof(*r->rows));
	row = &r->rows[r->nrows++];
	*row = (struct result_row){.label = xstrdup(label), .metric = xstrdup("m"), .unit = unit};
	row->values = xcalloc(2, sizeof(double));
	row->values[0] = a;
	row->values[1] = b;
}

static void add_expectation(struct result *r, const char *text, const char *documented,
			    const char *measured, bool ok, bool skipped)
{
	struct result_expectation *x;

	r->expectations = xrealloc(r->expectations, r->nexpectations + 1, sizeof(*r->expectations));
	x = &r->expectations[r->nexpectations++];
	*x = (struct result_expectation){.text = xstrdup(text),
					 .documented = documented ? xstrdup(documented) : NULL,
					 .measured = xstrdup(measured),
					 .ok = ok,
					 .skipped = skipped};
}

static struct result *made_up(enum run_verdict verdict, const char *why)
{
	struct result *r = xcalloc(1, sizeof(*r));

	r->scenario = xstrdup("made-up");
	r->title = xstrdup("a made-up failure");
	r->source = xstrdup("nobody");
	r->story = xstrdup("once upon a time");
	r->verdict = verdict;
	r->why = xstrdup(why);
	r->seed = 42;
	r->version = xstrdup("0.1");
	r->started = xstrdup("2026-01-02T03:04:05Z");
	r->command = xstrdup("wedge run made-up --seed 42");
	r->elapsed = 12.34;
	r->environment =
	    json_pack("{s:s, s:{s:i, s:b}}", "kernel", "6.1", "routes", "quickack", 1, "ipv6", 1);
	r->nphases = 2;
	r->phases = xcalloc(2, sizeof(*r->phases));
	r->phases[0].name = xstrdup("baseline");
	r->phases[0].impairments = xstrdup("none");
	r->phases[0].client_capture = xstrdup("baseline-client.pcapng");
	r->phases[0].metrics = json_pack("{s:f}", "client_app.response.p50", 0.0003);
	r->phases[1].name = xstrdup("impaired");
	r->phases[1].impairments = xstrdup("delayed_ack{timer=200ms}");
	r->phases[1].duration = 12;
	add_row(r, "response, median", 's', 0.0003, 0.2006);
	add_row(r, "exchanges", 'n', 60, 60);
	add_row(r, "stalled", 'r', NAN, 0.983);
	add_expectation(r, "impaired.client_app.response.p50 >= 195ms", "\"200ms\" & <more>",
			"200.6 ms (wanted at least 195.0 ms)", true, false);
	add_expectation(r, "impaired.server_wire.retransmissions == 0", NULL, "3 (wanted 0)", false,
			false);
	add_expectation(r, "other.client_app.failed == 0", NULL, "not judged", false, true);
	r->notes = xcalloc(1, sizeof(char *));
	r->notes[r->nnotes++] = xstrdup("journal and wire agree");
	return r;
}

static char *written(const struct result *r, int (*write)(const struct result *, FILE *))
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(write(r, f), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void the_text_reads_as_it_should(void **state)
{
	static const char want[] =
	    "made-up: NOT REPRODUCED. 1 of 2 expectations failed\n"
	    "\n"
	    "a made-up failure\n"
	    "Source: nobody\n"
	    "\n"
	    "Phases\n"
	    "  baseline  none\n"
	    "  impaired  delayed_ack{timer=200ms}\n"
	    "\n"
	    "                     baseline   impaired\n"
	    "  response, median   0.300 ms   200.6 ms\n"
	    "  exchanges                60         60\n"
	    "  stalled                   -     98.3 %\n"
	    "\n"
	    "Expectations\n"
	    "  ok    impaired.client_app.response.p50 >= 195ms\n"
	    "        documented  \"200ms\" & <more>\n"
	    "        measured    200.6 ms (wanted at least 195.0 ms)\n"
	    "  FAIL  impaired.server_wire.retransmissions == 0\n"
	    "        measured    3 (wanted 0)\n"
	    "\n"
	    "Not judged, since a phase that they name was not run\n"
	    "  --    other.client_app.failed == 0\n"
	    "\n"
	    "Notes\n"
	    "  - journal and wire agree\n"
	    "\n"
	    "Environment\n"
	    "  wedge            0.1\n"
	    "  started          2026-01-02T03:04:05Z\n"
	    "  elapsed          12.3 s\n"
	    "  seed             42\n"
	    "  kernel           6.1\n"
	    "  routes           quickack=1 ipv6=true\n"
	    "  run again        wedge run made-up --seed 42\n"
	    "\n"
	    "Files\n"
	    "  baseline-client.pcapng                what the client leg showed\n"
	    "  journal.jsonl                         what wedge did, one JSON object a line\n"
	    "  report.html                           this for a browser, with pictures\n"
	    "  result.json                           all of this for programs\n"
	    "  junit.xml                             the expectations for build servers\n"
	    "\n"
	    "made-up: NOT REPRODUCED. 1 of 2 expectations failed\n";
	struct result *r = made_up(VERDICT_NOT_REPRODUCED, "1 of 2 expectations failed");
	char *text = written(r, report_text);

	(void)state;
	assert_string_equal(text, want);
	free(text);
	result_free(r);
}

/* A result with so many rows, expectations and places to look that no screen has room for all. */
static struct result *long_one(void)
{
	struct result *r = made_up(VERDICT_NOT_REPRODUCED,
				   "9 of 60 expectations failed; the first: one that is so long\n"
				   "that it would be broken on any terminal of 80 columns, or 100");

	for (int i = 0; i < 30; i++) {
		add_row(r, "another row", 's', 1, 2);
		add_expectation(r, "a.client_app.failed == 0",
				"words that go on and on, longer "
				"than a line of any terminal, and longer, é à ü, and longer still",
				"0 (wanted 0)", i % 3, false);
	}
	r->nlooks = 5;
	r->looks = xcalloc(5, sizeof(*r->looks));
	for (size_t i = 0; i < r->nlooks; i++)
		r->looks[i] =
		    (struct result_look){.capture = xstrdup("impaired-server.pcapng"),
					 .filter = xstrdup("tcp.port == 80"),
					 .frames = i ? xstrdup(i == 1 ? "7" : "1, 2, 30") : NULL,
					 .found = i == 1 ? 1 : i * 10};
	return r;
}

static char *brief(const struct result *r, size_t columns)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	report_brief(r, "wedge-report/made-up", columns, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void one_screen_has_room_for_it(void **state)
{
	static const size_t columns[] = {20, 40, 80, 100};
	struct result *r = long_one();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		char *text = brief(r, columns[i]);
		size_t lines = 0;

		for (const char *s = text; (s = strchr(s, '\n')); s++)
			lines++;
		assert_true(lines > 15 && lines <= BRIEF_LINES);
		/* One line, whatever the width. */
		assert_non_null(strstr(text,
				       "made-up: NOT REPRODUCED. 9 of 60 expectations failed; "
				       "the first: one that is so long that it would be broken "
				       "on any terminal of 80 columns, or 100\n"));
		assert_non_null(strstr(text, "\n  FAIL  "));
		assert_non_null(
		    strstr(text, "\nOpen impaired-server.pcapng, filter tcp.port == 80\n"));
		assert_non_null(strstr(text, "filter tcp.port == 80: frame 7\n"));
		assert_non_null(strstr(text, "80: frames 1, 2, 30 and 17 more\n"));
		free(text);
	}
	result_free(r);
}

static void the_screen_reads_as_it_should(void **state)
{
	static const char want[] =
	    "made-up: NOT REPRODUCED. 1 of 2 expectations failed\n"
	    "a made-up failure\n"
	    "\n"
	    "                     baseline   impaired\n"
	    "  response, median   0.300 ms   200.6 ms\n"
	    "  exchanges                60         60\n"
	    "  stalled                   -     98.3 %\n"
	    "  FAIL  impaired.server_wire.retransmissions == 0: 3 (wanted 0)\n"
	    "    200.6 ms   documented: \"200ms\" & <more>\n"
	    "\n"
	    "Report: wedge-report/made-up (seed 42; all expectations, environment and files: "
	    "report.html, report.txt)\n";
	struct result *r = made_up(VERDICT_NOT_REPRODUCED, "1 of 2 expectations failed");
	char *text = brief(r, 100);

	(void)state;
	assert_string_equal(text, want);
	free(text);
	result_free(r);
}

static void no_line_of_the_text_is_too_long(void **state)
{
	struct result *r = made_up(VERDICT_REPRODUCED, "all hold");
	char *text;

	(void)state;
	/* A sweep: many phases, which don't fit side by side. */
	r->phases = xrealloc(r->phases, 20, sizeof(*r->phases));
	for (size_t i = 0; i < r->nrows; i++)
		r->rows[i].values = xrealloc(r->rows[i].values, 20, sizeof(double));
	for (size_t k = 2; k < 20; k++) {
		memset(&r->phases[k], 0, sizeof(r->phases[k]));
		r->phases[k].name = xasprintf("swept@%zu", k);
		r->phases[k].impairments =
		    xstrdup("a_long_one{with=parameters,that=have,no=blank,between=them,so=that,"
			    "one=word,is=longer,than=a,whole=line,of=the,report=ever,may=be}, b");
		for (size_t i = 0; i < r->nrows; i++)
			r->rows[i].values[k] = 1234567;
	}
	r->nphases = 20;
	free(r->title);
	r->title =
	    xstrdup("one word after the other, é à ü ñ, goes on and on until the line has to be "
		    "broken somewhere, or else nobody could read it any more");
	text = written(r, report_text);
	for (char *rest, *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (layout_width(line) > LAYOUT_COLUMNS)
			fail_msg("%zu columns: %s", layout_width(line), line);
	free(text);
	result_free(r);
}

static void the_json_has_the_documented_members(void **state)
{
	struct result *r = made_up(VERDICT_NOT_REPRODUCED, "why not");
	char *text = written(r, report_json);
	json_t *j = json_loads(text, 0, NULL), *x, *row;

	(void)state;
	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "scenario")), "made-up");
	assert_string_equal(json_string_value(json_object_get(j, "verdict")), "not-reproduced");
	assert_int_equal(json_integer_value(json_object_get(j, "seed")), 42);
	assert_true(json_is_object(json_object_get(j, "environment")));
	assert_int_equal(json_array_size(json_object_get(j, "phases")), 2);
	assert_int_equal(json_array_size(json_object_get(j, "expectations")), 2);
	x = json_array_get(json_object_get(j, "expectations"), 1);
	assert_true(json_is_false(json_object_get(x, "ok")));
	assert_string_equal(json_string_value(json_object_get(x, "measured")), "3 (wanted 0)");
	assert_int_equal(json_array_size(json_object_get(j, "not_judged")), 1);
	row = json_array_get(json_object_get(j, "table"), 2);
	assert_true(json_is_null(json_object_get(json_object_get(row, "values"), "baseline")));
	json_decref(j);
	free(text);
	result_free(r);
}

static void junit_has_a_case_for_each_expectation(void **state)
{
	static const char want[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites>\n"
	    "  <testsuite name=\"made-up\" timestamp=\"2026-01-02T03:04:05Z\" tests=\"3\" "
	    "failures=\"1\" errors=\"0\" skipped=\"1\" time=\"12.340\">\n"
	    "    <properties>\n"
	    "      <property name=\"verdict\" value=\"not-reproduced\"/>\n"
	    "      <property name=\"seed\" value=\"42\"/>\n"
	    "    </properties>\n"
	    "    <testcase classname=\"made-up\" name=\"impaired.client_app.response.p50 &gt;= "
	    "195ms\" time=\"0\"/>\n"
	    "    <testcase classname=\"made-up\" name=\"impaired.server_wire.retransmissions == "
	    "0\" time=\"0\">\n"
	    "      <failure type=\"expectation\" message=\"3 (wanted 0)\"/>\n"
	    "    </testcase>\n"
	    "    <testcase classname=\"made-up\" name=\"other.client_app.failed == 0\" "
	    "time=\"0\">\n"
	    "      <skipped message=\"not judged\"/>\n"
	    "    </testcase>\n"
	    "  </testsuite>\n"
	    "</testsuites>\n";
	struct result *r = made_up(VERDICT_NOT_REPRODUCED, "why not");
	char *text = written(r, report_junit);

	(void)state;
	assert_string_equal(text, want);
	free(text);
	result_free(r);
}

static void an_invalid_run_is_an_error_for_junit(void **state)
{
	struct result *r = made_up(VERDICT_INVALID, "12 packets <lost>\x01\xff");
	char *text = written(r, report_junit);

	(void)state;
	assert_non_null(strstr(text, "errors=\"1\""));
	assert_non_null(strstr(text, "<error type=\"invalid\" message=\"12 packets &lt;lost&gt;"
				     "\\u0001\\xff\"/>"));
	free(text);
	text = written(r, report_json);
	assert_non_null(strstr(text, "\"12 packets <lost>\\u0001\\\\xff\""));
	free(text);
	result_free(r);
}

static void files_appear_whole_or_not_at_all(void **state)
{
	static const char *const names[] = {"report.txt", "report.html", "result.json",
					    "junit.xml"};
	char folder[] = "/tmp/test-report-XXXXXX", path[100];
	struct result *r = made_up(VERDICT_REPRODUCED, "all hold");
	struct err e = {""};

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(report_write_folder(r, folder, &e), 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(folder), 0); /* nothing else was left in it */
	assert_int_equal(report_write_folder(r, folder, &e), -1);
	assert_non_null(strstr(e.text, "report.txt"));
	/* A name that can't be taken leaves nothing half-written behind. */
	assert_int_equal(mkdir(folder, 0755), 0);
	snprintf(path, sizeof(path), "%s/report.txt", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(report_write_folder(r, folder, &e), -1);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(folder), 0);
	result_free(r);
}

static void texts_are_made_clean(void **state)
{
	static const struct {
		const char *dirty, *clean;
	} texts[] = {
	    {"plain", "plain"},
	    {"caf\xc3\xa9", "caf\xc3\xa9"},
	    {"caf\xe9", "caf\\xe9"},
	    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},	  /* a surrogate */
	    {"\xc0\xaf", "\\xc0\\xaf"},			  /* an overlong slash */
	    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond U+10FFFF */
	    {"\xef\xbf\xbf", "\\xef\\xbf\\xbf"},	  /* no character of XML */
	    {"a\x1b[31m\r\n\tb\n", "a\\u001b[31m\\u000d\n\tb\n"},
	    {"\xc2\x9b\xe2\x80\xae", "\\u009b\\u202e"}, /* C1, and right to left */
	    {"\xe2\x82", "\\xe2\\x82"},			/* cut short */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char *clean = layout_clean(texts[i].dirty);

		assert_string_equal(clean, texts[i].clean);
		free(clean);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_text_reads_as_it_should),
	    cmocka_unit_test(one_screen_has_room_for_it),
	    cmocka_unit_test(the_screen_reads_as_it_should),
	    cmocka_unit_test(no_line_of_the_text_is_too_long),
	    cmocka_unit_test(the_json_has_the_documented_members),
	    cmocka_unit_test(junit_has_a_case_for_each_expectation),
	    cmocka_unit_test(an_invalid_run_is_an_error_for_junit),
	    cmocka_unit_test(files_appear_whole_or_not_at_all),
	    cmocka_unit_test(texts_are_made_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
