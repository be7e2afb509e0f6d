/* test_imp_connection_limit.c - so many sessions and no more; slots may leak.
 * LAYER: wedge_impairments_stream session_rig */
#include "tests/rig/session_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment connection_limit_impairment;
#define KIND &connection_limit_impairment

static void refused(const char *params, const char *reason)
{
	struct err e = {""};

	assert_int_equal(srig_try(KIND, params, &e), -1);
	assert_non_null(strstr(e.text, reason));
}

static void the_one_too_many_is_denied_and_the_others_are_not_touched(void **state)
{
	struct srig *r = srig_new(KIND, "limit=2,key=proxy");

	(void)state;
	assert_true(srig_open(r, 1));
	assert_true(srig_open(r, 2));
	assert_false(srig_open(r, 3));
	srig_feed(r, 1, DIR_DOWNSTREAM, "still");
	assert_string_equal(
	    srig_log(r), "0s 3 accept close reading: connection_limit: 2 of 2 sessions are open\n"
			 "0s 1 downstream still\n");
	srig_close(r, 1);
	assert_true(srig_open(r, 4));
	assert_false(srig_open(r, 5));
	srig_free(r);
}

static void each_client_has_slots_of_his_own(void **state)
{
	static const char *const clients[] = {"192.0.2.1", "192.0.2.2", "2001:db8::1",
					      "2001:db8::2"};
	struct srig *r = srig_new(KIND, "limit=32,key=client");
	unsigned session = 1;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
		srig_client(r, clients[i]);
		for (int n = 0; n < 32; n++)
			assert_true(srig_open(r, session++));
		for (int n = 0; n < 8; n++)
			assert_false(srig_open(r, session++));
	}
	srig_free(r);
}

static void the_addresses_of_one_user_share_slots(void **state)
{
	struct srig *r = srig_new(KIND, "limit=2;one_user=192.0.2.1,192.0.2.3");

	(void)state;
	srig_client(r, "192.0.2.1");
	assert_true(srig_open(r, 1));
	srig_client(r, "192.0.2.3");
	assert_true(srig_open(r, 2));
	assert_false(srig_open(r, 3));
	srig_client(r, "192.0.2.2");
	assert_true(srig_open(r, 4));
	srig_close(r, 1);
	srig_client(r, "192.0.2.3");
	assert_true(srig_open(r, 5));
	srig_client(r, "192.0.2.1");
	assert_false(srig_open(r, 6));
	srig_free(r);
	refused("limit=2;one_user=192.0.2.1,alice", "one_user");
	refused("key=proxy,one_user=192.0.2.1", "one_user");
}

static void each_way_to_deny_is_said_at_accept(void **state)
{
	static const struct {
		const char *params, *log;
	} cases[] = {
	    {"limit=0,deny=reset", "accept reset reading: "},
	    {"limit=0,deny=close", "accept close reading: "},
	    {"limit=0,deny=silent", "accept silent reading: "},
	    {"limit=0,deny=reply,reply=no\\x21\\\\", "accept close reading 'no!\\': "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct srig *r = srig_new(KIND, cases[i].params);

		assert_false(srig_open(r, 1));
		assert_non_null(strstr(srig_log(r), cases[i].log));
		srig_free(r);
	}
}

static void leaked_slots_are_used_until_they_expire(void **state)
{
	struct srig *r = srig_new(KIND, "limit=2,leak=true,expire=10s");

	(void)state;
	srig_open(r, 1);
	srig_close(r, 1);
	srig_advance(r, 4 * NS_PER_S);
	srig_open(r, 2);
	srig_close(r, 2);
	assert_false(srig_open(r, 3));
	srig_advance(r, 6 * NS_PER_S - 1);
	assert_false(srig_open(r, 4));
	srig_advance(r, 1);
	assert_true(srig_open(r, 5));
	assert_false(srig_open(r, 6));
	srig_advance(r, 4 * NS_PER_S);
	assert_true(srig_open(r, 7));
	assert_non_null(strstr(srig_journal(r), "slot_leaked"));
	assert_non_null(strstr(srig_journal(r), "slot_freed"));
	srig_free(r);
}

static void a_denied_session_has_no_slot_to_leak(void **state)
{
	struct srig *r = srig_new(KIND, "limit=1,leak=true,expire=10s");

	(void)state;
	srig_open(r, 1);
	for (unsigned i = 2; i < 10; i++)
		assert_false(srig_open(r, i));
	srig_close(r, 1);
	srig_advance(r, 10 * NS_PER_S);
	assert_true(srig_open(r, 10));
	srig_free(r);
}

static void sessions_are_counted_while_nothing_is_denied(void **state)
{
	struct srig *r = srig_new(KIND, "limit=2");

	(void)state;
	srig_active_at_accept(r, false);
	for (unsigned i = 1; i <= 5; i++)
		assert_true(srig_open(r, i));
	srig_active_at_accept(r, true);
	assert_false(srig_open(r, 6));
	for (unsigned i = 1; i <= 4; i++)
		srig_close(r, i);
	assert_true(srig_open(r, 7));
	srig_free(r);
}

static void a_change_holds_for_new_sessions_and_for_leaked_slots(void **state)
{
	struct srig *r = srig_new(KIND, "limit=1,leak=true,expire=10s");

	(void)state;
	srig_open(r, 1);
	assert_false(srig_open(r, 2));
	srig_set(r, "limit=2");
	assert_true(srig_open(r, 3));
	srig_close(r, 1);
	srig_close(r, 3);
	assert_false(srig_open(r, 4));
	srig_advance(r, NS_PER_S);
	srig_set(r, "expire=1s");
	assert_true(srig_open(r, 5));
	srig_close(r, 5);
	srig_set(r, "limit=1,leak=false");
	assert_true(srig_open(r, 6));
	srig_free(r);
}

static void silly_values_are_refused(void **state)
{
	(void)state;
	refused("deny=reply", "needs a reply");
	refused("reply=x", "deny=reply");
	refused("deny=reply,reply=\\q", "escape");
	refused("deny=reply,reply=\\x1", "escape");
	refused("limit=-1", "limit");
	refused("expire=0", "expire");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_one_too_many_is_denied_and_the_others_are_not_touched),
	    cmocka_unit_test(each_client_has_slots_of_his_own),
	    cmocka_unit_test(the_addresses_of_one_user_share_slots),
	    cmocka_unit_test(each_way_to_deny_is_said_at_accept),
	    cmocka_unit_test(leaked_slots_are_used_until_they_expire),
	    cmocka_unit_test(a_denied_session_has_no_slot_to_leak),
	    cmocka_unit_test(sessions_are_counted_while_nothing_is_denied),
	    cmocka_unit_test(a_change_holds_for_new_sessions_and_for_leaked_slots),
	    cmocka_unit_test(silly_values_are_refused),
	};

	return cmocka_run_group_tests_name("imp_connection_limit", tests, NULL, NULL);
}
