/* test_watch_state.c - news of a run become what the page asks for: phases in turn, the last of
 * each state, and nothing of what no message is. LAYER: wedge_watch */
#include "scenarios/watch/watch_state.h"

#include "proxy/base/clock.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void take(struct watch_state *s, const char *text, int64_t now)
{
	json_t *m = json_loads(text, 0, NULL);

	watch_state_take(s, m, now);
	json_decref(m);
}

static void play(struct watch_state *s)
{
	take(s,
	     "{\"type\":\"scenario\",\"name\":\"a\",\"phases\":[\"baseline\",\"impaired\"],"
	     "\"seed\":7}",
	     0);
	take(s, "{\"type\":\"phase\",\"index\":0,\"expected\":60}", 10 * NS_PER_S);
}

/* Compares what the answer has at a path of keys and places with that JSON, and takes it. */
static void expect(json_t *answer, const char *wanted)
{
	json_t *w = json_loads(wanted, JSON_DECODE_ANY, NULL);
	char *got = json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS);

	if (!json_equal(answer, w))
		assert_string_equal(got, wanted);
	free(got);
	json_decref(w);
	json_decref(answer);
}

static json_t *phases_at(const struct watch_state *s, int64_t now)
{
	json_t *run = watch_state_run(s, now);
	json_t *phases = json_incref(json_object_get(json_object_get(run, "scenario"), "phases"));

	json_decref(run);
	return phases;
}

static void test_phases_come_in_turn(void **state)
{
	struct watch_state s = {0};

	(void)state;
	play(&s);
	take(&s, "{\"type\":\"exchanges\",\"exchanges\":20}", 11 * NS_PER_S);
	expect(phases_at(&s, 12 * NS_PER_S),
	       "[{\"label\":\"baseline\",\"state\":\"now\",\"exchanges\":20,\"expected\":60,"
	       "\"seconds\":2.0},{\"label\":\"impaired\",\"state\":\"waiting\"}]");
	take(&s, "{\"type\":\"phase_done\",\"exchanges\":60,\"summary\":\"1 ms\"}", 13 * NS_PER_S);
	expect(phases_at(&s, 99 * NS_PER_S),
	       "[{\"label\":\"baseline\",\"state\":\"done\",\"exchanges\":60,\"expected\":60,"
	       "\"seconds\":3.0,\"summary\":\"1 ms\"},{\"label\":\"impaired\",\"state\":"
	       "\"waiting\"}]");
	watch_state_fini(&s);
}

static void test_another_scenario_begins_anew(void **state)
{
	struct watch_state s = {0};

	(void)state;
	play(&s);
	take(&s, "{\"type\":\"verdict\",\"verdict\":\"reproduced\"}", 0);
	take(&s, "{\"type\":\"scenario\",\"name\":\"b\",\"phases\":[]}", 0);
	expect(
	    watch_state_run(&s, 0),
	    "{\"played\":2,\"ended\":false,\"past\":[{\"name\":\"a\",\"verdict\":\"reproduced\"}],"
	    "\"scenario\":{\"name\":\"b\",\"phases\":[]}}");
	watch_state_fini(&s);
}

static void test_a_phase_has_no_state_of_the_one_before(void **state)
{
	struct watch_state s = {0};

	(void)state;
	play(&s);
	take(&s,
	     "{\"type\":\"state\",\"stats\":{\"seconds\":1.0,\"proxies\":[{\"name\":\"p\",\"mode\":"
	     "\"explicit\"}]},\"sessions\":{\"sessions\":[1]},\"impairments\":[2]}",
	     0);
	expect(watch_state_sessions(&s), "{\"sessions\":[1]}");
	expect(watch_state_proxies(&s), "{\"proxies\":[{\"name\":\"p\",\"mode\":\"explicit\","
					"\"enabled\":true,\"impairments\":[2]}]}");
	take(&s, "{\"type\":\"phase\",\"index\":1,\"expected\":0}", 0);
	expect(watch_state_sessions(&s), "{\"sessions\":[]}");
	expect(watch_state_stats(&s, 3 * NS_PER_S),
	       "{\"seconds\":3.0,\"proxies\":[],\"packets\":{\"received\":0,\"dropped\":0,"
	       "\"held\":0}}");
	watch_state_fini(&s);
}

static void test_what_is_no_news_is_passed_over(void **state)
{
	static const char *const texts[] = {
	    "[]",
	    "{}",
	    "{\"type\":7}",
	    "{\"type\":\"phase\",\"index\":5}",
	    "{\"type\":\"phase_done\"}",
	    "{\"type\":\"exchanges\"}",
	    "{\"type\":\"report\",\"folder\":\"x\"}",
	    "{\"type\":\"unheard\"}",
	};
	struct watch_state s = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		take(&s, texts[i], 0);
	expect(watch_state_run(&s, 0), "{\"played\":0,\"ended\":false}");
	take(&s, "{\"type\":\"end\"}", 0);
	expect(watch_state_run(&s, 0), "{\"played\":0,\"ended\":true}");
	watch_state_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_phases_come_in_turn),
	    cmocka_unit_test(test_another_scenario_begins_anew),
	    cmocka_unit_test(test_a_phase_has_no_state_of_the_one_before),
	    cmocka_unit_test(test_what_is_no_news_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
