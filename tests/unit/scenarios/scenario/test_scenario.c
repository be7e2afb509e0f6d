/* test_scenario.c - a scenario file is loaded whole or refused with its place.
 * LAYER: wedge_scenario */
#include "tests/rig/scenario_file.h"

/* why: what follows the file's name in the error. */
static void file_refused(const char *why)
{
	struct scenario *s;
	struct err e = {""};

	assert_int_equal(scenario_load(path, NULL, false, NULL, NULL, &s, &e), -1);
	if (strncmp(e.text, path, strlen(path)) != 0 ||
	    strncmp(e.text + strlen(path), why, strlen(why)) != 0)
		fail_msg("refused with '%s', not with '%s%s'", e.text, path, why);
	if (strchr(e.text, '\n'))
		fail_msg("more than one line: '%s'", e.text);
}

static void refused(const char *from, const char *to, const char *why)
{
	write_changed(from, to);
	file_refused(why);
}

static void a_file_becomes_a_scenario(void **state)
{
	struct scenario *s;
	char *text;

	(void)state;
	write_bytes(good, strlen(good));
	s = loaded(false);
	assert_string_equal(s->name, "made-up");
	assert_string_equal(s->story, "once upon a time");
	assert_null(s->complaint);
	assert_int_equal(s->intercept, INTERCEPT_EXPLICIT);
	assert_int_equal(s->nphases, 2);
	assert_string_equal(s->phases[1].name, "impaired");
	text = impairment_set_describe(s->phases[0].impairments);
	assert_string_equal(text, "none");
	free(text);
	assert_int_equal(s->phases[1].impairments->n, 1);
	param_is(&s->phases[1].traffic[0], true, "response", "180B,220B");
	param_is(&s->phases[1].traffic[0], false, "exchanges", "100");
	assert_int_equal(s->phases[0].traffic[0].port, 80);
	assert_int_equal(s->nexpects, 1);
	assert_true(s->nshow > 0);
	scenario_free(s);
}

static void what_a_user_says_is_kept_and_never_empty(void **state)
{
	struct scenario *s;

	(void)state;
	write_changed("phases:\n", "complaint: >\n  it hangs,\n  mostly\nphases:\n");
	s = loaded(false);
	assert_string_equal(s->complaint, "it hangs, mostly");
	scenario_free(s);
	refused("phases:\n", "complaint: ''\nphases:\n", ":8:12: ");
}

static void a_sibling_comes_by_itself(void **state)
{
	struct scenario *s;
	const struct traffic *t;

	(void)state;
	write_bytes(good, strlen(good));
	s = loaded(false);
	assert_int_equal(s->phases[0].ntraffic, 2);
	t = &s->phases[0].traffic[1];
	assert_string_equal(t->name, "sibling");
	assert_int_equal(t->port, 81);
	assert_true(t->until_main);
	param_is(t, false, "exchanges", "60");
	param_is(t, false, "think", "20ms");
	param_is(t, true, "response", "180B,220B");
	scenario_free(s);
	write_changed("phases:\n", "siblings: {}\nphases:\n");
	s = loaded(false);
	assert_int_equal(s->phases[0].ntraffic, 1);
	scenario_free(s);
}

static void siblings_play_as_main_but_for_what_they_change(void **state)
{
	struct scenario *s;
	const struct traffic *t;

	(void)state;
	write_changed("phases:\n",
		      "siblings:\n  a: {server: {response: 99KiB}}\n  b: {port: 443, until_main: "
		      "false, client: {exchanges: 7}}\nphases:\n");
	s = loaded(false);
	t = s->phases[1].traffic;
	assert_int_equal(t[1].port, 81);
	param_is(&t[1], true, "response", "99KiB");
	param_is(&t[1], false, "exchanges", "100");
	assert_int_equal(t[2].port, 443);
	assert_false(t[2].until_main);
	param_is(&t[2], false, "exchanges", "7");
	param_is(&t[2], true, "response", "180B,220B");
	scenario_free(s);
}

static void quick_applies_its_overrides(void **state)
{
	struct scenario *s;

	(void)state;
	write_bytes(good, strlen(good));
	s = loaded(true);
	assert_true(s->quick);
	param_is(&s->phases[1].traffic[0], false, "exchanges", "10");
	scenario_free(s);
	refused("client.exchanges: 10", "client.exchange: 10",
		":11:9: the client of workload rpc has no parameter 'exchange' (did you mean "
		"'exchanges'?");
}

static void programs_of_ones_own_take_a_role(void **state)
{
	struct scenario *s;
	const struct traffic *t;

	(void)state;
	write_changed("client: {app: rpc, exchanges: 100, request: 512B}",
		      "client: {command: curl -s 'a b' http://{host}:{port}/}");
	file_refused(":"); /* a flow mapping can't hold braces: YAML's own rule */
	write_changed("client: {app: rpc, exchanges: 100, request: 512B}\n",
		      "client:\n  command: curl -s \"a b\" c\\ d '' http://{host}:{port}/\n");
	file_refused(":12:9: the client of traffic 'main' is a command and has no parameter");
	write_changed("client: {app: rpc, exchanges: 100, request: 512B}\nphases:\n  baseline: []\n"
		      "  impaired: [{delayed_ack: {timer: 200ms, every: 2}}]\nquick: "
		      "{client.exchanges: 10}\n",
		      "client:\n  command: curl -s \"a b\" c\\ d '' http://{host}:{port}/\n"
		      "phases: {baseline: []}\nquick: {server.response: 300B}\n");
	file_refused(":12:5: in 'impaired.client_app.response.p50 >= 195ms': column 1: there is no "
		     "phase 'impaired'");
	write_changed("client: {app: rpc, exchanges: 100, request: 512B}\n",
		      "client: {command: [curl, \"http://{host}:{port}/\"]}\nsiblings: {}\n");
	file_refused(":12:9: the client of traffic 'main' is a command");
	write_changed("server: {app: rpc, response: [180B, 220B]}\nclient: {app: rpc, exchanges: "
		      "100, request: 512B}\nphases:\n  baseline: []\n  impaired: [{delayed_ack: "
		      "{timer: 200ms, every: 2}}]\nquick: {client.exchanges: 10}\n",
		      "server: {command: [nginx, -c, x], port: 8080, ready_after: 2s}\n"
		      "client: {command: curl -s \"a b\" c\\ d ''}\n"
		      "phases:\n  baseline: []\n  impaired: [delayed_ack: {every: 2}]\n");
	s = loaded(false);
	t = s->phases[0].traffic;
	assert_null(t[0].app);
	assert_int_equal(t[0].port, 8080);
	assert_string_equal(t[0].client.argv[2], "a b");
	assert_string_equal(t[0].client.argv[3], "c d");
	assert_string_equal(t[0].client.argv[4], "");
	assert_null(t[0].client.argv[5]);
	assert_true(t[0].server.ready_after == 2000000000);
	assert_string_equal(t[1].app->name, "rpc");
	scenario_free(s);
}

static void a_phase_changes_what_it_names(void **state)
{
	struct scenario *s;

	(void)state;
	write_changed("quick:",
		      "  other:\n    intercept: forward\n    client: {quickack: true}\n    note: "
		      "hm\n    impairments: [{delayed_ack: {every: 1, on: sibling}}]\nquick:");
	s = loaded(false);
	assert_int_equal(s->nphases, 3);
	assert_true(s->phases[2].forward_only);
	assert_string_equal(s->phases[2].note, "hm");
	param_is(&s->phases[2].traffic[0], false, "quickack", "true");
	param_is(&s->phases[1].traffic[0], false, "quickack", "false");
	assert_string_equal(s->phases[2].impairments->inst[0].traffic, "sibling");
	scenario_free(s);
}

static void a_bad_file_is_refused_with_its_place(void **state)
{
	(void)state;
	refused("story:", "storey:", ":4:1: unknown key 'storey'");
	refused("title: a made-up failure\n", "", ":1:1: the key 'title' is missing");
	refused("title: a made-up failure\nsource: nobody\n", "",
		":1:1: the keys 'title' and 'source' are missing");
	refused("name: made-up", "name: Made Up", ":1:7: 'Made Up' is no scenario's name");
	refused("name: made-up", "name: ../up", ":1:7: '../up' is no scenario's name");
	refused("name: made-up", "name: [a]", ":1:7: name is one text");
	refused("intercept: explicit", "intercept: explicitly",
		":5:18: 'explicitly' is no intercept mode; explicit, forward or transparent is "
		"accepted");
	refused("intercept: explicit", "intercept: [forward, explicitly]",
		":5:28: 'explicitly' is no intercept mode");
	refused("intercept: explicit", "intercept: [forward, forward]",
		":5:28: 'forward' is named twice");
	refused("intercept: explicit", "intercept: []",
		":5:18: the list is empty; it takes some of explicit, forward or transparent");
	refused("lab: {intercept", "lab: {intercpt", ":5:7: a lab has no setting 'intercpt'");
	refused("lab: {intercept", "lab: {rto_min: soon, intercept", ":5:16: rto_min: 'soon'");
	refused("lab: {intercept", "lab: {quickac: on, intercept",
		":5:7: a lab has no setting 'quickac' (did you mean 'quickack'?)");
	refused("lab: {intercept", "lab: {connect_timeout: 9ms, intercept",
		":5:24: connect_timeout: '9ms' is less than 10ms");
	refused("lab: {intercept: explicit", "lab: {connect_timeout: 9s, intercept: forward",
		":5:24: connect_timeout has no effect with intercept forward");
	refused("app: rpc, resp", "app: rcp, resp", ":6:15: there is no workload 'rcp'");
	refused("request: 512B", "request: 512ms", ":7:45: request: ");
	refused("request: 512B", "request: 1B", ":7:45: request: ");
	refused(
	    "request: 512B", "reqest: 512B",
	    ":7:36: the client of workload rpc has no parameter 'reqest' (did you mean 'request'?");
	refused("request: 512B", "request: {a: 1}", ":7:45: a value or a list of values");
	refused("exchanges: 100", "exchanges: 100, connections: 101", ":7:9: connections: ");
	refused("server: {app: rpc, response: [180B, 220B]}\n", "",
		":1:1: the key 'server' is missing");
	refused("[180B, 220B]", "[180B, 220]B", ":6:");
	refused("[180B, 220B]", "[180B, [220B]]", ":6:37: a plain value is expected");
	refused("server: {app: rpc", "server: {port: 0, app: rpc", ":6:16: '0' is no port");
	refused("client: {app: rpc", "client: {port: 5, app: rpc",
		":7:16: the port belongs to the server");
	refused("client: {app: rpc", "client: {app: rpc, command: x",
		":7:15: either app or command");
}

static void bad_phases_are_refused_with_their_place(void **state)
{
	(void)state;
	refused("  baseline: []\n", "", ":9:3: there is no phase 'baseline'");
	refused("baseline: []", "baseline: [{delayed_ack: {}}]",
		":9:13: the baseline has no impairment");
	refused("baseline: []", "baseline:", ":9:3: a list of impairments is expected");
	refused("baseline: []", "baseline: []\n  baseline: []",
		":10:3: the key 'baseline' is already");
	refused("impaired: [", "Impaired: [", ":10:3: 'Impaired' is no phase's name");
	refused("delayed_ack", "delayed_akc", ":10:15: ");
	refused("timer: 200ms", "timer: 200", ":10:");
	refused("timer: 200ms", "timer: 200ms, on: nobody",
		":10:14: on: there is no traffic 'nobody'");
	refused("[{delayed_ack: {timer: 200ms, every: 2}}]", "{impairment: []}",
		":10:14: unknown key 'impairment'");
	refused("phases:\n", "sweep: {client.exchanges: [10]}\nphases:\n",
		":8:27: sweep: a sweep has at least two values");
	refused("phases:\n", "sweep: {client.exchanges: [10, 10]}\nphases:\n",
		":8:27: sweep: 10 is swept twice");
	refused("phases:\n", "sweep: {client.exchange: [10, 20]}\nphases:\n",
		":8:9: the client of");
	refused("phases:\n", "sweep: {nobody.exchange: [10, 20]}\nphases:\n",
		":8:9: 'nobody.exchange' names nothing that can be swept");
	refused("phases:\n", "sweep: {client.exchanges: [10, 0]}\nphases:\n",
		":10:3: phase baseline: ");
}

static void bad_expectations_are_refused_with_their_place(void **state)
{
	(void)state;
	refused(
	    "impaired.client_app.response.p50", "impaired.response.p50",
	    ":13:5: in 'impaired.response.p50 >= 195ms': column 10: a metric names its vantage");
	refused("impaired.client_app.response.p50", "impared.client_app.response.p50",
		":13:5: in 'impared.client_app.response.p50 >= 195ms': column 1: there is no phase "
		"'impared' (did you mean 'impaired'?");
	refused(
	    "impaired.client_app.response.p50", "impaired.client_app.siblin.response.p50",
	    ":13:5: in 'impaired.client_app.siblin.response.p50 >= 195ms': column 1: there is no "
	    "traffic 'siblin' (did you mean 'sibling'?");
	refused("  - impaired.client_app.response.p50 >= 195ms\n", "  - {thta: a}\n",
		":13:6: unknown key");
	refused("  - impaired.client_app.response.p50 >= 195ms\n", "  []\n",
		":13:3: a list of comparisons");
	refused("impaired.client_app.response.p50", "at(impaired.client_app.total, 5)",
		":13:5: in 'at(impaired.client_app.total, 5) >= 195ms': column 1: at needs a");
	refused("expect:", "show: [{metric: client_app.sib.response.p50}]\nexpect:",
		":12:17: there is no traffic 'sib'");
	refused("expect:", "show: [{metric: response.p50}]\nexpect:",
		":12:17: column 1: a metric names");
	refused("expect:", "signature: [{see: a, vantages: [moon]}]\nexpect:",
		":12:33: 'moon' is no vantage");
	refused("expect:", "signature: [{see: a, vantages: [client_app], filter: tcp}]\nexpect:",
		":12:13: capture and filter belong together");
	refused("expect:",
		"signature: [{see: a, vantages: [client_app], filter: tcp, capture: "
		"impaired}]\nexpect:",
		":12:68: 'impaired' is no capture; one is PHASE-client or PHASE-server");
	refused("expect:",
		"signature: [{see: a, vantages: [client_app], filter: tcp, capture: "
		"impared-client}]\nexpect:",
		":12:68: there is no phase 'impared' (did you mean 'impaired'?)");
}

static void bad_conditions_are_refused_with_their_place(void **state)
{
	(void)state;
	refused("expect:",
		"signature: [{see: a, vantages: [client_wire], when: 'impaired.x.y'}]\nexpect:",
		":12:53: in 'impaired.x.y': column 11: a figure is");
	refused("expect:", "signature: [{see: a, vantages: [client_wire], when: dropped}]\nexpect:",
		":12:53: in 'dropped': column 8: a comparison is expected");
	refused("expect:",
		"signature: [{see: a, vantages: [client_wire], when: plateau(rto.p50) > 1s}]\n"
		"expect:",
		":12:53: in 'plateau(rto.p50) > 1s': column 1: plateau needs a sweep");
	refused(
	    "expect:", "signature: [{see: a, vantages: [client_app], when: dropped > 1}]\nexpect:",
	    ":12:52: a condition is judged by a capture");
	refused("expect:", "signature: [{see: a, vantages: [client_wire], when: []}]\nexpect:",
		":12:53: at least one condition");
	refused("expect:",
		"signature: [{see: a, vantages: [client_wire], when: dropped > 1, hint: dropped > "
		"1}]\nexpect:",
		":12:72: when and hint exclude each other");
	refused(
	    "expect:", "signature: [{see: a, vantages: [client_wire], hint: dropped > 1}]\nexpect:",
	    ":12:13: a hint needs another item");
	refused("expect:", "failure: 7\nexpect:", ":12:10: '7' is no documented failure's number");
	refused("expect:", "family: []\nexpect:", ":12:9: a list of scenarios' names");
}

static int only_bytes(void *arg, const struct metric_ref *ref, struct err *e)
{
	(void)arg;
	return strcmp(ref->name, "bytes") == 0 ? 'b' : err_set(e, "no metric '%s'", ref->name);
}

static void a_metric_that_nobody_measures_is_refused(void **state)
{
	struct scenario *s;
	struct err e;

	(void)state;
	write_bytes(good, strlen(good));
	assert_int_equal(scenario_load(path, NULL, false, only_bytes, NULL, &s, &e), -1);
	assert_non_null(strstr(e.text, "column 1: no metric 'response'"));
}

static void hostile_files_are_refused(void **state)
{
	char deep[3000];
	char noise[2048];

	(void)state;
	write_bytes("", 0);
	file_refused(":1:1: a scenario is expected");
	write_bytes("- a\n- b\n", 8);
	file_refused(":1:1: a scenario is expected");
	write_bytes("\0\1\2\xff\xfe", 5);
	file_refused(":1:");
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)(i * 7919 % 251);
	write_bytes(noise, sizeof(noise));
	file_refused(":");
	memset(deep, '[', sizeof(deep));
	write_bytes(deep, sizeof(deep));
	file_refused(":1:");
	write_bytes(good, 300);
	file_refused(":");
	write_changed("story: once upon a time", "story: *story");
	file_refused(":4:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_file_becomes_a_scenario),
	    cmocka_unit_test(what_a_user_says_is_kept_and_never_empty),
	    cmocka_unit_test(a_sibling_comes_by_itself),
	    cmocka_unit_test(siblings_play_as_main_but_for_what_they_change),
	    cmocka_unit_test(quick_applies_its_overrides),
	    cmocka_unit_test(programs_of_ones_own_take_a_role),
	    cmocka_unit_test(a_phase_changes_what_it_names),
	    cmocka_unit_test(a_bad_file_is_refused_with_its_place),
	    cmocka_unit_test(bad_phases_are_refused_with_their_place),
	    cmocka_unit_test(bad_expectations_are_refused_with_their_place),
	    cmocka_unit_test(bad_conditions_are_refused_with_their_place),
	    cmocka_unit_test(a_metric_that_nobody_measures_is_refused),
	    cmocka_unit_test(hostile_files_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
