/* test_imp_refuse.c - what a client gets that is turned away.
 * LAYER: wedge_impairments session_rig */
#include "tests/rig/session_rig.h"

#include "impairments/set/set_parse.h"
#include "proxy/base/clock.h"
#include "proxy/base/units.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment refuse_impairment;
#define KIND &refuse_impairment

static void refused(const char *params, const char *reason)
{
	struct err e = {""};

	assert_int_equal(srig_try(KIND, params, &e), -1);
	assert_non_null(strstr(e.text, reason));
}

static void each_mode_is_said_at_accept(void **state)
{
	static const struct {
		const char *params, *log;
	} cases[] = {
	    {"", "0s 1 accept refuse: refuse: refused\n"},
	    {"delay=1s", "0s 1 accept refuse after 1s: refuse: refused\n"},
	    {"mode=reset", "0s 1 accept reset: refuse: reset\n"},
	    {"mode=reset,delay=300ms", "0s 1 accept reset after 300ms: refuse: reset\n"},
	    {"mode=close", "0s 1 accept close: refuse: close\n"},
	    {"mode=silent", "0s 1 accept silent reading: refuse: silent\n"},
	    {"mode=silent,read=false", "0s 1 accept silent: refuse: silent\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct srig *r = srig_new(KIND, cases[i].params);

		assert_false(srig_open(r, 1));
		assert_string_equal(srig_log(r), cases[i].log);
		srig_free(r);
	}
}

static void a_delay_that_varies_is_drawn_for_each_session(void **state)
{
	struct srig *r = srig_new(KIND, "mode=reset,delay=200ms,delay_varies=50%");
	const char *log, *after;
	int64_t first = 0;
	unsigned others = 0;

	(void)state;
	for (unsigned i = 1; i <= 8; i++)
		assert_false(srig_open(r, i));
	log = srig_log(r);
	for (unsigned i = 0; i < 8; i++) {
		char word[UNITS_TEXT];
		int64_t delay;

		after = strstr(log, "after ");
		assert_non_null(after);
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(after + 6, ":"), after + 6);
		assert_int_equal(parse_duration(word, &delay, NULL), 0);
		assert_true(delay >= 100 * NS_PER_MS && delay <= 300 * NS_PER_MS);
		first = i ? first : delay;
		others += delay != first;
		log = after + 1;
	}
	assert_true(others >= 6);
	srig_free(r);
}

static void sessions_that_the_triggers_spare_go_on(void **state)
{
	struct srig *r = srig_new(KIND, "mode=silent");

	(void)state;
	srig_active_at_accept(r, false);
	assert_true(srig_open(r, 1));
	srig_feed(r, 1, DIR_UPSTREAM, "hello");
	assert_string_equal(srig_log(r), "0s 1 upstream hello\n");
	srig_free(r);
}

static void a_change_holds_for_new_sessions(void **state)
{
	struct srig *r = srig_new(KIND, "mode=reset");

	(void)state;
	srig_open(r, 1);
	srig_set(r, "mode=close");
	srig_open(r, 2);
	assert_string_equal(srig_log(r),
			    "0s 1 accept reset: refuse: reset\n0s 2 accept close: refuse: close\n");
	srig_free(r);
}

static bool set_refuses(const char *text)
{
	struct impairment_set *s = impairment_set_new();
	struct err e = {""};
	bool refuses;

	assert_int_equal(impairment_set_text(s, text, &e), 0);
	refuses = impair_proxy_refuses(&s->alone);
	impairment_set_free(s);
	return refuses;
}

static void sets_that_answer_syns_are_known(void **state)
{
	(void)state;
	assert_true(set_refuses("refuse"));
	assert_true(set_refuses("refuse{enabled=no}"));
	assert_false(set_refuses("refuse{mode=reset}"));
	assert_false(set_refuses("refuse{mode=silent}"));
	assert_true(set_refuses("connection_limit{deny=refused}"));
	assert_false(set_refuses("connection_limit{}"));
	assert_true(set_refuses("reset{all_at_once=true,refuse_for=1s}"));
	assert_false(set_refuses("reset{when=accept}"));
}

static void silly_values_are_refused(void **state)
{
	(void)state;
	refused("mode=silent,delay=1s", "no delay");
	refused("mode=close,read=false", "silent");
	refused("mode=drop", "mode");
	refused("delay=2h", "delay");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_mode_is_said_at_accept),
	    cmocka_unit_test(a_delay_that_varies_is_drawn_for_each_session),
	    cmocka_unit_test(sessions_that_the_triggers_spare_go_on),
	    cmocka_unit_test(a_change_holds_for_new_sessions),
	    cmocka_unit_test(sets_that_answer_syns_are_known),
	    cmocka_unit_test(silly_values_are_refused),
	};

	return cmocka_run_group_tests_name("imp_refuse", tests, NULL, NULL);
}
