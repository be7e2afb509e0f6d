/* test_trigger.c - the common parameters: what is refused and why, what is printed, where windows
 * lie. LAYER: wedge_impairments_set */
#include "impairments/set/set_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void refused(const char *text, bool forwarded, const char *said)
{
	struct impairment_set *s = impairment_set_new();
	struct err e = {""};

	if (impairment_set_text(s, text, &e) == 0 && impairment_set_check(s, forwarded, &e) == 0)
		fail_msg("%s was taken", text);
	if (!strstr(e.text, said))
		fail_msg("%s: %s", text, e.text);
	impairment_set_free(s);
}

static void accepted(const char *text)
{
	struct impairment_set *s = impairment_set_new();
	struct err e = {""};

	if (impairment_set_text(s, text, &e) == -1 || impairment_set_check(s, false, &e) == -1)
		fail_msg("%s: %s", text, e.text);
	impairment_set_free(s);
}

static void silly_values_are_refused_with_the_reason(void **state)
{
	(void)state;
	refused("stall{after=9223372036854775808B}", false, "more than any session will see");
	refused("stall{after=99999999999999999999B}", false, "amount");
	refused("stall{after=5}", false, "'5' is no amount");
	refused("stall{after=-5s}", false, "amount");
	refused("stall{after=5 apples}", false, "amount");
	refused("stall{after=}", false, "amount");
	refused("stall{after=1..5s}", false, "'1' is no amount");
	refused("stall{after=5s..1s}", false, "the smaller one first");
	refused("stall{after=1s..5KB}", false, "of one kind");
	refused("stall{after=1s..}", false, "amount");
	refused("stall{after=..5s}", false, "amount");
	refused("stall{after=1s..2s..3s}", false, "amount");
	refused("stall{for=1s..5s}", false, "amount");
	refused("stall{framing=line,offset=1s}", false, "no number of bytes");
	refused("stall{framing=line,offset=0..5 messages}", false, "no number of bytes");
	refused("stall{framing=line,offset=5}", false, "amount");
	refused("stall{for=0}", false, "nothing");
	refused("stall{for=5s,every=2s}", false, "every is shorter than for");
	refused("stall{every=2s}", false, "every needs for");
	refused("stall{probability=150%}", false, "more than the whole");
	refused("stall{probability=-1}", false, "not a fraction");
	refused("stall{nth=0}", false, "less than 1");
	refused("stall{port=65536}", false, "more than 65535");
	refused("stall{client=300.0.0.1}", false, "client");
	refused("stall{client=192.0.2.0/33}", false, "client");
	refused("stall{sni=no name}", false, "server name");
	refused("stall{sni=*.}", false, "server name");
	refused("stall{schedule=now and then}", false, "a schedule is");
	refused("stall{time_scale=0}", false, "less than 0.001");
	refused("stall{name=a b}", false, "a name has");
	refused("stall{length_width=9,framing=length-prefixed}", false, "more than 8");
	refused("stall{length_extra=0.5,framing=length-prefixed}", false, "whole number");
	refused("stall{framing=delimiter,delimiter=\"\"}", false, "at least one byte");
}

static void contradictions_are_refused_with_the_reason(void **state)
{
	(void)state;
	refused("stall{after=3 messages}", false, "counted by a framing");
	refused("stall{after=0..3 messages}", false, "counted by a framing");
	refused("stall{offset=0B..3B}", false, "need a framing");
	refused("stall{after=0..3 packets}", false, "no packets are counted");
	refused("refuse{after=0..5s}", false, "decides when a client is accepted");
	refused("stall{per=message}", false, "needs a framing");
	refused("stall{per=message,framing=line}", false, "for must be a time");
	refused("process_freeze{for=10KB}", false, "for must be a time");
	refused("slow_close{per=message,framing=line}", false, "for must be a time");
	refused("stall{at=body}", false, "need a framing");
	refused("stall{at=body,framing=line}", false, "needs a framing with headers");
	refused("stall{at=header,framing=tls-record}", false, "at=header needs framing=http1");
	refused("stall{per=message,framing=line,after=5s}", false, "after is a number of messages");
	refused("stall{offset=5B,framing=line,after=5s}", false, "after is a number of messages");
	refused("stall{per=message,framing=line,every=5s,for=1s}", false,
		"every is a number of messages");
	refused("stall{after=3 packets}", false, "no packets are counted");
	refused("loss{framing=line,after=3 messages}", false, "no messages are counted");
	refused("loss{after=3 messages}", false, "no messages are counted");
	refused("stall{time_scale=2}", false, "has no effect without schedule");
	refused("stall{length_offset=4B}", false, "without framing=length-prefixed");
	refused("stall{framing=line,delimiter=x,after=1msg}", false, "without framing=delimiter");
	refused("stall{delimiter=\\r\\n}", false, "without framing=delimiter");
	refused("stall{framing=line}", false, "per=message, at or offset would");
	refused("stall{framing=line,after=5s,for=10s}", false, "nothing counts messages");
	refused("stall{framing=http1,at=message,offset=0B}", false, "nothing counts messages");
	refused("stall{framing=delimiter,delimiter=x}", false, "nothing counts messages");
	refused("stall{framing=length-prefixed,length_width=2}", false, "nothing counts messages");
	refused("latency{framing=line,after=5KB,probability=20%}", false,
		"nothing counts messages");
	refused("tls_stall{framing=tls-record}", false, "nothing counts messages");
	refused("loss{framing=line}", false, "it acts on packets");
	refused("refuse{framing=line}", false, "decides when a client is accepted");
	refused("latency{shape=4}", false, "has no effect without distribution");
	refused("filler{zeros=3}", false, "has no effect without kind");
	refused("loss{at=body}", false, "no messages are counted");
	refused("loss{per=message}", false, "no messages are counted");
	refused("syn_drop{after=0..3s}", false, "with which a connection begins");
	refused("syn_ack_delay{for=1s,every=10KB}", false, "carries no bytes");
	refused("accept_queue_full{sni=a.example.org}", false, "before a server name");
	refused("zero_window{for=10KB}", false, "nothing but probes");
	refused("delayed_ack{for=300ms,every=800ms}", false, "a count of its own here");
	refused("loss{sni=a.example.org}", true, "forwarded connections only pass by");
	refused("refuse{after=5s}", false, "decides when a client is accepted");
	refused("refuse{sni=a.example.org}", false, "before a server name can be known");
	refused("refuse", true, "only pass by it; use syn_drop{action=rst}");
	refused("stall{leg=client}", false, "there is no leg to choose");
	refused("process_freeze{direction=upstream}", false, "none can be chosen");
}

static void every_form_is_understood(void **state)
{
	static const char *const forms[] = {
	    "stall{after=10KB,for=30s}",
	    "latency{after=3msg,framing=line,for=1 message,every=5 messages}",
	    "stall{for=5s,every=5s}",
	    "stall{after=140..150 messages,framing=line,offset=10B..1KB}",
	    "stall{after=0..3msg,framing=line}",
	    "stall{after=0 messages,framing=line}",
	    "cut{for=1 message,framing=line}",
	    "latency{for=1s,every=3 messages,framing=line}",
	    "cut{framing=http1,at=body}",
	    "cut{framing=line,offset=0B..1B}",
	    "drop{framing=delimiter,delimiter=x,per=message}",
	    "tls_stall{after=3 messages}",
	    "tls_stall{framing=tls-record,after=3 messages}",
	    "tls_half_record{at=message,offset=1B}",
	    "stall{framing=none}",
	    "stall{after=1s..5s}",
	    "stall{after=1.5KB..20KiB}",
	    "stall{after=5s..5s}",
	    "loss{after=10..20 packets}",
	    "stall{for=5s,every=10KB}",
	    "stall{for=forever,every=auto}",
	    "loss{after=20 packets,for=1pkt}",
	    "loss{sni=a.example.org}",
	    "reset{per=message,framing=http1,probability=2%,direction=upstream}",
	    "stall{framing=length-prefixed,length_offset=2B,length_width=2,length_endian=little,"
	    "length_"
	    "extra=-4,after=2msg,at=body,offset=10B}",
	    "stall{schedule=\"0s on, 10s off\"}",
	    "stall{schedule=0s on;10s off}",
	    "stall{schedule=on 10s off 20s}",
	    "stall{schedule=poisson 126h,time_scale=1440}",
	    "refuse{nth=3,only_first=30,client=192.0.2.0/24,schedule=on 1s off 1s}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		accepted(forms[i]);
}

static void description_with_triggers_can_be_read_back(void **state)
{
	static const char text[] =
	    "stall{side=read,window=16KiB,direction=both,name=a,enabled=false,probability=5%,"
	    "client=192.0.2.0/24,nth=3,after=3 messages,for=5s,framing=delimiter,"
	    "delimiter=\"\"\"\\n,}\",schedule=\"0s on, 10s off\"}";
	struct impairment_set *s = impairment_set_new();
	struct err e = {""};
	char *described;

	(void)state;
	if (impairment_set_text(s, text, &e) == -1)
		fail_msg("%s", e.text);
	assert_string_equal(s->inst[0].when.delimiter, "\"\\n,}");
	described = impairment_set_describe(s);
	assert_string_equal(described, text);
	free(described);
	impairment_set_free(s);
	refused("stall{delimiter=\"abc}", false, "closing");
	refused("stall{delimiter=\"a\"b\"}", false, "quote");
}

/* Where a window is open, for positions 0, 1, 2, ... of its unit. */
static void assert_open(const struct trigger_window_config *c, enum unit unit, uint64_t from,
			const char *wanted)
{
	struct position p = {.at = {0}};
	struct trigger_window w;
	char got[100] = "";

	p.at[unit] = from;
	trigger_window_begin(&w, c, &p);
	for (unsigned i = 0; i < strlen(wanted); i++) {
		p.at[unit] = from + i;
		for (int k = 0; trigger_window_step(&w, c, &p) != TRIGGER_WINDOW_STAYS; k++)
			assert_true(k < 4);
		assert_false(trigger_window_is_due(&w, c, &p));
		got[i] = w.open ? '#' : '.';
	}
	assert_string_equal(got, wanted);
}

static void windows_lie_where_they_should_also_for_who_joins_late(void **state)
{
	struct trigger_window_config c = {.after = {UNIT_BYTES, 3}, .length = {UNIT_BYTES, 2}};

	(void)state;
	assert_open(&c, UNIT_BYTES, 0, "...##......");
	assert_open(&c, UNIT_BYTES, 4, "#......");
	assert_open(&c, UNIT_BYTES, 5, "......");
	c.every = (struct amount){UNIT_BYTES, 4};
	assert_open(&c, UNIT_BYTES, 0, "...##..##..##");
	assert_open(&c, UNIT_BYTES, 4, "#..##..##");
	assert_open(&c, UNIT_BYTES, 1000001, "..##..##");
	c.every.n = 2;
	assert_open(&c, UNIT_BYTES, 0, "...########");
	c = (struct trigger_window_config){.after = {UNIT_TIME, 0}};
	assert_open(&c, UNIT_TIME, 0, "######");
	c = (struct trigger_window_config){.after = {UNIT_TIME, 2}, .length = {UNIT_TIME, 3}};
	assert_open(&c, UNIT_TIME, 4, "#....");
	/* A unit that has nothing to do with the others counts from where it is. */
	c = (struct trigger_window_config){.after = {UNIT_BYTES, 2}, .length = {UNIT_TIME, 3}};
	assert_open(&c, UNIT_BYTES, 5, "###");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(silly_values_are_refused_with_the_reason),
	    cmocka_unit_test(contradictions_are_refused_with_the_reason),
	    cmocka_unit_test(every_form_is_understood),
	    cmocka_unit_test(description_with_triggers_can_be_read_back),
	    cmocka_unit_test(windows_lie_where_they_should_also_for_who_joins_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
