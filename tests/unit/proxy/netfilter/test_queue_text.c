/* test_queue_text.c - the queue's rules say the same in the words of nft and of iptables.
 * LAYER: wedge_netfilter */
#include "proxy/netfilter/queue_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct queue_select at(const char *text)
{
	struct queue_select s = {.forwarded = false};

	assert_int_equal(addr_parse(text, &s.addr, NULL), 0);
	return s;
}

static char *nft(const struct queue_select *select, size_t n)
{
	return queue_text_nft(
	    &(struct queue_text){.id = "7", .select = select, .n = n, .queue = 9});
}

static char *iptables(const struct queue_select *select, size_t n, unsigned *chains)
{
	return queue_text_xtables(
	    &(struct queue_text){.id = "7", .select = select, .n = n, .queue = 9}, AF_INET, chains);
}

static void expect_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' isn't in:\n%s", part, text);
}

static void a_forwarded_server_is_matched_in_both_directions(void **state)
{
	struct queue_select s = at("192.0.2.1:80");
	unsigned chains = 0;
	char *text;

	(void)state;
	s.forwarded = true;
	text = nft(&s, 1);
	expect_in(text, "\t\tip daddr 192.0.2.1 tcp dport 80 queue num 9 bypass\n"
			"\t\tip saddr 192.0.2.1 tcp sport 80 queue num 9 bypass\n");
	free(text);
	text = iptables(&s, 1, &chains);
	assert_string_equal(
	    text, "*mangle\n:wedge-7-fwd - [0:0]\n"
		  "-A wedge-7-fwd -p tcp -d 192.0.2.1 --dport 80 -j NFQUEUE --queue-num 9 "
		  "--queue-bypass\n"
		  "-A wedge-7-fwd -p tcp -s 192.0.2.1 --sport 80 -j NFQUEUE --queue-num 9 "
		  "--queue-bypass\n"
		  "-A FORWARD -j wedge-7-fwd\nCOMMIT\n");
	assert_int_equal(chains, QUEUE_CHAINS_FORWARDED);
	free(text);
}

static void a_listener_whose_syns_suffice_gets_syns_and_rsts(void **state)
{
	struct queue_select s = at("0.0.0.0:80");
	unsigned chains = 0;
	char *text;

	(void)state;
	s.syns_only = true;
	text = nft(&s, 1);
	expect_in(text, "fib daddr type local tcp dport 80 "
			"tcp flags & (fin | syn | rst | ack) == syn queue num 9 bypass\n");
	expect_in(text, "tcp dport 80 tcp flags & rst == rst queue num 9 bypass\n");
	assert_null(strstr(text, "sport"));
	assert_null(strstr(text, "socket mark"));
	free(text);
	text = iptables(&s, 1, &chains);
	expect_in(text, "-A wedge-7-in -p tcp -m addrtype --dst-type LOCAL --dport 80 --syn -j");
	expect_in(text, "--dport 80 --tcp-flags RST RST -j");
	assert_null(strstr(text, "--sport"));
	assert_null(strstr(text, "-j wedge-7-sock"));
	free(text);
}

static void icmp_is_queued_when_one_selection_needs_it(void **state)
{
	struct queue_select s[2] = {at("192.0.2.1:80"), at("192.0.2.2:80")};
	unsigned chains = 0;
	char *text;

	(void)state;
	text = nft(s, 2);
	assert_null(strstr(text, "icmp"));
	free(text);
	s[1].icmp = true;
	text = nft(s, 2);
	expect_in(text, "\t\ticmpv6 type destination-unreachable queue num 9 bypass\n");
	free(text);
	text = iptables(s, 2, &chains);
	expect_in(text, "-A wedge-7-in -p icmp --icmp-type destination-unreachable -j NFQUEUE");
	free(text);
}

static void chains_that_nobody_needs_any_more_are_emptied_and_keep_their_jump(void **state)
{
	struct queue_select s = at("192.0.2.1:80");
	unsigned chains = 0;
	char *text;

	(void)state;
	s.forwarded = true;
	free(iptables(&s, 1, &chains));
	text = iptables(NULL, 0, &chains);
	assert_string_equal(text, "*mangle\n:wedge-7-fwd - [0:0]\nCOMMIT\n");
	free(text);
	chains = 0;
	text = iptables(NULL, 0, &chains);
	assert_string_equal(text, "");
	assert_int_equal(chains, 0);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_forwarded_server_is_matched_in_both_directions),
	    cmocka_unit_test(a_listener_whose_syns_suffice_gets_syns_and_rsts),
	    cmocka_unit_test(icmp_is_queued_when_one_selection_needs_it),
	    cmocka_unit_test(chains_that_nobody_needs_any_more_are_emptied_and_keep_their_jump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
