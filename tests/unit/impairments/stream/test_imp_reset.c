/* test_imp_reset.c - who is reset, when, and who with him.
 * LAYER: wedge_impairments_stream session_rig */
#include "tests/rig/session_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment reset_impairment;
#define KIND &reset_impairment

static void refused(const char *params, const char *reason)
{
	struct err e = {""};

	assert_int_equal(srig_try(KIND, params, &e), -1);
	assert_non_null(strstr(e.text, reason));
}

/* As triggers do it: the stage stands in its flow and opens later. */
static struct srig *closed(const char *params)
{
	struct srig *r = srig_new(KIND, params);

	srig_active_at_accept(r, false);
	return r;
}

static void it_resets_the_side_it_is_told_when_it_opens(void **state)
{
	static const struct {
		const char *params, *log;
	} cases[] = {
	    {"side=client", "1s 1 reset client: reset: now\n"},
	    {"side=server", "1s 1 reset server: reset: now\n"},
	    {"side=both", "1s 1 reset client: reset: now\n1s 1 reset server: reset: now\n"},
	    {"side=client,when=delivered", "1s 1 reset client after delivery: reset: delivered\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct srig *r = closed(cases[i].params);

		srig_open(r, 1);
		srig_open(r, 2);
		srig_advance(r, NS_PER_S);
		assert_string_equal(srig_log(r), "");
		srig_activate(r, 1, true);
		assert_string_equal(srig_log(r), cases[i].log);
		srig_free(r);
	}
}

static void one_session_is_reset_once(void **state)
{
	struct srig *r = closed("side=client");

	(void)state;
	srig_open(r, 1);
	for (int i = 0; i < 3; i++) {
		srig_activate(r, 1, true);
		srig_activate(r, 1, false);
	}
	assert_string_equal(srig_log(r), "0s 1 reset client: reset: now\n");
	srig_free(r);
}

static void all_at_once_means_every_session_in_the_same_instant(void **state)
{
	struct srig *r = closed("side=client,all_at_once=true");

	(void)state;
	for (unsigned i = 1; i <= 4; i++)
		srig_open(r, i);
	srig_close(r, 2);
	srig_advance(r, NS_PER_S);
	srig_activate(r, 3, true);
	srig_activate(r, 1, true);
	assert_string_equal(srig_log(r), "1s 1 reset client: reset: all at once\n"
					 "1s 3 reset client: reset: all at once\n"
					 "1s 4 reset client: reset: all at once\n");
	srig_free(r);
}

static void afterwards_new_clients_are_refused_for_a_while(void **state)
{
	struct srig *r = closed("side=client,all_at_once=true,refuse_for=5s");

	(void)state;
	assert_true(srig_open(r, 1));
	srig_advance(r, NS_PER_S);
	srig_activate(r, 1, true);
	srig_log_clear(r);
	assert_false(srig_open(r, 2));
	srig_advance(r, 5 * NS_PER_S - 1);
	assert_false(srig_open(r, 3));
	srig_advance(r, 1);
	assert_true(srig_open(r, 4));
	assert_non_null(strstr(srig_log(r), "1s 2 accept refuse: reset: refused for a while\n"));
	srig_log_clear(r);
	srig_advance(r, NS_PER_S);
	srig_activate(r, 4, true);
	assert_string_equal(srig_log(r), "7s 4 reset client: reset: all at once\n");
	srig_free(r);
}

static void refuse_for_can_be_changed_while_it_runs(void **state)
{
	struct srig *r = closed("all_at_once=true,refuse_for=5s");

	(void)state;
	srig_open(r, 1);
	srig_activate(r, 1, true);
	srig_advance(r, 2 * NS_PER_S);
	srig_set(r, "refuse_for=1s");
	assert_true(srig_open(r, 2));
	srig_set(r, "refuse_for=3s");
	assert_false(srig_open(r, 3));
	srig_free(r);
}

static void at_accept_the_client_is_reset_and_nobody_dialled(void **state)
{
	struct srig *r = srig_new(KIND, "when=accept");

	(void)state;
	assert_false(srig_open(r, 1));
	assert_string_equal(srig_log(r), "0s 1 accept reset: reset: accept\n");
	srig_active_at_accept(r, false);
	assert_true(srig_open(r, 2));
	srig_free(r);
}

static void at_connect_the_named_sides_are(void **state)
{
	struct srig *r = srig_new(KIND, "when=connect,side=server");

	(void)state;
	assert_true(srig_open(r, 1));
	srig_set(r, "side=both");
	assert_true(srig_open(r, 2));
	assert_string_equal(srig_log(r), "0s 1 accept connected server: reset: connect\n"
					 "0s 2 accept connected client server: reset: connect\n");
	srig_free(r);
}

static void bytes_pass_until_then(void **state)
{
	struct srig *r = closed("");

	(void)state;
	srig_open(r, 1);
	srig_feed(r, 1, DIR_DOWNSTREAM, "bytes");
	srig_end(r, 1, DIR_DOWNSTREAM, END_FIN);
	assert_string_equal(srig_log(r), "0s 1 downstream bytes\n0s 1 downstream FIN\n");
	srig_free(r);
}

static void silly_values_are_refused(void **state)
{
	(void)state;
	refused("side=server,when=accept", "no server yet");
	refused("all_at_once=true,when=delivered", "when=now");
	refused("refuse_for=1s", "all_at_once");
	refused("when=later", "when");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_resets_the_side_it_is_told_when_it_opens),
	    cmocka_unit_test(one_session_is_reset_once),
	    cmocka_unit_test(all_at_once_means_every_session_in_the_same_instant),
	    cmocka_unit_test(afterwards_new_clients_are_refused_for_a_while),
	    cmocka_unit_test(refuse_for_can_be_changed_while_it_runs),
	    cmocka_unit_test(at_accept_the_client_is_reset_and_nobody_dialled),
	    cmocka_unit_test(at_connect_the_named_sides_are),
	    cmocka_unit_test(bytes_pass_until_then),
	    cmocka_unit_test(silly_values_are_refused),
	};

	return cmocka_run_group_tests_name("imp_reset", tests, NULL, NULL);
}
