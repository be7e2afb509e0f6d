/* test_tls_mint.c - the lab's certificates: openssl verify is the referee of what is right and
 * wrong. LAYER: wedge_stream */
#include "proxy/stream/tls/tls_mint.h"

#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct lab {
	char folder[64];
	EVP_PKEY *ca_key, *key;
	X509 *ca;
};

static void save(const struct lab *lab, const char *name, X509 *cert)
{
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", lab->folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, cert), 1);
	fclose(f);
}

static int setup(void **state)
{
	static struct lab lab;

	snprintf(lab.folder, sizeof(lab.folder), "/tmp/wedge-mint-XXXXXX");
	assert_non_null(mkdtemp(lab.folder));
	lab.ca_key = tls_mint_key();
	lab.key = tls_mint_key();
	lab.ca = tls_mint_ca(lab.ca_key, time(NULL));
	assert_non_null(lab.ca);
	save(&lab, "ca.pem", lab.ca);
	*state = &lab;
	return 0;
}

static int teardown(void **state)
{
	struct lab *lab = *state;
	char path[96];

	snprintf(path, sizeof(path), "%s/ca.pem", lab->folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/leaf.pem", lab->folder);
	unlink(path);
	rmdir(lab->folder);
	X509_free(lab->ca);
	EVP_PKEY_free(lab->ca_key);
	EVP_PKEY_free(lab->key);
	return 0;
}

/* What openssl verify says of a certificate for that name, asked as a strict client. */
static const char *verdict(const struct lab *lab, const char *made_for, enum cert_fault fault,
			   const char *check, const char *asked_for)
{
	static char said[4096];
	X509 *leaf = tls_mint_leaf(made_for, lab->key, lab->ca, lab->ca_key, fault, time(NULL));
	int out[2];
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_non_null(leaf);
	save(lab, "leaf.pem", leaf);
	X509_free(leaf);
	assert_int_equal(pipe(out), 0);
	pid = fork();
	if (pid == 0) {
		if (chdir(lab->folder) == -1)
			_exit(99);
		dup2(out[1], 1);
		dup2(out[1], 2);
		execlp("openssl", "openssl", "verify", "-x509_strict", "-purpose", "sslserver",
		       "-CAfile", "ca.pem", check, asked_for, "leaf.pem", (char *)NULL);
		_exit(99);
	}
	close(out[1]);
	while (n < sizeof(said) - 1 && (got = read(out[0], said + n, sizeof(said) - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(out[0]);
	waitpid(pid, NULL, 0);
	return said;
}

#define assert_says(said, text) assert_non_null(strstr(said, text))

static void a_good_certificate_passes_a_strict_client(void **state)
{
	assert_says(
	    verdict(*state, "www.example.org", CERT_GOOD, "-verify_hostname", "www.example.org"),
	    "leaf.pem: OK");
}

static void addresses_of_both_families_are_names_too(void **state)
{
	assert_says(verdict(*state, "192.0.2.7", CERT_GOOD, "-verify_ip", "192.0.2.7"), ": OK");
	assert_says(verdict(*state, "2001:db8::7", CERT_GOOD, "-verify_ip", "2001:db8::7"), ": OK");
	assert_says(verdict(*state, "192.0.2.7", CERT_GOOD, "-verify_ip", "192.0.2.8"),
		    "IP address mismatch");
}

static void a_name_longer_than_a_common_name_is_still_a_name(void **state)
{
	static const char name[] = "a-rather-long-label-of-a-name-0123456789.another-label-that-is-"
				   "long-too.example.org";

	assert_true(strlen(name) > 64);
	assert_says(verdict(*state, name, CERT_GOOD, "-verify_hostname", name), ": OK");
}

static void each_fault_is_the_only_one(void **state)
{
	static const struct {
		enum cert_fault fault;
		const char *said;
	} faults[] = {
	    {CERT_EXPIRED, "certificate has expired"},
	    {CERT_NOT_YET_VALID, "certificate is not yet valid"},
	    {CERT_WRONG_NAME, "hostname mismatch"},
	    {CERT_SELF_SIGNED, "self-signed certificate"},
	};

	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		const char *said = verdict(*state, "www.example.org", faults[i].fault,
					   "-verify_hostname", "www.example.org");
		const char *first = strstr(said, "error ");

		assert_says(said, faults[i].said);
		assert_non_null(first);
		assert_null(strstr(first + 6, "\nerror 1"));
	}
}

static void only_names_without_tricks_may_stand_in_a_certificate(void **state)
{
	char longest[TLS_NAME_MAX + 1];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	assert_true(tls_name_ok("www.example.org", 15));
	assert_true(tls_name_ok("_dmarc.example.org", 18));
	assert_true(tls_name_ok(longest, TLS_NAME_MAX));
	assert_false(tls_name_ok(longest, TLS_NAME_MAX + 1));
	assert_false(tls_name_ok("", 0));
	assert_false(tls_name_ok("a\0b", 3));
	assert_false(tls_name_ok("a,IP:192.0.2.1", 14));
	assert_false(tls_name_ok("a b", 3));
	assert_false(tls_name_ok("\xc3\xa4", 2));
}

static void no_two_certificates_have_one_serial_number(void **state)
{
	struct lab *lab = *state;
	X509 *a = tls_mint_leaf("a", lab->key, lab->ca, lab->ca_key, CERT_GOOD, 0);
	X509 *b = tls_mint_leaf("a", lab->key, lab->ca, lab->ca_key, CERT_GOOD, 0);

	assert_int_not_equal(ASN1_INTEGER_cmp(X509_get0_serialNumber(a), X509_get0_serialNumber(b)),
			     0);
	X509_free(a);
	X509_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_certificate_passes_a_strict_client),
	    cmocka_unit_test(addresses_of_both_families_are_names_too),
	    cmocka_unit_test(a_name_longer_than_a_common_name_is_still_a_name),
	    cmocka_unit_test(each_fault_is_the_only_one),
	    cmocka_unit_test(only_names_without_tricks_may_stand_in_a_certificate),
	    cmocka_unit_test(no_two_certificates_have_one_serial_number),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
