/* test_second_thoughts.c - stalls whose cause comes out later, or from beside the connection:
 * trickles, needless retransmissions, hosts that stand still; and what a capture can't tell.
 * LAYER: wedge_diagnosis diagnosis_script */
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "tests/rig/diagnosis_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static uint64_t count_stalls(const struct diagnosis *d, enum cause c)
{
	return d->all.tallies.of[c] ? d->all.tallies.of[c]->lengths.n : 0;
}

/* The script has n stalls of that cause, and none of another but thinking of the client; of
 * CAUSE_COUNT: none at all. */
static void expect(const char *script, enum cause cause, unsigned n)
{
	struct diagnosis d;

	diagnose(script, &d);
	for (int c = 0; c < CAUSE_COUNT; c++) {
		uint64_t want = c == (int)cause ? n : 0;

		if (c == CAUSE_CLIENT_THINK && cause != CAUSE_CLIENT_THINK && cause != CAUSE_COUNT)
			continue;
		if (count_stalls(&d, (enum cause)c) != want)
			print_error("%s%s: %u\n", script, cause_row((enum cause)c)->key,
				    (unsigned)count_stalls(&d, (enum cause)c));
		assert_int_equal(count_stalls(&d, (enum cause)c), want);
	}
	diagnosis_fini(&d);
}

static char *end_connection(char *script, double at)
{
	char *more = xasprintf("%s%f > fin\n%f < fin\n", script, at, at + 0.1);

	free(script);
	return more;
}

/* Returns a request and n pieces of an answer, `bytes` each, apart by `apart` and `uneven` more for
 * each second one; to be freed. */
static char *write_drops(unsigned n, unsigned bytes, double apart, double uneven)
{
	char *script = xstrdup(HANDSHAKE "1 > 100\n");
	double at = 1.2;

	for (unsigned i = 0; i < n; i++) {
		char *more = xasprintf("%s%f < %u ack\n%f > ack\n", script, at, bytes, at + 0.1);

		free(script);
		script = more;
		at += apart + (i % 2 ? uneven : 0);
	}
	at -= apart + (n % 2 ? 0 : uneven);
	return end_connection(script, at + 0.2);
}

static void trickles(void **state)
{
	static const struct {
		unsigned n, bytes;
		double apart, uneven;
		enum cause cause;
	} cases[] = {
	    {12, 1, 1000, 0, CAUSE_TRICKLE},	    {10, 16, 100, 10, CAUSE_TRICKLE},
	    {9, 1, 1000, 0, CAUSE_SERVER_PAUSE},    {12, 17, 1000, 0, CAUSE_SERVER_PAUSE},
	    {12, 1, 500, 2000, CAUSE_SERVER_PAUSE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *script =
		    write_drops(cases[i].n, cases[i].bytes, cases[i].apart, cases[i].uneven);

		expect(script, cases[i].cause, cases[i].n - 1);
		free(script);
	}
}

static void needless_retransmissions(void **state)
{
	(void)state;
	/* The receiver says that it had it. */
	expect(HANDSHAKE "1 > 512\n 1.3 < 180 ack\n 202 < again 180\n 202.2 > dsack 180\n",
	       CAUSE_RTO_SPURIOUS, 1);
	/* Its acknowledgement echoes the first one's time. */
	expect(HANDSHAKE "1 > 512 ts 100 50\n 1.3 < 180 ack ts 60 100\n"
			 "202 < again 180 ts 261 100\n 203 > ack ts 302 60\n",
	       CAUSE_RTO_SPURIOUS, 1);
	/* ... and this one the second's. */
	expect(HANDSHAKE "1 > 512 ts 100 50\n 1.3 < 180 ack ts 60 100\n"
			 "202 < again 180 ts 261 100\n 203 > ack ts 302 261\n",
	       CAUSE_RTO_TAIL, 1);
	/* It comes sooner than any answer to the second can: the client is 40 ms away. */
	expect("0 > syn\n 0.1 < syn-ack\n 40 > ack\n 41 > 512\n 41.2 < 180 ack\n"
	       "300 < again 180\n 301 > ack\n",
	       CAUSE_RTO_SPURIOUS, 1);
	expect("0 > syn\n 0.1 < syn-ack\n 40 > ack\n 41 > 512\n 41.2 < 180 ack\n"
	       "300 < again 180\n 340 > ack\n",
	       CAUSE_RTO_TAIL, 1);
}

/* Appends to the script. */
static void append_line(char **script, double ms, unsigned connection, const char *words)
{
	char *more = xasprintf("%s%f %u%s\n", *script, ms, connection, words);

	free(*script);
	*script = more;
}

#define CLIENTS 4

/* Returns quick exchanges of some connections, to be freed. */
static char *write_busy(void)
{
	static const char *const exchange[] = {"> 100", "< 100 ack", "> ack"};
	char *script = xstrdup("");

	for (unsigned c = 0; c < CLIENTS; c++) {
		append_line(&script, c, c, "> syn");
		append_line(&script, c + 0.2, c, "< syn-ack");
		append_line(&script, c + 0.3, c, "> ack");
	}
	for (unsigned i = 0; i < 10; i++)
		for (unsigned c = 0; c < CLIENTS; c++)
			for (unsigned k = 0; k < ARRAY_LEN(exchange); k++)
				append_line(&script, 20 + i * 6 + c + k * 0.2, c, exchange[k]);
	return script;
}

static void standing_still(void **state)
{
	/* When each is asked and answered, in ms; the last one doesn't wait, if it is told so. */
	static const struct {
		double asked, answered;
		enum cause cause;
		unsigned n;
		const char *what;
	} cases[] = {
	    {1, 0.05, CAUSE_HOST_FREEZE, 4, "asked one after the other, answered at once"},
	    {1, 1, CAUSE_SERVER_THINK, 4, "each answered as long after its request"},
	};
	char *script;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		script = write_busy();
		for (unsigned c = 0; c < CLIENTS; c++) {
			append_line(&script, 100 + c * cases[i].asked, c, "> 100");
		}
		for (unsigned c = 0; c < CLIENTS; c++)
			append_line(&script, 150 + c * cases[i].answered, c, "< 100 ack");
		append_line(&script, 190, 0, "> 1");
		print_message("%s\n", cases[i].what);
		expect(script, cases[i].cause, cases[i].n);
		free(script);
	}
	/* One of four goes on: the host doesn't stand still. */
	script = write_busy();
	for (unsigned c = 0; c < 3; c++)
		append_line(&script, 100 + c, c, "> 100");
	for (unsigned k = 0; k < 5; k++) {
		append_line(&script, 105 + k * 9, 3, "> 100");
		append_line(&script, 105.2 + k * 9, 3, "< 100 ack");
	}
	for (unsigned c = 0; c < 3; c++)
		append_line(&script, 150 + c * 0.05, c, "< 100 ack");
	append_line(&script, 190, 0, "> 1");
	expect(script, CAUSE_SERVER_THINK, 3);
	free(script);
}

/* The right cause of the whole, or none, where a part of it is missing. */
static void missing_parts(void **state)
{
	(void)state;
	/* Acknowledged, and not captured: no verdict on loss, and none on the time that it lies in.
	 */
	expect(HANDSHAKE "1 > 512\n 1.3 < 180 ack\n 202 < again 180\n 203 > ack\n 204 < hole 100\n"
			 "204.1 > ack\n",
	       CAUSE_UNKNOWN, 1);
	expect(HANDSHAKE "1 > 512\n 1.3 < hole 180\n 300 > ack\n 301 < 20\n", CAUSE_UNKNOWN, 1);
	/* One direction alone */
	expect("0 > syn\n 0.3 > ack\n 1 > 512\n 202 > again 512\n 700 > 100\n", CAUSE_UNKNOWN, 2);
	/* A full window of unknown scale, in mid-connection */
	expect("0 > 100\n 0.2 < 100 ack\n 0.3 > 100 ack\n 0.5 < ack\n 1 > 512 win 23\n 1.3 < 1460 "
	       "ack\n 1.31 < 1460\n 61.3 > ack\n 61.5 < 1460\n "
	       "61.6 > ack\n",
	       CAUSE_UNKNOWN, 1);
	/* The end of a close that began before the capture: nobody waits for anything. */
	expect("0 < fin\n 0.1 > ack\n 9000 1> syn\n 9000.1 1< syn-ack\n 9000.2 1> ack\n",
	       CAUSE_COUNT, 0);
	/* Nobody knows how long the answer is, and the client leaves. */
	expect(HANDSHAKE "1 > 512\n 1.3 < 1000 ack\n 1.4 > ack\n 30000 > fin\n 30000.2 < fin\n",
	       CAUSE_IDLE_OR_STALLED, 1);
}

/* Waits that look like somebody who thinks, and are none, or of something else. */
static void told_apart(void **state)
{
	(void)state;
	/* A window of less than a segment, which its sender fills after a timer */
	expect(HANDSHAKE "1 > 512 win 3\n 1.3 < 380 ack\n 1.4 > ack\n 401 < 400\n 401.1 > ack\n",
	       CAUSE_WINDOW_LIMITED, 1);
	expect("0 > 100\n 0.2 < 100 ack\n 0.3 > 100 ack win 400\n 0.5 < 400 ack\n 0.6 > ack\n"
	       "401 < 400\n 401.1 > ack\n",
	       CAUSE_UNKNOWN, 1);
	expect(HANDSHAKE "1 > 512\n 1.3 < 400 ack\n 1.4 > ack\n 401 < 400\n 401.1 > ack\n",
	       CAUSE_SERVER_PAUSE, 1);
	/* A close that takes its time is up to the server, if it was asked nothing else, too. */
	expect(HANDSHAKE "1 > fin\n 1.1 < ack\n 2001 < fin\n 2001.1 > ack\n", CAUSE_SERVER_THINK,
	       1);
	expect("0 < 100\n 0.1 > ack\n 1 > fin\n 1.1 < ack\n 2001 < fin\n 2001.1 > ack\n",
	       CAUSE_SERVER_THINK, 1);
	/* What the response announced lies before the capture. */
	expect("0 < 1000\n 0.1 > ack\n 6000 < 1000\n 6000.1 > ack\n", CAUSE_UNKNOWN, 1);
	/* Too soon to know the server's clock, where no handshake shows the way */
	expect("0 > 100 ts 500 900\n 0.2 < ack ts 850 500\n 50 < 100 ack ts 900 500\n 51 > fin\n "
	       "51.1 < fin\n",
	       CAUSE_UNKNOWN, 1);
}

/* Repaired at once: no stall, but counted. */
static void fast_repair(void **state)
{
	struct diagnosis d;

	(void)state;
	diagnose(HANDSHAKE "1 > 100\n 1.2 < 1460 ack\n 1.3 > ack\n 1.4 < 1460\n 1.5 < 1460\n"
			   "1.6 > again 0\n 1.7 < 1460\n 1.8 > again 0\n 1.9 < 1460\n 2 > again 0\n"
			   "2.1 < again 1460 of 5840\n 2.2 > ack\n 2.3 > fin\n 2.4 < fin\n",
		 &d);
	assert_int_equal(d.all.counts.fast_retransmissions[DIR_DOWNSTREAM], 1);
	assert_int_equal(d.all.counts.retransmissions[DIR_DOWNSTREAM], 1);
	assert_int_equal(tallies_stalled(&d.all.tallies), 0);
	diagnosis_fini(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(trickles),	      cmocka_unit_test(needless_retransmissions),
	    cmocka_unit_test(standing_still), cmocka_unit_test(missing_parts),
	    cmocka_unit_test(fast_repair),    cmocka_unit_test(told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
