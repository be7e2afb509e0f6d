/* test_ack_debts.c - what was read is acknowledged by what is sent back, or by an ACK after 2 ms.
 * LAYER: wedge_stream stage_rig */
#include "proxy/stream/ack_debts.h"
#include "tests/rig/stage_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static unsigned acks[3]; /* that each socket has sent */

static void count_ack(int fd)
{
	acks[fd]++;
}

struct world {
	struct rig *rig;
	struct ack_debts debts;
	struct ack_debt debt[3];
};

static int begin(void **state)
{
	static struct world w;

	w = (struct world){.rig = rig_new(NULL, NULL)};
	acks[0] = acks[1] = acks[2] = 0;
	ack_debts_init(&w.debts, rig_flow(w.rig)->env, count_ack);
	*state = &w;
	return 0;
}

static int finish(void **state)
{
	struct world *w = *state;

	ack_debts_fini(&w->debts);
	assert_int_equal(rig_next_due(w->rig), INT64_MAX);
	rig_free(w->rig);
	return 0;
}

static void owe(struct world *w, int fd)
{
	ack_debts_owe(&w->debts, &w->debt[fd], fd);
}

static void an_ack_goes_by_itself_after_the_patience(void **state)
{
	struct world *w = *state;

	owe(w, 1);
	rig_advance(w->rig, ACK_DEBT_PATIENCE - 1);
	assert_int_equal(acks[1], 0);
	rig_advance(w->rig, 1);
	assert_int_equal(acks[1], 1);
	rig_advance(w->rig, 10 * ACK_DEBT_PATIENCE);
	assert_int_equal(acks[1], 1);
}

static void bytes_that_go_back_take_it_along(void **state)
{
	struct world *w = *state;

	owe(w, 1);
	ack_debts_settle(&w->debts, &w->debt[1]);
	rig_advance(w->rig, 10 * ACK_DEBT_PATIENCE);
	assert_int_equal(acks[1], 0);
}

static void a_sender_that_goes_on_waits_no_longer(void **state)
{
	struct world *w = *state;

	owe(w, 1);
	for (int i = 0; i < 4; i++) {
		rig_advance(w->rig, ACK_DEBT_PATIENCE / 4);
		owe(w, 1);
	}
	assert_int_equal(acks[1], 1);
	rig_advance(w->rig, ACK_DEBT_PATIENCE);
	assert_int_equal(acks[1], 2);
}

static void each_socket_has_its_own_time(void **state)
{
	struct world *w = *state;

	owe(w, 0);
	owe(w, 1);
	rig_advance(w->rig, ACK_DEBT_PATIENCE / 2);
	owe(w, 2);
	ack_debts_settle(&w->debts, &w->debt[0]);
	rig_advance(w->rig, ACK_DEBT_PATIENCE / 2);
	assert_int_equal(acks[0], 0);
	assert_int_equal(acks[1], 1);
	assert_int_equal(acks[2], 0);
	rig_advance(w->rig, ACK_DEBT_PATIENCE / 2);
	assert_int_equal(acks[2], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_ack_goes_by_itself_after_the_patience, begin,
					    finish),
	    cmocka_unit_test_setup_teardown(bytes_that_go_back_take_it_along, begin, finish),
	    cmocka_unit_test_setup_teardown(a_sender_that_goes_on_waits_no_longer, begin, finish),
	    cmocka_unit_test_setup_teardown(each_socket_has_its_own_time, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
