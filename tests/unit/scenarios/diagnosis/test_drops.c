/* test_drops.c - a capture that lacks packets: no loss is told where its file says so of all
 * connections, nor an end or a silence too early where a hole may have held the rest.
 * LAYER: wedge_diagnosis diagnosis_script */
#include "proxy/base/attrs.h"
#include "proxy/base/clock.h"
#include "scenarios/diagnosis/drops.h"
#include "tests/rig/diagnosis_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A timeout, a SYN that is never answered, and an ACK that was held. */
#define LOSSES                                                                                     \
	HANDSHAKE "1 > 100\n 1.2 < 100 ack\n 201.2 < again 100\n 201.3 > ack\n 202 > fin\n"        \
		  "202.2 < fin\n 202.3 > ack\n"                                                    \
		  "300 1> syn\n 1300 1> again syn\n 3300 1> again syn\n"                           \
		  "4000 2> syn\n 4000.2 2< syn-ack\n 4000.3 2> ack\n 4001 2> 100\n"                \
		  "4001.2 2< 100 ack\n 4201.2 2> ack\n 4201.3 2< 50\n 4201.4 2> ack\n"             \
		  "4202 2> fin\n 4202.2 2< fin\n 4202.3 2> ack\n"

static uint64_t count_stalls(const struct tallies *t, enum cause c)
{
	return t->of[c] ? t->of[c]->lengths.n : 0;
}

static void losses_are_withheld(void **state)
{
	struct diagnosis d;
	int64_t lost, stalled;

	(void)state;
	diagnose(LOSSES, &d);
	assert_int_equal(count_stalls(&d.all.tallies, CAUSE_RTO_TAIL), 1);
	assert_int_equal(count_stalls(&d.all.tallies, CAUSE_CONNECT_BLACKHOLE), 3);
	assert_int_equal(d.groups.findings.n, 1);
	lost = tallies_lost(&d.all.tallies);
	stalled = tallies_stalled(&d.all.tallies);
	drops_withhold_service(&d.all);
	drops_withhold_ranking(&d.ranking);
	drops_withhold_findings(&d.groups.findings);
	for (int c = 0; c < CAUSE_COUNT; c++)
		assert_true(!cause_needs_all((enum cause)c) || !d.all.tallies.of[c]);
	assert_int_equal(count_stalls(&d.all.tallies, CAUSE_UNKNOWN), 4);
	assert_int_equal(d.all.with[CAUSE_UNKNOWN], 2);
	assert_int_equal(d.all.with[CAUSE_RTO_TAIL], 0);
	assert_int_equal(count_stalls(&d.all.tallies, CAUSE_DELAYED_ACK_WINDOWS), 1);
	assert_non_null(strstr(d.all.tallies.of[CAUSE_UNKNOWN]->label, "lacks packets"));
	assert_int_equal(tallies_lost(&d.all.tallies), lost);
	assert_int_equal(tallies_stalled(&d.all.tallies), stalled);
	assert_int_equal(d.groups.findings.n, 0);
	for (size_t i = 0; i < d.ranking.n; i++)
		assert_null(d.ranking.list[i].tallies.of[CAUSE_RTO_TAIL]);
	diagnosis_fini(&d);
}

#define ANSWER "text HTTP/1.1 200 OK~Content-Length: 300~~"

/* The rest of an answer may lie in a hole. */
static void holes_hide_the_rest(void **state)
{
	static const struct {
		const char *script;
		bool whole; /* nothing is missing of what was sent */
	} cases[] = {
	    /* ended by the server inside an answer: by FIN, by RST */
	    {HANDSHAKE "1 > 100\n 2 < " ANSWER "\n 2.1 > ack\n 3 < 100 ack\n 3.1 > ack\n 4 < fin\n"
		       "4.1 > ack\n",
	     true},
	    {HANDSHAKE "1 > 100\n 2 < " ANSWER "\n 2.1 > ack\n 3 < hole 200\n 3 < 100 ack\n"
		       "3.1 > ack\n 4 < fin\n 4.1 > ack\n",
	     false},
	    {HANDSHAKE "1 > 100\n 2 < " ANSWER
		       "\n 2.1 > ack\n 3 < hole 300\n 4 < fin\n 4.1 > ack\n",
	     false},
	    {HANDSHAKE "1 > 100\n 2 < " ANSWER "\n 2.1 > ack\n 3 < hole 300\n 4 < rst\n", false},
	    /* right after connecting */
	    {HANDSHAKE "1 > 100\n 2 < fin\n 2.1 > ack\n", true},
	    {HANDSHAKE "1 > 100\n 2 < hole 100\n 2 < fin\n 2.1 > ack\n", false},
	    {HANDSHAKE "1 > 100\n 2 < hole 100\n 2 < rst\n", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct diagnosis d;

		print_message("%s", cases[i].script);
		diagnose(cases[i].script, &d);
		assert_int_equal(d.groups.findings.n, cases[i].whole);
		diagnosis_fini(&d);
	}
}

/* So may the end of one that seems to have stopped. */
static void holes_hide_an_end(void **state)
{
	struct diagnosis d;

	(void)state;
	diagnose(HANDSHAKE "1 > 100\n 2 < " ANSWER "\n 2.1 > ack\n 3 < 100 ack\n 3.1 > ack\n"
			   "9000 > fin\n",
		 &d);
	assert_int_equal(count_stalls(&d.all.tallies, CAUSE_MIDSTREAM_SILENCE), 1);
	diagnosis_fini(&d);
	diagnose(HANDSHAKE "1 > 100\n 2 < " ANSWER "\n 2.1 > ack\n 2.5 < hole 200\n 3 < 100 ack\n"
			   "3.1 > ack\n 9000 > fin\n",
		 &d);
	assert_int_equal(count_stalls(&d.all.tallies, CAUSE_MIDSTREAM_SILENCE), 0);
	diagnosis_fini(&d);
}

/* An acknowledgement that comes before its bytes, as of a capture that puts segments together:
 * whether the server paused or fell silent in the middle isn't known any more. */
static void holes_hide_which_silence(void **state)
{
	struct diagnosis d;

	(void)state;
	diagnose(HANDSHAKE "1 > 100\n 2 < " ANSWER "\n 2.1 > ack\n 2.5 < hole 200\n 3 < 100 ack\n"
			   "3.1 > ack\n 4 < 100 ack\n 4.1 > ack\n 9000 < 100\n 9000.1 > ack\n",
		 &d);
	assert_int_equal(count_stalls(&d.all.tallies, CAUSE_MIDSTREAM_SILENCE), 0);
	assert_int_equal(count_stalls(&d.all.tallies, CAUSE_SERVER_PAUSE), 0);
	assert_int_equal(count_stalls(&d.all.tallies, CAUSE_UNKNOWN), 1);
	diagnosis_fini(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(losses_are_withheld),
	    cmocka_unit_test(holes_hide_the_rest),
	    cmocka_unit_test(holes_hide_an_end),
	    cmocka_unit_test(holes_hide_which_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
