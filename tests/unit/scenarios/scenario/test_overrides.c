/* test_overrides.c - what --set, quick: and a sweep do to a scenario that was loaded.
 * LAYER: wedge_scenario */
#include "scenarios/scenario/needs.h"
#include "tests/rig/scenario_file.h"

static int set(struct scenario *s, const char *assignment, char *why)
{
	struct err e = {""};
	int rc = scenario_set(s, assignment, &e);

	snprintf(why, sizeof(e.text), "%s", e.text);
	return rc;
}

static void overrides_change_the_scenario(void **state)
{
	char why[sizeof(struct err)], *text;
	struct scenario *s;

	(void)state;
	write_bytes(good, strlen(good));
	s = loaded(false);
	assert_int_equal(set(s, "client.exchanges=20", why), 0);
	param_is(&s->phases[0].traffic[0], false, "exchanges", "20");
	param_is(&s->phases[1].traffic[0], false, "exchanges", "20");
	param_is(&s->phases[1].traffic[1], false, "exchanges", "60");
	assert_int_equal(set(s, "sibling.client.exchanges=30", why), 0);
	param_is(&s->phases[1].traffic[1], false, "exchanges", "30");
	assert_int_equal(set(s, "server.response=300B,10KiB", why), 0);
	param_is(&s->phases[0].traffic[0], true, "response", "300B,10KiB");
	assert_int_equal(set(s, "impaired.delayed_ack.timer=100ms", why), 0);
	text = impairment_set_describe(s->phases[1].impairments);
	assert_non_null(strstr(text, "timer=100ms"));
	free(text);
	assert_int_equal(set(s, "impaired=none", why), 0);
	assert_int_equal(s->phases[1].impairments->n, 0);
	assert_int_equal(set(s, "lab.intercept=forward", why), 0);
	assert_int_equal(s->intercept, INTERCEPT_FORWARD);
	assert_int_equal(scenario_check(s, NULL), 0);
	scenario_free(s);
}

static void a_wrong_override_tells_the_nearest(void **state)
{
	static const struct {
		const char *assignment, *why;
	} wrong[] = {
	    {"impared.delayed_ack.timer=1ms", "did you mean 'impaired'?"},
	    {"impaired.delayed_akc.timer=1ms", "delayed_ack"},
	    {"impaired.delayed_ack.timr=1ms", "timer"},
	    {"impaired.delayed_ack.timer=1", "timer"},
	    {"impaired.timer=1ms", "names no parameter"},
	    {"baseline.delayed_ack.timer=1ms", "the phase 'baseline' has no impairment"},
	    {"impaired=nothing", "impaired=none empties the phase"},
	    {"client.exchange=1", "did you mean 'exchanges'?"},
	    {"client.exchanges=-1", "exchanges"},
	    {"siblin.client.exchanges=1", "did you mean 'sibling'?"},
	    {"lab.intercept=magic", "explicit, forward or transparent"},
	    {"sweep=1,2", "sweeps nothing"},
	    {"client.exchanges", "is no KEY=VALUE"},
	    {"=1", "is no KEY=VALUE"},
	    {"client.exchanges=", "is no KEY=VALUE"},
	    {"", "is no KEY=VALUE"},
	};
	char why[sizeof(struct err)];
	struct scenario *s;

	(void)state;
	write_bytes(good, strlen(good));
	s = loaded(false);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_int_equal(set(s, wrong[i].assignment, why), -1);
		if (!strstr(why, wrong[i].why))
			fail_msg("%s: '%s' without '%s'", wrong[i].assignment, why, wrong[i].why);
	}
	param_is(&s->phases[0].traffic[0], false, "exchanges", "100");
	scenario_free(s);
}

static void a_mode_that_a_list_lacks_is_refused(void **state)
{
	char why[sizeof(struct err)];
	struct scenario *s;

	(void)state;
	write_changed("intercept: explicit", "intercept: [transparent, explicit]");
	s = loaded(false);
	assert_int_equal(s->intercept, INTERCEPT_TRANSPARENT);
	assert_int_equal(set(s, "lab.intercept=explicit", why), 0);
	assert_int_equal(set(s, "lab.intercept=forward", why), -1);
	assert_string_equal(why, "lab.intercept: 'made-up' can't be judged with forward; it takes "
				 "explicit or transparent");
	assert_int_equal(s->intercept, INTERCEPT_EXPLICIT);
	scenario_free(s);
}

static void a_parameter_is_set_with_the_one_that_it_needs(void **state)
{
	static const char *const alone[] = {"client.retry_wait=1ms"};
	static const char *const sibling[] = {"client.retries=2", "sibling.client.retry_wait=1ms"};
	static const char *const both[] = {"client.retry_wait=1ms", "client.retries=2"};
	char why[sizeof(struct err)];
	struct scenario *s;
	struct err e;

	(void)state;
	write_bytes(good, strlen(good));
	s = loaded(false);
	assert_int_equal(set(s, alone[0], why), 0);
	assert_int_equal(scenario_check_needs(s, alone, 1, &e), -1);
	assert_string_equal(e.text, "--set client.retry_wait=1ms: retry_wait has no effect without "
				    "retries; --set client.retries=... sets it");
	assert_int_equal(set(s, both[1], why), 0);
	assert_int_equal(scenario_check_needs(s, both, 2, &e), 0);
	assert_int_equal(set(s, sibling[1], why), 0);
	assert_int_equal(scenario_check_needs(s, sibling, 2, &e), -1);
	assert_non_null(strstr(e.text, "--set sibling.client.retry_wait=1ms: "));
	scenario_free(s);
}

/* The same in a file, where the place is told. */
static void a_file_sets_a_parameter_with_the_one_that_it_needs(void **state)
{
	static const struct {
		const char *line, *why; /* why NULL: accepted */
	} cases[] = {
	    {"quick: {client.retry_wait: 1s}", "client.retry_wait has no effect without retries"},
	    {"quick: {client.retry_wait: 1s, client.retries: 2}", NULL},
	    {"quick: {sibling.client.keepalive_probes: 3}", "has no effect without keepalive"},
	    {"quick: {impaired.full.expire: 1m}",
	     "impaired.full.expire has no effect without leak"},
	    {"quick: {impaired.leaky.expire: 1m}", NULL},
	    {"quick: {impaired.later.expire: 1m}", NULL},
	    {"sweep: {client.retry_wait: [1s, 2s]}", "client.retry_wait has no effect without"},
	    {"sweep: {impaired.full.expire: [1m, 2m]}", "impaired.full.expire has no effect"},
	    {"sweep: {impaired.later.expire: [1m, 2m]}", NULL},
	    {"sweep: {client.retries: [1, 2]}\nquick: {client.retry_wait: 1s}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scenario *s;
		struct err e = {""};
		char text[1000];
		int rc;

		snprintf(text, sizeof(text),
			 "  impaired: {impairments: [{connection_limit: {name: full}}, "
			 "{connection_limit: {name: leaky, leak: on}}, "
			 "{connection_limit: {name: later}}], "
			 "steps: [{wait: 1s}, {set: {later.leak: on}}]}\n%s\n",
			 cases[i].line);
		write_changed("  impaired: [{delayed_ack: {timer: 200ms, every: 2}}]\n"
			      "quick: {client.exchanges: 10}\n",
			      text);
		rc = scenario_load(path, NULL, false, NULL, NULL, &s, &e);
		if (rc == 0)
			scenario_free(s);
		if ((rc == 0) != !cases[i].why)
			fail_msg("%s: %s", cases[i].line, rc ? e.text : "accepted");
		if (cases[i].why &&
		    (!strstr(e.text, ".yaml:11:9: ") || !strstr(e.text, cases[i].why)))
			fail_msg("%s: %s", cases[i].line, e.text);
	}
}

static void a_sweep_gives_each_phase_its_points(void **state)
{
	char why[sizeof(struct err)];
	struct scenario *s;
	struct phase *at;

	(void)state;
	write_changed("expect:\n", "sweep: {client.exchanges: [10, 50]}\nexpect:\n  - "
				   "at(impaired.client_app.total, 50) >= 9s\n");
	s = loaded(false);
	assert_int_equal(s->sweep.n, 2);
	assert_true(s->sweep.numbers[1] == 50);
	assert_int_equal(phase_at(&s->phases[1], &s->sweep, s->sweep.values[1], &at, NULL), 0);
	param_is(&at->traffic[0], false, "exchanges", "50");
	param_is(&s->phases[1].traffic[0], false, "exchanges", "100");
	phase_free(at);
	assert_int_equal(set(s, "sweep=1,2,x", why), -1);
	assert_int_equal(s->sweep.n, 2);
	assert_int_equal(set(s, "sweep=10,20,30", why), 0);
	assert_int_equal(s->sweep.n, 3);
	assert_int_equal(scenario_check(s, NULL), -1); /* 50 isn't swept any more */
	scenario_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(overrides_change_the_scenario),
	    cmocka_unit_test(a_wrong_override_tells_the_nearest),
	    cmocka_unit_test(a_mode_that_a_list_lacks_is_refused),
	    cmocka_unit_test(a_parameter_is_set_with_the_one_that_it_needs),
	    cmocka_unit_test(a_file_sets_a_parameter_with_the_one_that_it_needs),
	    cmocka_unit_test(a_sweep_gives_each_phase_its_points),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
