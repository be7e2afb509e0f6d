/* test_imp_bandwidth.c - the rate is exact and smooth, also when served late, behind a delay and
 * shared. LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment bandwidth_impairment, latency_impairment;
#define BANDWIDTH &bandwidth_impairment
#define LATENCY	  &latency_impairment
#define MS	  NS_PER_MS

/* A sender that always has more, read whenever wedge reads. */
static void feed_while_read(struct rig *r)
{
	while (rig_readable(r))
		rig_feed_bytes(r, flow_room(rig_flow(r)) < 65536 ? flow_room(rig_flow(r)) : 65536);
}

static size_t received(const struct rig *r)
{
	size_t n;

	rig_bytes(r, &n);
	return n;
}

/* Bytes that arrive in so much time, fed all the while. */
static size_t run(struct rig *r, int64_t ns)
{
	int64_t until = rig_now(r) + ns;
	size_t before = received(r);

	while (rig_now(r) < until) {
		int64_t due;

		feed_while_read(r);
		due = rig_next_due(r);
		rig_advance(r, due > until	  ? until - rig_now(r)
			       : due > rig_now(r) ? due - rig_now(r)
						  : 0);
	}
	return received(r) - before;
}

static void the_rate_is_exact_from_slow_to_fast(void **state)
{
	static const struct {
		const char *text;
		uint64_t rate;
		int64_t seconds;
	} cases[] = {{"rate=10B/s", 10, 100},	     {"rate=1kB/s", 1000, 20},
		     {"rate=56kbit/s", 7000, 20},    {"rate=1000kB/s", 1000000, 10},
		     {"rate=333333B/s", 333333, 10}, {"rate=100MB/s", 100000000, 1}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct imp *m = imp_new(BANDWIDTH, cases[i].text);
		uint64_t want = cases[i].rate * (uint64_t)cases[i].seconds;
		size_t got = run(m->rig, cases[i].seconds * NS_PER_S);

		assert_in_range(got, want - want / 200, want);
		assert_true(rig_bytes_in_order(m->rig));
		imp_free(m);
	}
}

static void no_10_ms_are_empty_or_full_at_1000_kb_per_second(void **state)
{
	struct imp *m = imp_new(BANDWIDTH, "rate=1000kB/s");

	(void)state;
	for (int i = 0; i < 500; i++)
		assert_in_range(run(m->rig, 10 * MS), 8000, 12000);
	imp_free(m);
}

static void a_message_takes_as_long_as_its_bytes(void **state)
{
	struct imp *m = imp_new(BANDWIDTH, "rate=1kB/s");

	(void)state;
	rig_feed(m->rig, "0123456789");
	rig_settle(m->rig);
	rig_advance(m->rig, NS_PER_S);
	rig_feed(m->rig, "x");
	rig_end(m->rig, END_FIN);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "10ms 0123456789\n1.011s x\n1.011s FIN\n");
	imp_free(m);
}

static void a_burst_passes_at_once_and_fills_again_at_the_rate(void **state)
{
	struct imp *m = imp_new(BANDWIDTH, "rate=1kB/s,burst=100");

	(void)state;
	rig_feed_bytes(m->rig, 110);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "0s 100B\n10ms 10B\n");
	rig_advance(m->rig, 50 * MS);
	rig_feed_bytes(m->rig, 60);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "0s 100B\n10ms 10B\n60ms 50B\n70ms 10B\n");
	imp_free(m);
}

static void back_pressure_reaches_the_sender_soon(void **state)
{
	struct imp *m = imp_new(BANDWIDTH, "rate=100kB/s");

	(void)state;
	rig_feed_bytes(m->rig, 32768);
	assert_false(rig_readable(m->rig));
	run(m->rig, NS_PER_S);
	assert_true(m->stage->held <= 32768 + 65536);
	imp_free(m);
}

/* Its own small hold would run dry while a delay before it still has the next bytes. */
static void a_delay_before_it_does_not_lower_the_rate(void **state)
{
	struct rig *r = rig_new(NULL, NULL);
	struct imp *first = imp_behind(r, LATENCY, "delay=100ms,buffer=1MB");
	struct imp *m = imp_behind(r, BANDWIDTH, "rate=1000kB/s");

	(void)state;
	run(r, 2 * NS_PER_S);
	assert_in_range(run(r, 10 * NS_PER_S), 9950000, 10050000);
	assert_true(rig_flow(r)->held <= rig_flow(r)->hold_limit);
	imp_drop(first);
	imp_free(m);
}

static void nor_does_a_delay_behind_it(void **state)
{
	struct rig *r = rig_new(NULL, NULL);
	struct imp *m = imp_behind(r, BANDWIDTH, "rate=1000kB/s");
	struct imp *second = imp_behind(r, LATENCY, "delay=100ms");

	(void)state;
	run(r, 2 * NS_PER_S);
	assert_in_range(run(r, 10 * NS_PER_S), 9950000, 10050000);
	imp_drop(second);
	imp_free(m);
}

static void a_new_rate_counts_from_the_next_piece(void **state)
{
	struct imp *m = imp_new(BANDWIDTH, "rate=1kB/s");

	(void)state;
	rig_feed_bytes(m->rig, 2010);
	rig_advance(m->rig, 10 * MS);
	imp_update(m, "rate=1MB/s");
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "10ms 10B\n12ms 2000B\n");
	imp_update(m, "rate=1kB/s");
	rig_feed_bytes(m->rig, 10);
	rig_settle(m->rig);
	assert_int_equal(rig_now(m->rig), 22 * MS);
	imp_free(m);
}

static void disabled_it_passes_what_is_kept_at_once(void **state)
{
	struct imp *m = imp_new(BANDWIDTH, "rate=1B/s");

	(void)state;
	rig_feed_bytes(m->rig, 20000);
	rig_end(m->rig, END_FIN);
	stage_set_active(m->stage, false);
	assert_string_equal(rig_log(m->rig), "0s 20000B\n0s FIN\n");
	imp_free(m);
}

static void senseless_rates_are_refused(void **state)
{
	char buf[800];

	(void)state;
	assert_string_not_equal(imp_refusal(BANDWIDTH, "rate=0B/s", buf, sizeof(buf)), "");
	assert_string_not_equal(imp_refusal(BANDWIDTH, "rate=-1B/s", buf, sizeof(buf)), "");
	assert_string_not_equal(imp_refusal(BANDWIDTH, "rate=1000Gbit/s", buf, sizeof(buf)), "");
	assert_string_not_equal(imp_refusal(BANDWIDTH, "rate=5", buf, sizeof(buf)), "");
}

/* More flows on the clock of a rig, for what they share. */
#define FLOWS 5

struct many {
	struct imp *m;
	struct flow flow[FLOWS];
	struct stage *stage[FLOWS];
	uint64_t got[FLOWS];
};

static void many_deliver(struct flow *f, struct evbuffer *buf)
{
	struct many *y = f->host_arg;
	size_t n = evbuffer_get_length(buf);

	y->got[f - y->flow] += n;
	evbuffer_drain(buf, n);
	flow_sent(f, n);
}

static void many_deliver_end(struct flow *f, enum flow_end end)
{
	(void)f;
	(void)end;
}

static void many_interest(struct flow *f)
{
	(void)f;
}

static const struct flow_host_ops many_host = {
    .deliver = many_deliver, .deliver_end = many_deliver_end, .interest = many_interest};

static void many_begin(struct many *y, const char *text)
{
	*y = (struct many){.m = imp_new(BANDWIDTH, text)};
	for (unsigned i = 0; i < FLOWS; i++) {
		flow_init(&y->flow[i], rig_flow(y->m->rig)->env, DIR_UPSTREAM, i + 2, &many_host,
			  y);
		y->stage[i] = stage_attach(&y->flow[i], bandwidth_impairment.stream, y->m->cfg,
					   "bandwidth", 0);
		stage_share(y->stage[i], y->m->shared);
		stage_set_active(y->stage[i], true);
	}
}

static void many_feed(struct flow *f, size_t n)
{
	struct evbuffer *buf = evbuffer_new();
	unsigned char *bytes = calloc(n, 1);

	evbuffer_add(buf, bytes, n);
	flow_push(f, buf);
	evbuffer_free(buf);
	free(bytes);
}

/* The first n flows always have more. */
static void many_run(struct many *y, unsigned n, int64_t ns)
{
	int64_t until = rig_now(y->m->rig) + ns;

	while (rig_now(y->m->rig) < until) {
		for (unsigned i = 0; i < n; i++)
			while (flow_readable(&y->flow[i]))
				many_feed(&y->flow[i], 8192);
		rig_advance(y->m->rig, MS);
	}
}

static void many_end(struct many *y)
{
	for (unsigned i = 0; i < FLOWS; i++)
		flow_fini(&y->flow[i]);
	imp_free(y->m);
}

static void one_shared_rate_is_parted_evenly(void **state)
{
	uint64_t sum = 0;
	struct many y;

	(void)state;
	many_begin(&y, "rate=1000kB/s,shared=true");
	many_run(&y, FLOWS, 10 * NS_PER_S);
	for (unsigned i = 0; i < FLOWS; i++) {
		assert_in_range(y.got[i], 1980000, 2020000);
		sum += y.got[i];
	}
	assert_in_range(sum, 9950000, 10000000);
	many_end(&y);
}

static void who_has_nothing_to_send_leaves_his_part_to_the_others(void **state)
{
	struct many y;

	(void)state;
	many_begin(&y, "rate=1000kB/s,shared=true");
	many_run(&y, FLOWS, NS_PER_S);
	memset(y.got, 0, sizeof(y.got));
	stage_detach(y.stage[0]);
	stage_set_active(y.stage[1], false);
	many_feed(&y.flow[1], 77);
	assert_true(y.got[1] >= 77);
	memset(y.got, 0, sizeof(y.got));
	for (unsigned i = 2; i < FLOWS; i++)
		flow_fini(&y.flow[i]);
	for (unsigned i = 2; i < FLOWS; i++) {
		flow_init(&y.flow[i], rig_flow(y.m->rig)->env, DIR_UPSTREAM, i + 2, &many_host, &y);
		y.stage[i] =
		    stage_attach(&y.flow[i], bandwidth_impairment.stream, y.m->cfg, "bandwidth", 0);
		stage_share(y.stage[i], y.m->shared);
	}
	stage_set_active(y.stage[2], true);
	for (int i = 0; i < 1000; i++) {
		while (flow_readable(&y.flow[2]))
			many_feed(&y.flow[2], 8192);
		rig_advance(y.m->rig, MS);
	}
	assert_in_range(y.got[2], 990000, 1000000);
	many_end(&y);
}

static void a_shared_rate_can_be_changed_and_parted(void **state)
{
	uint64_t sum = 0;
	struct many y;
	struct imp *other;

	(void)state;
	many_begin(&y, "rate=1000kB/s,shared=true");
	other = imp_new(BANDWIDTH, "rate=500kB/s,shared=true");
	many_run(&y, FLOWS, NS_PER_S);
	for (unsigned i = 0; i < FLOWS; i++)
		stage_update(y.stage[i], other->cfg);
	memset(y.got, 0, sizeof(y.got));
	many_run(&y, FLOWS, NS_PER_S);
	for (unsigned i = 0; i < FLOWS; i++)
		sum += y.got[i];
	assert_in_range(sum, 490000, 502000);
	for (unsigned i = 0; i < FLOWS; i++)
		stage_detach(y.stage[i]);
	imp_update(other, "rate=50kB/s,shared=true");
	for (unsigned i = 0; i < FLOWS; i++) {
		y.stage[i] = stage_attach(&y.flow[i], bandwidth_impairment.stream, other->cfg,
					  "bandwidth", 0);
		stage_share(y.stage[i], y.m->shared);
		stage_set_active(y.stage[i], true);
	}
	memset(y.got, 0, sizeof(y.got));
	many_run(&y, FLOWS, NS_PER_S);
	sum = 0;
	for (unsigned i = 0; i < FLOWS; i++)
		sum += y.got[i];
	assert_in_range(sum, 48000, 50200);
	imp_update(other, "rate=100kB/s");
	for (unsigned i = 0; i < FLOWS; i++)
		stage_update(y.stage[i], other->cfg);
	memset(y.got, 0, sizeof(y.got));
	many_run(&y, FLOWS, NS_PER_S);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_in_range(y.got[i], 98000, 101000);
	many_end(&y);
	imp_free(other);
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(BANDWIDTH, "rate=100kB/s,burst=2KB", LAW_LOSSLESS | LAW_ENDS);
	imp_laws(BANDWIDTH, "rate=1MB/s,shared=true", LAW_LOSSLESS | LAW_ENDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_rate_is_exact_from_slow_to_fast),
	    cmocka_unit_test(no_10_ms_are_empty_or_full_at_1000_kb_per_second),
	    cmocka_unit_test(a_message_takes_as_long_as_its_bytes),
	    cmocka_unit_test(a_burst_passes_at_once_and_fills_again_at_the_rate),
	    cmocka_unit_test(back_pressure_reaches_the_sender_soon),
	    cmocka_unit_test(a_delay_before_it_does_not_lower_the_rate),
	    cmocka_unit_test(nor_does_a_delay_behind_it),
	    cmocka_unit_test(a_new_rate_counts_from_the_next_piece),
	    cmocka_unit_test(disabled_it_passes_what_is_kept_at_once),
	    cmocka_unit_test(senseless_rates_are_refused),
	    cmocka_unit_test(one_shared_rate_is_parted_evenly),
	    cmocka_unit_test(who_has_nothing_to_send_leaves_his_part_to_the_others),
	    cmocka_unit_test(a_shared_rate_can_be_changed_and_parted),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_bandwidth", tests, NULL, NULL);
}
