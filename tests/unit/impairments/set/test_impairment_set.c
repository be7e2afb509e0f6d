/* test_impairment_set.c - impairments as people write them, and what they are told when they err.
 * LAYER: wedge_impairments */
#include "impairments/live/apply.h"
#include "impairments/live/hooks.h"
#include "impairments/set/registry.h"
#include "impairments/set/set_parse.h"
#include "proxy/base/yaml_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_described(const struct impairment_set *s, const char *text)
{
	char *described = impairment_set_describe(s);

	assert_string_equal(described, text);
	free(described);
}

static void assert_text_refused(const char *text, const char *said)
{
	struct impairment_set *s = impairment_set_new();
	struct err e = {{0}};

	assert_int_equal(impairment_set_text(s, text, &e), -1);
	if (!strstr(e.text, said))
		fail_msg("'%s' gave '%s'", text, e.text);
	assert_int_equal(s->n, 0);
	impairment_set_free(s);
}

static int from_yaml(struct impairment_set *s, const char *text, struct err *e)
{
	struct yaml *y = yaml_load_text("t.yaml", text, strlen(text), e);
	int rc;

	assert_non_null(y);
	rc = impairment_set_yaml(s, y, yaml_root(y), e);
	yaml_free(y);
	return rc;
}

static void assert_yaml_refused(const char *text, const char *said)
{
	struct impairment_set *s = impairment_set_new();
	struct err e = {{0}};

	assert_int_equal(from_yaml(s, text, &e), -1);
	if (!strstr(e.text, said))
		fail_msg("'%s' gave '%s'", text, e.text);
	impairment_set_free(s);
}

static void name_alone_has_every_default(void **state)
{
	struct impairment_set *s = impairment_set_new();
	struct err e;

	(void)state;
	assert_int_equal(impairment_set_text(s, "delayed_ack", &e), 0);
	assert_described(s, "delayed_ack{timer=200ms,every=2,count=segments,direction=downstream}");
	assert_int_equal(s->inst[0].leg, IMPAIR_LEG_RECEIVING);
	assert_false(s->inst[0].leg_given);
	assert_true(impairment_set_needs_packets(s));
	impairment_set_free(s);
}

static void description_can_be_read_back(void **state)
{
	struct impairment_set *s = impairment_set_new(), *again = impairment_set_new();
	struct err e;
	char *text;

	(void)state;
	assert_int_equal(
	    impairment_set_text(s,
				" delayed_ack{ every = 1, timer=1.5s ,count=full_sized,"
				"direction=both,leg=server,on=sibling} ",
				&e),
	    0);
	text = impairment_set_describe(s);
	assert_int_equal(impairment_set_text(again, text, &e), 0);
	assert_described(again, text);
	free(text);
	impairment_set_free(s);
	impairment_set_free(again);
}

static void yaml_and_text_mean_the_same(void **state)
{
	struct impairment_set *s = impairment_set_new();
	struct err e = {{0}};

	(void)state;
	if (from_yaml(s,
		      "- delayed_ack: {timer: 100ms, every: 3, on: sibling}\n"
		      "- delayed_ack\n"
		      "- delayed_ack{timer=1s}\n",
		      &e) == -1)
		fail_msg("%s", e.text);
	assert_int_equal(s->n, 3);
	assert_string_equal(s->inst[1].name, "delayed_ack#2");
	assert_string_equal(s->inst[0].traffic, "sibling");
	assert_described(
	    s, "delayed_ack{timer=100ms,every=3,count=segments,direction=downstream,on=sibling}, "
	       "delayed_ack{timer=200ms,every=2,count=segments,direction=downstream}, "
	       "delayed_ack{timer=1s,every=2,count=segments,direction=downstream}");
	impairment_set_free(s);
}

static void empty_list_is_none(void **state)
{
	struct impairment_set *s = impairment_set_new();
	struct err e;

	(void)state;
	assert_int_equal(from_yaml(s, "[]", &e), 0);
	assert_described(s, "none");
	assert_false(impairment_set_needs_packets(s));
	impairment_set_free(s);
}

static void errors_in_text_say_what_would_be_accepted(void **state)
{
	(void)state;
	assert_text_refused("delay_ack", "did you mean 'delayed_ack'");
	assert_text_refused("", "is no impairment");
	assert_text_refused("throttle", "is no impairment of wedge; bandwidth{rate=...} limits");
	assert_text_refused("Reset_Peer{timeout=0}", "reset sends RST to the client");
	assert_text_refused("timeout{timeout=1s}", "drop eats what comes from a point on");
	assert_text_refused("delayed_ack{timr=1s}", "did you mean 'timer'");
	assert_text_refused("delayed_ack{zzzzzz=1}",
			    "it has timer, every, count, and those that all impairments have");
	assert_text_refused("delayed_ack{timer=200}", "timer");
	assert_text_refused("delayed_ack{timer=200}", "200");
	assert_text_refused("delayed_ack{every=0}", "1");
	assert_text_refused("connection_limit{limit=3,only_first=3}", "since the first 3 never");
	assert_text_refused("worker_pool{only_first=1}", "has to be larger");
	assert_text_refused("refuse{session=3}", "past that");
	assert_text_refused("stall{session=3,nth=2}", "have none to choose among");
	assert_text_refused("worker_pool{for=1s}", "acts between sessions");
	assert_text_refused("tls_delay{framing=line,per=message}", "tls-record");
	assert_text_refused("tls_truncate{framing=line,per=message}", "behind the message");
	assert_text_refused("delayed_ack{every=256}", "255");
	assert_text_refused("delayed_ack{count=fullsized}", "full_sized");
	assert_text_refused("delayed_ack{direction=down}", "downstream");
	assert_text_refused("delayed_ack{timer}", "name=value");
	assert_text_refused("delayed_ack{timer=1s", "closing '}'");
	assert_text_refused("delayed_ack{timer=1s,timer=2s}", "twice");
}

static void errors_in_yaml_say_where(void **state)
{
	(void)state;
	assert_yaml_refused("delayed_ack", "t.yaml:1:1: impairments are a list");
	assert_yaml_refused("- delayed_akc: {}", "t.yaml:1:3: ");
	assert_yaml_refused("- delayed_ack: {timer: 1s,\n   evry: 2}", "t.yaml:2:4: ");
	assert_yaml_refused("- delayed_ack: {timer: [1s]}", "t.yaml:1:24: ");
	assert_yaml_refused("- delayed_ack: 3s", "mapping");
	assert_yaml_refused("- {delayed_ack: {}, stall: {}}", "one name");
	assert_yaml_refused("- [delayed_ack]", "one name");
	assert_yaml_refused("- delayed_ack{timer=7}", "t.yaml:1:3: ");
}

static void one_parameter_of_a_named_instance_is_changed(void **state)
{
	struct impairment_set *s = impairment_set_new();
	struct err e;

	(void)state;
	assert_int_equal(impairment_set_param(s, "delayed_ack", "timer", "1s", &e), -1);
	assert_int_equal(impairment_set_text(s, "delayed_ack", &e), 0);
	assert_int_equal(impairment_set_text(s, "delayed_ack", &e), 0);
	assert_int_equal(impairment_set_param(s, "delayed_ack#2", "timer", "100ms", &e), 0);
	assert_described(s, "delayed_ack{timer=200ms,every=2,count=segments,direction=downstream}, "
			    "delayed_ack{timer=100ms,every=2,count=segments,direction=downstream}");
	assert_int_equal(impairment_set_param(s, "delayed_akc", "timer", "1s", &e), -1);
	assert_non_null(strstr(e.text, "did you mean 'delayed_ack'"));
	impairment_set_free(s);
}

static void leg_on_forwarded_connections_is_refused(void **state)
{
	struct impairment_set *s = impairment_set_new();
	struct err e;

	(void)state;
	assert_int_equal(impairment_set_text(s, "delayed_ack{leg=server}", &e), 0);
	assert_int_equal(impairment_set_check(s, false, &e), 0);
	assert_int_equal(impairment_set_check(s, true, &e), -1);
	assert_non_null(strstr(e.text, "one leg"));
	impairment_set_free(s);
}

static void who_needs_the_server_leg_is_named(void **state)
{
	static const struct {
		const char *text;
		bool needs;
	} cases[] = {
	    {"vanish", false}, /* both unless one is named: the client's is enough */
	    {"vanish{leg=both}", true},
	    {"vanish{leg=client}", false},
	    {"syn_drop{leg=server}", true},
	    {"syn_drop", false},
	    {"delayed_ack", true},
	    {"delayed_ack{direction=upstream}", false},
	    {"delayed_ack{leg=client}", false},
	    {"stall", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct impairment_set *s = impairment_set_new();
		const char *name;

		assert_int_equal(impairment_set_text(s, "stall", NULL), 0);
		assert_int_equal(impairment_set_text(s, cases[i].text, NULL), 0);
		name = impairment_set_on_server_leg(s);
		if (cases[i].needs)
			assert_string_equal(name, s->inst[1].name);
		else
			assert_null(name);
		impairment_set_free(s);
	}
}

static void copy_keeps_names_and_places(void **state)
{
	struct impairment_set *s = impairment_set_new(), *copy;
	struct err e;

	(void)state;
	assert_int_equal(impairment_set_text(s, "delayed_ack{on=sibling}", &e), 0);
	assert_int_equal(impairment_set_text(s, "delayed_ack", &e), 0);
	copy = impairment_set_copy(s);
	impairment_set_free(s); /* the copy shares nothing with it */
	assert_int_equal(copy->n, 2);
	assert_string_equal(copy->inst[0].traffic, "sibling");
	assert_int_equal(copy->inst[1].index, 1);
	assert_string_equal(copy->inst[1].name, "delayed_ack#2");
	assert_ptr_equal(copy->alone.set, copy);
	impairment_set_free(copy);
}

static void every_kind_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; impairment_kinds[i]; i++) {
		const struct impairment *im = impairment_kinds[i];
		struct impairment_set *s = impairment_set_new();
		struct err e = {{0}};

		assert_true(!(im->stream || im->accept) != !im->packet); /* exactly one plane */
		assert_ptr_equal(impairment_find(im->name), im);
		assert_true(*im->summary && *im->doc);
		for (const struct param *p = im->params; p->name; p++) {
			assert_true(p->help && *p->help);
			if (param_find(impair_common_params, p->name) &&
			    strcmp(p->name, "every") != 0) /* delayed_ack's own */
				fail_msg("%s.%s hides a common parameter", im->name, p->name);
		}
		if (impairment_set_text(s, im->example, &e) == -1)
			fail_msg("%s", e.text);
		impairment_set_free(s);
	}
}

struct counted {
	int inits, *finis;
};

static int finis;

static void counted_init(void *shared, const struct env *env, const void *cfg)
{
	struct counted *c = shared;

	assert_non_null(env);
	assert_non_null(cfg);
	c->inits++;
	c->finis = &finis;
}

static void counted_fini(void *shared)
{
	++*((struct counted *)shared)->finis;
}

static void network_fault_of_a_host_is_on_its_link(void **state)
{
	struct impairment_set *s = impairment_set_new();
	struct err e;

	(void)state;
	for (const char *k = "loss\0delay\0reorder\0duplicate\0mtu_blackhole\0"; *k;
	     k += strlen(k) + 1)
		assert_int_equal(impairment_set_text(s, k, &e), 0);
	assert_int_equal(impairment_set_text(s, "zero_window", &e), 0);
	assert_int_equal(impairment_set_text(s, "loss{leg=client}", &e), 0);
	for (size_t i = 0; i < s->n; i++) {
		assert_int_equal(s->inst[i].leg, IMPAIR_LEG_CLIENT);
		impair_inst_set_side(&s->inst[i], "server");
		assert_int_equal(s->inst[i].leg, i < 5 ? IMPAIR_LEG_SERVER : IMPAIR_LEG_CLIENT);
	}
	impairment_set_free(s);
}

static void stages_of_an_instance_share_its_state(void **state)
{
	static const struct param none[] = {P_END};
	static const struct pkt_ops ops = {.open = pkt_default_open,
					   .packet = pkt_default_packet,
					   .timer = pkt_default_timer,
					   .update = pkt_default_update,
					   .drain = pkt_default_drain,
					   .close = pkt_default_close};
	static const struct impairment kind = {.name = "counted",
					       .params = none,
					       .cfg_size = 1,
					       .packet = &ops,
					       .default_leg = IMPAIR_LEG_BOTH,
					       .shared_size = sizeof(struct counted),
					       .shared_init = counted_init,
					       .shared_fini = counted_fini};
	struct env env = {.clock = &clock_monotonic, .timers = timerq_new()};
	struct pkt_conn a = {.env = &env}, b = {.env = &env};
	struct impairment_set *s = impairment_set_new(), *copy;
	struct pkt_hooks hooks = impair_proxy_pkt_hooks(&s->alone);

	(void)state;
	impairment_set_append(s, &kind);
	impairment_set_append(s, &kind);
	hooks.open(hooks.arg, &a);
	hooks.open(hooks.arg, &b);
	assert_non_null(a.first->shared);
	assert_ptr_equal(a.first->shared, b.first->shared);
	assert_ptr_not_equal(a.first->shared, a.last->shared);
	assert_int_equal(((struct counted *)a.first->shared)->inits, 1);
	copy = impairment_set_copy(s);
	assert_null(copy->inst[0].live);
	for (int i = 0; i < 2; i++) {
		pkt_stage_detach(a.first);
		pkt_stage_detach(b.first);
	}
	hooks.close(hooks.arg, &a);
	hooks.close(hooks.arg, &b);
	impairment_set_free(copy);
	assert_int_equal(finis, 0);
	impairment_set_stop(s);
	impairment_set_free(s);
	assert_int_equal(finis, 2);
	timerq_free(env.timers);
}

/* Both kinds, as YAML has them: a value copied from a scenario means the same here. */
static void quotes_around_a_value_are_no_part_of_it(void **state)
{
	static const struct {
		const char *text, *delimiter;
	} cases[] = {
	    {"stall{framing=delimiter,delimiter='x\\n',after=1 messages}", "x\\n"},
	    {"stall{framing=delimiter,delimiter=\"x\\n\",after=1 messages}", "x\\n"},
	    {"stall{framing=delimiter, delimiter = 'a, b' ,after=1 messages}", "a, b"},
	    {"stall{framing=delimiter,delimiter='it''s',after=1 messages}", "it's"},
	    {"stall{framing=delimiter,delimiter=\"'\",after=1 messages}", "'"},
	    {"stall{framing=delimiter,delimiter='\"',after=1 messages}", "\""},
	    {"stall{framing=delimiter,delimiter=a'b,after=1 messages}", "a'b"},
	    {"stall{framing=delimiter,after=1 messages,delimiter='}'}", "}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct impairment_set *s = impairment_set_new(), *again = impairment_set_new();
		struct err e;
		char *text;

		if (impairment_set_text(s, cases[i].text, &e) == -1)
			fail_msg("%s: %s", cases[i].text, e.text);
		assert_string_equal(s->inst[0].when.delimiter, cases[i].delimiter);
		text = impairment_set_describe(s);
		assert_int_equal(impairment_set_text(again, text, &e), 0);
		assert_string_equal(again->inst[0].when.delimiter, cases[i].delimiter);
		free(text);
		impairment_set_free(again);
		impairment_set_free(s);
	}
	assert_text_refused("stall{framing=delimiter,delimiter='x}", "lacks its closing quote");
	assert_text_refused("stall{framing=delimiter,delimiter='x,after=1 messages}",
			    "lacks its closing quote");
	assert_text_refused("stall{framing=delimiter,delimiter='a'b'}", "written twice");
}

static void assert_drawer(const char *first, const char *second, const char *name)
{
	struct impairment_set *s = impairment_set_new();
	const char *drawer;
	struct err e;

	if (impairment_set_text(s, first, &e) == -1 || impairment_set_text(s, second, &e) == -1)
		fail_msg("%s, %s: %s", first, second, e.text);
	drawer = impairment_set_drawer(s);
	assert_string_equal(drawer ? drawer : "none", name);
	impairment_set_free(s);
}

static void what_the_seed_decides_for_each_session_is_named(void **state)
{
	(void)state;
	assert_drawer("cut{after=1KB,nth=3}", "latency{delay=1ms}", "none");
	assert_drawer("slicer{size=10B}", "corrupt{mode=zero,share=100%}", "none");
	assert_drawer("cut", "stall{probability=50%}", "stall");
	assert_drawer("cut{after=1KB..2KB}", "stall", "cut");
	assert_drawer("cut", "latency{jitter=1ms}", "latency");
	assert_drawer("cut", "slicer{size=10B,variation=2B}", "slicer");
	assert_drawer("cut", "corrupt{mode=zero,share=1%}", "corrupt");
	assert_drawer("cut", "refuse{mode=reset,delay=1s,delay_varies=20%}", "refuse");
	assert_drawer("chaos", "cut", "chaos");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(quotes_around_a_value_are_no_part_of_it),
	    cmocka_unit_test(name_alone_has_every_default),
	    cmocka_unit_test(description_can_be_read_back),
	    cmocka_unit_test(yaml_and_text_mean_the_same),
	    cmocka_unit_test(empty_list_is_none),
	    cmocka_unit_test(errors_in_text_say_what_would_be_accepted),
	    cmocka_unit_test(errors_in_yaml_say_where),
	    cmocka_unit_test(one_parameter_of_a_named_instance_is_changed),
	    cmocka_unit_test(leg_on_forwarded_connections_is_refused),
	    cmocka_unit_test(who_needs_the_server_leg_is_named),
	    cmocka_unit_test(copy_keeps_names_and_places),
	    cmocka_unit_test(network_fault_of_a_host_is_on_its_link),
	    cmocka_unit_test(stages_of_an_instance_share_its_state),
	    cmocka_unit_test(every_kind_is_complete),
	    cmocka_unit_test(what_the_seed_decides_for_each_session_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
