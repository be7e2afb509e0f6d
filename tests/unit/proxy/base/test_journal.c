/* test_journal.c - every event is one JSON line with its time, whatever the event holds.
 * LAYER: wedge_base */
#include "proxy/base/journal.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct world {
	char path[64];
	struct fake_clock clock;
	struct journal *journal;
};

static int set_up(void **state)
{
	static struct world w;
	struct err e;
	int fd;

	snprintf(w.path, sizeof(w.path), "/tmp/wedge-test-journal-XXXXXX");
	fd = mkstemp(w.path);
	close(fd);
	fake_clock_init(&w.clock, 5000000000);
	w.journal = journal_open(w.path, &w.clock.clock, &e);
	*state = &w;
	return w.journal ? 0 : -1;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	journal_close(w->journal);
	return unlink(w->path);
}

/* Line i of the file as JSON; the text of it in line. */
static json_t *line_at(struct world *w, unsigned i, char *line, size_t room)
{
	FILE *f = fopen(w->path, "r");

	assert_non_null(f);
	for (unsigned k = 0; k <= i; k++)
		if (!fgets(line, (int)room, f)) {
			fclose(f);
			return NULL;
		}
	fclose(f);
	return json_loads(line, 0, NULL);
}

static void events_are_lines_with_exact_times(void **state)
{
	struct world *w = *state;
	char line[512];
	json_t *o;

	w->clock.t += 1034567891;
	journal_event(w->journal, "hold", "s:i, s:s", "session", 7, "leg", "server");
	journal_flush(w->journal);
	o = line_at(w, 1, line, sizeof(line));
	assert_string_equal(
	    line, "{\"t\":1.034567891,\"event\":\"hold\",\"session\":7,\"leg\":\"server\"}\n");
	json_decref(o);
}

static void only_the_first_line_has_the_wall_clock(void **state)
{
	struct world *w = *state;
	char line[512];
	json_t *o;

	journal_event(w->journal, "x", NULL);
	journal_flush(w->journal);
	o = line_at(w, 0, line, sizeof(line));
	assert_true(json_real_value(json_object_get(o, "wall")) > 1.6e9);
	assert_true(json_real_value(json_object_get(o, "t")) == 0);
	json_decref(o);
	o = line_at(w, 1, line, sizeof(line));
	assert_null(json_object_get(o, "wall"));
	assert_string_equal(json_string_value(json_object_get(o, "event")), "x");
	json_decref(o);
}

static void what_is_no_utf8_still_leaves_a_line(void **state)
{
	struct world *w = *state;
	char line[512];
	json_t *o;

	journal_event(w->journal, "sni", "s:s", "name", "\xff\xfe");
	journal_flush(w->journal);
	o = line_at(w, 1, line, sizeof(line));
	assert_non_null(o);
	assert_non_null(json_object_get(o, "unrecorded"));
	json_decref(o);
}

static void many_and_long_events_stay_whole_lines(void **state)
{
	struct world *w = *state;
	static char text[100000], line[100200];
	unsigned n = 0;
	json_t *o;

	memset(text, 'a', sizeof(text) - 1);
	for (int i = 0; i < 5000; i++)
		journal_event(w->journal, "n", "s:i", "i", i);
	journal_event(w->journal, "long", "s:s", "text", text);
	journal_close(w->journal);
	w->journal = NULL;
	FILE *f = fopen(w->path, "r");
	while (fgets(line, sizeof(line), f)) {
		o = json_loads(line, 0, NULL);
		assert_non_null(o);
		if (n >= 1 && n <= 5000)
			assert_int_equal(json_integer_value(json_object_get(o, "i")), n - 1);
		json_decref(o);
		n++;
	}
	fclose(f);
	assert_int_equal(n, 5002);
}

static void reopening_appends(void **state)
{
	struct world *w = *state;
	char line[512];
	struct err e;

	journal_event(w->journal, "first", NULL);
	journal_close(w->journal);
	w->journal = journal_open(w->path, &w->clock.clock, &e);
	journal_event(w->journal, "second", NULL);
	journal_flush(w->journal);
	json_t *o = line_at(w, 3, line, sizeof(line));
	assert_non_null(strstr(line, "second"));
	json_decref(o);
}

static char *no_gap(void *arg, unsigned long long lines, const char *why)
{
	(void)arg;
	(void)lines;
	(void)why;
	return strdup("gap\n");
}

static void a_copy_has_every_line_from_the_first_on(void **state)
{
	struct writer_output o = {.name = "the copy", .gap = no_gap};
	struct world *w = *state;
	char copy[64], line[512];
	struct writer *writer;
	struct journal *j;
	struct err e;
	FILE *f;

	snprintf(copy, sizeof(copy), "/tmp/wedge-test-journal-XXXXXX");
	o.fd = mkstemp(copy);
	writer = writer_new(&o, &e);
	assert_non_null(writer);
	close(o.fd);
	j = journal_open(NULL, &w->clock.clock, &e);
	journal_copy(j, writer);
	journal_event(j, "x", "s:i", "i", 1);
	journal_close(j);
	assert_int_equal(writer_end(writer).lines, 0);
	f = fopen(copy, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_non_null(strstr(line, "\"event\":\"journal\""));
	assert_non_null(fgets(line, sizeof(line), f));
	assert_non_null(strstr(line, "\"event\":\"x\""));
	assert_null(fgets(line, sizeof(line), f));
	fclose(f);
	unlink(copy);
}

static void tell_again(void *arg)
{
	journal_event(arg, "again", NULL);
}

static struct writer *make_copy(char path[64])
{
	struct writer_output o = {.name = "a copy", .gap = no_gap};
	struct writer *writer;
	struct err e;

	snprintf(path, 64, "/tmp/wedge-test-journal-XXXXXX");
	o.fd = mkstemp(path);
	writer = writer_new(&o, &e);
	assert_non_null(writer);
	close(o.fd);
	return writer;
}

/* Ends the writer, and says which events its lines have. */
static void assert_events(struct writer *writer, const char *path, const char *wanted)
{
	char line[512], events[128] = "";
	FILE *f;

	assert_int_equal(writer_end(writer).lines, 0);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		const char *event = strstr(line, "\"event\":\"");

		assert_non_null(event);
		event += strlen("\"event\":\"");
		snprintf(events + strlen(events), sizeof(events) - strlen(events), "%.*s ",
			 (int)strcspn(event, "\""), event);
	}
	fclose(f);
	unlink(path);
	assert_string_equal(events, wanted);
}

static void a_copy_that_comes_later_hears_what_was_told_before(void **state)
{
	struct world *w = *state;
	char first[64], later[64];
	struct writer *a = make_copy(first), *b = make_copy(later);
	struct err e;
	struct journal *j = journal_open(NULL, &w->clock.clock, &e);

	journal_copy(j, a);
	journal_event(j, "x", NULL);
	journal_copy(j, b);
	journal_retell(j, b, tell_again, j);
	journal_event(j, "y", NULL);
	journal_uncopy(j, b);
	journal_event(j, "z", NULL);
	journal_close(j);
	assert_events(a, first, "journal x y z ");
	assert_events(b, later, "journal again y ");
}

static void no_journal_records_nothing(void **state)
{
	struct err e;

	(void)state;
	journal_event(NULL, "x", "s:i", "i", 1);
	journal_flush(NULL);
	journal_close(NULL);
	assert_null(journal_open("/dev/null/journal", &clock_monotonic, &e));
	assert_string_equal(e.text, "can't write the journal /dev/null/journal: Not a directory");
}

#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    JOURNAL_TEST(events_are_lines_with_exact_times),
	    JOURNAL_TEST(only_the_first_line_has_the_wall_clock),
	    JOURNAL_TEST(what_is_no_utf8_still_leaves_a_line),
	    JOURNAL_TEST(many_and_long_events_stay_whole_lines),
	    JOURNAL_TEST(reopening_appends),
	    JOURNAL_TEST(a_copy_has_every_line_from_the_first_on),
	    JOURNAL_TEST(a_copy_that_comes_later_hears_what_was_told_before),
	    cmocka_unit_test(no_journal_records_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
