/* test_param.c - a parameter table sets, refuses, prints, copies and compares configurations.
 * LAYER: wedge_base */
#include "proxy/base/nearest.h"
#include "proxy/base/param.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct config {
	int64_t timer;
	uint64_t buffer, rate, every;
	double probability, factor;
	int count;
	bool quiet;
	char *text, *word, *list;
};

static const char *const counts[] = {"segments", "full_sized", NULL};

static int no_spaces(const char *text, struct err *e)
{
	return strchr(text, ' ') ? err_set(e, "'%s' holds a space", text) : 0;
}

static const struct param table[] = {
    P_DURATION("timer", struct config, timer, .def = "200ms", .min = "1us", .max = "1h"),
    P_SIZE("buffer", struct config, buffer, .def = "256KiB", .min = "1KiB"),
    P_RATE("rate", struct config, rate, .def = "1MB/s", .max = "1GB/s"),
    P_COUNT("every", struct config, every, .def = "2", .min = "1"),
    P_FRACTION("probability", struct config, probability, .def = "5%"),
    P_NUMBER("factor", struct config, factor, .def = "-1.25", .min = "-2", .max = "2"),
    P_ENUM("count", struct config, count, counts, .def = "segments"),
    P_FLAG("quiet", struct config, quiet, .def = "no"),
    P_TEXT("text", struct config, text, .def = "abc", .check = no_spaces),
    P_TEXT("word", struct config, word, .def = "", .help = "what is said"),
    P_TEXT("list", struct config, list, .def = "", .takes_empty = true, .help = "empty: all"),
    P_END,
};

static void set(struct config *c, const char *name, const char *text)
{
	struct err e = {.text = ""};

	if (param_set(param_find(table, name), c, text, &e) == -1)
		fail_msg("%s", e.text);
}

static void defaults_come_from_the_table(void **state)
{
	struct config c = {0};

	(void)state;
	param_defaults(table, &c);
	assert_int_equal(c.timer, 200000000);
	assert_int_equal(c.buffer, 262144);
	assert_int_equal(c.rate, 1000000);
	assert_int_equal(c.every, 2);
	assert_true(c.probability == 0.05 && c.factor == -1.25);
	assert_int_equal(c.count, 0);
	assert_false(c.quiet);
	assert_string_equal(c.text, "abc");
	param_free(table, &c);
	assert_null(c.text);
}

static void a_required_parameter_stays_zero(void **state)
{
	static const struct param needed[] = {P_COUNT("n", struct config, every), P_END};
	struct config c = {0};

	(void)state;
	param_defaults(needed, &c);
	assert_int_equal(c.every, 0);
}

static void refusals_name_parameter_value_and_what_is_accepted(void **state)
{
	static const struct {
		const char *name, *text, *says;
	} rows[] = {
	    {"timer", "10q",
	     "timer: '10q' has no unit I know (ns us ms s m h d); "
	     "it takes a duration from 1us to 1h"},
	    {"timer", "1ns", "timer: '1ns' is less than 1us; it takes a duration from 1us to 1h"},
	    {"timer", "2h", "timer: '2h' is more than 1h; it takes a duration from 1us to 1h"},
	    {"buffer", "12B", "buffer: '12B' is less than 1KiB; it takes a size of at least 1KiB"},
	    {"rate", "2GB/s", "rate: '2GB/s' is more than 1GB/s; it takes a rate of at most 1GB/s"},
	    {"every", "0", "every: '0' is less than 1; it takes a whole number of at least 1"},
	    {"probability", "x",
	     "probability: 'x' is not a fraction; 5% or 0.05 would be one; "
	     "it takes a fraction from 0% to 100%"},
	    {"factor", "0x1", "factor: '0x1' is not a number; it takes a number from -2 to 2"},
	    {"factor", "nan", "factor: 'nan' is not a number; it takes a number from -2 to 2"},
	    {"factor", "2.5", "factor: '2.5' is more than 2; it takes a number from -2 to 2"},
	    {"count", "segmnets",
	     "count: 'segmnets' is no choice (did you mean 'segments'?); "
	     "it takes one of segments, full_sized"},
	    {"count", "", "count: '' is no choice; it takes one of segments, full_sized"},
	    {"quiet", "maybe", "quiet: 'maybe' is neither true nor false; it takes true or false"},
	    {"text", "a b", "text: 'a b' holds a space"},
	    {"word", "", "word: its value is empty; it takes a text (what is said)"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct config c = {.timer = 1}, before = c;
		struct err e = {.text = ""};

		assert_int_equal(param_set(param_find(table, rows[i].name), &c, rows[i].text, &e),
				 -1);
		assert_string_equal(e.text, rows[i].says);
		assert_memory_equal(&c, &before, sizeof(c));
	}
}

static void flags_read_in_all_their_words(void **state)
{
	static const char *const yes[] = {"true", "yes", "on", "1", "On"};
	static const char *const no[] = {"false", "no", "off", "0", "FALSE"};
	struct config c = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		set(&c, "quiet", yes[i]);
		assert_true(c.quiet);
		set(&c, "quiet", no[i]);
		assert_false(c.quiet);
	}
}

static void what_is_printed_can_be_set(void **state)
{
	struct config c = {0}, back = {0};

	(void)state;
	param_defaults(table, &c);
	set(&c, "count", "full_sized");
	set(&c, "factor", "0.1");
	set(&c, "text", "x=y");
	set(&c, "word", "hello");
	set(&c, "list", "");
	for (const struct param *p = table; p->name; p++) {
		char buf[64];

		param_format(p, &c, buf, sizeof(buf));
		set(&back, p->name, buf);
	}
	assert_true(param_equal(table, &c, &back));
	param_free(table, &c);
	param_free(table, &back);
}

static void a_copy_owns_its_texts(void **state)
{
	struct config c = {0}, copy;

	(void)state;
	param_defaults(table, &c);
	param_copy(table, &copy, &c, sizeof(c));
	assert_ptr_not_equal(copy.text, c.text);
	assert_true(param_equal(table, &c, &copy));
	set(&copy, "text", "other");
	assert_false(param_equal(table, &c, &copy));
	param_free(table, &copy);
	assert_string_equal(c.text, "abc");
	param_free(table, &c);
}

static void a_short_buffer_is_never_overrun(void **state)
{
	struct config c = {0};
	char buf[8];

	(void)state;
	param_defaults(table, &c);
	param_accepts(param_find(table, "count"), buf, sizeof(buf));
	assert_string_equal(buf, "one of ");
	set(&c, "text", "longer-than-that");
	param_format(param_find(table, "text"), &c, buf, sizeof(buf));
	assert_string_equal(buf, "longer-");
	param_free(table, &c);
}

static void only_what_may_be_meant_is_suggested(void **state)
{
	static const char *const names[] = {"delayed_ack", "latency", "loss", "timer", NULL};
	char endless[300];

	(void)state;
	assert_string_equal(nearest_name("delayd_ack", names), "delayed_ack");
	assert_string_equal(nearest_name("delayed-ack", names), "delayed_ack");
	assert_string_equal(nearest_name("tiemr", names), "timer");
	assert_string_equal(nearest_name("los", names), "loss");
	assert_null(nearest_name("bandwidth", names));
	assert_null(nearest_name("", names));
	assert_null(nearest_name("x", names));
	memset(endless, 'a', sizeof(endless));
	endless[sizeof(endless) - 1] = '\0';
	assert_null(nearest_name(endless, names));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(defaults_come_from_the_table),
	    cmocka_unit_test(a_required_parameter_stays_zero),
	    cmocka_unit_test(refusals_name_parameter_value_and_what_is_accepted),
	    cmocka_unit_test(flags_read_in_all_their_words),
	    cmocka_unit_test(what_is_printed_can_be_set),
	    cmocka_unit_test(a_copy_owns_its_texts),
	    cmocka_unit_test(a_short_buffer_is_never_overrun),
	    cmocka_unit_test(only_what_may_be_meant_is_suggested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
