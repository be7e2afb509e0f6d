/* test_event_words.c - what the journal's lines say in a capture: one line, clean, bounded.
 * LAYER: wedge_annotate */
#include "scenarios/annotate/event_words.h"

#include "proxy/base/mem.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char said[EVENT_TEXT];

static const char *sentence(const char *text, bool seen)
{
	json_t *line = json_loads(text, 0, NULL);

	assert_non_null(line);
	event_sentence(event_words(line), line, seen, said);
	json_decref(line);
	return said;
}

static enum event_about about(const char *text)
{
	json_t *line = json_loads(text, 0, NULL);
	enum event_about a = event_words(line)->about;

	json_decref(line);
	return a;
}

static void a_released_ack_tells_how_long_and_why(void **state)
{
	(void)state;
	assert_string_equal(
	    sentence(
		"{\"t\":1.5,\"event\":\"ack_released\",\"stage\":\"delayed_ack\",\"session\":3,"
		"\"leg\":\"server\",\"direction\":\"downstream\",\"ack\":77,\"held\":0.20012,"
		"\"reason\":\"timer\"}",
		true),
	    "ACK held 200.1 ms by delayed_ack (session 3): released by its timer");
}

static void what_is_held_may_go_earlier(void **state)
{
	(void)state;
	assert_string_equal(
	    sentence("{\"event\":\"ack_held\",\"stage\":\"delayed_ack\",\"session\":3,\"leg\":"
		     "\"forwarded\",\"ack\":77,\"for\":0.2}",
		     true),
	    "ACK held from here on by delayed_ack (session 3): at most 200.0 ms");
}

static void a_packet_that_is_not_there_is_described(void **state)
{
	static const char lost[] =
	    "{\"event\":\"segment_lost\",\"stage\":\"loss\",\"session\":3,\"leg\":\"client\","
	    "\"direction\":\"downstream\",\"seq\":9,\"len\":1448,\"reason\":\"nth\"}";

	(void)state;
	assert_string_equal(sentence(lost, true), "dropped by loss (session 3): reason nth");
	assert_string_equal(sentence(lost, false), "dropped by loss (session 3): seq 9, len 1448, "
						   "reason nth, not in this capture");
}

static void an_event_without_words_is_told_by_its_members(void **state)
{
	(void)state;
	assert_string_equal(
	    sentence("{\"event\":\"request_slowed\",\"stage\":\"worker_pool\",\"session\":4,"
		     "\"direction\":\"upstream\",\"used\":7,\"for\":1.5,\"last\":true}",
		     false),
	    "request slowed by worker_pool (session 4, upstream): used 7, for 1.50 s, last yes");
	assert_string_equal(
	    sentence("{\"event\":\"freeze\",\"stage\":\"freeze\",\"for\":0.5}", false),
	    "freeze by freeze: for 500.0 ms");
	assert_string_equal(
	    sentence("{\"event\":\"discard\",\"session\":4,\"direction\":\"upstream\","
		     "\"bytes\":12,\"why\":\"the session ended\"}",
		     false),
	    "held bytes discarded by wedge (session 4, upstream): bytes 12, the "
	    "session ended");
}

static void a_client_is_told_what_its_server_answered(void **state)
{
	(void)state;
	assert_string_equal(
	    sentence("{\"event\":\"connect_answered\",\"session\":3,\"leg\":\"client\",\"answer\":"
		     "\"refused\",\"client_gets\":\"RST\",\"after\":0.0004}",
		     true),
	    "RST made by wedge (session 3): its server refuses, after 0.400 ms");
	assert_string_equal(
	    sentence("{\"event\":\"connect_answered\",\"session\":3,\"leg\":\"client\",\"answer\":"
		     "\"unreachable\",\"client_gets\":\"ICMP\",\"after\":3.06}",
		     true),
	    "SYN answered with ICMP by wedge (session 3): its server can't be reached, after 3.06 "
	    "s");
	assert_string_equal(
	    sentence("{\"event\":\"connect_answered\",\"session\":3,\"leg\":\"client\",\"answer\":"
		     "\"over\",\"client_gets\":\"nothing\",\"after\":12.0}",
		     true),
	    "SYN not answered by wedge (session 3): its server hasn't answered, after 12.0 s");
	assert_string_equal(
	    sentence("{\"event\":\"connect_failed\",\"session\":3,\"leg\":\"client\",\"why\":"
		     "\"127.0.0.1:9: Connection refused\"}",
		     true),
	    "client turned away by wedge (session 3): 127.0.0.1:9: Connection refused");
	assert_int_equal(about("{\"event\":\"connect_answered\",\"session\":3,\"leg\":\"client\","
			       "\"answer\":\"accepted\",\"client_gets\":\"handshake\"}"),
			 ABOUT_NOTHING);
}

static void a_stage_that_begins_to_act_stands_first(void **state)
{
	(void)state;
	assert_string_equal(
	    sentence("{\"event\":\"act\",\"stage\":\"stall\",\"session\":4,\"direction\":"
		     "\"upstream\",\"why\":\"after byte 10000\"}",
		     false),
	    "stall (session 4, upstream) acts from here on: after byte 10000");
}

static void only_what_was_done_is_told(void **state)
{
	(void)state;
	assert_int_equal(about("{\"event\":\"session_open\",\"session\":1}"), ABOUT_NOTHING);
	assert_int_equal(about("{\"event\":\"connection\",\"session\":1}"), ABOUT_NOTHING);
	assert_int_equal(
	    about("{\"event\":\"act\",\"stage\":\"stall\",\"session\":1,\"why\":\"from "
		  "the beginning\"}"),
	    ABOUT_NOTHING);
	assert_int_equal(about("{\"event\":\"act\",\"stage\":\"stall\",\"session\":1,\"why\":\"its "
			       "window\"}"),
			 ABOUT_MOMENT);
	assert_int_equal(about("{}"), ABOUT_NOTHING);
}

static void a_sentence_is_one_line_of_bounded_utf8(void **state)
{
	char *longest = xcalloc(1, 2000), *line;
	json_t *parsed;

	(void)state;
	assert_string_equal(
	    sentence("{\"event\":\"reset\",\"stage\":\"a\\nb\",\"why\":\"\\u00e9\\t\\u0007\"}",
		     true),
	    "connection reset by a\\nb: \xc3\xa9\\t\\u0007");
	for (size_t i = 0; i < 1900; i += 2)
		memcpy(longest + i, "\xc3\xa9", 2);
	for (int shift = 0; shift < 2; shift++) {
		line = xasprintf("{\"event\":\"reset\",\"stage\":\"%.*s%s\"}", shift, "x", longest);
		sentence(line, true);
		assert_in_range(strlen(said), EVENT_TEXT - 5, EVENT_TEXT - 1);
		free(line);
		line = xasprintf("[\"%s\"]", said);
		parsed = json_loads(line, 0, NULL); /* refuses what is no UTF-8 */
		assert_non_null(parsed);
		json_decref(parsed);
		free(line);
	}
	free(longest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_released_ack_tells_how_long_and_why),
	    cmocka_unit_test(what_is_held_may_go_earlier),
	    cmocka_unit_test(a_packet_that_is_not_there_is_described),
	    cmocka_unit_test(an_event_without_words_is_told_by_its_members),
	    cmocka_unit_test(a_client_is_told_what_its_server_answered),
	    cmocka_unit_test(a_stage_that_begins_to_act_stands_first),
	    cmocka_unit_test(only_what_was_done_is_told),
	    cmocka_unit_test(a_sentence_is_one_line_of_bounded_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
