/* test_findings.c - each rule on whole connections: its finding, its label, its frames; and the
 * look-alikes that are none. LAYER: wedge_diagnosis diagnosis_script */
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "tests/rig/diagnosis_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define USED HANDSHAKE "1 > 100\n 1.3 < 100 ack\n 1.4 > ack\n"

/* The script's only finding; kind FINDING_COUNT: it has none. label: a part of it; NULL: none. */
struct expected {
	enum finding_kind kind;
	unsigned count;
	const char *label;
	double ms; /* the median of its times; 0: it has none */
	uint32_t frames[FINDING_FRAMES];
};

static void expect(const char *script, const struct expected *x)
{
	struct diagnosis d;
	const struct finding *f;

	diagnose(script, &d);
	for (size_t i = 0; i < d.groups.findings.n; i++)
		print_message("%s: %s\n", finding_row(d.groups.findings.list[i].first.kind)->key,
			      d.groups.findings.list[i].first.label);
	assert_int_equal(d.groups.findings.n, x->kind != FINDING_COUNT);
	if (x->kind == FINDING_COUNT) {
		diagnosis_fini(&d);
		return;
	}
	f = &d.groups.findings.list[0];
	assert_int_equal(f->first.kind, x->kind);
	assert_int_equal(f->count, x->count);
	if (x->label)
		assert_non_null(strstr(f->first.label, x->label));
	else
		assert_null(f->first.label);
	assert_float_equal((double)durations_quantile(&f->values, 0.5) / NS_PER_MS, x->ms, 0.001);
	assert_memory_equal(f->first.frames, x->frames, sizeof(x->frames));
	diagnosis_fini(&d);
}

struct test_case {
	const char *script;
	struct expected want;
};

static void expect_all(const struct test_case cases[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect(cases[i].script, &cases[i].want);
}

static void never_answered(void **state)
{
	static const struct test_case cases[] = {
	    {"0 > syn\n 3000 > again syn\n 9010 > again syn\n",
	     {FINDING_BLACKHOLE, 1, "Windows up to 7", 3000, {1, 3}}},
	    {"0 > syn\n 1010 > again syn\n 2030 > again syn\n 3050 > again syn\n",
	     {FINDING_BLACKHOLE, 1, "Linux 6.5", 1010, {1, 4}}},
	    {"0 > syn\n 1010 > again syn\n 3030 > again syn\n 7200 > again syn\n",
	     {FINDING_BLACKHOLE, 1, "Linux before 6.5", 1010, {1, 4}}},
	    /* One second is everybody's. */
	    {"0 > syn\n 1010 > again syn\n", {FINDING_BLACKHOLE, 1, NULL, 1010, {1, 2}}},
	    /* An answer came at last. */
	    {"0 > syn\n 1000 > again syn\n 1000.2 < syn-ack\n 1000.3 > ack\n",
	     {.kind = FINDING_COUNT}},
	    /* The capture has the client's side only: it goes on, so it was answered. */
	    {"0 > syn\n 1000 > again syn\n 1000.3 > ack\n 1001 > 100\n", {.kind = FINDING_COUNT}},
	    /* The capture ends too soon for anybody to tell. */
	    {"0 > syn\n", {.kind = FINDING_COUNT}},
	};

	(void)state;
	expect_all(cases, ARRAY_LEN(cases));
}

static void refused(void **state)
{
	static const struct test_case cases[] = {
	    {"0 > syn\n 0.2 < rst\n", {FINDING_REFUSED, 1, NULL, 0, {1, 2}}},
	    /* Windows: the same port, half a second later, twice */
	    {"0 > syn\n 0.2 < rst\n 500 > again syn\n 500.2 < rst\n 1000 > again syn\n 1000.2 < "
	     "rst\n",
	     {FINDING_REFUSED, 3, "as Windows does", 500, {1, 2}}},
	    {"0 1> syn\n 0.2 1< rst\n 5 2> syn\n 5.2 2< rst\n 10 3> syn\n 10.2 3< rst\n"
	     "15 4> syn\n 15.2 4< rst\n 20 5> syn\n 20.2 5< rst\n 25 6> syn\n 25.2 6< rst\n"
	     "30 7> syn\n 30.2 7< rst\n 35 8> syn\n 35.2 8< rst\n 40 9> syn\n 40.2 9< rst\n"
	     "45 10> syn\n 45.2 10< rst\n",
	     {FINDING_REFUSED, 10, "a storm", 5, {1, 2}}},
	    /* The client gave up by itself. */
	    {"0 > syn\n 900 > rst\n", {.kind = FINDING_COUNT}},
	};

	(void)state;
	expect_all(cases, ARRAY_LEN(cases));
}

static void dropped(void **state)
{
	static const struct test_case cases[] = {
	    {HANDSHAKE "0.5 < rst\n", {FINDING_DROPPED, 1, "by RST, before", 0.5, {1, 3, 4}}},
	    {HANDSHAKE "0.4 > 19\n 200 < fin\n",
	     {FINDING_DROPPED, 1, "by FIN, behind", 200, {1, 3, 5}}},
	    /* The client's own end; an answer; later than a second */
	    {HANDSHAKE "0.5 > fin\n 0.7 < fin\n", {.kind = FINDING_COUNT}},
	    {HANDSHAKE "0.5 > 19\n 0.7 < 19 ack\n 0.8 < fin\n", {.kind = FINDING_COUNT}},
	    {HANDSHAKE "0.5 > 19\n 1200 < fin\n", {.kind = FINDING_COUNT}},
	};

	(void)state;
	expect_all(cases, ARRAY_LEN(cases));
}

static void truncated(void **state)
{
	static const struct test_case cases[] = {
	    {HANDSHAKE "1 > text GET / HTTP/1.1~~\n 1.3 < text HTTP/1.1 200 OK~Content-Length: "
		       "5000~~x\n 1.4 > ack\n 20 < fin\n",
	     {FINDING_TRUNCATED, 1, "by FIN", 0, {7}}},
	    /* TLS: a record of 80 bytes, 60 of which come */
	    {HANDSHAKE
	     "1 > 512\n 1.3 < hex 1603030050 of 85\n 2 < hex 1703030050 of 65\n 3 > ack\n "
	     "20 < rst\n",
	     {FINDING_TRUNCATED, 1, "inside a TLS record", 0, {8}}},
	    /* ... and the header itself in two segments */
	    {HANDSHAKE
	     "1 > 512\n 1.3 < hex 1603030003aabbcc170303 of 11\n 2 < hex 0050 of 42\n 3 > ack\n "
	     "20 < fin\n",
	     {FINDING_TRUNCATED, 1, "inside a TLS record", 0, {8}}},
	    /* whole, but for the alert */
	    {HANDSHAKE
	     "1 > 512\n 1.3 < hex 1603030050 of 85\n 2 < hex 1703030050 of 85\n 3 > ack\n "
	     "20 < fin\n",
	     {FINDING_NO_CLOSE_NOTIFY, 1, NULL, 0, {8}}},
	    /* TLS 1.2 shows its alert, 1.3 only by its length */
	    {HANDSHAKE "1 > 512\n 2 < hex 1703030050 of 85\n 3 > ack\n 19 < hex 150303001a of 31\n "
		       "20 < fin\n",
	     {.kind = FINDING_COUNT}},
	    {HANDSHAKE "1 > 512\n 2 < hex 1703030050 of 85\n 3 > ack\n 19 < hex 1703030013 of 24\n "
		       "20 < fin\n",
	     {.kind = FINDING_COUNT}},
	    /* A capture of the headers alone can't tell. */
	    {HANDSHAKE "1 > 512\n 1.3 < 85\n 2 < 65\n 3 > ack\n 20 < fin\n",
	     {.kind = FINDING_COUNT}},
	    /* MySQL's greeting, and a packet of 100 bytes of which 50 come */
	    {HANDSHAKE "1 < hex 4a0000000a382e30 of 78\n 2 > 100 ack\n 3 < hex 64000002 of 54\n "
		       "4 > ack\n 20 < fin\n",
	     {FINDING_TRUNCATED, 1, "inside a MySQL packet", 0, {8}}},
	    /* PostgreSQL: no TLS ("N"), authentication, and half a row */
	    {HANDSHAKE
	     "1 > 8\n 1.3 < hex 4e of 1\n 2 > 60 ack\n 2.3 < hex 520000000800000000 of 9\n "
	     "3 > 20 ack\n 3.3 < hex 4400000100 of 100\n 4 > ack\n 20 < fin\n",
	     {FINDING_TRUNCATED, 1, "inside a PostgreSQL message", 0, {11}}},
	};

	(void)state;
	expect_all(cases, ARRAY_LEN(cases));
}

static void stale(void **state)
{
	static const struct test_case cases[] = {
	    {USED "120000 > 100\n 120000.3 < rst unknown\n",
	     {FINDING_STALE, 1, "knows of no such connection", 119998.6, {5, 7, 8}}},
	    {USED "120000 > 100\n 120200 > again 100\n 120600 > again 100\n 126000 > again 100\n",
	     {FINDING_STALE, 1, "nothing came back", 119998.6, {5, 7}}},
	    {USED "120000 > 100\n 120000.3 < ack\n 130000 > fin\n",
	     {FINDING_STALE, 1, "its application said nothing", 119998.6, {5, 7}}},
	    /* It goes on as before; keep-alives kept it; it wasn't idle */
	    {USED "120000 > 100\n 120000.3 < 100 ack\n 120001 < fin\n", {.kind = FINDING_COUNT}},
	    {USED "61000 > probe\n 61000.2 < ack\n 120000 > 100\n 120000.3 < rst unknown\n",
	     {.kind = FINDING_COUNT}},
	    {USED "30000 > 100\n 30000.3 < rst unknown\n", {.kind = FINDING_COUNT}},
	};

	(void)state;
	expect_all(cases, ARRAY_LEN(cases));
}

static char *append_line(char *script, double ms, unsigned connection, const char *words)
{
	char *more = xasprintf("%s%f %u%s\n", script, ms, connection, words);

	free(script);
	return more;
}

/* Appends a line for each of n connections, `apart` ms one after the other from ms on. */
static char *append_lines(char *script, double ms, double apart, unsigned n, const char *words)
{
	for (unsigned i = 0; i < n; i++) {
		script = append_line(script, ms + i * apart, i, words);
	}
	return script;
}

static void reset_together(void **state)
{
	static const struct {
		unsigned open, reset;
		double apart;
		bool found;
	} cases[] = {
	    {6, 6, 10, true},  {6, 5, 10, true}, {8, 5, 10, false},
	    {6, 6, 50, false}, {4, 4, 1, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *script = xstrdup("");
		struct diagnosis d;

		script = append_lines(script, 0, 1, cases[i].open, "> syn");
		script = append_lines(script, 20, 1, cases[i].open, "< syn-ack");
		script = append_lines(script, 40, 1, cases[i].open, "> ack");
		script = append_lines(script, 60, 1, cases[i].open, "> 100");
		script = append_lines(script, 80, 1, cases[i].open, "< 100 ack");
		script = append_lines(script, 1000, cases[i].apart, cases[i].reset, "< rst");
		diagnose(script, &d);
		free(script);
		assert_int_equal(d.groups.findings.n, cases[i].found);
		if (cases[i].found) {
			assert_int_equal(d.groups.findings.list[0].first.kind, FINDING_POOL_RESET);
			assert_int_equal(d.groups.findings.list[0].first.number, cases[i].reset);
		}
		diagnosis_fini(&d);
	}
}

struct step {
	double ms;
	unsigned connection;
	const char *words;
};

static int compare_steps(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	return (x->ms > y->ms) - (x->ms < y->ms);
}

/* Returns 60 connections that begin `apart` ms one after the other; of each `every` the first is
 * reset when it is so old, the others are answered and stay. To be freed. */
static char *write_row(double apart, double life, unsigned every)
{
	static const char *const words[] = {"> syn", "< syn-ack", "> ack", "> 100"};
	struct step steps[60 * 5];
	char *script = xstrdup("");
	unsigned n = 0;

	for (unsigned c = 0; c < 60; c++) {
		for (unsigned i = 0; i < ARRAY_LEN(words); i++)
			steps[n++] = (struct step){c * apart + life * 0.2 * i, c, words[i]};
		steps[n++] = (struct step){c * apart + life, c, c % every ? "< 100 ack" : "< rst"};
	}
	qsort(steps, n, sizeof(steps[0]), compare_steps);
	for (unsigned i = 0; i < n; i++)
		script = append_line(script, steps[i].ms, steps[i].connection, steps[i].words);
	return script;
}

/* Each ended by itself, however close to the others: no pool. */
static void reset_one_by_one(void **state)
{
	static const struct {
		double apart, life;
		unsigned every;
	} cases[] = {{0.12, 0.1, 2}, {1, 50, 1}, {1, 50, 12}, {0.01, 5, 12}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *script = write_row(cases[i].apart, cases[i].life, cases[i].every);
		struct diagnosis d;

		diagnose(script, &d);
		free(script);
		assert_int_equal(d.groups.findings.n, 1);
		assert_int_equal(d.groups.findings.list[0].first.kind, FINDING_DROPPED);
		assert_int_equal(d.groups.findings.list[0].count, 60 / cases[i].every);
		diagnosis_fini(&d);
	}
}

/* A server with room for `limit` connections; each client opens one after the other, and asks; when
 * `freed`, one that works ends before each second try beyond. */
struct room {
	unsigned limit, tries;
	bool freed;
};

static char *write_room(const struct room *r)
{
	char *script = xstrdup("");
	unsigned open = 0, oldest = 0;
	double at = 0;

	for (unsigned i = 0; i < r->tries; i++) {
		bool full = open == r->limit;

		if (full && r->freed && i % 2) {
			script = append_line(script, at, oldest, "> fin");
			script = append_line(script, at + 1, oldest, "< fin");
			oldest++;
			full = false;
			open--;
		}
		script = append_line(script, at + 2, i, "> syn");
		script = append_line(script, at + 2.2, i, "< syn-ack");
		script = append_line(script, at + 2.4, i, "> ack");
		script = append_line(script, at + 3, i, "> 100");
		script = append_line(script, at + 4, i, full ? "< fin" : "< 100 ack");
		if (full && i > 0) {
			script = append_line(script, at + 5, oldest, "> 10");
			script = append_line(script, at + 6, oldest, "< 10 ack");
		}
		open += !full;
		at += 10;
	}
	return script;
}

static void limited(void **state)
{
	static const struct room rooms[] = {{5, 14, true}, {5, 12, false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
		char *script = write_room(&rooms[i]);
		const struct finding *f = NULL;
		struct diagnosis d;

		diagnose(script, &d);
		free(script);
		for (size_t k = 0; k < d.groups.findings.n; k++)
			if (d.groups.findings.list[k].first.kind == FINDING_CONNECTION_LIMIT)
				f = &d.groups.findings.list[k];
		assert_non_null(f);
		assert_int_equal(f->first.number, rooms[i].limit);
		assert_int_equal(strstr(f->first.label, "No place was freed") == NULL,
				 rooms[i].freed);
		diagnosis_fini(&d);
	}
	/* A server that is gone has no limit: nobody hears of it meanwhile. */
	expect("0 > syn\n 0.1 < syn-ack\n 0.2 > ack\n 1 > 9\n 1.1 < 9 ack\n 2 1> syn\n 2.1 1< rst\n"
	       "3 2> syn\n 3.1 2< rst\n 4 3> syn\n 4.1 3< rst\n 5 4> syn\n 5.1 4< rst\n",
	       &(struct expected){FINDING_REFUSED, 4, NULL, 1, {6, 7}});
}

/* Answers in bursts of 20 segments, each 10 ms; of each burst the last ones are lost, or of every
 * answer of one segment between them as many. */
static void rate_dependent(void **state)
{
	(void)state;
	for (int of_bursts = 0; of_bursts < 2; of_bursts++) {
		char *script = xstrdup(HANDSHAKE "1 > 100\n");
		struct diagnosis d;
		double at = 2;

		for (unsigned i = 0; i < 120; i++) {
			bool burst = i % 6 == 0, lost = burst == (of_bursts == 1);

			for (unsigned k = 0; k < (burst ? 20 : 1); k++)
				script = append_line(script, at + k * 0.01, 0, "< 1460");
			if (lost)
				script = append_line(script, at + 3, 0, "< again 1460");
			script = append_line(script, at + 3.1, 0, "> ack");
			at += 10;
		}
		diagnose(script, &d);
		free(script);
		assert_int_equal(d.groups.findings.n, of_bursts);
		if (of_bursts) {
			assert_int_equal(d.groups.findings.list[0].first.kind, FINDING_RATE_LOSS);
			assert_int_equal(d.groups.findings.list[0].first.number, 20);
		}
		diagnosis_fini(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(never_answered),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(dropped),
	    cmocka_unit_test(truncated),
	    cmocka_unit_test(stale),
	    cmocka_unit_test(reset_together),
	    cmocka_unit_test(reset_one_by_one),
	    cmocka_unit_test(limited),
	    cmocka_unit_test(rate_dependent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
