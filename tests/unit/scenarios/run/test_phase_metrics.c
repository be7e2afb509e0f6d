/* test_phase_metrics.c - which statistic a metric may have, in which unit it is, and its value.
 * LAYER: wedge_run */
#include "scenarios/run/metric_statistic.h"
#include "scenarios/run/phase_metrics.h"
#include "scenarios/scenario/metric_scan.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int known(const char *metric, struct err *e)
{
	struct metric_ref ref;

	if (metric_ref_parse(metric, &ref, e) == -1)
		fail_msg("%s: %s", metric, e->text);
	return phase_metric_known(NULL, &ref, e);
}

static void has_unit(const char *metric, char unit)
{
	struct err e = {""};
	int letter = known(metric, &e);

	if (letter != unit)
		fail_msg("%s: %d, %s", metric, letter, e.text);
}

static void is_refused(const char *metric, const char *why)
{
	struct err e = {""};

	assert_int_equal(known(metric, &e), -1);
	if (!strstr(e.text, why))
		fail_msg("%s was refused with '%s', not '%s'", metric, e.text, why);
}

static void a_statistic_has_its_unit(void **state)
{
	(void)state;
	has_unit("client_app.response.p50", 's');
	has_unit("client_app.response.count", 'n');
	has_unit("client_app.response.cv", 'r');
	has_unit("client_app.response.share(1ms,2ms)", 'r');
	has_unit("client_app.response.spearman", 'n');
	has_unit("client_app.episode_gap.ks_exponential_p", 'n');
	has_unit("client_app.outcome.runs_p", 'n');
	has_unit("client_app.success", 'r');
	has_unit("client_app.bytes.max", 'b');
	has_unit("server_wire.stall_share", 'r');
	has_unit("client_app.records.share(1,3)", 'r');
}

static void a_statistic_that_means_nothing_is_refused(void **state)
{
	(void)state;
	is_refused("client_app.response", "has many samples");
	is_refused("client_app.failed.p50", "is one value");
	is_refused("client_app.response.runs_p", "runs_p is of a sequence of two outcomes");
	is_refused("client_app.closing.spearman", "those of closing have none");
	is_refused("client_app.outcomes.runs_p", "did you mean 'outcome'?");
	is_refused("client_wire.server_silenc", "did you mean 'server_silence'?");
	is_refused("client_app.response.share(190,215)", "a time: share(190ms,215ms)");
	is_refused("client_app.response.share(1B,2B)", "a time");
	is_refused("client_app.bytes.share(1s,2s)", "a size");
}

static double value_of(const char *metric, size_t n, const double *v, const int64_t *at)
{
	struct samples s = {0};
	struct metric_ref ref;
	double value;

	assert_int_equal(metric_ref_parse(metric, &ref, NULL), 0);
	for (size_t i = 0; i < n; i++)
		samples_add_at(&s, v[i], at ? at[i] : 0);
	value = metric_statistic(&s, &ref);
	samples_free(&s);
	return value;
}

static void statistics_are_of_samples(void **state)
{
	static const double v[] = {4, 1, 3, 2};
	static const int64_t at[] = {400, 100, 300, 200};

	(void)state;
	assert_true(value_of("client_app.response.p50", 4, v, NULL) == 2.5);
	assert_true(value_of("client_app.response.min", 4, v, NULL) == 1);
	assert_true(value_of("client_app.response.max", 4, v, NULL) == 4);
	assert_true(value_of("client_app.response.count", 4, v, NULL) == 4);
	assert_true(value_of("client_app.response.share(2s,3s)", 4, v, NULL) == 0.5);
	assert_true(value_of("client_app.response.spearman", 4, v, at) == 1);
	assert_true(isnan(value_of("client_app.response.spearman", 4, v, NULL)));
}

static void nothing_has_only_a_count_and_a_sum(void **state)
{
	(void)state;
	assert_true(value_of("client_app.response.count", 0, NULL, NULL) == 0);
	assert_true(value_of("client_app.response.sum", 0, NULL, NULL) == 0);
	assert_true(isnan(value_of("client_app.response.max", 0, NULL, NULL)));
	assert_true(isnan(value_of("client_app.response.mean", 0, NULL, NULL)));
	assert_true(isnan(value_of("client_app.response.cv", 0, NULL, NULL)));
	assert_true(isnan(value_of("client_app.response.share(1s,2s)", 0, NULL, NULL)));
	assert_true(isnan(value_of("client_app.response.spearman", 0, NULL, NULL)));
	assert_true(isnan(value_of("client_app.outcome.runs_p", 0, NULL, NULL)));
	assert_true(isnan(value_of("client_app.response.ks_exponential_p", 0, NULL, NULL)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_statistic_has_its_unit),
	    cmocka_unit_test(a_statistic_that_means_nothing_is_refused),
	    cmocka_unit_test(statistics_are_of_samples),
	    cmocka_unit_test(nothing_has_only_a_count_and_a_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
