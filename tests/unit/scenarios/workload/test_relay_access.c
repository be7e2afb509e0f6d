/* test_relay_access.c - whom a relay lets in: who shows the password with the nonce of the
 * connection. LAYER: wedge_workload */
#include "scenarios/workload/relay_access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct claim {
	const char *user, *realm, *nonce,
	    *password; /* each NULL: not said; password NULL: unsigned */
};

static unsigned judge(struct relay_access *a, uint16_t method, const struct claim *c)
{
	static const uint8_t id[STUN_ID_SIZE] = {1};
	struct stun_text user = {c->user, c->user ? strlen(c->user) : 0};
	struct stun_text realm = {c->realm, c->realm ? strlen(c->realm) : 0};
	uint8_t key[STUN_KEY_SIZE];
	struct stun_message m;
	struct stun_draft d;

	stun_begin(&d, method, STUN_REQUEST, id);
	if (c->user)
		stun_add(&d, STUN_USERNAME, c->user, user.len);
	if (c->realm)
		stun_add(&d, STUN_REALM, c->realm, realm.len);
	if (c->nonce)
		stun_add(&d, STUN_NONCE, c->nonce, strlen(c->nonce));
	if (c->password) {
		stun_key(user, realm, c->password, key);
		stun_sign(&d, key);
	}
	assert_int_equal(stun_parse(d.data, d.len, &m, NULL), d.len);
	return relay_access_judge(a, "secret", d.data, &m);
}

static void everybody_is_asked_and_who_knows_the_password_let_in(void **state)
{
	static const uint8_t id[STUN_ID_SIZE] = {1};
	struct rng chance = rng_make(1, 2, 3);
	struct relay_access a = {.known = false};
	struct stun_draft d;
	struct stun_message m;
	char nonce[sizeof(a.nonce)];

	(void)state;
	assert_int_equal(judge(&a, STUN_ALLOCATE, &(struct claim){NULL, NULL, NULL, NULL}), 401);
	stun_begin(&d, STUN_ALLOCATE, STUN_ERROR, id);
	stun_add_error(&d, 401, "Unauthorized");
	relay_access_challenge(&a, &d, &chance);
	relay_access_sign(&a, &d);
	assert_int_equal(stun_parse(d.data, d.len, &m, NULL), d.len);
	assert_int_equal(m.integrity, 0); /* nobody is known yet */
	assert_int_equal(m.realm.len, 11);
	assert_int_equal(m.nonce.len, strlen(a.nonce));
	memcpy(nonce, a.nonce, sizeof(nonce));

	assert_int_equal(
	    judge(&a, STUN_ALLOCATE, &(struct claim){"u", "example.com", nonce, "wrong"}), 401);
	assert_int_equal(
	    judge(&a, STUN_ALLOCATE, &(struct claim){"u", "example.org", nonce, "secret"}), 401);
	assert_int_equal(
	    judge(&a, STUN_ALLOCATE, &(struct claim){"u", "example.com", "other", "secret"}), 438);
	assert_int_equal(
	    judge(&a, STUN_ALLOCATE, &(struct claim){NULL, "example.com", nonce, "secret"}), 400);
	assert_int_equal(judge(&a, STUN_ALLOCATE, &(struct claim){"u", NULL, nonce, "secret"}),
			 400);
	assert_int_equal(
	    judge(&a, STUN_ALLOCATE, &(struct claim){"u", "example.com", NULL, "secret"}), 400);
	assert_false(a.known);
	assert_int_equal(judge(&a, STUN_BINDING, &(struct claim){NULL, NULL, NULL, NULL}), 0);
	assert_int_equal(
	    judge(&a, STUN_ALLOCATE, &(struct claim){"u", "example.com", nonce, "secret"}), 0);
	assert_true(a.known);
	stun_begin(&d, STUN_ALLOCATE, STUN_SUCCESS, id);
	relay_access_sign(&a, &d);
	assert_int_equal(stun_parse(d.data, d.len, &m, NULL), d.len);
	assert_true(stun_is_signed(d.data, &m, a.key));
	relay_access_challenge(&a, &d, &chance);
	assert_string_equal(a.nonce, nonce); /* the connection's, and no new one */
}

static void nobody_is_asked_where_there_is_no_password(void **state)
{
	static const uint8_t id[STUN_ID_SIZE] = {1};
	struct relay_access a = {.known = false};
	struct stun_message m;
	struct stun_draft d;

	(void)state;
	stun_begin(&d, STUN_ALLOCATE, STUN_REQUEST, id);
	assert_int_equal(stun_parse(d.data, d.len, &m, NULL), d.len);
	assert_int_equal(relay_access_judge(&a, "", d.data, &m), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everybody_is_asked_and_who_knows_the_password_let_in),
	    cmocka_unit_test(nobody_is_asked_where_there_is_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
