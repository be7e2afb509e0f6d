/* test_gap_rules.c - each rule on the packets that it is about: its cause, its figure, its frames;
 * and the look-alikes that it must leave to others. LAYER: wedge_diagnosis diagnosis_script */
#include "proxy/base/clock.h"
#include "tests/rig/diagnosis_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NOTHING_ELSE (-1)

/* The script's stalls are all of that cause (CAUSE_COUNT: there are none) but for one of another;
 * in milliseconds the median of the cause's figure, to 1 us; the frames of the first. */
struct expected {
	enum cause cause;
	unsigned n;
	double ms;
	uint32_t frames[STALL_FRAMES];
	int also; /* a cause, or NOTHING_ELSE */
};

static void expect(const char *script, const struct expected *x)
{
	struct diagnosis d;
	const struct tally *t;

	diagnose(script, &d);
	for (int c = 0; c < CAUSE_COUNT; c++) {
		if (c == (int)x->cause || c == CAUSE_CLIENT_THINK || c == x->also)
			continue;
		if (d.all.tallies.of[c])
			print_error("%s: %s\n", script, cause_row((enum cause)c)->key);
		assert_null(d.all.tallies.of[c]);
	}
	if (x->cause == CAUSE_COUNT) {
		assert_int_equal(tallies_lost(&d.all.tallies), 0);
		diagnosis_fini(&d);
		return;
	}
	t = d.all.tallies.of[x->cause];
	if (!t)
		print_error("%s: no %s\n", script, cause_row(x->cause)->key);
	assert_non_null(t);
	assert_int_equal(t->lengths.n, x->n);
	assert_float_equal((double)durations_quantile(&t->values, 0.5) / NS_PER_MS, x->ms, 0.001);
	assert_memory_equal(t->first.frames, x->frames, sizeof(x->frames));
	diagnosis_fini(&d);
}

/* What was lost on the way to the capture isn't anybody's thinking. */
static void never_came(void **state)
{
	static const struct {
		const char *script;
		struct expected want;
	} cases[] = {
	    /* A black hole for large packets, beside its receiver. */
	    {HANDSHAKE "1 > 100\n 1.1 < ack\n 1.2 < hole 1448\n 1.3 < 300\n 4001.3 > fin\n",
	     {CAUSE_PATH_DEAD, 1, 4000.0, {6, 7}, NOTHING_ELSE}},
	    {HANDSHAKE "1 > 100\n 1.1 < ack\n 1.2 < hole 1448\n 1.3 < 300\n 201.3 < again 1748\n"
		       " 201.4 > ack\n",
	     {CAUSE_RTO_TAIL, 1, 200.0, {6, 7}, NOTHING_ELSE}},
	    /* A host that doesn't acknowledge isn't one whose application thinks. */
	    {HANDSHAKE "1 > 100\n 2001 < 300 ack\n 2001.1 > ack\n",
	     {CAUSE_UNKNOWN, 1, 2000.0, {4, 5}, NOTHING_ELSE}},
	    {HANDSHAKE "1 > 100\n 41 < ack\n 2001 < 300 ack\n 2001.1 > ack\n",
	     {CAUSE_SERVER_THINK, 1, 1999.8, {4, 5, 6}, NOTHING_ELSE}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		expect(cases[i].script, &cases[i].want);
}

static void delayed_ack(void **state)
{
	static const struct {
		const char *script;
		struct expected want;
	} cases[] = {
	    {HANDSHAKE "1 > 512\n 1.3 < 180 ack\n 201.5 > ack\n 201.7 < 220\n 201.9 > 512 ack\n",
	     {CAUSE_DELAYED_ACK_WINDOWS, 1, 200.1, {5, 6, 7}, NOTHING_ELSE}},
	    {HANDSHAKE "1 > 512\n 1.3 < 180 ack\n 45.4 > ack\n 45.6 < 220\n",
	     {CAUSE_DELAYED_ACK_LINUX, 1, 44.0, {5, 6, 7}, NOTHING_ELSE}},
	    {HANDSHAKE "1 > 512\n 1.3 < 180 ack\n 101.4 > ack\n 101.6 < 220\n",
	     {CAUSE_DELAYED_ACK_BSD, 1, 100.0, {5, 6, 7}, NOTHING_ELSE}},
	    /* The client's data can wait as well. */
	    {HANDSHAKE "1 > 200\n 31.2 < ack\n 31.3 > 300\n 31.5 < 100 ack\n",
	     {CAUSE_DELAYED_ACK_OTHER, 1, 30.0, {4, 5, 6}, NOTHING_ELSE}},
	    /* Nobody was let go on: the ACK is late, and harms nobody. */
	    {HANDSHAKE "1 > 512\n 1.3 < 180 ack\n 201.5 > ack\n 600 > 512 ack\n 600.2 < 180 ack\n",
	     {.cause = CAUSE_COUNT}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		expect(cases[i].script, &cases[i].want);
}

static void expect_all(const char *const scripts[], const struct expected want[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect(scripts[i], &want[i]);
}

static void connecting(void **state)
{
	static const char *const scripts[] = {
	    "0 > syn\n 1000 > again syn\n 2000 > again syn\n 3000 > again syn\n",
	    "0 > syn\n 1000 > again syn\n 1000.2 < syn-ack\n 1000.3 > ack\n 1001 > 10\n 1001.2 < "
	    "10 ack\n",
	    "0 > syn\n 700 < syn-ack\n 700.1 > ack\n 701 > 10\n 701.2 < 10 ack\n",
	    "0 > syn\n 0.2 < rst\n",
	};
	static const struct expected want[] = {
	    {CAUSE_CONNECT_BLACKHOLE, 3, 1000, {1, 2}, NOTHING_ELSE},
	    {CAUSE_SYN_RESENT, 1, 1000, {1, 2}, NOTHING_ELSE},
	    {CAUSE_CONNECT_SLOW, 1, 700, {1, 2}, NOTHING_ELSE},
	    {.cause = CAUSE_COUNT},
	};

	(void)state;
	expect_all(scripts, want, ARRAY_LEN(want));
}

static void sent_again(void **state)
{
	static const char *const scripts[] = {
	    /* the last segment, twice */
	    HANDSHAKE "1 > 512\n 1.3 < 180 ack\n 202 < again 180\n 610 < again 180\n 611 > ack\n",
	    /* one in the middle, without duplicate ACKs enough */
	    HANDSHAKE "1 > 512\n 1.3 < 1460 ack\n 1.31 < 1460\n 1.5 < 1460\n 202 < again 1460 of "
		      "4380\n 203 > ack\n",
	    /* two more segments are under way: a probe comes sooner than a timeout */
	    HANDSHAKE
	    "1 > 512\n 1.3 < 1460 ack\n 1.31 < 1460\n 1.4 < 200\n 40 < again 200\n 40.1 > ack\n",
	    /* new data as a probe */
	    HANDSHAKE "1 > 512\n 1.3 < 180 ack\n 202 < 200\n 202.1 > ack\n",
	};
	static const struct expected want[] = {
	    {CAUSE_RTO_TAIL, 1, 200.7, {5, 6}, CAUSE_RTO_DOUBLE},
	    {CAUSE_RTO, 1, 200.7, {7, 8}, NOTHING_ELSE},
	    {CAUSE_TAIL_PROBE, 1, 38.6, {7, 8}, NOTHING_ELSE},
	    {CAUSE_TAIL_PROBE, 1, 200.7, {5, 6}, NOTHING_ELSE},
	};

	(void)state;
	expect_all(scripts, want, ARRAY_LEN(want));
}

static void windows(void **state)
{
	static const char *const scripts[] = {
	    /* probed as Linux does it, then opened */
	    HANDSHAKE "1 > 512\n 1.3 < 1460 ack\n 1.4 > ack win 0\n 210 < probe\n 210.1 > ack\n "
		      "500 > ack win 500\n 500.1 < 1460\n",
	    /* never again */
	    HANDSHAKE "1 > 512\n 1.3 < 1460 ack\n 1.4 > ack win 0\n 210 < probe\n 210.1 > ack\n "
		      "640 < probe\n 640.1 > ack\n",
	    /* full, and the ACK comes late */
	    HANDSHAKE "1 > 512 win 23\n 1.3 < 1460 ack\n 1.31 < 1460\n 61.3 > ack\n 61.5 < 1460\n "
		      "61.6 > ack\n",
	    /* nobody has anything to send: a closed window keeps nobody */
	    HANDSHAKE
	    "1 > 512\n 1.3 < 1460 ack\n 1.4 > ack win 0\n 500 > 512 win 500\n 500.2 < 100 ack\n",
	};
	static const struct expected want[] = {
	    {CAUSE_ZERO_WINDOW, 1, 498.6, {6, 9, 10}, NOTHING_ELSE},
	    {CAUSE_DEAD_RECEIVER, 1, 638.7, {6, 9}, NOTHING_ELSE},
	    {CAUSE_WINDOW_LIMITED, 1, 60.19, {6, 7, 8}, NOTHING_ELSE},
	    {.cause = CAUSE_COUNT},
	};

	(void)state;
	expect_all(scripts, want, ARRAY_LEN(want));
}

static void applications(void **state)
{
	static const char *const scripts[] = {
	    HANDSHAKE "1 > 512\n 41 < ack\n 151.2 < 300 ack\n",
	    /* a server that speaks first is waited for from the handshake on */
	    HANDSHAKE "300.5 < 40\n 300.6 > 10 ack\n",
	    /* nobody knows how long the response is, but it goes on */
	    HANDSHAKE "1 > 512\n 1.3 < 1460 ack\n 1.4 > ack\n 801.3 < 100\n 801.4 > ack\n",
	    HANDSHAKE "1 > text GET / HTTP/1.1~~\n 1.3 < text HTTP/1.1 200 OK~Content-Length: "
		      "5000~~x\n 1.4 > ack\n 6002 > fin\n",
	    HANDSHAKE "1 > 512\n 1.1 < ack\n 8001 > fin\n",
	    HANDSHAKE "1 > 512\n 1.3 < 100 ack\n 1.4 > ack\n 2 > fin\n 2.1 < ack\n 15002 > rst\n",
	    /* only the client has something to do */
	    HANDSHAKE "1 > 512\n 1.3 < 100 ack\n 1.4 > ack\n 9000 > 512\n 9000.2 < 100 ack\n",
	};
	static const struct expected want[] = {
	    {CAUSE_SERVER_THINK, 1, 150.0, {4, 5, 6}, NOTHING_ELSE},
	    {CAUSE_SERVER_THINK, 1, 300.0, {3, 4}, NOTHING_ELSE},
	    {CAUSE_SERVER_PAUSE, 1, 800.0, {5, 7}, NOTHING_ELSE},
	    {CAUSE_MIDSTREAM_SILENCE, 1, 6000.7, {5, 7}, NOTHING_ELSE},
	    {CAUSE_ACCEPTED_SILENT, 1, 8000.0, {4, 6}, NOTHING_ELSE},
	    {CAUSE_CLOSE_STUCK, 1, 15000.0, {7, 9}, NOTHING_ELSE},
	    {.cause = CAUSE_COUNT},
	};

	(void)state;
	expect_all(scripts, want, ARRAY_LEN(want));
}

/* A black hole for large packets is called one where what came was smaller, and else not. */
static void only_large(void **state)
{
	struct diagnosis d;

	(void)state;
	diagnose(HANDSHAKE "1 > 100\n 1.1 < ack\n 1.2 < hole 1448\n 1.3 < 300\n 4001.3 > fin\n",
		 &d);
	assert_non_null(strstr(d.all.tallies.of[CAUSE_PATH_DEAD]->label, "smaller MTU"));
	diagnosis_fini(&d);
	diagnose(HANDSHAKE "1 > 100\n 1.1 < ack\n 1.2 < hole 300\n 1.3 < 1448\n 4001.3 > fin\n",
		 &d);
	assert_null(strstr(d.all.tallies.of[CAUSE_PATH_DEAD]->label, "smaller MTU"));
	diagnosis_fini(&d);
}

/* Stalls and active time together are the connections' time, and nothing is counted twice. */
static void time_adds_up(void **state)
{
	struct diagnosis d;

	(void)state;
	diagnose(HANDSHAKE "1 > 512\n 1.3 < 180 ack\n 201.5 > ack\n 201.7 < 220\n 300 > 512 ack\n "
			   "300.2 < 10 ack\n "
			   "300.3 > fin\n 300.4 < fin\n",
		 &d);
	assert_int_equal(d.all.time, 300.4 * NS_PER_MS);
	assert_int_equal(d.all.stalled, tallies_stalled(&d.all.tallies));
	assert_int_equal(d.all.stalled, (200.4 + 98.3) * NS_PER_MS);
	diagnosis_fini(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(never_came),   cmocka_unit_test(delayed_ack),
	    cmocka_unit_test(connecting),   cmocka_unit_test(sent_again),
	    cmocka_unit_test(windows),	    cmocka_unit_test(applications),
	    cmocka_unit_test(time_adds_up), cmocka_unit_test(only_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
