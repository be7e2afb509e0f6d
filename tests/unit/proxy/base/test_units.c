/* test_units.c - what people write is read exactly, printed back the same, or refused in words.
 * LAYER: wedge_base */
#include "proxy/base/units.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void durations_are_exact(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} rows[] = {
	    {"0", 0},
	    {"0s", 0},
	    {"200ms", 200000000},
	    {"1.5s", 1500000000},
	    {"30us", 30000},
	    {"250ns", 250},
	    {"2m", 120000000000},
	    {"1h", 3600000000000},
	    {"1d", 86400000000000},
	    {"0.000000001s", 1},
	    {"0.1s", 100000000},
	    {"007ms", 7000000},
	    {"100 ms", 100000000},
	    {"100MS", 100000000},
	    {"2 Sec", 2000000000},
	    {"3 minutes", 180000000000},
	    {"1min", 60000000000},
	    {"7\xc2\xb5s", 7000},
	    {"9223372036854775807ns", INT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = {.text = ""};
		int64_t ns = -1;

		if (parse_duration(rows[i].text, &ns, &e) == -1)
			fail_msg("%s", e.text);
		assert_int_equal(ns, rows[i].ns);
	}
}

static void what_is_no_duration_is_refused_in_words(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"10q", "'10q' has no unit I know (ns us ms s m h d)"},
	    {"10", "'10' has no unit I know (ns us ms s m h d)"},
	    {"10 q", "'10 q' has no unit I know (ns us ms s m h d)"},
	    {"10 m s", "'10 m s' has no unit I know (ns us ms s m h d)"},
	    {"10M", "'10M' has two meanings: 10m or 10ms would do"},
	    {"1.5 M", "'1.5 M' has two meanings: 1.5m or 1.5ms would do"},
	    {"10msx", "'10msx' has no unit I know (ns us ms s m h d)"},
	    {"0.5ns", "'0.5ns' is not a whole number of nanoseconds"},
	    {"9223372036854775808ns", "'9223372036854775808ns' is too much for a duration"},
	    {"999999999999999999999999d", "is too much for a duration"},
	    {"9999999999999999999999999s", "up to 24 digits"},
	    {"0.0000000000000000000000001s", "up to 24 digits"},
	    {"-5ms", "'-5ms' is not a duration"},
	    {"+5ms", "is not a duration"},
	    {"", "'' is not a duration"},
	    {".5s", "is not a duration"},
	    {"1.s", "no unit I know"},
	    {"1.2.3s", "no unit I know"},
	    {"1e3s", "no unit I know"},
	    {"inf", "is not a duration"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = {.text = ""};
		int64_t ns = -1;

		assert_int_equal(parse_duration(rows[i].text, &ns, &e), -1);
		if (!strstr(e.text, rows[i].says))
			fail_msg("'%s' gave: %s", rows[i].text, e.text);
		assert_int_equal(ns, -1);
	}
}

static void k_is_a_thousand_and_ki_is_1024(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {
	    {"180B", 180},	 {"10KB", 10000},      {"10kB", 10000},
	    {"16KiB", 16384},	 {"2MB", 2000000},     {"1MiB", 1048576},
	    {"1GB", 1000000000}, {"1GiB", 1073741824}, {"512", 512},
	    {"1.5KiB", 1536},	 {"10kb", 10000},      {"10 kib", 10240},
	    {"3 bytes", 3},	 {"1Mb", 1000000},     {"18446744073709551615", UINT64_MAX},
	};
	struct err e;
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(parse_size(rows[i].text, &n, &e), 0);
		assert_true(n == rows[i].bytes);
	}
	assert_int_equal(parse_size("18446744073709551616", &n, &e), -1);
	assert_int_equal(parse_size("0.3B", &n, &e), -1);
	assert_int_equal(parse_size("1tb", &n, &e), -1);
	assert_string_equal(e.text, "'1tb' has no unit I know (B KB KiB MB MiB GB GiB)");
	assert_int_equal(parse_size("10K", &n, &e), -1);
	assert_string_equal(e.text, "'10K' has two meanings: 10KB or 10KiB would do");
}

static void rates_count_bits_and_bytes(void **state)
{
	static const struct {
		const char *text;
		uint64_t rate;
	} rows[] = {
	    {"1000kB/s", 1000000}, {"1000KB/s", 1000000},  {"2MiB/s", 2097152},
	    {"8Mbit/s", 1000000},  {"1Gbit/s", 125000000}, {"100kbit/s", 12500},
	    {"8bit/s", 1},	   {"1.1Mbit/s", 137500},  {"3B/s", 3},
	    {"1mbit", 125000},	   {"100kbit", 12500},	   {"8 MBIT/S", 1000000},
	    {"2mib/s", 2097152},   {"1MBps", 1000000},	   {"3 Gbit", 375000000},
	};
	static const struct {
		const char *text, *says;
	} refused[] = {
	    {"1Mbps", "'1Mbps' has two meanings: 1Mbit/s or 1MB/s would do"},
	    {"1mb/s", "'1mb/s' has two meanings: 1Mbit/s or 1MB/s would do"},
	    {"1 MB", "'1 MB' is not a rate; 1MB/s would be one"},
	    {"10K", "'10K' has two meanings: 10kbit/s or 10kB/s would do"},
	    {"10x", "'10x' has no unit I know (B/s kB/s"},
	};
	struct err e;
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(parse_rate(rows[i].text, &n, &e), 0);
		assert_true(n == rows[i].rate);
	}
	assert_int_equal(parse_rate("1bit/s", &n, &e), -1);
	assert_string_equal(e.text, "'1bit/s' is not a whole number of bytes per second");
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		assert_int_equal(parse_rate(refused[i].text, &n, &e), -1);
		if (!strstr(e.text, refused[i].says))
			fail_msg("'%s' gave: %s", refused[i].text, e.text);
	}
}

static void fractions_stay_within_the_whole(void **state)
{
	struct err e;
	double f;

	(void)state;
	assert_int_equal(parse_fraction("5%", &f, &e), 0);
	assert_true(f == 0.05);
	assert_int_equal(parse_fraction("0.1%", &f, &e), 0);
	assert_true(f == 0.001);
	assert_int_equal(parse_fraction("0.05", &f, &e), 0);
	assert_true(f == 0.05);
	assert_int_equal(parse_fraction("1", &f, &e), 0);
	assert_int_equal(parse_fraction("100%", &f, &e), 0);
	assert_true(f == 1);
	assert_int_equal(parse_fraction("101%", &f, &e), -1);
	assert_int_equal(parse_fraction("5%%", &f, &e), -1);
	assert_int_equal(parse_fraction("nan", &f, &e), -1);
	assert_int_equal(parse_fraction("-1", &f, &e), -1);
}

static void counts_are_whole(void **state)
{
	struct err e;
	uint64_t n;

	(void)state;
	assert_int_equal(parse_count("18446744073709551615", &n, &e), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(parse_count("18446744073709551616", &n, &e), -1);
	assert_int_equal(parse_count("1.0", &n, &e), -1);
	assert_int_equal(parse_count("+1", &n, &e), -1);
	assert_int_equal(parse_count("0x10", &n, &e), -1);
	assert_int_equal(parse_count("", &n, &e), -1);
}

static void a_quantity_ends_where_its_unit_ends(void **state)
{
	static const struct {
		const char *text;
		double value;
		const char *rest;
		char letter;
	} rows[] = {
	    {"200ms", 0.2, "", 's'},
	    {"195ms and 215ms", 0.195, " and 215ms", 's'},
	    {"2 * x", 2, " * x", 'n'},
	    {"2*x", 2, "*x", 'n'},
	    {"16KiB)", 16384, ")", 'b'},
	    {"10MB/s", 1e7, "", 'R'},
	    {"10MB/2", 1e7, "/2", 'b'},
	    {"8Mbit/s,", 1e6, ",", 'R'},
	    {"5% of", 0.05, " of", 'r'},
	    {"150%", 1.5, "", 'r'},
	    {"0.104", 0.104, "", 'n'},
	    {"1m", 60, "", 's'},
	    {"100 ms and", 0.1, " and", 's'},
	    {"2 x", 2, " x", 'n'},
	    {"10 msec", 10, " msec", 'n'},
	    {"10msec,", 0.01, ",", 's'},
	    {"10kb", 1e4, "", 'b'},
	    {"1mbit <", 125000, " <", 'R'},
	    {"0", 0, "", '\0'},
	    {"0ms", 0, "", 's'},
	};
	struct err e;
	char letter;
	const char *end;
	double v;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(parse_quantity(rows[i].text, &v, &letter, &end, &e), 0);
		assert_true(v == rows[i].value);
		assert_string_equal(end, rows[i].rest);
		assert_int_equal(letter, rows[i].letter);
	}
	assert_int_equal(parse_quantity("10q", &v, &letter, &end, &e), -1);
	assert_int_equal(parse_quantity("10M", &v, &letter, &end, &e), -1);
	assert_int_equal(parse_quantity("x", &v, &letter, &end, &e), -1);
}

static void the_shortest_text_is_chosen(void **state)
{
	char buf[UNITS_TEXT];

	(void)state;
	assert_string_equal(format_duration(0, buf), "0s");
	assert_string_equal(format_duration(200000000, buf), "200ms");
	assert_string_equal(format_duration(1500000000, buf), "1.5s");
	assert_string_equal(format_duration(90000000000, buf), "90s");
	assert_string_equal(format_duration(3600000000000, buf), "1h");
	assert_string_equal(format_size(16384, buf), "16KiB");
	assert_string_equal(format_size(10000, buf), "10KB");
	assert_string_equal(format_size(65535, buf), "65535B");
	assert_string_equal(format_rate(1000000, buf), "1MB/s");
	assert_string_equal(format_fraction(0.05, buf), "5%");
	assert_string_equal(format_fraction(1.0 / 3, buf), "33.33333333333333%");
}

static void what_is_printed_reads_back_the_same(void **state)
{
	uint64_t x = 88172645463325252u;
	char buf[UNITS_TEXT];
	struct err e;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint64_t value, back;
		int64_t ns;
		double f;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		value = x >> (x % 64);
		assert_int_equal(parse_size(format_size(value, buf), &back, &e), 0);
		assert_true(back == value);
		assert_int_equal(parse_rate(format_rate(value, buf), &back, &e), 0);
		assert_true(back == value);
		assert_int_equal(
		    parse_duration(format_duration((int64_t)(value >> 1), buf), &ns, &e), 0);
		assert_true(ns == (int64_t)(value >> 1));
		assert_int_equal(parse_fraction(format_fraction((double)x / 0x1p64, buf), &f, &e),
				 0);
		assert_true(f == (double)x / 0x1p64);
	}
}

static void measured_times_have_three_digits(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} rows[] = {
	    {0.000104, "0.104 ms"},   {0.2006, "200.6 ms"}, {12.1, "12.1 s"},	 {1.234, "1.23 s"},
	    {0.00999, "9.99 ms"},     {0.0123, "12.3 ms"},  {0.99999, "1.00 s"}, {0, "0.0 ms"},
	    {0.0000123, "0.0123 ms"}, {-0.002, "-2.00 ms"}, {NAN, "-"},
	};
	char buf[UNITS_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(format_seconds(rows[i].seconds, buf), rows[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(durations_are_exact),
	    cmocka_unit_test(what_is_no_duration_is_refused_in_words),
	    cmocka_unit_test(k_is_a_thousand_and_ki_is_1024),
	    cmocka_unit_test(rates_count_bits_and_bytes),
	    cmocka_unit_test(fractions_stay_within_the_whole),
	    cmocka_unit_test(counts_are_whole),
	    cmocka_unit_test(a_quantity_ends_where_its_unit_ends),
	    cmocka_unit_test(the_shortest_text_is_chosen),
	    cmocka_unit_test(what_is_printed_reads_back_the_same),
	    cmocka_unit_test(measured_times_have_three_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
