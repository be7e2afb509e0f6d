/* test_toxi_model.c - proxies with toxics as data, and what each toxic is among the impairments.
 * LAYER: wedge_impairments wedge_api */
#include "impairments/live/impairments_ops.h"
#include "proxy/api/toxi_address.h"
#include "proxy/api/toxi_model.h"
#include "proxy/base/mem.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct toxi_toxic make_toxic(const char *type, const char *name, enum dir dir)
{
	return (struct toxi_toxic){.type = toxi_type_find(type),
				   .name = xstrdup(name),
				   .stream = xstrdup(dir_name(dir)),
				   .dir = dir,
				   .toxicity = 1};
}

static void expect_impairment(const struct toxi_toxic *t, const char *want)
{
	char *text = toxi_toxic_impairment(t);

	if (want)
		assert_string_equal(text, want);
	else
		assert_null(text);
	free(text);
}

static void each_toxic_is_an_impairment(void **state)
{
	static const struct {
		const char *type;
		int64_t attribute[TOXI_ATTRIBUTES];
		const char *own;
	} rows[] = {
	    {"latency", {100, 20}, "latency{delay=100ms,jitter=20ms,clamps=yes,delays_end=no"},
	    {"latency",
	     {-5, 1000000000},
	     "latency{delay=0ms,jitter=3600000ms,clamps=yes,delays_end=no"},
	    {"bandwidth", {100}, "bandwidth{rate=100000B/s"},
	    {"bandwidth", {0}, "stall{side=read,window=0"},
	    {"bandwidth", {-1}, "stall{side=read,window=0"},
	    {"bandwidth", {INT64_MAX}, "bandwidth{rate=12500000000B/s"},
	    {"slow_close", {7}, "slow_close{delay=7ms"},
	    {"timeout", {0}, "blackhole{idle=0ms"},
	    {"timeout", {300}, "blackhole{idle=300ms"},
	    {"reset_peer", {INT64_MIN}, "reset_on_data{delay=0ms"},
	    {"slicer", {10, 3, 500}, "slicer{size=10B,variation=3B,gap=500us,halves=yes"},
	    {"slicer", {2, 50, 0}, "slicer{size=2B,variation=1B,gap=1us,halves=yes"},
	    {"slicer", {0, 0, 0}, NULL},
	    {"limit_data", {100}, "cut{sides=both,after=100B"},
	    {"limit_data", {0}, "cut{sides=both,on_data=yes"},
	    {"noop", {0}, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct toxi_toxic t = make_toxic(rows[i].type, "t", DIR_UPSTREAM);
		struct impairment_set *set = impairments_ops.create();
		struct err e = {""};
		char *want;

		memcpy(t.attribute, rows[i].attribute, sizeof(t.attribute));
		t.instance = xstrdup("t");
		want = rows[i].own
			   ? xasprintf("%s,direction=upstream,probability=1.000000000000,name=t}",
				       rows[i].own)
			   : NULL;
		expect_impairment(&t, want);
		if (want && impairments_ops.add_text(set, want, &e) == -1)
			fail_msg("%s", e.text);
		if (impairments_ops.check(set, false, TLS_PASSTHROUGH, &e) == -1)
			fail_msg("%s", e.text);
		impairments_ops.free(set);
		toxi_toxic_fini(&t);
		free(want);
	}
}

static void toxicity_is_a_probability_whatever_it_says(void **state)
{
	static const struct {
		float toxicity;
		const char *text;
	} rows[] = {{0.25f, "0.250000000000"},
		    {5, "1.000000000000"},
		    {-1, "0.000000000000"},
		    {1e-7f, "0.000000100000"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct toxi_toxic t = make_toxic("timeout", "t", DIR_DOWNSTREAM);
		char *want = xasprintf(
		    "blackhole{idle=0ms,direction=downstream,probability=%s,name=t}", rows[i].text);

		t.toxicity = rows[i].toxicity;
		t.instance = xstrdup("t");
		expect_impairment(&t, want);
		toxi_toxic_fini(&t);
		free(want);
	}
}

static void instances_have_names_of_their_own(void **state)
{
	static const char *const names[] = {"plain", "with space", "\xc3\xa9",	 "toxic#1",
					    "toxic", "a-b_c.d",	   "../etc,x=}", ""};
	struct toxi_proxy *p = toxi_proxy_new("p", "", "");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct toxi_toxic t = make_toxic("noop", names[i], DIR_UPSTREAM);

		toxi_proxy_add(p, &t);
	}
	assert_string_equal(p->toxic[0].instance, "plain");
	assert_string_equal(p->toxic[5].instance, "a-b_c.d");
	for (size_t i = 0; i < p->n; i++) {
		assert_int_equal(
		    strspn(p->toxic[i].instance, "abcdefghijklmnopqrstuvwxyz0123456789-_.#"),
		    strlen(p->toxic[i].instance));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(p->toxic[i].instance, p->toxic[k].instance);
	}
	assert_int_equal(toxi_proxy_find(p, "toxic#1"), 3);
	toxi_proxy_remove(p, 0);
	assert_int_equal(toxi_proxy_find(p, "toxic#1"), 2);
	toxi_proxy_free(p);
}

static void toxics_beside_the_configurations_impairments_are_named_apart(void **state)
{
	struct toxi_proxy *p = toxi_proxy_new("p", "", "");
	struct toxi_toxic t = make_toxic("latency", "latency", DIR_UPSTREAM);

	(void)state;
	p->base = 1;
	toxi_proxy_add(p, &t);
	assert_string_equal(p->toxic[0].instance, "toxic.latency");
	toxi_proxy_free(p);
}

static void a_proxy_that_is_taken_out_can_be_put_back(void **state)
{
	struct toxi_model m = {0};
	struct toxi_proxy *b;

	(void)state;
	toxi_model_add(&m, toxi_proxy_new("a", "", ""));
	toxi_model_add(&m, toxi_proxy_new("b", "", ""));
	toxi_model_add(&m, toxi_proxy_new("c", "", ""));
	b = toxi_model_take(&m, 1);
	assert_int_equal(toxi_model_find(&m, "c"), 1);
	assert_int_equal(toxi_model_find(&m, "b"), -1);
	toxi_model_put(&m, 1, b);
	assert_int_equal(toxi_model_find(&m, "b"), 1);
	assert_int_equal(toxi_model_find(&m, "c"), 2);
	toxi_model_fini(&m);
}

static void copies_are_independent(void **state)
{
	struct toxi_proxy *p = toxi_proxy_new("p", "l", "u"), *copy;
	struct toxi_toxic t = make_toxic("latency", "x", DIR_UPSTREAM);

	(void)state;
	toxi_proxy_add(p, &t);
	copy = toxi_proxy_copy(p);
	toxi_proxy_free(p);
	assert_string_equal(copy->toxic[0].name, "x");
	assert_string_equal(copy->toxic[0].instance, "x");
	assert_string_equal(copy->upstream, "u");
	toxi_proxy_free(copy);
}

static void listen_texts_are_read_as_go_reads_them(void **state)
{
	static const struct {
		const char *text, *bound, *resolved, *error;
	} rows[] = {
	    {"localhost:80", "127.0.0.1:80", "127.0.0.1:80", NULL},
	    {"", "[::]:0", ":0", NULL},
	    {":80", "[::]:80", ":80", NULL},
	    {"0.0.0.0:80", "[::]:80", "0.0.0.0:80", NULL},
	    {"[::1]:http", "[::1]:80", "[::1]:80", NULL},
	    {"127.0.0.1:", "127.0.0.1:0", "127.0.0.1:0", NULL},
	    {"bad", NULL, "", "address bad: missing port in address"},
	    {"::1:80", NULL, "", "address ::1:80: too many colons in address"},
	    {"[::1", NULL, "", "address [::1: missing ']' in address"},
	    {"[::1]", NULL, "", "address [::1]: missing port in address"},
	    {"127.0.0.1:99999", NULL, "", "address 99999: invalid port"},
	    {"127.0.0.1:nosuch", NULL, "", "lookup tcp/nosuch: unknown port"},
	    {"nosuch.example:80", NULL, "", "lookup nosuch.example: no such host"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[ADDR_TEXT], resolved[TOXI_ADDRESS_TEXT];
		struct addr a;
		struct err e;
		int rc = toxi_listen_parse(rows[i].text, &a, &e);

		assert_int_equal(rc, rows[i].bound ? 0 : -1);
		if (rc == 0)
			assert_string_equal(addr_format(&a, text), rows[i].bound);
		else
			assert_string_equal(e.text, rows[i].error);
		assert_string_equal(toxi_listen_resolved(rows[i].text, resolved), rows[i].resolved);
	}
}

static void an_upstream_that_names_no_place_is_a_server_that_is_down(void **state)
{
	struct host_port hp = toxi_upstream("nonsense");

	(void)state;
	assert_string_equal(hp.host, "127.0.0.1");
	assert_int_equal(hp.port, 0);
	hp = toxi_upstream("db.example:5432");
	assert_string_equal(hp.host, "db.example");
	assert_int_equal(hp.port, 5432);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_toxic_is_an_impairment),
	    cmocka_unit_test(toxicity_is_a_probability_whatever_it_says),
	    cmocka_unit_test(instances_have_names_of_their_own),
	    cmocka_unit_test(toxics_beside_the_configurations_impairments_are_named_apart),
	    cmocka_unit_test(a_proxy_that_is_taken_out_can_be_put_back),
	    cmocka_unit_test(copies_are_independent),
	    cmocka_unit_test(listen_texts_are_read_as_go_reads_them),
	    cmocka_unit_test(an_upstream_that_names_no_place_is_a_server_that_is_down),
	};

	return cmocka_run_group_tests_name("toxi_model", tests, NULL, NULL);
}
