/* test_sip_message.c - SIP messages in a stream: what is whole, what is refused, what answers and
 * requests look like. LAYER: wedge_workload */
#include "scenarios/workload/sip_message.h"
#include "scenarios/workload/sip_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MINIMAL                                                                                    \
	"Via: SIP/2.0/TCP 192.0.2.2:5060;branch=z9hG4bK1\r\n"                                      \
	"From: \"A; <tag=no>\" <sip:a@example.com;x=y>;tag=88sja8x\r\n"                            \
	"To: <sip:b@example.com>\r\n"                                                              \
	"Call-ID: 987asjd97y7atg\r\n"                                                              \
	"CSeq: 986759 INVITE\r\n"

/* From RFC 4475 3.1.1.1, "a short tortuous INVITE": odd and right; what it has besides is unknown.
 */
static const char tortuous[] =
    "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
    "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
    "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = "
    "98asjd8\r\n"
    "MaX-fOrWaRdS: 0068\r\n"
    "Call-ID: wsinv.ndaksdj@192.0.2.1\r\n"
    "Content-Length   : 5\r\n"
    "cseq: 0009\r\n  INVITE\r\n"
    "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
    "s :\r\n"
    "NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
    "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
    " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
    "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n"
    "  secondparam ; q = 0.33\r\n\r\nv=0\r\n";

/* Parses a copy; *m points into it, and *copy is the caller's. */
static ssize_t parse(const char *text, struct sip_message *m, char **copy, struct err *e)
{
	*copy = strdup(text);
	return sip_parse(*copy, strlen(text), m, e);
}

static void refused(const char *text, const char *why)
{
	struct sip_message m;
	struct err e = {.text = ""};
	char *copy;

	if (parse(text, &m, &copy, &e) != -1 || !strstr(e.text, why))
		fail_msg("\"%s\" does not say \"%s\": %.60s", e.text, why, text);
	free(copy);
}

static void whole_message_is_found_at_every_cut(void **state)
{
	static const char text[] = "\r\n\r\nINVITE sip:b@example.com SIP/2.0\r\n" MINIMAL
				   "Content-Length: 4\r\n\r\nbodyNEXT";
	size_t whole = sizeof(text) - 1 - 4;

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		char *copy = strdup(text);
		struct sip_message m;
		ssize_t n = sip_parse(copy, len, &m, NULL);

		assert_int_equal(n, len < whole ? 0 : (ssize_t)whole);
		if (n)
			assert_true(sip_text_is(m.body, "body"));
		free(copy);
	}
}

static void tortuous_header_is_read(void **state)
{
	struct sip_message m;
	char *copy;

	(void)state;
	assert_int_equal(parse(tortuous, &m, &copy, NULL), sizeof(tortuous) - 1);
	assert_true(m.is_request && sip_text_is(m.method, "INVITE"));
	assert_int_equal(m.cseq, 9);
	assert_int_equal(m.nvias, 2);
	assert_true(sip_text_is(m.call_id, "wsinv.ndaksdj@192.0.2.1"));
	assert_true(sip_text_is(m.body, "v=0\r\n"));
	assert_true(sip_text_is(sip_parameter(m.from, "tag"), "98asjd8"));
	assert_true(sip_text_is(sip_parameter(m.to, "tag"), "1918181833n"));
	assert_true(sip_text_is(sip_parameter(m.via[1], "branch"), "z9hG4bK9ikj8"));
	assert_true(sip_text_is(sip_address_uri(m.contact), "sip:jdrosen@example.com"));
	free(copy);
}

static void parameters_are_those_behind_the_address(void **state)
{
	static const char text[] = "SIP/2.0 180 Ringing\r\n" MINIMAL "l: 0\r\n\r\n";
	struct sip_message m;
	char *copy;

	(void)state;
	assert_int_equal(parse(text, &m, &copy, NULL), sizeof(text) - 1);
	assert_false(m.is_request);
	assert_int_equal(m.status, 180);
	assert_true(sip_text_is(sip_parameter(m.from, "tag"), "88sja8x"));
	assert_int_equal(sip_parameter(m.to, "tag").len, 0);
	assert_int_equal(sip_parameter(m.from, "x").len, 0);
	assert_true(sip_text_is(sip_parameter(m.via[0], "branch"), "z9hG4bK1"));
	assert_true(sip_text_is(sip_address_uri(m.from), "sip:a@example.com;x=y"));
	assert_int_equal(sip_address_uri(m.contact).len, 0);
	free(copy);
}

static void what_is_no_message_is_refused(void **state)
{
	(void)state;
	refused("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "begins so");
	refused("SIP/2.0 99 Low\r\n" MINIMAL "l: 0\r\n\r\n", "status");
	refused("SIP/2.0 2000 OK\r\n" MINIMAL "l: 0\r\n\r\n", "status");
	refused("INVITE sip:b@example.com SIP/2.0\r\n" MINIMAL "\r\n", "Content-Length");
	refused("INVITE sip:b@example.com SIP/2.0\r\n" MINIMAL "l: -1\r\n\r\n", "Content-Length");
	refused("INVITE sip:b@example.com SIP/2.0\r\n" MINIMAL "l: 99999999999\r\n\r\n",
		"Content-Length");
	refused("INVITE sip:b@example.com SIP/2.0\r\n" MINIMAL "l: 4000000000\r\n\r\n",
		"more than");
	refused("INVITE sip:b@example.com SIP/2.0\r\n" MINIMAL "l: 0\r\nl: 0\r\n\r\n", "twice");
	refused("INVITE sip:b@example.com SIP/2.0\r\n" MINIMAL "From: <sip:c@x>\r\n\r\n", "twice");
	refused("BYE sip:b@example.com SIP/2.0\r\n" MINIMAL "l: 0\r\n\r\n", "method of CSeq");
	refused("INVITE sip:b@example.com SIP/2.0\r\nTo: <sip:b@x>\r\nl: 0\r\n\r\n", "needs Via");
	refused("INVITE sip:b@example.com SIP/2.0\r\nno colon\r\n\r\n", "without a colon");
	refused("INVITE sip:b@example.com SIP/2.0\r\n: x\r\n\r\n", "without a name");
	refused("INVITE sip:b@example.com SIP/2.0\r\nCSeq: 4294967296 INVITE\r\n\r\n", "CSeq");
	refused("INVITE sip:b@example.com SIP/2.0\r\nCSeq: INVITE\r\n\r\n", "CSeq");
}

static void endless_header_is_refused(void **state)
{
	size_t len = SIP_MESSAGE_MAX + 1;
	char *text = malloc(len);
	struct sip_message m;

	(void)state;
	memset(text, 'a', len);
	assert_int_equal(sip_parse(text, len, &m, NULL), -1);
	assert_int_equal(sip_parse(text, len - 1, &m, NULL), 0);
	memset(text, '\r', len);
	assert_int_equal(sip_parse(text, len, &m, NULL), 0);
	free(text);
}

static void request_reads_back(void **state)
{
	const struct sip_request r = {.method = "MESSAGE",
				      .uri = "sip:b@example.com",
				      .sent_by = "192.0.2.2:49152",
				      .branch = SIP_BRANCH_MAGIC "7",
				      .from = "<sip:a@example.com>;tag=1",
				      .to = "<sip:b@example.com>",
				      .call_id = "c",
				      .cseq = 3,
				      .type = "text/plain",
				      .body = "hello"};
	char *text = sip_write_request(&r);
	struct sip_message m;

	(void)state;
	assert_int_equal(sip_parse(text, strlen(text), &m, NULL), strlen(text));
	assert_true(sip_text_is(m.method, "MESSAGE") && sip_text_is(m.uri, r.uri));
	assert_true(sip_text_is(m.body, "hello"));
	assert_true(sip_text_is(sip_parameter(m.via[0], "branch"), r.branch));
	assert_int_equal(m.cseq, 3);
	assert_non_null(strstr(text, "\r\nMax-Forwards: 70\r\n"));
	free(text);
}

static void answer_has_what_the_request_had(void **state)
{
	static const char text[] = "INVITE sip:b@example.com SIP/2.0\r\n" MINIMAL
				   "v: SIP/2.0/UDP 198.51.100.9;branch=z9hG4bK2\r\n"
				   "Record-Route: <sip:p.example.com;lr>\r\nl: 0\r\n\r\n";
	struct addr here, elsewhere;
	struct sip_message m, answer;
	char *copy, *head, *whole;

	(void)state;
	assert_int_equal(addr_parse("192.0.2.2:5060", &here, NULL), 0);
	assert_int_equal(addr_parse("192.0.2.7:5060", &elsewhere, NULL), 0);
	assert_int_equal(parse(text, &m, &copy, NULL), sizeof(text) - 1);
	head = sip_answer_head(&m, &here, NULL);
	whole = sip_write_answer(100, head, NULL, NULL, NULL);
	assert_int_equal(sip_parse(whole, strlen(whole), &answer, NULL), strlen(whole));
	assert_int_equal(answer.nvias, 2);
	assert_int_equal(answer.nroutes, 1);
	assert_true(sip_text_equal(answer.via[0], m.via[0]));
	assert_true(sip_text_equal(answer.to, m.to));
	free(head);
	free(whole);
	head = sip_answer_head(&m, &elsewhere, "t1");
	whole = sip_write_answer(200, head, NULL, NULL, NULL);
	assert_int_equal(sip_parse(whole, strlen(whole), &answer, NULL), strlen(whole));
	assert_true(sip_text_is(sip_parameter(answer.via[0], "received"), "192.0.2.7"));
	assert_true(sip_text_is(sip_parameter(answer.via[0], "branch"), "z9hG4bK1"));
	assert_true(sip_text_is(sip_parameter(answer.to, "tag"), "t1"));
	free(head);
	free(whole);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_message_is_found_at_every_cut),
	    cmocka_unit_test(tortuous_header_is_read),
	    cmocka_unit_test(parameters_are_those_behind_the_address),
	    cmocka_unit_test(what_is_no_message_is_refused),
	    cmocka_unit_test(endless_header_is_refused),
	    cmocka_unit_test(request_reads_back),
	    cmocka_unit_test(answer_has_what_the_request_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
