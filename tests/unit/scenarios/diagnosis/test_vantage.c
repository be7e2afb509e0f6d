/* test_vantage.c - where a capture was taken, and what it can't tell from there; what was sent in
 * time. LAYER: wedge_diagnosis diagnosis_script */
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "tests/rig/diagnosis_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BESIDE_CLIENT "0 > syn\n 10 < syn-ack\n 10.1 > ack\n"
#define BESIDE_SERVER "0 > syn\n 0.1 < syn-ack\n 10.1 > ack\n"

static void places(void **state)
{
	static const struct {
		const char *script;
		enum vantage where;
	} cases[] = {
	    {BESIDE_CLIENT, VANTAGE_CLIENT},
	    {BESIDE_SERVER, VANTAGE_SERVER},
	    /* too near to each other to tell, but for the routers */
	    {"0 > syn\n 5 < syn-ack\n 10 > ack\n", VANTAGE_UNKNOWN},
	    {"0 > syn ttl 64\n 5 < syn-ack ttl 57\n 10 > ack\n", VANTAGE_CLIENT},
	    {"0 > syn ttl 120\n 5 < syn-ack ttl 64\n 10 > ack\n", VANTAGE_SERVER},
	    {"0 > syn ttl 120\n 10 < syn-ack ttl 57\n 10.1 > ack\n", VANTAGE_BETWEEN},
	    /* They contradict each other: a proxy, or a changed TTL. */
	    {"0 > syn ttl 120\n 10 < syn-ack ttl 64\n 10.1 > ack\n", VANTAGE_UNKNOWN},
	    /* A SYN that was sent again measures nothing. */
	    {"0 > syn\n 1000 > again syn\n 1010 < syn-ack\n 1010.1 > ack\n", VANTAGE_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct diagnosis d;

		diagnose(cases[i].script, &d);
		assert_int_equal(vantages_judge(&d.vantages), cases[i].where);
		diagnosis_fini(&d);
	}
}

/* label: a part of it; NULL: none. */
static void expect(const char *script, enum cause cause, const char *label)
{
	struct diagnosis d;
	const struct tally *t;

	diagnose(script, &d);
	t = d.all.tallies.of[cause];
	assert_non_null(t);
	assert_int_equal(t->lengths.n, 1);
	if (label)
		assert_non_null(strstr(t->label ? t->label : "", label));
	else
		assert_null(t->label);
	diagnosis_fini(&d);
}

static void doubts(void **state)
{
	(void)state;
	/* The server's host acknowledged, and had no answer yet; no timer fits into the rest. */
	expect(BESIDE_CLIENT "11 > 100\n 251 < ack\n 400 < 100 ack\n", CAUSE_SERVER_THINK, NULL);
	expect(BESIDE_CLIENT "11 > 100\n 21 < ack\n 400 < 100 ack\n", CAUSE_SERVER_THINK,
	       "at the server");
	/* It said nothing until the answer: that may have been lost once. */
	expect(BESIDE_CLIENT "11 > 100\n 400 < 100 ack\n", CAUSE_SERVER_THINK, "at the server");
	expect(BESIDE_SERVER "11 > 100\n 400 < 100 ack\n", CAUSE_SERVER_THINK, NULL);
	/* No timer is so short. */
	expect(BESIDE_CLIENT "11 > 100\n 150 < 100 ack\n", CAUSE_SERVER_THINK, NULL);
	/* The same of the client's */
	expect(BESIDE_SERVER "11 > 100\n 11.1 < 100 ack\n 400 > 100 ack\n 400.1 < 9 ack\n",
	       CAUSE_CLIENT_THINK, "at the client");
	expect(BESIDE_CLIENT "11 > 100\n 21 < 100 ack\n 400 > 100 ack\n 410 < 9 ack\n",
	       CAUSE_CLIENT_THINK, NULL);
	/* 200 ms: behind a proxy that may be somebody's delayed ACK. */
	expect(BESIDE_CLIENT "11 > 100\n 21 < 100 ack\n 22 > ack\n 221 < 100\n 222 > ack\n",
	       CAUSE_SERVER_PAUSE, "delayed ACK");
	expect(BESIDE_SERVER "11 > 100\n 11.1 < 100 ack\n 22 > ack\n 211 < 100\n 222 > ack\n",
	       CAUSE_SERVER_PAUSE, NULL);
}

/* Twelve answers whose second part comes after 120 ms, each other one by so much later. */
static void expect_pauses(const char *handshake, unsigned later, const char *label)
{
	char *script = xstrdup(handshake), *more;
	struct diagnosis d;
	const struct tally *t;

	for (unsigned i = 0; i < 12; i++) {
		unsigned at = 500 * (i + 1), late = i % 2 ? later : 0;

		more = xasprintf("%s%u > 100\n%u < 100 ack\n%u > ack\n%u < 100\n%u > ack\n", script,
				 at, at + 10, at + 11, at + 130 + late, at + 131 + late);
		free(script);
		script = more;
	}
	diagnose(script, &d);
	t = d.all.tallies.of[CAUSE_SERVER_PAUSE];
	assert_non_null(t);
	assert_int_equal(t->lengths.n, 12);
	assert_int_equal(t->label != NULL, label != NULL);
	if (label)
		assert_non_null(strstr(t->label, label));
	diagnosis_fini(&d);
	free(script);
}

static void pauses_that_are_all_as_long(void **state)
{
	(void)state;
	expect_pauses(BESIDE_CLIENT, 0, "each as long");
	expect_pauses(BESIDE_CLIENT, 5, "each as long");
	expect_pauses(BESIDE_CLIENT, 40, NULL);
	expect_pauses(BESIDE_SERVER, 0, NULL); /* an ACK that was held would be seen */
}

/* Returns exchanges each 500 ms by a client and a server whose clocks tick in milliseconds; the
 * last answer comes 2 s late, and was sent `late` ms before that. To be freed. */
static char *write_stamped(unsigned late)
{
	char *script = xstrdup("0 > syn ts 1000 0\n 10 < syn-ack ts 5000 1000\n"
			       "10.1 > ack ts 1010 5000\n"),
	     *more;
	unsigned at = 0;

	for (unsigned i = 0; i < 8; i++) {
		at += 500;
		more =
		    xasprintf("%s%u > 100 ts %u %u\n%u < 100 ack ts %u %u\n%u.1 > ack ts %u %u\n",
			      script, at, 1000 + at, 5000 + at, at + 10, 5000 + at, 1000 + at,
			      at + 10, 1010 + at, 5000 + at);
		free(script);
		script = more;
	}
	at += 500;
	more = xasprintf("%s%u > 100 ts %u 1\n%u < ack ts %u 1\n%u < 100 ack ts %u 1\n", script, at,
			 1000 + at, at + 10, 5000 + at, at + 2010, 7000 + at - late);
	free(script);
	return more;
}

static void sent_in_time(void **state)
{
	char *script = write_stamped(0);

	(void)state;
	expect(script, CAUSE_SERVER_THINK, NULL); /* each exchange waits */
	free(script);
	script = write_stamped(1990);
	expect(script, CAUSE_DELIVERED_LATE, NULL);
	free(script);
}

/* A server whose buffer holds 2920 and 100 bytes: it goes on when the last of them is acknowledged.
 */
static void send_buffer(void **state)
{
	static const char *const odd[] = {"100", "200"};

	(void)state;
	for (int same = 0; same < 2; same++) {
		char *script = xstrdup("0 > syn\n 0.1 < syn-ack\n 0.2 > ack\n 1 > 100\n"), *more;
		struct diagnosis d;
		const struct tally *t;
		double at = 2;

		for (unsigned i = 0; i < 6; i++) {
			more = xasprintf("%s%f < 1460\n%f < 1460\n%f > ack\n%f < %s\n%f > ack\n",
					 script, at, at + 0.01, at + 0.1, at + 0.2,
					 odd[!same && i % 2], at + 200.2);
			free(script);
			script = more;
			at += 200.3;
		}
		diagnose(script, &d);
		free(script);
		t = d.all.tallies.of[CAUSE_DELAYED_ACK_WINDOWS];
		assert_non_null(t);
		assert_int_equal(t->lengths.n, 5);
		assert_int_equal(t->labelled > 0, same);
		diagnosis_fini(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(places),
	    cmocka_unit_test(doubts),
	    cmocka_unit_test(pauses_that_are_all_as_long),
	    cmocka_unit_test(sent_in_time),
	    cmocka_unit_test(send_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
