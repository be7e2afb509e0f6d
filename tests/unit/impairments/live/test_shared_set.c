/* test_shared_set.c - one set over several proxies: which sessions an instance meets, and that it
 * has one state and one count for all of them.
 * LAYER: wedge_impairments set_rig */
#include "tests/rig/set_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A proxy with a name; an instance acts on the proxy that its host names, and without one on the
 * clients of 192.0.2.0/24 at all of them. */
struct place {
	struct impair_proxy impair;
	const char *name;
};

static bool concerns(const struct impair_proxy *p, const struct impair_inst *inst,
		     const struct addr *client)
{
	const struct place *place = (const void *)p;
	struct cidr net;

	if (inst->host[0])
		return strcmp(inst->host, place->name) == 0;
	assert_int_equal(cidr_parse("192.0.2.0/24", &net, NULL), 0);
	return !client || cidr_contains(&net, client);
}

static struct place make_place(struct set_rig *r, const char *name)
{
	return (struct place){{.set = set_rig_set(r), .concerns = concerns}, name};
}

static void instance_counts_the_sessions_that_it_meets(void **state)
{
	struct set_rig *r = set_rig_new("refuse{only_first=2} + refuse{only_first=1,host=b}");
	struct place a = make_place(r, "a"), b = make_place(r, "b");

	(void)state;
	set_rig_proxy(r, &a.impair);
	set_rig_open(r, 1); /* the first for all proxies */
	set_rig_client(r, "198.51.100.1");
	set_rig_open(r, 2); /* concerns nobody */
	set_rig_proxy(r, &b.impair);
	set_rig_open(r, 3); /* the first at b, by an address of no concern */
	set_rig_client(r, "192.0.2.1");
	set_rig_open(r, 4); /* the second for all proxies */
	set_rig_open(r, 5);
	assert_string_equal(set_rig_log(r), "0s 1 refused: refuse: refused\n"
					    "0s 3 refused: refuse#2: refused\n"
					    "0s 4 refused: refuse: refused\n");
	set_rig_free(r);
}

static void one_limit_is_shared_by_two_proxies(void **state)
{
	struct set_rig *r = set_rig_new("connection_limit{limit=2}");
	struct place a = make_place(r, "a"), b = make_place(r, "b");

	(void)state;
	set_rig_proxy(r, &a.impair);
	set_rig_open(r, 1);
	set_rig_proxy(r, &b.impair);
	set_rig_open(r, 2);
	set_rig_open(r, 3);
	assert_non_null(strstr(set_rig_log(r), "0s 3 refused: connection_limit"));
	assert_null(strstr(set_rig_log(r), "0s 2 "));
	set_rig_log_clear(r);
	set_rig_close(r, 1); /* at a; b's next one has room */
	set_rig_open(r, 4);
	assert_null(strstr(set_rig_log(r), "refused"));
	set_rig_free(r);
}

static void new_instance_meets_the_open_sessions_that_concern_it(void **state)
{
	struct set_rig *r = set_rig_new("cut{after=100B}");
	struct place a = make_place(r, "a"), b = make_place(r, "b");

	(void)state;
	set_rig_proxy(r, &a.impair);
	set_rig_open(r, 1);
	set_rig_proxy(r, &b.impair);
	set_rig_open(r, 2);
	assert_true(set_rig_apply(r, "cut{after=100B} + cut{after=2B,host=b}"));
	set_rig_feed(r, 1, DIR_DOWNSTREAM, "hello");
	set_rig_feed(r, 2, DIR_DOWNSTREAM, "hello");
	assert_non_null(strstr(set_rig_log(r), "0s 1 downstream hello\n"));
	assert_null(strstr(set_rig_log(r), "0s 2 downstream hello\n"));
	set_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(instance_counts_the_sessions_that_it_meets),
	    cmocka_unit_test(one_limit_is_shared_by_two_proxies),
	    cmocka_unit_test(new_instance_meets_the_open_sessions_that_concern_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
