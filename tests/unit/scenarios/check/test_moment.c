/* test_moment.c - when a fault took effect, by captures that are written packet by packet.
 * LAYER: wedge_check trace_rig */
#include "proxy/base/clock.h"
#include "scenarios/check/moment.h"
#include "tests/rig/trace_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#define UP   DIR_UPSTREAM
#define DOWN DIR_DOWNSTREAM
#define MS   NS_PER_MS

/* A connection whose handshake lasts 2 ms, and a request of 100 bytes 3 ms later. */
static int64_t begin(struct trace *t)
{
	int64_t syn;

	trace_init(t);
	syn = t->now;
	trace_handshake(t, 2 * MS);
	trace_wait(t, 3 * MS);
	trace_data(t, UP, 100);
	return syn;
}

/* The connections that the capture shows; the trace is gone afterwards. */
static struct moment_list take(struct trace *t)
{
	struct moment_list l;
	char path[TRACE_PATH];
	struct err e;
	int fd = trace_open(t->buf.data, t->buf.len, path, &e);

	assert_true(fd != -1);
	assert_int_equal(moment_list_read(path, TRACE_SERVER_PORT, &l, &e), 0);
	close(fd);
	trace_free(t);
	return l;
}

/* The moment of the only connection, in nanoseconds since `since`. */
static void expect(struct trace *t, enum fault_moment moment, int64_t since, int64_t after)
{
	struct moment_list l = take(t);

	assert_int_equal(l.n, 1);
	assert_int_equal(fault_moment_find(&l.v[0], moment) - since, after);
	moment_list_fini(&l);
}

static void the_first_syn_counts_not_its_repetition(void **state)
{
	struct trace t;
	int64_t syn;
	struct trace_segment again;

	(void)state;
	trace_init(&t);
	syn = t.now;
	trace_syn(&t);
	again = (struct trace_segment){.dir = UP, .flags = 0x02, .seq = t.next[UP] - 1};
	trace_wait(&t, NS_PER_S);
	trace_segment(&t, &again);
	expect(&t, MOMENT_SYN, syn, 0);
}

static void the_handshake_its_request_and_the_ends(void **state)
{
	static const struct {
		enum fault_moment moment;
		int64_t after;
	} rows[] = {{MOMENT_SYN, 0},
		    {MOMENT_CONNECTED, 2 * MS},
		    {MOMENT_REQUEST, 5 * MS},
		    {MOMENT_LAST_DATA, 15 * MS},
		    {MOMENT_SERVER_ENDS, 35 * MS},
		    {MOMENT_CLIENT_ENDS, 45 * MS}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct trace t;
		int64_t syn = begin(&t);

		trace_wait(&t, 10 * MS);
		trace_reply(&t, DOWN, 1000);
		trace_wait(&t, 20 * MS);
		trace_fin(&t, DOWN);
		trace_wait(&t, 10 * MS);
		trace_fin(&t, UP);
		expect(&t, rows[i].moment, syn, rows[i].after);
	}
}

static void an_rst_is_the_servers_end(void **state)
{
	struct trace t;
	int64_t syn = begin(&t);

	(void)state;
	trace_wait(&t, 10 * MS);
	trace_rst(&t, DOWN);
	expect(&t, MOMENT_SERVER_ENDS, syn, 15 * MS);
}

static void bytes_that_come_again_are_not_the_last_data(void **state)
{
	struct trace t;
	int64_t syn = begin(&t);

	(void)state;
	trace_wait(&t, 10 * MS);
	trace_reply(&t, DOWN, 1000);
	trace_wait(&t, 300 * MS);
	trace_resend(&t, DOWN, 1000, 1000);
	expect(&t, MOMENT_LAST_DATA, syn, 15 * MS);
}

static void what_a_client_says_as_it_goes_is_not_the_last_data(void **state)
{
	struct trace t;
	int64_t syn = begin(&t);

	(void)state;
	trace_wait(&t, 10 * MS);
	trace_reply(&t, DOWN, 1000);
	trace_wait(&t, 5 * NS_PER_S);
	trace_data(&t, UP, 24); /* a close_notify */
	trace_wait(&t, MS);
	trace_fin(&t, UP);
	expect(&t, MOMENT_LAST_DATA, syn, 15 * MS);
}

static void what_a_client_asks_a_silent_server_is_later_than_its_last_data(void **state)
{
	static const enum fault_moment moments[] = {MOMENT_SERVER_DATA, MOMENT_LAST_DATA};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct trace t;
		int64_t syn = begin(&t);

		trace_wait(&t, 10 * MS);
		trace_reply(&t, DOWN, 1000);
		trace_wait(&t, 3 * NS_PER_S);
		trace_data(&t, UP, 52); /* are you there? */
		expect(&t, moments[i], syn, 15 * MS + (i ? 3 * NS_PER_S : 0));
	}
}

static void a_server_that_says_nothing_has_the_request_for_its_last_data(void **state)
{
	struct trace t;
	int64_t syn = begin(&t);

	(void)state;
	expect(&t, MOMENT_SERVER_DATA, syn, 5 * MS);
}

static void a_request_that_is_all_is_no_goodbye(void **state)
{
	struct trace t;
	int64_t syn = begin(&t);

	(void)state;
	trace_wait(&t, 50 * MS);
	trace_fin(&t, UP);
	expect(&t, MOMENT_LAST_DATA, syn, 5 * MS);
}

static void a_trickle_begins_with_its_first_byte(void **state)
{
	struct trace t;
	int64_t syn = begin(&t);

	(void)state;
	trace_wait(&t, 10 * MS);
	trace_reply(&t, DOWN, 1000);
	trace_wait(&t, MS);
	for (int i = 0; i < 3; i++) {
		trace_data(&t, DOWN, 1);
		trace_wait(&t, NS_PER_S);
	}
	expect(&t, MOMENT_TRICKLE, syn, 16 * MS);
	syn = begin(&t);
	trace_wait(&t, 10 * MS);
	trace_reply(&t, DOWN, 1000);
	trace_wait(&t, 250 * MS); /* a byte that a busy machine holds up */
	trace_data(&t, DOWN, 1);
	trace_wait(&t, 750 * MS);
	trace_data(&t, DOWN, 1);
	trace_wait(&t, NS_PER_S);
	trace_data(&t, DOWN, 1);
	expect(&t, MOMENT_TRICKLE, syn, 265 * MS);
	syn = begin(&t);
	trace_wait(&t, 500 * MS); /* a server that thinks is none */
	trace_reply(&t, DOWN, 1000);
	trace_wait(&t, 500 * MS);
	trace_data(&t, DOWN, 1000);
	expect(&t, MOMENT_TRICKLE, 0, 0);
	(void)syn;
}

static void other_ports_and_what_was_not_seen(void **state)
{
	struct trace t;
	struct moment_list l;
	struct err e;
	char path[TRACE_PATH];
	int fd;

	(void)state;
	begin(&t);
	fd = trace_open(t.buf.data, t.buf.len, path, &e);
	assert_int_equal(moment_list_read(path, TRACE_SERVER_PORT + 1, &l, &e), 0);
	assert_int_equal(l.n, 0);
	moment_list_fini(&l);
	assert_int_equal(moment_list_read("/nonexistent", TRACE_SERVER_PORT, &l, &e), -1);
	close(fd);
	expect(&t, MOMENT_SERVER_ENDS, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_syn_counts_not_its_repetition),
	    cmocka_unit_test(the_handshake_its_request_and_the_ends),
	    cmocka_unit_test(an_rst_is_the_servers_end),
	    cmocka_unit_test(bytes_that_come_again_are_not_the_last_data),
	    cmocka_unit_test(what_a_client_says_as_it_goes_is_not_the_last_data),
	    cmocka_unit_test(what_a_client_asks_a_silent_server_is_later_than_its_last_data),
	    cmocka_unit_test(a_server_that_says_nothing_has_the_request_for_its_last_data),
	    cmocka_unit_test(a_request_that_is_all_is_no_goodbye),
	    cmocka_unit_test(a_trickle_begins_with_its_first_byte),
	    cmocka_unit_test(other_ports_and_what_was_not_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
