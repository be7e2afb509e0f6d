/* test_signatures.c - captures against the catalogue in the binary: what fits, what only looks so
 * from where nobody can tell, what differs and by what. LAYER: wedge_scenarios_cli trace_rig */
#include "proxy/base/clock.h"
#include "scenarios/cli/known_metrics.h"
#include "scenarios/match/figures.h"
#include "scenarios/match/match.h"
#include "tests/rig/trace_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* An ACK is held for less than it is late: its way takes a part of that. */
#define RTT (200 * NS_PER_US)

static void compare(struct trace *t, struct diagnosis *d, struct matches *m)
{
	char path[TRACE_PATH];
	struct err e = {""};
	int fd = trace_open(t->buf.data, t->buf.len, path, &e);

	assert_true(fd >= 0);
	assert_int_equal(diagnosis_read(path, 10, d, &e), 0);
	if (matches_make(d, NULL, metric_known, m, &e) == -1)
		fail_msg("%s", e.text);
	close(fd);
	trace_free(t);
}

/* A request, its answer in two writes of which the second waits: for the ACK of the first, or
 * (acked) for nothing that the capture shows. */
static void exchange(struct trace *t, int64_t wait, bool acked)
{
	trace_reply(t, DIR_UPSTREAM, 500);
	trace_wait(t, NS_PER_MS);
	trace_reply(t, DIR_DOWNSTREAM, 180);
	trace_wait(t, acked ? RTT : wait);
	trace_ack(t, DIR_UPSTREAM);
	trace_wait(t, acked ? wait : RTT);
	trace_data(t, DIR_DOWNSTREAM, 220);
	trace_wait(t, NS_PER_MS);
}

/* The best match of so many exchanges is of that kind and scenario; the first of its texts that
 * there is contains words. */
static void expect_match(size_t exchanges, int64_t wait, bool acked, enum match_kind kind,
			 const char *name, const char *words)
{
	struct diagnosis d;
	struct matches m;
	struct trace t;

	trace_init(&t);
	trace_handshake(&t, RTT);
	for (size_t i = 0; i < exchanges; i++)
		exchange(&t, wait, acked);
	trace_fin(&t, DIR_UPSTREAM);
	compare(&t, &d, &m);
	assert_int_equal(m.n > 0, kind != MATCH_NONE);
	if (m.n) {
		const struct scenario_match *x = &m.list[0];
		const char *text = x->differs ? x->differs : x->evidence;

		assert_int_equal(x->kind, kind);
		assert_string_equal(x->scenario->name, name);
		if (!strstr(text, words))
			fail_msg("'%s' has no '%s'", text, words);
		assert_string_equal(x->vantage, "client_wire");
	}
	matches_fini(&m);
	diagnosis_fini(&d);
}

static void delayed_acks_of_windows_fit(void **state)
{
	(void)state;
	expect_match(40, 201 * NS_PER_MS, false, MATCH_FITS, "exchange-delayed-ack",
		     "40 of 40 exchanges, 200.9 ms");
	expect_match(120, 201 * NS_PER_MS, false, MATCH_FITS, "exchange-scheduling-assistant",
		     "120 of 120 exchanges");
}

static void another_receiver_is_near_and_not_it(void **state)
{
	(void)state;
	expect_match(40, 44 * NS_PER_MS, false, MATCH_NEAR, "exchange-delayed-ack",
		     "delayed_ack.p50 is 43.9 ms (wanted 185.0 ms to 225.0 ms)");
	expect_match(6, 201 * NS_PER_MS, false, MATCH_NEAR, "exchange-delayed-ack",
		     "delayed_ack.count is 6 (wanted at least 10)");
}

static void beyond_the_held_ack_it_cannot_be_told(void **state)
{
	(void)state;
	expect_match(40, 201 * NS_PER_MS, true, MATCH_HINT, "exchange-delayed-ack",
		     "40 of 40 exchanges");
	expect_match(40, 120 * NS_PER_MS, true, MATCH_NONE, NULL, NULL);
}

static void a_healthy_capture_fits_nothing(void **state)
{
	(void)state;
	expect_match(40, NS_PER_MS, false, MATCH_NONE, NULL, NULL);
	expect_match(0, 0, false, MATCH_NONE, NULL, NULL);
}

/* What of the capture is one service alone can't be compared with others, and that is said. */
static void silent_services(void **state)
{
	struct diagnosis d;
	struct matches m;
	struct trace t;

	(void)state;
	trace_init(&t);
	for (int i = 0; i < 4; i++) {
		t.client_port++;
		trace_handshake(&t, RTT);
		trace_reply(&t, DIR_UPSTREAM, 300);
		trace_wait(&t, RTT);
		trace_ack(&t, DIR_DOWNSTREAM);
		trace_wait(&t, 8 * NS_PER_S);
		trace_fin(&t, DIR_UPSTREAM);
		trace_wait(&t, RTT);
		trace_ack(&t, DIR_DOWNSTREAM);
		trace_wait(&t, NS_PER_S);
	}
	compare(&t, &d, &m);
	assert_true(m.n >= 1);
	assert_int_equal(m.list[0].kind, MATCH_FITS);
	assert_string_equal(m.list[0].scenario->name, "relay-silent");
	assert_string_equal(m.list[0].evidence, "4 of 4 connections, 8.00 s");
	assert_non_null(strstr(m.list[0].lacks, "no other service"));
	assert_int_equal(m.list[0].unjudged, 1);
	matches_fini(&m);
	diagnosis_fini(&d);
}

/* Returns the kind of the capture's match with F24: a server whose pieces are of that many bytes,
 * to a client that says 500 and means 64000 by its scale. */
static enum match_kind kind_of_pieces(uint32_t bytes, size_t n)
{
	enum match_kind kind = MATCH_NONE;
	struct diagnosis d;
	struct matches m;
	struct trace t;

	trace_init(&t);
	trace_handshake(&t, RTT);
	trace_reply(&t, DIR_UPSTREAM, 300);
	trace_wait(&t, NS_PER_MS);
	trace_ack(&t, DIR_DOWNSTREAM);
	for (size_t i = 0; i < n; i++) {
		trace_data(&t, DIR_DOWNSTREAM, bytes);
		trace_wait(&t, RTT / 10);
		trace_ack(&t, DIR_UPSTREAM);
		trace_wait(&t, 208 * NS_PER_MS);
	}
	trace_data(&t, DIR_DOWNSTREAM, 10);
	trace_fin(&t, DIR_UPSTREAM);
	compare(&t, &d, &m);
	for (size_t i = 0; i < m.n; i++)
		if (strcmp(m.list[i].scenario->name, "vista-throughput") == 0)
			kind = m.list[i].kind;
	matches_fini(&m);
	diagnosis_fini(&d);
	return kind;
}

static void a_scale_that_is_overlooked(void **state)
{
	(void)state;
	assert_int_equal(kind_of_pieces(500, 8), MATCH_FITS);
	assert_int_equal(kind_of_pieces(500, 2), MATCH_NONE); /* chance */
	assert_int_equal(kind_of_pieces(480, 8), MATCH_NONE); /* an application's own pieces */
	assert_int_equal(kind_of_pieces(900, 8), MATCH_NONE);
}

/* Returns how many of three connections count as gathered: after a wait, so many segments of 1000
 * bytes come at one moment, then ten more, each after a gap. */
static uint64_t gathered(int64_t wait, int segments, int64_t gap)
{
	struct diagnosis d;
	struct trace t;
	struct err e = {""};
	char path[TRACE_PATH];
	uint64_t found;
	int fd;

	trace_init(&t);
	for (int i = 0; i < 3; i++) {
		t.client_port++;
		trace_handshake(&t, RTT);
		trace_reply(&t, DIR_UPSTREAM, 300);
		trace_wait(&t, wait);
		trace_ack(&t, DIR_DOWNSTREAM);
		for (int k = 0; k < segments + 10; k++) {
			trace_wait(&t, k < segments ? 10 * NS_PER_US : gap);
			trace_data(&t, DIR_DOWNSTREAM, 1000);
		}
		trace_ack(&t, DIR_UPSTREAM);
		trace_fin(&t, DIR_UPSTREAM);
	}
	fd = trace_open(t.buf.data, t.buf.len, path, &e);
	assert_true(fd >= 0);
	assert_int_equal(diagnosis_read(path, 10, &d, &e), 0);
	assert_int_equal(d.services.n, 1);
	found = d.services.list[0]->counts.gathered;
	close(fd);
	trace_free(&t);
	diagnosis_fini(&d);
	return found;
}

static void a_stream_that_is_gathered(void **state)
{
	const int64_t ms = NS_PER_MS;

	(void)state;
	assert_int_equal(gathered(100 * ms, 10, 10 * ms), 3);
	assert_int_equal(gathered(100 * ms, 10, 6 * ms), 3); /* its rate may vary */
	assert_int_equal(gathered(100 * ms, 10, 2 * ms),
			 0); /* a server that thinks, on a slow path */
	assert_int_equal(gathered(100 * ms, 2, 10 * ms), 0); /* a header, and then its body */
	assert_int_equal(gathered(20 * ms, 10, 10 * ms), 0);
}

/* Every name in a family is a scenario, whose family names it, too. */
static void families_are_mutual(void **state)
{
	struct diagnosis d;
	struct matches m;
	struct trace t;

	(void)state;
	trace_init(&t);
	trace_handshake(&t, RTT);
	compare(&t, &d, &m);
	for (size_t i = 0; i < m.catalog.n; i++)
		for (size_t k = 0; k < m.catalog.list[i]->nfamily; k++) {
			bool mutual = false;

			for (size_t j = 0; j < m.catalog.n; j++)
				mutual = mutual ||
					 (strcmp(m.catalog.list[j]->name,
						 m.catalog.list[i]->family[k]) == 0 &&
					  match_is_family(m.catalog.list[j], m.catalog.list[i]));
			assert_true(mutual);
		}
	matches_fini(&m);
	diagnosis_fini(&d);
}

static void expect_refusal(const char *name, const char *stat, const char *words)
{
	struct metric_ref ref = {.traffic = "main"};
	struct err e = {""};

	snprintf(ref.name, sizeof(ref.name), "%s", name);
	snprintf(ref.stat, sizeof(ref.stat), "%s", stat);
	assert_int_equal(figure_known(NULL, &ref, &e), -1);
	if (!strstr(e.text, words))
		fail_msg("'%s' has no '%s'", e.text, words);
}

static void unknown_figures_are_refused_with_the_nearest(void **state)
{
	(void)state;
	expect_refusal("delayed_ak", "p50", "did you mean 'delayed_ack'");
	expect_refusal("server_thinks", "p50", "did you mean 'server_think'");
	expect_refusal("delayed_ack", "p51", "'p51' is no statistic (did you mean 'p50'");
	expect_refusal("delayed_ack", "", "delayed_ack needs a statistic");
	expect_refusal("connections", "p50", "is one value and takes no statistic");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(delayed_acks_of_windows_fit),
	    cmocka_unit_test(another_receiver_is_near_and_not_it),
	    cmocka_unit_test(beyond_the_held_ack_it_cannot_be_told),
	    cmocka_unit_test(a_healthy_capture_fits_nothing),
	    cmocka_unit_test(silent_services),
	    cmocka_unit_test(a_scale_that_is_overlooked),
	    cmocka_unit_test(a_stream_that_is_gathered),
	    cmocka_unit_test(families_are_mutual),
	    cmocka_unit_test(unknown_figures_are_refused_with_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
