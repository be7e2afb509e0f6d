/* test_steps.c - a phase's steps are loaded whole or refused with their place, and laid out in
 * time. LAYER: wedge_scenario */
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/scenario/step_program.h"
#include "tests/rig/scenario_file.h"

#define LIMIT	"{connection_limit: {limit: 32}}"
#define EPISODE "{refuse: {schedule: poisson 10s}}"

static void refused(const char *steps, const char *why)
{
	struct scenario *s;
	struct err e = {""};

	write_steps(LIMIT, steps);
	assert_int_equal(scenario_load(path, NULL, false, NULL, NULL, &s, &e), -1);
	if (strncmp(e.text, path, strlen(path)) != 0 ||
	    strncmp(e.text + strlen(path), why, strlen(why)) != 0)
		fail_msg("refused with '%s', not with '%s%s'", e.text, path, why);
	assert_null(strchr(e.text, '\n'));
}

static void steps_are_kept_in_their_order(void **state)
{
	static const char *const texts[] = {
	    "wait 2s",
	    "section filled",
	    "set connection_limit.leak=true",
	    "set connection_limit.enabled=false",
	    "set connection_limit.enabled=true",
	    "kill server",
	    "start server",
	    "vanish sibling.client",
	    "start sibling.client",
	    "ramp client.connections from 1 to 40 every 100ms",
	    "ramp client.rate from 20/s to 400/s over 10s",
	    "await 3 failed of main within 1m",
	    "repeat 30 times: wait 1s, set client.think=5ms",
	};
	struct scenario *s;
	const struct phase *p;

	(void)state;
	write_steps(LIMIT, "      - wait: 2s\n"
			   "      - section: filled\n"
			   "      - set: {connection_limit.leak: true}\n"
			   "      - off: connection_limit\n"
			   "      - on: connection_limit\n"
			   "      - kill: server\n"
			   "      - start: main.server\n"
			   "      - vanish: sibling.client\n"
			   "      - start: sibling.client\n"
			   "      - ramp: {client.connections: {from: 1, to: 40, every: 100ms}}\n"
			   "      - ramp: {main.client.rate: {from: 20/s, to: 400/s, over: 10s}}\n"
			   "      - await: {failed: 3, within: 60s}\n"
			   "      - repeat: {times: 30, steps: [{wait: 1s}, {set: {client.think: "
			   "5ms}}]}\n");
	s = loaded(false);
	p = &s->phases[1];
	assert_int_equal(p->nsteps, ARRAY_LEN(texts));
	for (size_t i = 0; i < p->nsteps; i++) {
		char *text = step_describe(&p->steps[i]);

		assert_string_equal(text, texts[i]);
		free(text);
	}
	scenario_free(s);
}

static void what_no_step_is_is_refused(void **state)
{
	(void)state;
	refused("      - wiat: 2s\n", ":13:9: unknown key 'wiat' (did you mean 'wait'?)");
	refused("      []\n", ":13:7: a list of steps is expected, at least one");
	refused("      - wait: 0\n", ":13:15: wait: '0': more than 0 and at most 24h");
	refused("      - wait: soon\n", ":13:15: wait: ");
	refused("      - section: Filled\n", ":13:18: 'Filled' is no section's name");
	refused("      - {wait: 1s, section: a}\n", ":13:9: a step is a mapping of one key");
	refused("      - set: {}\n", ":13:14: a mapping is expected");
	refused("      - set: {leak: true}\n", ":13:15: 'leak' is no parameter");
}

static void a_step_sets_a_parameter_with_the_one_that_it_needs(void **state)
{
	static const char *const accepted[] = {
	    "      - set: {connection_limit.leak: on, connection_limit.expire: 1m}\n",
	    "      - set: {connection_limit.expire: 1m}\n      - wait: 1s\n"
	    "      - set: {connection_limit.leak: on}\n",
	};

	(void)state;
	refused("      - set: {connection_limit.expire: 1m}\n",
		":13:15: set: expire has no effect without leak, which connection_limit ");
	refused(
	    "      - wait: 1s\n      - ramp: {connection_limit.expire: {from: 1m, to: 2m, over: "
	    "5s}}\n",
	    ":14:16: ramp: expire has no effect without leak");
	refused("      - set: {connection_limit.expire: 1m}\n"
		"      - set: {connection_limit.leak: off}\n",
		":13:15: set: expire has no effect without leak");
	for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
		write_steps(LIMIT, accepted[i]);
		scenario_free(loaded(false));
	}
}

static void names_of_nothing_are_refused_with_the_nearest(void **state)
{
	(void)state;
	refused("      - set: {conection_limit.leak: true}\n",
		":13:15: set: there is no impairment 'conection_limit' here (did you mean "
		"'connection_limit'?)");
	refused("      - set: {connection_limit.leek: true}\n", ":13:15: set: connection_limit");
	refused("      - off: refuse\n", ":13:9: off: there is no impairment 'refuse' here");
	refused("      - stop: sibing.client\n",
		":13:9: stop: there is no role 'sibing.client' (did you mean 'sibling.client'?)");
	refused("      - kill: wedge\n", ":13:9: kill: there is no role 'wedge'");
	refused("      - await: {failed: 1, within: 1s, on: sibbling}\n",
		":13:9: await: there is no traffic 'sibbling' (did you mean 'sibling'?)");
	refused("      - set: {client.rte: 20/s}\n",
		":13:15: set: the client of workload rpc has no parameter 'rte' (did you mean "
		"'rate'?)");
	refused("      - set: {client.request: 600B}\n",
		":13:15: set: 'request' can't be changed while the client runs");
	refused("      - set: {server.service: 1s}\n", ":13:15: set: server: no parameter");
	refused("      - set: {client.rate: fast}\n", ":13:15: set: ");
	refused("      - reset: connection_limit\n",
		":13:9: reset: connection_limit has no episodes");
}

/* A step that only suffers from another one's misspelt name isn't blamed. */
static void names_are_looked_up_first(void **state)
{
	(void)state;
	refused("      - vanish: client\n      - await: {completed: 1, within: 3s}\n"
		"      - start: cleint\n",
		":15:9: start: there is no role 'cleint' (did you mean 'client'?)");
	refused("      - set: {client.rate: 5/s}\n      - unplug: sevrer\n",
		":14:9: unplug: there is no host 'sevrer' (did you mean 'server'?)");
	refused("      - start: server\n      - set: {clinet.rate: 5/s}\n",
		":14:15: set: there is no client and no impairment 'clinet' (did you mean "
		"'client'?)");
}

static void expect_ramp(const char *impairment, const char *ramp, size_t n,
			const char *const *values)
{
	char *steps = xasprintf("      - ramp: {%s}\n", ramp);
	struct step_program program;
	struct scenario *s;
	struct err e;

	write_steps(impairment, steps);
	free(steps);
	s = loaded(false);
	assert_int_equal(step_program_make(s->phases[1].steps, 1, 0, &program, &e), 0);
	assert_int_equal(program.n, n + 1);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(program.v[i].value, values[i]);
	step_program_fini(&program);
	scenario_free(s);
}

static void values_between_are_rounded_to_what_the_parameter_takes(void **state)
{
	(void)state;
	expect_ramp("{latency: {delay: 1ms}}", "latency.delay: {from: 1ms, to: 5ms, over: 300ms}",
		    4, (const char *const[]){"1ms", "2.333333ms", "3.666667ms", "5ms"});
	expect_ramp(
	    "{bandwidth: {rate: 1MB/s}}", "bandwidth.rate: {from: 1KiB/s, to: 2KiB/s, over: 300ms}",
	    4, (const char *const[]){"1KiB/s", "1.3330078125KiB/s", "1.6669921875KiB/s", "2KiB/s"});
	expect_ramp("{loss: {rate: 1%}}", "loss.rate: {from: 1%, to: 2%, over: 300ms}", 4,
		    (const char *const[]){"1%", "1.333333333%", "1.666666667%", "2%"});
	expect_ramp("{latency: {delay: 1ms}}",
		    "client.rate: {from: 10/s, to: 20/s, by: 4, every: 1s}", 4,
		    (const char *const[]){"10/s", "14/s", "18/s", "20/s"});
}

static void a_wait_of_a_range_is_drawn_by_the_seed(void **state)
{
	struct step_program a, b, other;
	struct scenario *s;
	struct err e;
	bool differ = false;

	(void)state;
	write_steps(LIMIT, "      - repeat: {times: 9, steps: [{wait: 1s..3s}, {section: a}]}\n");
	s = loaded(false);
	assert_int_equal(step_program_make(s->phases[1].steps, 1, 7, &a, &e), 0);
	assert_int_equal(step_program_make(s->phases[1].steps, 1, 7, &b, &e), 0);
	assert_int_equal(step_program_make(s->phases[1].steps, 1, 8, &other, &e), 0);
	for (size_t i = 0; i < 9; i++) {
		assert_in_range(a.v[i].after, 1 * NS_PER_S, 3 * NS_PER_S);
		assert_int_equal(a.v[i].after, b.v[i].after);
		assert_int_not_equal(a.v[i].after, other.v[i].after);
		differ |= a.v[i].after != a.v[0].after;
	}
	assert_true(differ);
	step_program_fini(&a);
	step_program_fini(&b);
	step_program_fini(&other);
	scenario_free(s);
	refused("      - wait: 3s..1s\n",
		":13:15: wait: '3s..1s': a range begins with its shorter");
	refused("      - wait: 1s..\n", ":13:15: wait: ");
}

static void the_baseline_stays_healthy(void **state)
{
	struct scenario *s;
	struct err e = {""};

	(void)state;
	write_changed("  baseline: []\n",
		      "  baseline: {steps: [{repeat: {times: 2, steps: [{unplug: server}]}}]}\n");
	assert_int_equal(scenario_load(path, NULL, false, NULL, NULL, &s, &e), -1);
	assert_non_null(strstr(e.text, "the baseline is healthy: no 'unplug' there"));
}

static void what_has_no_end_is_refused(void **state)
{
	(void)state;
	refused("      - ramp: {client.connections: {from: 1, every: 1s}}\n",
		":13:36: a ramp has two ends");
	refused("      - ramp: {client.connections: {from: 1, to: 9}}\n",
		":13:36: a ramp says how fast");
	refused("      - ramp: {client.connections: {from: 1, to: 9, every: 1s, over: 1s}}\n",
		":13:36: a ramp says how fast");
	refused("      - ramp: {client.connections: {from: 9, to: 9, every: 1s}}\n",
		":13:16: a ramp from 9 to 9 has no step");
	refused("      - ramp: {client.connections: {from: 1, to: 9, every: 0}}\n",
		":13:53: every: '0': more than 0");
	refused("      - ramp: {client.connections: {from: 1, to: 9, by: 0, every: 1s}}\n",
		":13:53: by: '0'");
	refused("      - ramp: {client.think: {from: 1s, to: 9ms, over: 1s}}\n",
		":13:16: a ramp goes from one number to another of the same unit");
	refused("      - ramp: {client.connections: {from: 1, to: 2000, every: 1ms}}\n",
		":13:16: ramp: connections");
	refused("      - repeat: {steps: [{wait: 1s}]}\n", ":13:17: a repeat without times");
	refused("      - repeat: {times: 3}\n", ":13:17: a repeat without steps");
	refused("      - repeat: {times: 3, steps: []}\n", ":13:35: a list of steps");
	refused("      - repeat: {times: 999999, steps: [{wait: 1s}]}\n",
		":13:9: a phase has at most 20000 steps");
	refused("      - await: {failed: 3}\n", ":13:16: an await says what and how long");
	refused("      - await: {within: 3s}\n", ":13:16: an await says what and how long");
}

static void orders_must_find_their_role_as_it_is(void **state)
{
	(void)state;
	refused("      - kill: server\n      - hang: server\n",
		":14:9: hang: server doesn't run here");
	refused("      - stop: server\n      - kill: server\n",
		":14:9: kill: server doesn't run here");
	refused("      - stop: server\n      - start: server\n      - start: server\n",
		":15:9: start: server runs already here");
	refused("      - vanish: server\n", ":13:9: vanish: server: only a client");
	refused("      - unplug: clinet\n",
		":13:9: unplug: there is no host 'clinet' (did you mean 'client'?)");
	refused("      - plug: server\n", ":13:9: plug: server is plugged in here");
	refused("      - kill: client\n      - set: {client.rate: 1/s}\n",
		":14:15: set: client doesn't run here");
	refused("      - kill: client\n      - await: {failed: 1, within: 1s}\n",
		":14:9: await: the client of 'main' doesn't run here");
}

static void a_host_stands_for_all_that_runs_there(void **state)
{
	(void)state;
	assert_true(step_concerns("server", "server", "edge1"));
	assert_true(step_concerns("server@edge1", "server", "edge1"));
	assert_false(step_concerns("server@edge2", "server", "edge1"));
	assert_true(step_concerns("edge1", "other.server", "edge1"));
	assert_false(step_concerns("edge1", "server", "edge2"));
	assert_true(step_concerns("client", "client", "client"));
	assert_false(step_concerns("client", "other.client", "client"));
	write_steps(LIMIT, "      - kill: edge3\n");
	{
		struct scenario *s;
		struct err e = {""};
		char text[2048];
		FILE *f = fopen(path, "r");
		size_t n = fread(text, 1, sizeof(text) - 1, f);

		text[n] = '\0';
		fclose(f);
		f = fopen(path, "w");
		fprintf(f, "hosts: {edge1: {side: server}}\n%s", text);
		fclose(f);
		assert_int_equal(scenario_load(path, NULL, false, NULL, NULL, &s, &e), -1);
		assert_non_null(strstr(e.text, ":14:9: kill: there is no role or host 'edge3' (did "
					       "you mean 'edge1'?)"));
	}
}

static void phases_may_share_their_steps(void **state)
{
	struct scenario *s;

	(void)state;
	write_changed("  baseline: []\n"
		      "  impaired: [{delayed_ack: {timer: 200ms, every: 2}}]\n",
		      "  baseline: {steps: impaired}\n"
		      "  impaired: {impairments: [" EPISODE
		      "], steps: [{wait: 1s}, {wait: 2s}]}\n");
	s = loaded(false);
	assert_int_equal(s->phases[0].nsteps, 2);
	assert_int_equal(scenario_set(s, "impaired.steps.wait#2=7s", NULL), 0);
	assert_true(s->phases[0].steps[1].time == 2 * NS_PER_S);
	assert_true(s->phases[1].steps[1].time == 7 * NS_PER_S);
	assert_int_equal(scenario_set(s, "steps.wait=5s", NULL), 0);
	assert_true(s->phases[0].steps[0].time == 5 * NS_PER_S);
	assert_true(s->phases[1].steps[0].time == 5 * NS_PER_S);
	assert_int_equal(scenario_set(s, "impaired.steps.wait#3=7s", NULL), -1);
	assert_int_equal(scenario_set(s, "impaired.steps.repeat.times=7", NULL), -1);
	scenario_free(s);
}

static void sections_must_be_there(void **state)
{
	(void)state;
	write_changed("impaired.client_app.response.p50", "impaired:a.client_app.response.p50");
	{
		struct scenario *s;
		struct err e = {""};

		assert_int_equal(scenario_load(path, NULL, false, NULL, NULL, &s, &e), -1);
		assert_non_null(strstr(e.text, ":13:5: in 'impaired:a.client_app.response.p50 >= "
					       "195ms': "));
		assert_non_null(strstr(e.text, "the phase 'impaired' has no sections"));
	}
	write_changed("  impaired: [{delayed_ack: {timer: 200ms, every: 2}}]\n",
		      "  impaired: {impairments: [], steps: [{wait: 1s}, {section: filled}]}\n");
	assert_int_equal(truncate(path, 0), 0);
}

static struct step_program laid_out(const struct scenario *s)
{
	struct step_program p;

	assert_int_equal(step_program_make(s->phases[1].steps, s->phases[1].nsteps, 0, &p, NULL),
			 0);
	return p;
}

static void a_ramp_is_many_settings(void **state)
{
	struct scenario *s;
	struct step_program p;

	(void)state;
	write_steps(LIMIT,
		    "      - wait: 1s\n"
		    "      - ramp: {client.connections: {from: 5, to: 2, every: 100ms}}\n"
		    "      - wait: 2s\n"
		    "      - ramp: {client.rate: {from: 10/s, to: 20/s, over: 400ms}}\n"
		    "      - ramp: {client.think: {from: 1ms, to: 4ms, by: 2, every: 1s}}\n");
	s = loaded(false);
	p = laid_out(s);
	assert_int_equal(p.n, 4 + 5 + 3 + 1);
	assert_true(p.v[0].after == NS_PER_S);
	assert_string_equal(p.v[0].value, "5");
	assert_true(p.v[3].after == 100 * NS_PER_MS);
	assert_string_equal(p.v[3].value, "2");
	assert_true(p.v[4].after == 2 * NS_PER_S);
	assert_string_equal(p.v[4].value, "10/s");
	assert_string_equal(p.v[5].value, "12.5/s");
	assert_true(p.v[5].after == 100 * NS_PER_MS);
	assert_string_equal(p.v[8].value, "20/s");
	assert_string_equal(p.v[10].value, "3ms");
	assert_string_equal(p.v[11].value, "4ms");
	assert_null(p.v[12].step);
	step_program_fini(&p);
	scenario_free(s);
}

static void repetitions_are_written_out_and_waits_added(void **state)
{
	struct scenario *s;
	struct step_program p;
	bool later;

	(void)state;
	write_steps(LIMIT, "      - start: sibling.client\n"
			   "      - repeat: {times: 3, steps: [{wait: 1s}, {stop: sibling.client}, "
			   "{start: sibling.client}, {wait: 2s}]}\n"
			   "      - wait: 5s\n");
	s = loaded(false);
	p = laid_out(s);
	assert_int_equal(p.n, 1 + 6 + 1);
	assert_true(p.v[1].after == NS_PER_S);
	assert_true(p.v[3].after == 3 * NS_PER_S);
	assert_true(p.v[7].after == 7 * NS_PER_S);
	assert_int_equal(step_program_starts(&p, "sibling.client", "client", &later), 4);
	assert_true(later);
	assert_int_equal(step_program_starts(&p, "client", "client", &later), 0);
	assert_false(later);
	step_program_fini(&p);
	scenario_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(steps_are_kept_in_their_order),
	    cmocka_unit_test(what_no_step_is_is_refused),
	    cmocka_unit_test(a_step_sets_a_parameter_with_the_one_that_it_needs),
	    cmocka_unit_test(names_of_nothing_are_refused_with_the_nearest),
	    cmocka_unit_test(names_are_looked_up_first),
	    cmocka_unit_test(values_between_are_rounded_to_what_the_parameter_takes),
	    cmocka_unit_test(a_wait_of_a_range_is_drawn_by_the_seed),
	    cmocka_unit_test(the_baseline_stays_healthy),
	    cmocka_unit_test(what_has_no_end_is_refused),
	    cmocka_unit_test(orders_must_find_their_role_as_it_is),
	    cmocka_unit_test(a_host_stands_for_all_that_runs_there),
	    cmocka_unit_test(phases_may_share_their_steps),
	    cmocka_unit_test(sections_must_be_there),
	    cmocka_unit_test(a_ramp_is_many_settings),
	    cmocka_unit_test(repetitions_are_written_out_and_waits_added),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
