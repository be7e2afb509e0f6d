/* test_redirect_rules.c - the text of the rules that redirect this host's own connections, and
 * which rules of others are in their way. LAYER: wedge_netfilter */
#include "proxy/netfilter/redirect_conflict.h"

#include "proxy/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct intercept_match make(const char *ports, const char *to, const char *user)
{
	struct intercept_match s = {.listen = 1234};
	struct err e;

	assert_int_equal(intercept_match_ports(&s, ports, &e), 0);
	assert_int_equal(intercept_match_to(&s, to, &e), 0);
	assert_int_equal(intercept_match_user(&s, user, &e), 0);
	return s;
}

/* One line of text after the other is there, in that order. */
static void expect_lines(const char *text, const char *const *lines)
{
	const char *at = text;

	for (; *lines; lines++) {
		at = strstr(at, *lines);
		if (!at)
			fail_msg("'%s' isn't there, or not there, in\n%s", *lines, text);
		at += strlen(*lines);
	}
}

static void own_marks_pass_before_anything_is_taken(void **state)
{
	const struct intercept_match s[] = {make("80,8000-8100", "", ""),
					    make("", "192.0.2.0/24,2001:db8::1", "1000")};
	struct redirect_rules r = {.id = "7", .select = s, .n = 2, .zone = 5};
	char *text = redirect_text_nft(&r);

	(void)state;
	expect_lines(text, (const char *const[]){
			       "table inet wedge-7 {", "flags owner;",
			       "type filter hook output priority raw - 10; policy accept;",
			       "meta mark & 0xff000000 == 0x5d000000 ct original zone set 5\n",
			       "type nat hook output priority -100; policy accept;",
			       "meta mark & 0xff000000 == 0x5d000000 return\n",
			       "meta mark 0x5f000000 return\n",
			       "tcp flags & (fin | syn | rst | ack) != syn return\n",
			       "ip6 daddr fe80::/10 return\n",
			       "\t\ttcp dport { 80-80, 8000-8100 } redirect to :1234\n",
			       "\t\tmeta skuid 1000 ip daddr 192.0.2.0/24 meta l4proto tcp "
			       "redirect to :1234\n",
			       "\t\tmeta skuid 1000 ip6 daddr 2001:db8::1/128 meta l4proto tcp "
			       "redirect to :1234\n",
			       NULL});
	assert_null(strstr(text, "udp"));
	assert_null(strstr(text, "iifname"));
	free(text);
}

static void iptables_says_the_same_for_each_family(void **state)
{
	const struct intercept_match s = make("80,443", "192.0.2.0/24,2001:db8::1", "1000");
	struct redirect_rules r = {.id = "7", .select = &s, .n = 1, .zone = 5};
	char *v4 = redirect_text_xtables(&r, AF_INET, true);
	char *v6 = redirect_text_xtables(&r, AF_INET6, false);

	(void)state;
	expect_lines(v4, (const char *const[]){
			     "*raw\n",
			     "-A wedge-7-own -p tcp -m mark --mark 0x5d000000/0xff000000 -j CT "
			     "--zone-orig 5\n",
			     "-I OUTPUT -j wedge-7-own\n", "*nat\n:wedge-7-rd - [0:0]\n",
			     "-A wedge-7-rd -m mark --mark 0x5d000000/0xff000000 -j RETURN\n",
			     "-A wedge-7-rd -m mark --mark 0x5f000000 -j RETURN\n",
			     "-A wedge-7-rd -p tcp ! --syn -j RETURN\n",
			     "-A wedge-7-rd -m owner --uid-owner 1000 -p tcp -d 192.0.2.0/24 "
			     "--dport 80:80 -j REDIRECT --to-ports 1234\n",
			     "--dport 443:443 -j REDIRECT --to-ports 1234\n",
			     "-I OUTPUT -j wedge-7-rd\n", "COMMIT\n", NULL});
	assert_null(strstr(v4, "2001:db8"));
	expect_lines(v6, (const char *const[]){"-A wedge-7-rd -d fe80::/10 -j RETURN\n",
					       "-d 2001:db8::1/128 --dport 80:80", NULL});
	assert_null(strstr(v6, "192.0.2.0"));
	assert_null(strstr(v6, "OUTPUT"));
	free(v4);
	free(v6);
}

static void a_sealed_network_takes_all_and_refuses_udp(void **state)
{
	const struct intercept_match all = {.listen = 1234};
	struct redirect_rules r = {.id = "exec", .select = &all, .n = 1, .sealed = true};
	char *nft = redirect_text_nft(&r), *v6 = redirect_text_xtables(&r, AF_INET6, true);

	(void)state;
	expect_lines(nft, (const char *const[]){
			      "\t\tmeta l4proto tcp redirect to :1234\n",
			      "oifname != \"lo\" meta l4proto udp redirect to :9\n", "hook input",
			      "meta l4proto udp ct status dnat reject\n", NULL});
	expect_lines(
	    v6, (const char *const[]){"-A wedge-exec-rd -p tcp -j REDIRECT --to-ports 1234\n",
				      "-A wedge-exec-rd ! -o lo -p udp -j REDIRECT --to-ports 9\n",
				      "*filter\n", "--ctstate DNAT -j REJECT\n",
				      "-A INPUT -j wedge-exec-udp\n", NULL});
	assert_null(strstr(nft, "fe80"));
	assert_null(strstr(v6, "fe80"));
	free(nft);
	free(v6);
}

static void users_who_differ_dont_meet(void **state)
{
	struct intercept_match a = make("80", "", "1000"), b = make("80", "", "1001");
	struct intercept_match all = make("80", "", "");
	char *text = intercept_match_text(&a);

	(void)state;
	assert_false(intercept_match_overlap(&a, &b));
	assert_true(intercept_match_overlap(&a, &all));
	assert_true(intercept_match_overlap(&all, &b));
	assert_string_equal(text, "port 80, user 1000");
	free(text);
}

static void who_is_no_user_is_refused(void **state)
{
	static const char *const wrong[] = {"no such user", "-1", "4294967295", "1x", " 1"};
	struct intercept_match s = {0};
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (intercept_match_user(&s, wrong[i], &e) == 0)
			fail_msg("'%s' was accepted", wrong[i]);
	assert_int_equal(intercept_match_user(&s, "root", &e), 0);
	assert_true(s.one_user && s.user == 0);
}

static bool conflicts(const struct intercept_match *s, bool own_addresses, const char *listing)
{
	struct redirect_rules r = {.id = "7", .select = s, .n = 1};
	char *copy = xstrdup(listing);
	struct err e;
	bool found = redirect_conflict_text(&r, own_addresses, copy, &e) == -1;

	free(copy);
	return found;
}

#define SAVED "*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"

static void a_rule_that_takes_the_same_is_in_the_way(void **state)
{
	const struct intercept_match s = make("80", "192.0.2.0/24", "1000");

	(void)state;
	assert_true(conflicts(&s, false, SAVED "-A OUTPUT -p tcp -j REDIRECT --to-ports 9\n"));
	assert_true(conflicts(&s, false,
			      SAVED "-A OUTPUT -d 192.0.2.7/32 -p tcp -m tcp --dport 80 -j DNAT "
				    "--to-destination 127.0.0.1:9\n"));
	assert_true(conflicts(&s, false,
			      "table ip n {\n\tchain o {\n\t\ttype nat hook output priority "
			      "-100; policy accept;\n\t\ttcp dport { 80, 443 } redirect to "
			      ":9\n\t}\n}\n"));
	assert_true(conflicts(&s, false,
			      "table inet wedge-8 {\n\tchain redirected {\n\t\ttype nat hook "
			      "output priority -100; policy accept;\n\t\tmeta mark 0x5f000000 "
			      "return\n\t\ttcp dport 80-80 redirect to :9\n\t}\n}\n"));
}

static void rules_for_others_are_not(void **state)
{
	const struct intercept_match s = make("80", "192.0.2.0/24", "1000");

	(void)state;
	assert_false(conflicts(&s, false,
			       SAVED "-A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 9\n"
				     "-A OUTPUT -p tcp --dport 81 -j REDIRECT --to-ports 9\n"
				     "-A OUTPUT -d 198.51.100.0/24 -p tcp -j DNAT --to 1.2.3.4\n"
				     "-A OUTPUT -p udp --dport 80 -j REDIRECT --to-ports 9\n"
				     "-A OUTPUT -p tcp -m owner --uid-owner 33 -j REDIRECT\n"
				     "-A POSTROUTING -j MASQUERADE\n"));
	assert_false(conflicts(&s, false,
			       "table ip n {\n\tchain p {\n\t\ttype nat hook prerouting priority "
			       "-100; policy accept;\n\t\ttcp dport 80 redirect to :9\n\t}\n"
			       "\tchain o {\n\t\ttype nat hook output priority -100; policy "
			       "accept;\n\t\tct status dnat accept\n\t}\n}\n"));
}

static void own_rules_are_not(void **state)
{
	const struct intercept_match s = make("80", "", "");

	(void)state;
	assert_false(conflicts(&s, true,
			       SAVED "-A OUTPUT -j wedge-7-rd\n-A wedge-7-rd -p tcp --dport 80:80 "
				     "-j REDIRECT --to-ports 9\n"));
	assert_false(conflicts(&s, true,
			       "table inet wedge-7 {\n\tchain redirected {\n\t\ttype nat hook "
			       "output priority -100; policy accept;\n\t\ttcp dport 80-80 redirect "
			       "to :9\n\t}\n}\n"));
	assert_true(conflicts(&s, true,
			      SAVED "-A OUTPUT -j wedge-77-rd\n-A wedge-77-rd -p tcp --dport 80:80 "
				    "-j REDIRECT --to-ports 9\n"));
}

/* As Docker has it: what leads to the rule is part of what it matches. */
static void chains_are_followed_from_the_output_hook(void **state)
{
	static const char docker[] =
	    SAVED "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
		  "-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER\n"
		  "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination "
		  "172.17.0.2:80\n";
	const struct intercept_match far = make("", "192.0.2.0/24", ""), web = make("80", "", "");
	const struct intercept_match published = make("8080", "", "");

	(void)state;
	assert_false(conflicts(&far, false, docker));
	assert_true(conflicts(&far, true, docker));
	assert_false(conflicts(&web, true, docker));
	assert_true(conflicts(&published, true, docker));
	assert_false(conflicts(&web, true,
			       SAVED "-A OUTPUT -d 10.0.0.1/32 -p tcp --dport 443 -j SVC\n"
				     "-A SVC -p tcp -j DNAT --to-destination 10.1.1.1:80\n"));
	assert_true(conflicts(&web, true,
			      "table ip n {\n\tchain a {\n\t\tgoto b\n\t}\n\tchain b {\n\t\ttcp "
			      "dport 80 dnat to 10.0.0.1\n\t}\n\tchain o {\n\t\ttype nat hook "
			      "output priority 0; policy accept;\n\t\tip protocol vmap { tcp : "
			      "jump a }\n\t}\n}\n"));
	assert_false(conflicts(&web, true,
			       "table ip m {\n\tchain b {\n\t\ttcp dport 80 redirect to :9\n\t}\n"
			       "}\ntable ip n {\n\tchain o {\n\t\ttype nat hook output priority 0; "
			       "policy accept;\n\t\tjump b\n\t}\n}\n"));
}

static void chains_that_lead_to_one_another_end(void **state)
{
	const struct intercept_match s = make("80", "", "");

	(void)state;
	assert_false(conflicts(&s, true, SAVED "-A OUTPUT -j a\n-A a -j b\n-A b -j a\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(own_marks_pass_before_anything_is_taken),
	    cmocka_unit_test(iptables_says_the_same_for_each_family),
	    cmocka_unit_test(a_sealed_network_takes_all_and_refuses_udp),
	    cmocka_unit_test(users_who_differ_dont_meet),
	    cmocka_unit_test(who_is_no_user_is_refused),
	    cmocka_unit_test(a_rule_that_takes_the_same_is_in_the_way),
	    cmocka_unit_test(rules_for_others_are_not),
	    cmocka_unit_test(own_rules_are_not),
	    cmocka_unit_test(chains_are_followed_from_the_output_hook),
	    cmocka_unit_test(chains_that_lead_to_one_another_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
