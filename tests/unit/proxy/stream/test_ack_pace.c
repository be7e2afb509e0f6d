/* test_ack_pace.c - a source's ACK waits for the sink's; after 25 ms it goes, and reading waits.
 * LAYER: wedge_stream stage_rig */
#include "proxy/base/units.h"
#include "proxy/stream/ack_pace.h"
#include "tests/rig/stage_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A flow whose ends are numbers instead of sockets. */
struct ends {
	struct rig *rig;
	struct ack_pace pace;
	size_t unacked;
	int64_t round_trip;
	unsigned acks; /* that the source has got */
};

static size_t unacked_bytes(void *arg)
{
	return ((struct ends *)arg)->unacked;
}

static void ack_source(void *arg)
{
	((struct ends *)arg)->acks++;
}

static int64_t get_round_trip(void *arg)
{
	return ((struct ends *)arg)->round_trip;
}

static const struct ack_pace_ops ops = {
    .unacked = unacked_bytes, .ack = ack_source, .round_trip = get_round_trip};

static int begin(void **state)
{
	static struct ends ends;

	ends = (struct ends){.rig = rig_new(NULL, NULL), .round_trip = 3 * NS_PER_MS};
	ack_pace_start(&ends.pace, rig_flow(ends.rig), &ops, &ends);
	*state = &ends;
	return 0;
}

static int finish(void **state)
{
	struct ends *e = *state;

	ack_pace_stop(&e->pace);
	assert_true(rig_readable(e->rig));
	assert_int_equal(rig_next_due(e->rig), INT64_MAX);
	rig_free(e->rig);
	return 0;
}

static void source_sends(struct ends *e, size_t n)
{
	e->unacked += n;
	ack_pace_read(&e->pace);
}

static void sink_acknowledges(struct ends *e)
{
	e->unacked = 0;
	ack_pace_look(&e->pace);
}

static void source_is_acknowledged_when_the_sink_has(void **state)
{
	struct ends *e = *state;

	source_sends(e, 40);
	rig_advance(e->rig, 10 * NS_PER_MS);
	ack_pace_look(&e->pace);
	assert_int_equal(e->acks, 0);
	sink_acknowledges(e);
	assert_int_equal(e->acks, 1);
	assert_true(rig_readable(e->rig));
	rig_advance(e->rig, 1 * NS_PER_S);
	assert_int_equal(e->acks, 1);
}

static void late_ack_stops_the_reading_until_its_answer_would_come(void **state)
{
	struct ends *e = *state;

	source_sends(e, 40);
	rig_advance(e->rig, 25 * NS_PER_MS);
	assert_int_equal(e->acks, 1);
	assert_false(rig_readable(e->rig));
	rig_advance(e->rig, 175 * NS_PER_MS);
	assert_false(rig_readable(e->rig));
	sink_acknowledges(e);
	rig_advance(e->rig, 3 * NS_PER_MS - 1);
	assert_false(rig_readable(e->rig));
	rig_advance(e->rig, 1);
	assert_true(rig_readable(e->rig));
	assert_int_equal(e->acks, 1);
}

static void without_a_round_trip_reading_goes_on_at_once(void **state)
{
	struct ends *e = *state;

	e->round_trip = 0;
	source_sends(e, 40);
	rig_advance(e->rig, 100 * NS_PER_MS);
	sink_acknowledges(e);
	assert_true(rig_readable(e->rig));
}

static void source_that_does_not_wait_is_read_on(void **state)
{
	struct ends *e = *state;

	for (int i = 0; i < 20; i++) { /* it sends on every 20 ms, and gets no ACK from wedge */
		source_sends(e, 1448);
		rig_advance(e->rig, 20 * NS_PER_MS);
		assert_true(rig_readable(e->rig));
	}
	assert_int_equal(e->acks, 0);
	sink_acknowledges(e);
	assert_int_equal(e->acks, 1);
}

static void bytes_that_a_stage_keeps_are_acknowledged_at_once(void **state)
{
	struct ends *e = *state;

	ack_pace_read(&e->pace);
	assert_int_equal(e->acks, 1);
	assert_int_equal(rig_next_due(e->rig), INT64_MAX);
}

static void every_exchange_waits_anew(void **state)
{
	struct ends *e = *state;

	for (unsigned i = 1; i <= 3; i++) {
		source_sends(e, 40);
		rig_advance(e->rig, 200 * NS_PER_MS);
		assert_int_equal(e->acks, i);
		sink_acknowledges(e);
		rig_advance(e->rig, 10 * NS_PER_MS);
		assert_true(rig_readable(e->rig));
	}
}

static void end_takes_the_pause_back(void **state)
{
	struct ends *e = *state;

	source_sends(e, 40);
	rig_advance(e->rig, 100 * NS_PER_MS);
	assert_false(rig_readable(e->rig)); /* finish() asks whether it is read again */
}

static void off_it_does_nothing(void **state)
{
	struct ack_pace off = {0};

	(void)state;
	ack_pace_read(&off);
	ack_pace_look(&off);
	ack_pace_stop(&off);
}

#define PACED(test) cmocka_unit_test_setup_teardown(test, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PACED(source_is_acknowledged_when_the_sink_has),
	    PACED(late_ack_stops_the_reading_until_its_answer_would_come),
	    PACED(without_a_round_trip_reading_goes_on_at_once),
	    PACED(source_that_does_not_wait_is_read_on),
	    PACED(bytes_that_a_stage_keeps_are_acknowledged_at_once),
	    PACED(every_exchange_waits_anew),
	    PACED(end_takes_the_pause_back),
	    cmocka_unit_test(off_it_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
