/* test_sip_auth.c - Digest: the published example, challenges of other servers, what a registrar
 * takes and what it refuses. LAYER: wedge_workload */
#include "scenarios/workload/sip_auth.h"
#include "scenarios/workload/sip_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct sip_text text_of(const char *s)
{
	return (struct sip_text){s, strlen(s)};
}

static void the_published_example(void **state)
{
	/* RFC 2617 3.5 */
	static const char field[] =
	    "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
	    "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, "
	    "nc=00000001, cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\", "
	    "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
	struct sip_message m = {.method = text_of("GET"),
				.uri = text_of("/dir/index.html"),
				.authorization = text_of(field)};
	const char *realm = "testrealm@host.com", *nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
	unsigned count = 0;

	(void)state;
	assert_int_equal(sip_judge_authorization(&m, realm, nonce, "Circle of Life", &count),
			 SIP_WRONG);
	assert_int_equal(sip_judge_authorization(&m, realm, "other", "Circle Of Life", &count),
			 SIP_STALE);
	assert_int_equal(sip_judge_authorization(&m, "other", nonce, "Circle Of Life", &count),
			 SIP_UNPROVED);
	assert_int_equal(sip_judge_authorization(&m, realm, nonce, "Circle Of Life", &count),
			 SIP_PROVED);
	assert_int_equal(sip_judge_authorization(&m, realm, nonce, "Circle Of Life", &count),
			 SIP_STALE); /* played again */
	m.method = text_of("HEAD");
	assert_int_equal(sip_judge_authorization(&m, realm, nonce, "Circle Of Life", &count),
			 SIP_WRONG);
	m.authorization = text_of("Basic TXVmYXNhOkNpcmNsZSBPZiBMaWZl");
	assert_int_equal(sip_judge_authorization(&m, realm, nonce, "Circle Of Life", &count),
			 SIP_UNPROVED);
	m.authorization = (struct sip_text){NULL, 0};
	assert_int_equal(sip_judge_authorization(&m, realm, nonce, "Circle Of Life", &count),
			 SIP_UNPROVED);
}

static void without_qop_the_older_response(void **state)
{
	/* The same example by RFC 2069's rule, as curl and Python's urllib compute it. */
	struct digest d = {.user = text_of("Mufasa"),
			   .realm = text_of("testrealm@host.com"),
			   .nonce = text_of("dcd98b7102dd2f0e8b11d0f600bfb0c093"),
			   .method = text_of("GET"),
			   .uri = text_of("/dir/index.html"),
			   .password = "Circle Of Life"};
	char response[DIGEST_RESPONSE];

	(void)state;
	digest_compute(&d, response);
	assert_string_equal(response, "670fd8c2df070c60b045671b8b24ff02");
}

static void check_parameter(const char *field, const char *name, const char *value)
{
	struct sip_text found = digest_parameter(text_of(field), name);

	assert_int_equal(found.len, strlen(value));
	if (found.len)
		assert_memory_equal(found.s, value, found.len);
}

static void parameters_are_found(void **state)
{
	static const char field[] =
	    "Digest\trealm = \"a, nonce=\\\"no\\\"\" ,nonce=plain ,, QOP=\"auth,auth-int\",stale";

	(void)state;
	check_parameter(field, "realm", "a, nonce=\\\"no\\\"");
	check_parameter(field, "nonce", "plain");
	check_parameter(field, "qop", "auth,auth-int");
	check_parameter(field, "stale", "");
	check_parameter(field, "opaque", "");
	check_parameter("Digest", "realm", "");
	check_parameter("Digest realm=\"open", "realm", "\"open");
	check_parameter("Digest realm=", "realm", "");
	check_parameter("", "realm", "");
}

static int take(struct sip_challenge *c, const char *field)
{
	struct err e;

	return sip_take_challenge(c, text_of(field), &e);
}

static void challenges_are_taken_or_refused(void **state)
{
	struct sip_challenge c = {.realm = NULL};

	(void)state;
	/* RFC 3261 22.4 */
	assert_int_equal(take(&c, "Digest realm=\"biloxi.com\", qop=\"auth,auth-int\", "
				  "nonce=\"dcd98b71\", opaque=\"5ccc\""),
			 0);
	assert_string_equal(c.realm, "biloxi.com");
	assert_string_equal(c.opaque, "5ccc");
	assert_true(c.qop && !c.stale);
	assert_int_equal(take(&c, "digest realm=\"x\",nonce=\"y\",stale=TRUE,algorithm=md5"), 0);
	assert_true(!c.qop && c.stale && !c.opaque);
	assert_int_equal(take(&c, "Digest realm=\"x\", nonce=\"y\", algorithm=SHA-256"), -1);
	assert_int_equal(take(&c, "Digest realm=\"x\", nonce=\"y\", qop=\"auth-int\""), -1);
	assert_int_equal(take(&c, "Digest realm=\"x\""), -1);
	assert_int_equal(take(&c, "NTLM realm=\"x\", nonce=\"y\""), -1);
	assert_int_equal(take(&c, ""), -1);
	assert_string_equal(c.nonce, "y"); /* the last one that was good */
	sip_free_challenge(&c);
}

/* Parses a whole REGISTER with that line in it, and judges it. */
static enum sip_proof judge(const char *line, unsigned *count)
{
	struct sip_request r = {.method = "REGISTER",
				.uri = "sip:example.com",
				.sent_by = "192.0.2.1",
				.branch = SIP_BRANCH_MAGIC "1",
				.from = "<sip:a@example.com>;tag=1",
				.to = "<sip:a@example.com>",
				.call_id = "1",
				.cseq = 1,
				.more = line};
	char *text = sip_write_request(&r);
	struct sip_message m;
	enum sip_proof proof;

	assert_int_equal(sip_parse(text, strlen(text), &m, NULL), strlen(text));
	proof = sip_judge_authorization(&m, "example.com", "n1", "secret", count);
	free(text);
	return proof;
}

static void each_request_answers_anew(void **state)
{
	struct sip_challenge c = {.realm = NULL};
	char *line, *asked = sip_write_challenge("example.com", "n1", false);
	unsigned count = 0;

	(void)state;
	asked[strlen(asked) - 2] = '\0';
	assert_int_equal(take(&c, strchr(asked, ' ') + 1), 0);
	for (int i = 0; i < 3; i++) {
		line = sip_write_authorization(&c, "a", "secret", "REGISTER", "sip:example.com",
					       (unsigned long long)i);
		assert_int_equal(judge(line, &count), SIP_PROVED);
		assert_int_equal(judge(line, &count), SIP_STALE);
		free(line);
	}
	line = sip_write_authorization(&c, "a", "Secret", "REGISTER", "sip:example.com", 7);
	assert_int_equal(judge(line, &count), SIP_WRONG);
	free(line);
	line = sip_write_authorization(&c, "a", "secret", "INVITE", "sip:example.com", 8);
	assert_int_equal(judge(line, &count), SIP_WRONG);
	free(line);
	assert_int_equal(count, 3);
	free(asked);
	sip_free_challenge(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_published_example),
	    cmocka_unit_test(without_qop_the_older_response),
	    cmocka_unit_test(parameters_are_found),
	    cmocka_unit_test(challenges_are_taken_or_refused),
	    cmocka_unit_test(each_request_answers_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
