/* test_pick.c - which failure a blind run plays.
 * LAYER: wedge_blind */
#include "scenarios/blind/pick.h"

#include "proxy/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
	struct catalog *c = xcalloc(1, sizeof(*c));
	struct err e;

	*state = c;
	return catalog_load(NULL, true, NULL, c, &e);
}

static int tear_down(void **state)
{
	catalog_fini(*state);
	free(*state);
	return 0;
}

static void every_failure_of_the_catalogue_can_be_played(void **state)
{
	const struct catalog *c = *state;
	const struct scenario **list;
	struct err e;
	size_t n;

	assert_int_equal(blind_candidates(c, NULL, 0, &list, &n, &e), 0);
	assert_int_equal(n, 24);
	assert_int_equal(n, c->n);
	for (size_t i = 0; i < n; i++) {
		struct blind_phases p = blind_phases(list[i]);

		assert_string_equal(p.healthy, "baseline");
		assert_string_equal(p.impaired, "impaired");
		assert_true(strlen(list[i]->complaint) > 60);
	}
	free(list);
}

/* What a user says is no riddle if it names the failure, or one of wedge's faults. */
static void no_complaint_names_what_it_is(void **state)
{
	const struct catalog *c = *state;

	for (size_t i = 0; i < c->n; i++) {
		const struct scenario *s = c->list[i];

		assert_null(strstr(s->complaint, s->name));
		assert_null(strstr(s->complaint, s->failure));
		assert_null(strstr(s->complaint, s->title));
		for (size_t k = 0; k < s->nphases; k++)
			for (size_t j = 0; j < s->phases[k].impairments->n; j++)
				assert_null(strstr(s->complaint,
						   s->phases[k].impairments->inst[j].type->name));
	}
}

static void the_seed_alone_picks_and_reaches_all(void **state)
{
	const struct catalog *c = *state;
	const struct scenario **list;
	bool *picked = xcalloc(c->n, sizeof(*picked));
	size_t n, reached = 0;
	struct err e;

	assert_int_equal(blind_candidates(c, NULL, 0, &list, &n, &e), 0);
	for (uint64_t seed = 0; seed < 400; seed++) {
		const struct scenario *s = blind_pick(list, n, seed);

		assert_ptr_equal(s, blind_pick(list, n, seed));
		for (size_t i = 0; i < n; i++)
			if (list[i] == s && !picked[i]) {
				picked[i] = true;
				reached++;
			}
	}
	assert_int_equal(reached, n);
	free(picked);
	free(list);
}

static void names_and_numbers_with_commas_or_without_are_the_same(void **state)
{
	char a[] = "relay-silent,f14", b[] = "F01", c[] = "exchange-delayed-ack";
	char d[] = "sync-dies-mid-stream,F08,F08";
	char *const one[] = {a, b}, *const other[] = {c, d};
	const struct scenario **x, **y;
	size_t n, m;
	struct err e;

	assert_int_equal(blind_candidates(*state, one, 2, &x, &n, &e), 0);
	assert_int_equal(blind_candidates(*state, other, 2, &y, &m, &e), 0);
	assert_int_equal(n, 3);
	assert_int_equal(m, 3);
	for (size_t i = 0; i < n; i++)
		assert_ptr_equal(x[i], y[i]);
	free(x);
	free(y);
}

static void a_name_that_is_none_is_refused(void **state)
{
	char name[] = "F01,relay-silnt";
	char *const names[] = {name};
	const struct scenario **list;
	struct err e;
	size_t n;

	assert_int_equal(blind_candidates(*state, names, 1, &list, &n, &e), -1);
	assert_non_null(strstr(e.text, "did you mean 'relay-silent'?"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_failure_of_the_catalogue_can_be_played),
	    cmocka_unit_test(no_complaint_names_what_it_is),
	    cmocka_unit_test(the_seed_alone_picks_and_reaches_all),
	    cmocka_unit_test(names_and_numbers_with_commas_or_without_are_the_same),
	    cmocka_unit_test(a_name_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
