/* test_tell.c - at its end an instance says on how many sessions it has acted, and else why on
 * none. LAYER: wedge_impairments set_rig */
#include "impairments/live/tell.h"
#include "tests/rig/set_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct set_rig *rig;

/* Three sessions in which the server says hello and ends. */
static void play_three(const char *impairments)
{
	rig = set_rig_new(impairments);
	for (unsigned i = 1; i <= 3; i++) {
		set_rig_open(rig, i);
		set_rig_feed(rig, i, DIR_UPSTREAM, "ask");
		set_rig_feed(rig, i, DIR_DOWNSTREAM, "hello");
		set_rig_end(rig, i, DIR_DOWNSTREAM, END_FIN);
		set_rig_advance(rig, 1 * NS_PER_MS);
	}
}

static const struct impair_tally *end(void)
{
	for (unsigned i = 1; i <= 3; i++)
		set_rig_close(rig, i);
	impairment_set_tell(set_rig_set(rig), NULL, NULL);
	return &set_rig_set(rig)->inst[0].tally;
}

static void assert_acted(const char *impairment, uint64_t sessions)
{
	play_three(impairment);
	assert_int_equal(end()->acted, sessions);
	assert_int_equal(set_rig_set(rig)->inst[0].tally.sessions, 3);
	set_rig_free(rig);
}

static void sessions_that_it_changed_count_once(void **state)
{
	(void)state;
	assert_acted("latency{delay=1s,direction=both}", 3);
	assert_acted("cut{after=2B}", 3);
	assert_acted("drop{after=2B,for=1B}", 3);
	assert_acted("corrupt", 3);
	assert_acted("hold_close", 3);
	assert_acted("reset{after=1B}", 3);
	assert_acted("refuse{mode=close}", 3);
	assert_acted("latency{delay=1s,nth=3}", 1);
	assert_acted("refuse{mode=close,only_first=2}", 2);
}

static void being_active_is_no_act(void **state)
{
	(void)state;
	assert_acted("stall{direction=upstream,after=3B}", 3); /* it stops the reading */
	assert_acted("corrupt{share=0%}", 0);
	assert_acted("cut{after=6B}", 0);
	assert_acted("slow_close{direction=upstream}", 0);
}

static void assert_reason(const char *impairment, const char *part)
{
	const char *reason;

	play_three(impairment);
	assert_int_equal(end()->acted, 0);
	reason = impair_inst_idle_reason(&set_rig_set(rig)->inst[0]);
	if (!strstr(reason, part))
		fail_msg("%s: '%s' lacks '%s'", impairment, reason, part);
	set_rig_free(rig);
}

static void what_it_lacked_is_the_reason(void **state)
{
	(void)state;
	assert_reason("cut{client=203.0.113.9}", "is for");
	assert_reason("cut{probability=0%}", "probability");
	assert_reason("refuse{mode=close,probability=0%}", "probability");
	assert_reason("cut{after=1KB}", "time never came");
	assert_reason("cut{after=1 messages,framing=delimiter,delimiter=xyz}", "framing");
	assert_reason("cut{enabled=no}", "disabled");
	assert_reason("slow_close{direction=upstream}", "nothing came");
	assert_reason("delayed_ack", "passed wedge");
}

static void removed_one_tells_in_the_journal(void **state)
{
	(void)state;
	play_three("latency{delay=1s} + cut{after=1KB}");
	assert_true(set_rig_apply(rig, "cut{after=1KB}"));
	assert_non_null(strstr(set_rig_journal(rig),
			       "\"event\":\"impairment\",\"impairment\":\"latency\","
			       "\"sessions\":3,\"acted\":3"));
	assert_null(strstr(set_rig_journal(rig), "\"impairment\":\"cut\""));
	(void)end();
	set_rig_free(rig);
}

static void without_a_session_it_tells_so(void **state)
{
	(void)state;
	rig = set_rig_new("cut");
	impairment_set_tell(set_rig_set(rig), NULL, NULL);
	assert_non_null(
	    strstr(impair_inst_idle_reason(&set_rig_set(rig)->inst[0]), "no session came"));
	set_rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sessions_that_it_changed_count_once),
	    cmocka_unit_test(being_active_is_no_act),
	    cmocka_unit_test(what_it_lacked_is_the_reason),
	    cmocka_unit_test(removed_one_tells_in_the_journal),
	    cmocka_unit_test(without_a_session_it_tells_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
