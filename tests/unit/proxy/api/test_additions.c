/* test_additions.c - impairments that are put behind a proxy's, for a session or for all.
 * LAYER: wedge_api */
#include "proxy/api/additions.h"
#include "proxy/config/no_impairments.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What is put to a proxy, word by word. */
static char put[256];

static int note_text(struct impairment_set *set, const char *text, struct err *e)
{
	(void)set;
	(void)e;
	snprintf(put + strlen(put), sizeof(put) - strlen(put), "%s ", text);
	return strcmp(text, "bad") == 0 ? err_set(e, "it is bad") : 0;
}

static int put_to(const struct additions *a, const char *name, enum proxy_mode mode)
{
	struct impairments_ops ops = no_impairments;
	struct config_proxy cp = {.name = (char *)name, .mode = (int)mode};
	struct err e;

	ops.add_text = note_text;
	put[0] = '\0';
	return additions_put(a, &ops, &cp, &e);
}

static bool is_not_seven(const void *arg, const struct addition *a)
{
	(void)arg;
	return a->session != 7;
}

static void they_are_put_to_their_proxy_in_order(void **state)
{
	struct additions a = {0};

	(void)state;
	addition_append(additions_renew(&a, "web", PROXY_EXPLICIT, 0), "all");
	addition_append(additions_renew(&a, "web", PROXY_EXPLICIT, 7), "one");
	addition_append(additions_renew(&a, "other", PROXY_EXPLICIT, 0), "other");
	assert_int_equal(put_to(&a, "web", PROXY_EXPLICIT), 2);
	assert_string_equal(put, "all one ");
	assert_int_equal(put_to(&a, "web", PROXY_REDIRECT), 0);
	additions_fini(&a);
}

static void a_new_list_takes_the_place_of_the_old_one(void **state)
{
	struct additions a = {0}, copy;
	struct addition *of;

	(void)state;
	addition_append(additions_renew(&a, "web", PROXY_EXPLICIT, 7), "old");
	addition_append(additions_renew(&a, "web", PROXY_EXPLICIT, 8), "stays");
	copy = additions_copy(&a);
	of = additions_renew(&a, "web", PROXY_EXPLICIT, 7);
	addition_append(of, "new");
	addition_append(of, "newer");
	assert_int_equal(put_to(&a, "web", PROXY_EXPLICIT), 3);
	assert_string_equal(put, "new newer stays ");
	assert_int_equal(put_to(&copy, "web", PROXY_EXPLICIT), 2);
	assert_string_equal(put, "old stays ");
	additions_fini(&a);
	additions_fini(&copy);
}

static void what_is_over_goes(void **state)
{
	struct additions a = {0};

	(void)state;
	addition_append(additions_renew(&a, "web", PROXY_EXPLICIT, 7), "gone");
	addition_append(additions_renew(&a, "web", PROXY_EXPLICIT, 8), "open");
	additions_prune(&a, is_not_seven, NULL);
	assert_int_equal(put_to(&a, "web", PROXY_EXPLICIT), 1);
	assert_string_equal(put, "open ");
	additions_fini(&a);
}

static void one_that_is_refused_is_an_error(void **state)
{
	struct additions a = {0};

	(void)state;
	addition_append(additions_renew(&a, "web", PROXY_EXPLICIT, 7), "bad");
	assert_int_equal(put_to(&a, "web", PROXY_EXPLICIT), -1);
	additions_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(they_are_put_to_their_proxy_in_order),
	    cmocka_unit_test(a_new_list_takes_the_place_of_the_old_one),
	    cmocka_unit_test(what_is_over_goes),
	    cmocka_unit_test(one_that_is_refused_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
