/* test_expect.c - expectations: what is accepted, what is refused and where, and how one is judged.
 * LAYER: wedge_scenario */
#include "scenarios/scenario/expect_check.h"
#include "scenarios/scenario/expect_judge.h"
#include "scenarios/scenario/expect_parse.h"
#include "scenarios/scenario/metric_scan.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Metrics of a made-up world: times but for "count..." and "bytes...". */
static int known(void *arg, const struct metric_ref *ref, struct err *e)
{
	(void)arg;
	if (strncmp(ref->name, "no_", 3) == 0)
		return err_set(e, "no metric '%s'", ref->name);
	if (strcmp(ref->stat, "share") == 0 || strcmp(ref->stat, "cv") == 0)
		return 'r';
	return strncmp(ref->name, "bytes", 5) == 0   ? 'b'
	       : strncmp(ref->name, "count", 5) == 0 ? 'n'
						     : 's';
}

static void refused(const char *text, const char *why)
{
	struct expect x;
	struct err e = {""};

	assert_int_equal(expect_parse(text, &x, known, NULL, &e), -1);
	if (!strstr(e.text, why))
		fail_msg("'%s' was refused with '%s', not '%s'", text, e.text, why);
}

/* Every value by name: "good" 10 ms, "bad" 200.6 ms, "countN" N, "bytes" 4560, "nothing" not there.
 */
static int value(void *arg, const struct metric_ref *ref, int sweep_index, double *out,
		 struct err *e)
{
	const double *swept = arg;

	if (strcmp(ref->name, "nothing") == 0)
		return err_set(e, "no samples at all");
	if (strcmp(ref->name, "nan") == 0)
		*out = NAN;
	else if (strcmp(ref->name, "total") == 0)
		*out = sweep_index < 0 ? 99 : 0.5 + 0.2 * swept[sweep_index];
	else if (strcmp(ref->name, "level") == 0)
		*out = sweep_index == 0 ? 0.1 : sweep_index == 1 ? 0.40 : 0.42;
	else if (strcmp(ref->name, "good") == 0)
		*out = 0.010;
	else if (strcmp(ref->stat, "share") == 0)
		*out = ref->low == 0.19 && ref->high == 0.215 ? 0.95 : 0;
	else if (strcmp(ref->name, "bad") == 0)
		*out = 0.2006;
	else if (strcmp(ref->name, "bytes") == 0)
		*out = 4560;
	else
		*out = strtod(ref->name + strlen("count"), NULL);
	return 0;
}

static const double swept_values[] = {10, 100, 600};

static const struct metric_source source = {
    .value = value,
    .nsweep = 3,
    .sweep_values = swept_values,
    .arg = (void *)swept_values,
};

static void judged(const char *text, bool want_ok, const char *want_measured)
{
	struct expect x;
	struct err e = {""};
	char measured[256];
	bool ok;

	if (expect_parse(text, &x, known, NULL, &e) == -1)
		fail_msg("'%s' was refused: %s", text, e.text);
	if (expect_judge(&x, &source, &ok, measured, sizeof(measured), &e) == -1)
		fail_msg("'%s' couldn't be judged: %s", text, e.text);
	assert_string_equal(measured, want_measured);
	assert_int_equal(ok, want_ok);
	expect_free(&x);
}

static void not_measured(const char *text, const char *why)
{
	struct expect x;
	struct err e = {""};
	char measured[256];
	bool ok;

	assert_int_equal(expect_parse(text, &x, known, NULL, &e), 0);
	assert_int_equal(expect_judge(&x, &source, &ok, measured, sizeof(measured), &e), -1);
	if (!strstr(e.text, why))
		fail_msg("'%s' failed with '%s', not '%s'", text, e.text, why);
	expect_free(&x);
}

static void accepted(const char *text)
{
	struct expect x;
	struct err e = {""};

	if (expect_parse(text, &x, known, NULL, &e) == -1)
		fail_msg("'%s' was refused: %s", text, e.text);
	expect_free(&x);
}

static void what_cannot_hold_is_refused(void **state)
{
	(void)state;
	refused("a.client_app.count1 between 20 and 10", "column 28: nothing is between these two");
	refused("a.client_app.count1 between 3 * 4 and 10", "nothing is between these two");
	refused("a.client_app.count1 between binomial_high(50%, 9) and binomial_low(50%, 9)",
		"nothing is between these two");
	refused("a.client_app.x between -2ms and -1ms", "no measured value is between");
	refused("a.client_app.x.cv <= exponential_cv_high(1)",
		"column 22: exponential_cv_high takes a count, a whole number from 2");
	refused("a.client_app.count1 <= binomial_high(50%, 10.5)",
		"column 24: binomial_high takes a count, a whole number from 0");
	refused("a.client_app.count1 <= binomial_high(-1, 10)", "a share, from 0% to 100%");
	refused("a.client_app.x < 0", "column 17: this can't hold");
	refused("a.client_app.x <= -5ms", "this can't hold");
	refused("a.client_app.count1 == 1.5", "this can't hold");
	refused("a.client_app.x.share(1ms,2ms) > 100%", "this can't hold");
	refused("spearman(a.client_app.x) >= 1.5", "this can't hold");
	refused("abs(a.client_app.x - 3s) < -1ms", "this can't hold");
	refused("a.client_app.count1 == 3 / 0", "column 26: a division by 0");
	refused("a.client_app.x within -5% of 10ms", "'within' takes 0% or more");
	refused("1 > 2", "no metric is compared");
	refused("2 > 1", "no metric is compared");
	accepted("a.client_app.x >= 0");
	accepted("a.client_app.count1 == 0.5 * 4");
	accepted("a.client_app.count1 / 2 == 1.5");
	accepted("a.client_app.count1 between 10 and a.client_app.count2");
	accepted("1 / a.client_app.count1 > 100");
	accepted("a.client_app.x.cv > 200%");
}

static void numbers_may_be_negative(void **state)
{
	(void)state;
	judged("a.client_app.good - a.client_app.bad >= -200ms", true,
	       "-190.6 ms (wanted at least -200.0 ms)");
	judged("a.client_app.count2 - 3 between -2 and -1", true, "-1 (wanted -2 to -1)");
	judged("a.client_app.count2 * -1 == -2", true, "-2 (wanted -2)");
	judged("-a.client_app.count2 == -(1 + 1)", true, "-2 (wanted -2)");
	judged("5--2 == a.client_app.count7", true, "7 (wanted 7)");
	refused("a.client_app.count2 > --2", "expected behind a minus");
	refused("a.client_app.count2 > -", "the text ends here");
}

static void a_comparison_is_exact_and_readable(void **state)
{
	(void)state;
	judged("a.client_app.bad between 195ms and 215ms", true,
	       "200.6 ms (wanted 195.0 ms to 215.0 ms)");
	judged("a.client_app.bad between 200.6ms and 215ms", true,
	       "200.6 ms (wanted 200.6 ms to 215.0 ms)");
	judged("a.server_wire.bad within 5% of 200ms", true,
	       "200.6 ms (wanted 200.0 ms, 5 % either way)");
	judged("a.server_wire.bad within 0.1% of 200ms", false,
	       "200.6 ms (wanted 200.0 ms, 0.1 % either way)");
	judged("a.client_app.count3 == 3", true, "3 (wanted 3)");
	judged("a.client_app.count3 == 0", false, "3 (wanted 0)");
	judged("a.client_app.count3 > 3", false, "3 (wanted more than 3)");
	judged("a.client_app.count3 < 3", false, "3 (wanted less than 3)");
	judged("a.client_app.bytes <= 4KiB", false, "4560 B (wanted at most 4096 B)");
	judged("a.client_app.bad.share(190ms,215ms) >= 80%", true, "95 % (wanted at least 80 %)");
	judged("a.client_app.bad.share(190ms,215ms) >= 0.96", false, "95 % (wanted at least 96 %)");
}

static void arithmetic_follows_the_usual_rules(void **state)
{
	(void)state;
	judged("a.client_app.count2 + 3 * 4 == 14", true, "14 (wanted 14)");
	judged("(a.client_app.count2 + 3) * 4 == 20", true, "20 (wanted 20)");
	judged("a.client_app.count20 - 5 - 5 == 10", true, "10 (wanted 10)");
	judged("a.client_app.count20 / 2 / 5 == 2", true, "2x (wanted 2x)");
	judged("a.client_app.bad / b.client_app.good >= 20", true, "20.1x (wanted at least 20x)");
	judged("b.client_app.good <= max(2 * b.client_app.good, b.client_app.good + 2ms)", true,
	       "10.0 ms (wanted at most 20.0 ms)");
	judged("b.client_app.good >= min(2 * b.client_app.good, b.client_app.good + 2ms)", false,
	       "10.0 ms (wanted at least 12.0 ms)");
	judged("abs(b.client_app.good - a.client_app.bad) > 190ms", true,
	       "190.6 ms (wanted more than 190.0 ms)");
	judged("a.client_app.count3 * 200ms >= 600ms", true, "600.0 ms (wanted at least 600.0 ms)");
}

static void a_miss_by_a_hair_shows_its_digits(void **state)
{
	(void)state;
	judged("a.client_app.bad >= 200.60001ms", false, "200.6 ms (wanted at least 200.60001 ms)");
}

static void a_sweep_is_fitted_and_picked_from(void **state)
{
	(void)state;
	judged("slope(a.client_app.total) between 190ms and 215ms", true,
	       "200.0 ms (wanted 190.0 ms to 215.0 ms)");
	judged("intercept(a.client_app.total) <= 0.6s", true, "500.0 ms (wanted at most 600.0 ms)");
	judged("r2(a.client_app.total) >= 0.99", true, "1 (wanted at least 0.99)");
	judged("at(a.client_app.total, 600) >= 60s", true, "120.5 s (wanted at least 60.0 s)");
	judged("at(a.client_app.total, largest) >= 190ms * largest", true,
	       "120.5 s (wanted at least 114.0 s)");
	judged("at(a.client_app.total, smallest) <= 3s", true, "2.50 s (wanted at most 3.00 s)");
	not_measured("at(a.client_app.total, 50) >= 60s",
		     "50 is not swept; the swept values are 10, 100, 600");
}

/* "total" rises with the swept value: 2.5, 20.5, 120.5. "level" doesn't, from 100 on. */
static void a_sweep_has_an_order_and_a_level_end(void **state)
{
	(void)state;
	judged("spearman(a.client_app.total) >= 0.9", true, "1 (wanted at least 0.9)");
	not_measured("spearman(a.client_app.good) >= 0.9", "no order: all values are equal");
	judged("plateau(a.client_app.good) <= 20ms", true, "10.0 ms (wanted at most 20.0 ms)");
	judged("plateau(a.client_app.level) between 409ms and 411ms", true,
	       "410.0 ms (wanted 409.0 ms to 411.0 ms)");
	not_measured("plateau(a.client_app.total) > 0", "no plateau");
}

static void chance_has_its_range(void **state)
{
	(void)state;
	judged("a.client_app.count93 between binomial_low(50%, a.client_app.count200) and "
	       "binomial_high(50%, 200)",
	       true, "93 (wanted 77 to 123)");
	judged("a.client_app.count76 >= binomial_low(0.5, 200)", false, "76 (wanted at least 77)");
	judged("10% >= exponential_cv_low(a.client_app.count5)", false,
	       "10 % (wanted at least 13.8 %)");
	not_measured("a.client_app.count1 <= binomial_high(50%, a.client_app.count2 / 4)",
		     "binomial_high takes a count, not 0.5 (measured)");
	not_measured("a.client_app.count1 <= binomial_high(a.client_app.count2, 9)",
		     "binomial_high takes a share, not 2 (measured)");
	not_measured("a.client_app.bad.cv <= exponential_cv_high(a.client_app.count1)",
		     "at least 2 are needed");
	refused("a.client_app.count1 <= binomial_high(150%, 9)", "column 24: binomial_high takes a "
								 "share, from 0% to 100%");
	refused("a.client_app.count1 <= binomial_high(9, 50%)", "a share, from 0% to 100%");
	refused("a.client_app.count1 <= binomial_high(50%, a.client_app.x)",
		"takes a share and a count, no times or sizes");
	refused("a.client_app.x <= binomial_high(50%, 9)", "a time meets a bare number");
	refused("a.client_app.x.cv <= exponential_cv_high(5s)", "takes a count, no times or sizes");
	refused("a.client_app.count1 <= binomial_high(50%)", "',' is expected");
}

static void an_unknown_function_is_named(void **state)
{
	(void)state;
	refused("spearmann(a.client_app.total) > 0",
		"column 1: there is no function 'spearmann' (did you mean 'spearman'?)");
	refused("a.client_app.x > binomal_low(1, 2)", "did you mean 'binomial_low'?");
	refused("runs_p(a.client_app.outcome) > 0", "stands behind a metric's name, METRIC.runs_p");
	refused("a.client_app.t.x.ks_exponential > 0", "(did you mean 'ks_exponential_p'?)");
	refused("spearman(3) > 0", "column 10: a phase is expected");
}

static void what_was_not_measured_is_no_number(void **state)
{
	(void)state;
	not_measured("a.client_app.nothing >= 0", "no samples at all");
	not_measured("a.client_wire.peer.nan >= 0", "a.client_wire.peer.nan: not measured");
	not_measured("a.client_app.bad / b.client_app.count0 >= 20s", "division by 0");
	not_measured("slope(a.client_app.nothing) > 0", "no samples at all");
}

static void a_metric_has_traffic_and_statistic_or_not(void **state)
{
	struct metric_ref ref;
	char text[METRIC_TEXT];

	(void)state;
	assert_int_equal(metric_ref_parse("server_wire.ack_delay.p50", &ref, NULL), 0);
	assert_string_equal(ref.traffic, "main");
	assert_string_equal(ref.name, "ack_delay");
	assert_string_equal(ref.stat, "p50");
	assert_int_equal(metric_ref_parse("server_wire.owa.retransmissions", &ref, NULL), 0);
	assert_string_equal(ref.traffic, "owa");
	assert_string_equal(ref.name, "retransmissions");
	assert_string_equal(ref.stat, "");
	assert_int_equal(metric_ref_parse("client_app.owa.response.share(1ms,2ms)", &ref, NULL), 0);
	assert_string_equal(metric_format(&ref, text),
			    "client_app.owa.response.share(0.001,0.002)");
	assert_int_equal(metric_ref_parse("client_app.owa.response.p50 ", &ref, NULL), -1);
	assert_int_equal(metric_ref_parse("", &ref, NULL), -1);
}

static void a_refusal_names_its_column(void **state)
{
	(void)state;
	refused("", "column 1: a number, a metric, a function or '(' is expected, the text ends");
	refused("a.client_app.x", "column 15: a comparison is expected");
	refused("a.client_app.x >=", "column 18: a number");
	refused("a.client_app.x => 3", "column 16: a comparison is expected");
	refused("a.client_app.x >= 3s extra",
		"column 22: the comparison is complete before 'extra'");
	refused("a.client_app.x >= (3s", "column 22: ')' is expected, the text ends here");
	refused("a.client_app.x between 1s", "column 26: 'and' is expected");
	refused("a.client_app.x within 5% 3s", "column 26: 'of' is expected");
	refused("a.client_app.x >= max(1s)", "column 25: ',' is expected");
	refused("a.client_app.x >= 3 parsecs", "the comparison is complete before 'parsecs'");
	refused("a.client_app.x >= 3parsecs", "column 19: ");
	refused("response.p50 >= 3s", "column 10: a metric names its vantage");
	refused("a.response.p50 >= 3s", "column 3: a metric names its vantage");
	refused("a.client_ap.x >= 3s", "(did you mean 'client_app'?)");
	refused("alone >= 3s", "'alone' is only a word");
	refused("a.client_app.t.x.p33 >= 3s", "'p33' is no statistic");
	refused("a.client_app.t.x.p50.p50 >= 3s", "a metric is PHASE[:SECTION].VANTAGE");
	refused("a.client_app. >= 3s", "column 14: a metric's name is expected");
	refused("a.client_app.no_such >= 3s", "column 1: no metric 'no_such'");
	refused("1s + a.client_app.no_such >= 3s", "column 6: no metric");
}

static void like_is_compared_with_like(void **state)
{
	(void)state;
	refused("a.client_app.x >= 195", "a time meets a bare number");
	refused("a.client_app.x >= 195B", "a time meets a size");
	refused("a.client_app.count1 >= 3s", "a bare number meets a time");
	refused("a.client_app.x + 1 >= 3s", "a time meets a bare number");
	refused("a.client_app.x within 5 of 20", "'within' takes a PERCENT, 5%");
	refused("a.client_app.x within 5ms of 200ms", "meets a bare number");
	refused("a.client_app.x.share(1,2ms) >= 0.8", "bounds of share(LOW,HIGH) have one unit");
	refused("a.client_app.x.share(1ms,2B) >= 0.8", "bounds of share(LOW,HIGH) have one unit");
	refused("a.client_app.x.share(2ms,1ms) >= 0.8", "LOW not above HIGH");
	judged("a.client_app.bad > 0", true, "200.6 ms (wanted more than 0.0 ms)");
}

static void a_sweep_must_be_there(void **state)
{
	struct expect x;
	struct err e;

	(void)state;
	assert_int_equal(expect_parse("at(a.client_app.x, 50) > 0", &x, known, NULL, &e), 0);
	assert_int_equal(expect_check_sweep(&x, NULL, 0, &e), -1);
	assert_non_null(strstr(e.text, "at needs a sweep"));
	assert_int_equal(expect_check_sweep(&x, swept_values, 3, &e), -1);
	assert_non_null(strstr(e.text, "50 is not swept"));
	expect_free(&x);
	assert_int_equal(expect_parse("at(a.client_app.x, largest / 6) > 0", &x, known, NULL, &e),
			 0);
	assert_int_equal(expect_check_sweep(&x, swept_values, 3, &e), 0);
	expect_free(&x);
	assert_int_equal(
	    expect_parse("at(a.client_app.x, a.client_app.count3) > 0", &x, known, NULL, &e), 0);
	assert_int_equal(expect_check_sweep(&x, swept_values, 3, &e), -1);
	expect_free(&x);
}

static void sweep_functions_say_what_they_need(void **state)
{
	static const double two[] = {1, 2}, same[] = {5, 5, 5}, narrow[] = {10, 12, 15};
	struct expect x;
	struct err e;

	(void)state;
	assert_int_equal(expect_parse("spearman(a.client_app.x) > 0", &x, known, NULL, &e), 0);
	assert_int_equal(expect_check_sweep(&x, NULL, 0, &e), -1);
	assert_non_null(strstr(e.text, "column 1: spearman needs a sweep"));
	assert_int_equal(expect_check_sweep(&x, two, 2, &e), -1);
	assert_int_equal(expect_check_sweep(&x, same, 3, &e), -1);
	assert_non_null(strstr(e.text, "at least 3 different swept values"));
	assert_int_equal(expect_check_sweep(&x, swept_values, 3, &e), 0);
	expect_free(&x);
	assert_int_equal(expect_parse("plateau(a.client_app.x) > 0", &x, known, NULL, &e), 0);
	assert_int_equal(expect_check_sweep(&x, NULL, 0, &e), -1);
	assert_int_equal(expect_check_sweep(&x, narrow, 3, &e), -1);
	assert_non_null(strstr(e.text, "at least twice the smallest"));
	assert_int_equal(expect_check_sweep(&x, two, 2, &e), 0);
	expect_free(&x);
}

static void hostile_texts_end_with_an_error(void **state)
{
	char deep[900], wide[3000];
	struct expect x;
	size_t n;

	(void)state;
	memset(deep, '(', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	refused(deep, "nested deeper than");
	memset(wide, '1', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	refused(wide, "at most 1000 characters");
	refused("\x01\xff\xfe", "column 1");
	refused("a.client_app.nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn > 0",
		"at most 39");
	refused("pppppppppppppppppppppppppppppppppp.client_app.x > 0", "at most 31");
	/* Long but flat is fine. */
	n = (size_t)snprintf(deep, sizeof(deep), "a.client_app.count1");
	for (int i = 0; i < 200; i++)
		n += (size_t)snprintf(deep + n, sizeof(deep) - n, " +1");
	snprintf(deep + n, sizeof(deep) - n, " == 201");
	assert_int_equal(expect_parse(deep, &x, known, NULL, NULL), 0);
	expect_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_cannot_hold_is_refused),
	    cmocka_unit_test(numbers_may_be_negative),
	    cmocka_unit_test(a_comparison_is_exact_and_readable),
	    cmocka_unit_test(arithmetic_follows_the_usual_rules),
	    cmocka_unit_test(a_miss_by_a_hair_shows_its_digits),
	    cmocka_unit_test(a_sweep_is_fitted_and_picked_from),
	    cmocka_unit_test(a_sweep_has_an_order_and_a_level_end),
	    cmocka_unit_test(chance_has_its_range),
	    cmocka_unit_test(an_unknown_function_is_named),
	    cmocka_unit_test(what_was_not_measured_is_no_number),
	    cmocka_unit_test(a_metric_has_traffic_and_statistic_or_not),
	    cmocka_unit_test(a_refusal_names_its_column),
	    cmocka_unit_test(like_is_compared_with_like),
	    cmocka_unit_test(a_sweep_must_be_there),
	    cmocka_unit_test(sweep_functions_say_what_they_need),
	    cmocka_unit_test(hostile_texts_end_with_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
