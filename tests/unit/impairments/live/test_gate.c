/* test_gate.c - an instance acts exactly where and when its triggers say, on the stream plane.
 * LAYER: wedge_impairments set_rig */
#include "tests/rig/set_rig.h"

#include "proxy/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DOWN DIR_DOWNSTREAM
#define UP   DIR_UPSTREAM

static void assert_log(struct set_rig *r, const char *wanted)
{
	assert_string_equal(set_rig_log(r), wanted);
	set_rig_log_clear(r);
}

static void cut_after_bytes_acts_at_that_byte_and_not_with_the_next(void **state)
{
	struct set_rig *r = set_rig_new("cut{after=5B}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, "hell");
	assert_log(r, "0s 1 downstream hell\n");
	set_rig_feed(r, 1, DOWN, "o");
	assert_log(r, "0s 1 downstream o\n0s 1 downstream FIN\n");
	set_rig_open(r, 2);
	set_rig_feed(r, 2, DOWN, "hello world");
	assert_log(r, "0s 2 downstream hello\n0s 2 downstream FIN\n");
	set_rig_feed(r, 2, UP, "the other direction goes on");
	assert_log(r, "0s 2 upstream the other direction goes on\n");
	set_rig_free(r);
}

static void drop_eats_exactly_its_range_however_the_bytes_are_cut(void **state)
{
	const char *text = "0123456789abcdefghij";

	(void)state;
	for (size_t piece = 1; piece <= strlen(text); piece++) {
		struct set_rig *r = set_rig_new("drop{after=10B,for=5B}");
		uint64_t out;

		set_rig_open(r, 1);
		for (size_t at = 0; at < strlen(text); at += piece)
			set_rig_feed_data(r, 1, DOWN, text + at,
					  at + piece < strlen(text) ? piece : strlen(text) - at);
		out = set_rig_flow(r, 1, DOWN)->out_bytes;
		assert_int_equal(out, 15);
		assert_int_equal(set_rig_flow(r, 1, DOWN)->eaten_bytes, 5);
		if (piece == strlen(text))
			assert_log(r, "0s 1 downstream 0123456789\n0s 1 downstream fghij\n");
		set_rig_free(r);
	}
}

static void stall_by_bytes_and_time_holds_and_lets_go(void **state)
{
	struct set_rig *r = set_rig_new("stall{side=write,after=4B,for=30s}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, "abcdef");
	set_rig_advance(r, 10 * NS_PER_S);
	set_rig_feed(r, 1, DOWN, "gh");
	set_rig_end(r, 1, DOWN, END_FIN);
	assert_log(r, "0s 1 downstream abcd\n");
	set_rig_advance(r, 19999 * NS_PER_MS);
	assert_log(r, "");
	set_rig_advance(r, NS_PER_MS);
	assert_log(r, "30s 1 downstream efgh\n30s 1 downstream FIN\n");
	set_rig_free(r);
}

static void every_repeats_in_time_without_drift(void **state)
{
	struct set_rig *r = set_rig_new("stall{side=write,after=1s,for=1s,every=3s}");

	(void)state;
	set_rig_open(r, 1);
	for (int i = 0; i < 10; i++) {
		set_rig_feed_data(r, 1, DOWN, &"0123456789"[i], 1);
		set_rig_advance(r, NS_PER_S);
	}
	assert_log(r, "0s 1 downstream 0\n2s 1 downstream 1\n2s 1 downstream 2\n3s 1 downstream 3\n"
		      "5s 1 downstream 4\n5s 1 downstream 5\n6s 1 downstream 6\n8s 1 downstream 7\n"
		      "8s 1 downstream 8\n9s 1 downstream 9\n");
	set_rig_free(r);
}

static void every_repeats_in_bytes(void **state)
{
	struct set_rig *r = set_rig_new("drop{after=2B,for=1B,every=4B}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, "abcdefghijkl");
	assert_log(
	    r, "0s 1 downstream ab\n0s 1 downstream def\n0s 1 downstream hij\n0s 1 downstream l\n");
	set_rig_free(r);
}

static void messages_are_counted_by_lines(void **state)
{
	struct set_rig *r = set_rig_new("cut{after=2 messages,framing=line}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed_data(r, 1, DOWN, "a\nb", 3);
	set_rig_log_clear(r);
	set_rig_feed_data(r, 1, DOWN, "b\nc\n", 4);
	assert_log(r, "0s 1 downstream 2B\n0s 1 downstream FIN\n");
	set_rig_free(r);
}

static void body_of_the_kth_response_stalls_at_its_offset(void **state)
{
	struct set_rig *r =
	    set_rig_new("stall{side=write,framing=http1,after=1msg,at=body,offset=3B}");
	const char *one = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst";
	const char *two = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond";

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, one);
	assert_int_equal(set_rig_flow(r, 1, DOWN)->held, 0);
	set_rig_feed(r, 1, DOWN, two);
	assert_int_equal(set_rig_flow(r, 1, DOWN)->held, 3);
	assert_int_equal(set_rig_flow(r, 1, DOWN)->out_bytes, strlen(one) + strlen(two) - 3);
	set_rig_free(r);
}

/* Where the lines of ten bytes stop in each session: as the seed draws it, alike however they are
 * cut; each place of the range is met. */
static void place_is_drawn_for_each_session(void **state)
{
	static const char text[] = "123456789\n123456789\n123456789\n123456789\n123456789\n";
	static const char drawn[] =
	    "stall{side=write,framing=line,after=1..3 messages,offset=2B..8B}";
	uint64_t stops[2][300];
	unsigned met[40] = {0};

	(void)state;
	for (unsigned again = 0; again < 2; again++) {
		struct set_rig *r = set_rig_new(drawn);
		size_t piece = again ? 7 : sizeof(text) - 1;

		for (unsigned i = 0; i < ARRAY_LEN(stops[0]); i++) {
			set_rig_open(r, i + 1);
			for (size_t at = 0; at < sizeof(text) - 1; at += piece)
				set_rig_feed_data(
				    r, i + 1, DOWN, text + at,
				    at + piece < sizeof(text) - 1 ? piece : sizeof(text) - 1 - at);
			stops[again][i] = set_rig_flow(r, i + 1, DOWN)->out_bytes;
			met[stops[again][i]]++;
		}
		set_rig_free(r);
	}
	assert_memory_equal(stops[0], stops[1], sizeof(stops[0]));
	for (unsigned at = 0; at < ARRAY_LEN(met); at++) {
		bool wanted = at >= 12 && at % 10 >= 2 && at % 10 <= 8 && at < 39;

		assert_true(wanted ? met[at] >= 6 : !met[at]);
	}
}

static void empty_body_has_no_place_in_it_but_its_beginning(void **state)
{
	struct set_rig *r = set_rig_new("drop{framing=http1,at=body,offset=1B,for=1msg}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN,
		     "HTTP/1.1 204 No\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
	assert_int_equal(set_rig_flow(r, 1, DOWN)->eaten_bytes, 0);
	set_rig_free(r);
	r = set_rig_new("drop{framing=http1,at=body,per=message}");
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, "HTTP/1.1 204 No\r\n\r\n");
	set_rig_feed(r, 1, DOWN, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
	assert_int_equal(set_rig_flow(r, 1, DOWN)->eaten_bytes, 3);
	set_rig_free(r);
	r = set_rig_new("cut{framing=http1,at=body}");
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, "HTTP/1.1 204 No\r\n\r\n");
	assert_non_null(strstr(set_rig_log(r), "FIN"));
	set_rig_free(r);
}

/* A fault of a request hits with its first byte, not with the last one of the request before. */
static void message_is_chosen_with_its_first_byte(void **state)
{
	struct set_rig *r = set_rig_new("drop{direction=upstream,per=message,framing="
					"line,every=2 messages,after=1 message}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, UP, "a\n");
	assert_false(set_rig_flow(r, 1, UP)->first->active);
	set_rig_feed(r, 1, UP, "b");
	assert_true(set_rig_flow(r, 1, UP)->first->active);
	set_rig_feed(r, 1, UP, "\n");
	assert_false(set_rig_flow(r, 1, UP)->first->active);
	set_rig_feed(r, 1, UP, "c\nd");
	assert_true(set_rig_flow(r, 1, UP)->first->active);
	set_rig_free(r);
}

static void probability_per_message_is_near_and_each_decision_told(void **state)
{
	struct set_rig *r = set_rig_new("drop{per=message,framing=line,probability=20%}");
	unsigned decisions = 0;

	(void)state;
	set_rig_open(r, 1);
	for (int i = 0; i < 5000; i++)
		set_rig_feed(r, 1, DOWN, "abc\n");
	/* 1,000 expected; the standard deviation is 28. */
	assert_in_range(set_rig_flow(r, 1, DOWN)->eaten_bytes / 4, 900, 1100);
	assert_int_equal(set_rig_flow(r, 1, DOWN)->eaten_bytes % 4, 0);
	for (const char *p = set_rig_journal(r); (p = strstr(p, "\"decision\"")); p++)
		decisions++;
	assert_int_equal(decisions, 5000);
	set_rig_free(r);
}

static void message_that_isnt_chosen_doesnt_keep_the_next_from_it(void **state)
{
	struct set_rig *r = set_rig_new("drop{per=message,framing=line,probability=20%,for=1s}");
	unsigned n = 0;

	(void)state;
	for (unsigned i = 1; i <= 20; i++) {
		set_rig_open(r, i);
		for (int k = 0; k < 20; k++)
			set_rig_feed(r, i, DOWN, "a\n");
		n += set_rig_flow(r, i, DOWN)->eaten_bytes > 0;
	}
	assert_true(n > 15); /* 1 - 0.8^20 = 99% of them are hit sooner or later */
	set_rig_free(r);
}

#define FIRST_PORT 50000

/* For each client's port, which of its messages were eaten. Sessions get their numbers in the order
 * in which they come. */
static char *decisions(uint64_t seed, bool backwards, const char *impairments)
{
	struct set_rig *r = set_rig_new_seed(impairments, seed);
	char *text = xcalloc(20 * 33, 1);

	set_rig_set(r)->alone.draw.port_first = FIRST_PORT;
	for (unsigned i = 0; i < 20; i++) {
		unsigned place = backwards ? 20 - i : i + 1, n = i + 1;

		set_rig_port(r, (uint16_t)(FIRST_PORT + place));
		set_rig_open(r, n);
		for (int k = 0; k < 32; k++) {
			uint64_t before = set_rig_flow(r, n, DOWN)->eaten_bytes;

			set_rig_feed(r, n, DOWN, "x\n");
			text[(place - 1) * 33 + (unsigned)k] =
			    set_rig_flow(r, n, DOWN)->eaten_bytes > before ? '1' : '0';
		}
		text[(place - 1) * 33 + 32] = '\n';
	}
	set_rig_free(r);
	return text;
}

static void decisions_repeat_with_the_seed_whatever_the_order_of_sessions(void **state)
{
	static const char *const sets[] = {
	    "drop{per=message,framing=line,probability=30%}",
	    "drop{probability=40%}",
	    "drop{probability=40%} + drop{per=message,framing=line,probability=10%}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		char *a = decisions(7, false, sets[i]), *b = decisions(7, false, sets[i]);
		char *c = decisions(7, true, sets[i]), *d = decisions(8, false, sets[i]);

		assert_memory_equal(a, b, 20 * 33);
		assert_memory_equal(a, c, 20 * 33);
		assert_memory_not_equal(a, d, 20 * 33);
		free(a);
		free(b);
		free(c);
		free(d);
	}
}

/* corrupt draws bytes at random: a gate before it doesn't shift its numbers. */
static void gate_leaves_the_numbers_of_its_impairment_alone(void **state)
{
	struct set_rig *a = set_rig_new("latency{delay=10ms,jitter=5ms,distribution=uniform}");
	struct set_rig *b = set_rig_new("latency{delay=10ms,jitter=5ms,distribution=uniform,"
					"per=message,framing=line,probability=100%,for=forever}");

	(void)state;
	set_rig_open(a, 1);
	set_rig_open(b, 1);
	for (int i = 0; i < 5; i++) {
		set_rig_feed(a, 1, DOWN, "hello\n");
		set_rig_feed(b, 1, DOWN, "hello\n");
		set_rig_advance(a, 100 * NS_PER_MS);
		set_rig_advance(b, 100 * NS_PER_MS);
	}
	assert_string_equal(set_rig_log(a), set_rig_log(b));
	set_rig_free(a);
	set_rig_free(b);
}

static void clients_are_matched(void **state)
{
	struct set_rig *r = set_rig_new("cut{client=198.51.100.0/24}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_client(r, "198.51.100.77");
	set_rig_open(r, 2);
	assert_log(r, "0s 2 downstream FIN\n");
	assert_non_null(strstr(set_rig_journal(r), "no match: the client's address"));
	set_rig_free(r);
}

static void server_is_matched_when_it_is_known(void **state)
{
	struct set_rig *r = set_rig_new("cut{server=203.0.113.9,port=80}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_open(r, 2);
	assert_log(r, "");
	set_rig_connect(r, 1, "203.0.113.9");
	set_rig_connect(r, 2, "203.0.113.10");
	assert_log(r, "0s 1 downstream FIN\n");
	set_rig_free(r);
}

static void every_nth_session_and_the_first_ones_are_matched(void **state)
{
	struct set_rig *r = set_rig_new("cut{nth=3} + refuse{only_first=2}");

	(void)state;
	for (unsigned i = 1; i <= 7; i++)
		set_rig_open(r, i);
	assert_log(r, "0s 1 refused: refuse: refused\n0s 2 refused: refuse: refused\n"
		      "0s 3 downstream FIN\n0s 6 downstream FIN\n");
	assert_string_equal(impairment_set_sharer(set_rig_set(r)), "cut");
	set_rig_free(r);
}

static void nothing_is_left_of_a_probability_of_zero(void **state)
{
	struct set_rig *r = set_rig_new("cut{probability=0%} + reset{probability=0}");

	(void)state;
	for (unsigned i = 1; i <= 50; i++)
		set_rig_open(r, i);
	assert_log(r, "");
	set_rig_free(r);
}

static void garbage_isnt_counted_and_passes(void **state)
{
	struct set_rig *r = set_rig_new("cut{framing=http1,after=1msg}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_feed(r, 1, DOWN, "this is not what you said\n\n\n");
	set_rig_feed(r, 1, DOWN, "but it passes");
	assert_null(strstr(set_rig_log(r), "FIN"));
	assert_int_equal(set_rig_flow(r, 1, DOWN)->out_bytes, 28 + 13);
	assert_non_null(strstr(set_rig_journal(r), "messages_lost"));
	set_rig_free(r);
}

static void schedule_switches_every_session(void **state)
{
	struct set_rig *r = set_rig_new(
	    "stall{side=write,schedule=\"0s off, 10s on, 20s off\"} + latency{delay=0s}");

	(void)state;
	set_rig_open(r, 1);
	set_rig_open(r, 2);
	set_rig_feed(r, 1, DOWN, "a");
	set_rig_advance(r, 10 * NS_PER_S);
	set_rig_feed(r, 1, DOWN, "b");
	set_rig_feed(r, 2, DOWN, "c");
	set_rig_advance(r, 20 * NS_PER_S);
	assert_log(r, "0s 1 downstream a\n20s 1 downstream b\n20s 2 downstream c\n");
	set_rig_free(r);
}

static void random_episode_lasts_until_it_is_reset(void **state)
{
	struct set_rig *r = set_rig_new("stall{side=write,schedule=poisson 126h,time_scale=1440}");
	struct err e;

	(void)state;
	set_rig_open(r, 1);
	set_rig_advance(r, 3600 * NS_PER_S); /* more than ten mean gaps of 315 s */
	set_rig_feed(r, 1, DOWN, "a");
	set_rig_advance(r, 3600 * NS_PER_S);
	assert_log(r, "");
	assert_int_equal(impairment_set_reset(set_rig_set(r), "stall", &e), 0);
	assert_log(r, "2h 1 downstream a\n");
	set_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cut_after_bytes_acts_at_that_byte_and_not_with_the_next),
	    cmocka_unit_test(drop_eats_exactly_its_range_however_the_bytes_are_cut),
	    cmocka_unit_test(stall_by_bytes_and_time_holds_and_lets_go),
	    cmocka_unit_test(every_repeats_in_time_without_drift),
	    cmocka_unit_test(every_repeats_in_bytes),
	    cmocka_unit_test(messages_are_counted_by_lines),
	    cmocka_unit_test(body_of_the_kth_response_stalls_at_its_offset),
	    cmocka_unit_test(place_is_drawn_for_each_session),
	    cmocka_unit_test(empty_body_has_no_place_in_it_but_its_beginning),
	    cmocka_unit_test(message_is_chosen_with_its_first_byte),
	    cmocka_unit_test(probability_per_message_is_near_and_each_decision_told),
	    cmocka_unit_test(message_that_isnt_chosen_doesnt_keep_the_next_from_it),
	    cmocka_unit_test(decisions_repeat_with_the_seed_whatever_the_order_of_sessions),
	    cmocka_unit_test(gate_leaves_the_numbers_of_its_impairment_alone),
	    cmocka_unit_test(clients_are_matched),
	    cmocka_unit_test(server_is_matched_when_it_is_known),
	    cmocka_unit_test(every_nth_session_and_the_first_ones_are_matched),
	    cmocka_unit_test(nothing_is_left_of_a_probability_of_zero),
	    cmocka_unit_test(garbage_isnt_counted_and_passes),
	    cmocka_unit_test(schedule_switches_every_session),
	    cmocka_unit_test(random_episode_lasts_until_it_is_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
