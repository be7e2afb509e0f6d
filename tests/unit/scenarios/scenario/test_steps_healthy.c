/* test_steps_healthy.c - PHASE=none takes out what acts on impairments, and what breaks something.
 * LAYER: wedge_scenario */
#include "proxy/base/mem.h"
#include "scenarios/scenario/step.h"
#include "tests/rig/scenario_file.h"

static void a_phase_without_impairments_loses_their_steps(void **state)
{
	struct scenario *s;

	(void)state;
	write_steps("{refuse: {schedule: poisson 10s}}",
		    "      - wait: 1s\n"
		    "      - repeat: {times: 2, steps: [{reset: refuse}]}\n"
		    "      - set: {refuse.enabled: false, client.think: 1ms}\n");
	s = loaded(false);
	assert_int_equal(s->phases[1].nsteps, 4);
	assert_int_equal(scenario_set(s, "impaired=none", NULL), 0);
	assert_int_equal(s->phases[1].nsteps, 2);
	assert_int_equal(scenario_check(s, NULL), 0);
	scenario_free(s);
}

static void a_phase_without_faults_kills_nobody(void **state)
{
	struct scenario *s;

	(void)state;
	write_steps("{delay: {delay: 1ms}}", "      - stop: client\n"
					     "      - start: client\n"
					     "      - hang: server\n"
					     "      - kill: server\n"
					     "      - unplug: client\n"
					     "      - wait: 1s\n"
					     "      - start: server\n"
					     "      - plug: client\n");
	s = loaded(false);
	assert_int_equal(s->phases[1].nsteps, 8);
	assert_int_equal(scenario_set(s, "impaired=none", NULL), 0);
	assert_int_equal(s->phases[1].nsteps, 3);
	assert_int_equal(s->phases[1].steps[1].kind, STEP_START);
	assert_int_equal(s->phases[1].steps[2].kind, STEP_WAIT);
	assert_int_equal(scenario_check(s, NULL), 0);
	scenario_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_phase_without_impairments_loses_their_steps),
	    cmocka_unit_test(a_phase_without_faults_kills_nobody),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
