/* test_imp_tls_delay.c - flights and records of a handshake come late, application data doesn't.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <event2/buffer.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment tls_delay_impairment;
#define DELAY &tls_delay_impairment

static void feed_record(struct rig *r, unsigned char type, size_t content)
{
	struct evbuffer *buf = evbuffer_new();
	unsigned char header[] = {type, 3, 3, 0, (unsigned char)content};

	evbuffer_add(buf, header, sizeof(header));
	while (content--)
		evbuffer_add(buf, "c", 1);
	flow_push(rig_flow(r), buf);
	evbuffer_free(buf);
}

static void each_flight_comes_late_and_together(void **state)
{
	struct imp *m = imp_new(DELAY, "delay=300ms");

	(void)state;
	feed_record(m->rig, 22, 4);
	rig_advance(m->rig, 100 * NS_PER_MS);
	feed_record(m->rig, 22, 3);
	rig_advance(m->rig, 900 * NS_PER_MS);
	feed_record(m->rig, 20, 1);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "300ms 17B\n1.3s 6B\n");
	imp_free(m);
}

static void each_record_comes_behind_the_one_before_it(void **state)
{
	struct imp *m = imp_new(DELAY, "delay=300ms,each=record");

	(void)state;
	feed_record(m->rig, 22, 4);
	feed_record(m->rig, 22, 3);
	feed_record(m->rig, 23, 2);
	rig_advance(m->rig, 400 * NS_PER_MS);
	feed_record(m->rig, 23, 1);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "300ms 9B\n600ms 8B\n900ms 13B\n");
	feed_record(m->rig, 23, 100);
	assert_int_equal(rig_next_due(m->rig), INT64_MAX);
	imp_free(m);
}

static void application_data_is_not_late(void **state)
{
	struct imp *m = imp_new(DELAY, "delay=300ms");

	(void)state;
	feed_record(m->rig, 22, 4);
	feed_record(m->rig, 23, 2);
	rig_settle(m->rig);
	rig_advance(m->rig, 700 * NS_PER_MS);
	feed_record(m->rig, 23, 2);
	feed_record(m->rig, 22, 1);
	assert_string_equal(rig_log(m->rig), "300ms 16B\n1s 7B\n1s 6B\n");
	imp_free(m);
}

static void what_is_no_tls_is_not_late(void **state)
{
	struct imp *m = imp_new(DELAY, "delay=300ms,each=record");

	(void)state;
	rig_feed(m->rig, "GET /");
	rig_feed(m->rig, "\x16");
	rig_end(m->rig, END_FIN);
	assert_string_equal(rig_log(m->rig), "0s GET /\n0s 1B\n0s FIN\n");
	imp_free(m);
}

static void an_end_waits_behind_its_flight(void **state)
{
	struct imp *m = imp_new(DELAY, "delay=300ms");

	(void)state;
	feed_record(m->rig, 22, 4);
	rig_end(m->rig, END_FIN);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "300ms 9B\n300ms FIN\n");
	imp_free(m);
}

static void a_changed_delay_counts_for_the_next_flight(void **state)
{
	struct imp *m = imp_new(DELAY, "delay=300ms");

	(void)state;
	feed_record(m->rig, 22, 4);
	imp_update(m, "delay=1s");
	rig_settle(m->rig);
	feed_record(m->rig, 22, 4);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "300ms 9B\n1.3s 9B\n");
	imp_free(m);
}

static void disabled_it_lets_everything_go(void **state)
{
	struct imp *m = imp_new(DELAY, "delay=1h,each=record");

	(void)state;
	feed_record(m->rig, 22, 4);
	feed_record(m->rig, 22, 3);
	rig_end(m->rig, END_RST);
	stage_set_active(m->stage, false);
	assert_string_equal(rig_log(m->rig), "0s 17B\n0s RST\n");
	imp_free(m);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(DELAY, "delay=1s", LAW_LOSSLESS | LAW_ENDS);
	imp_laws(DELAY, "delay=10ms,each=record", LAW_LOSSLESS | LAW_ENDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_flight_comes_late_and_together),
	    cmocka_unit_test(each_record_comes_behind_the_one_before_it),
	    cmocka_unit_test(application_data_is_not_late),
	    cmocka_unit_test(what_is_no_tls_is_not_late),
	    cmocka_unit_test(an_end_waits_behind_its_flight),
	    cmocka_unit_test(a_changed_delay_counts_for_the_next_flight),
	    cmocka_unit_test(disabled_it_lets_everything_go),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_tls_delay", tests, NULL, NULL);
}
