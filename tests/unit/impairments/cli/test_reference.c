/* test_reference.c - what the reference says of every impairment: true examples, nothing left out.
 * LAYER: wedge_impairments_cli */
#include "impairments/cli/reference.h"

#include "impairments/set/registry.h"
#include "impairments/set/set_parse.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_example_is_understood_and_of_its_kind(void **state)
{
	(void)state;
	for (size_t i = 0; impairment_kinds[i]; i++) {
		const struct impairment *im = impairment_kinds[i];
		struct impairment_set *s = impairment_set_new();
		struct err e = {{0}};

		if (impairment_set_text(s, im->example, &e) == -1 ||
		    impairment_set_check(s, false, &e) == -1)
			fail_msg("%s: %s", im->example, e.text);
		assert_int_equal(s->n, 1);
		assert_ptr_equal(s->inst[0].type, im);
		impairment_set_free(s);
	}
}

static void every_kind_says_what_becomes_of_what_it_holds(void **state)
{
	static const char *const told[] = {"chang", "disabl", "remov"};

	(void)state;
	for (size_t i = 0; impairment_kinds[i]; i++)
		for (size_t k = 0; k < ARRAY_LEN(told); k++)
			if (!strcasestr(impairment_kinds[i]->doc, told[k]))
				fail_msg("%s says nothing with '%s'", impairment_kinds[i]->name,
					 told[k]);
}

static void every_kind_says_whom_it_impersonates(void **state)
{
	(void)state;
	for (size_t i = 0; impairment_kinds[i]; i++) {
		const struct impairment *im = impairment_kinds[i];
		const char *who = im->impersonates;

		if (!who || !*who || who[strlen(who) - 1] == '.')
			fail_msg("%s: whom it impersonates is missing or ends with a full stop",
				 im->name);
		if (im->packet && im->packet->speaks_in && strncmp(who, "the network", 11) == 0)
			fail_msg("%s keeps a host's packets in line and says: %s", im->name, who);
	}
}

static void assert_help(const char *owner, const struct param *p)
{
	char accepts[PARAM_ACCEPTS];

	param_accepts(p, accepts, sizeof(accepts));
	if (!p->help || !*p->help || p->help[strlen(p->help) - 1] == '.')
		fail_msg("%s: the help of %s is missing or ends with a full stop", owner, p->name);
	if (strlen(accepts) + 1 == sizeof(accepts))
		fail_msg("%s: what %s accepts is cut off", owner, p->name);
}

static void every_parameter_is_explained(void **state)
{
	(void)state;
	for (const struct param *p = impair_common_params; p->name; p++)
		assert_help("all", p);
	for (size_t i = 0; impairment_kinds[i]; i++) {
		const struct impairment *im = impairment_kinds[i];

		assert_true(islower((unsigned char)*im->summary) ||
			    strncmp(im->summary, "RST", 3) == 0 ||
			    strncmp(im->summary, "FIN", 3) == 0);
		assert_int_not_equal(im->summary[strlen(im->summary) - 1], '.');
		for (const struct param *p = im->params; p->name; p++)
			assert_help(im->name, p);
	}
}

static const struct impairment *find(const char *name)
{
	const struct impairment *im = impairment_find(name);

	if (!im)
		fail_msg("there is no %s", name);
	return im;
}

static const struct param *row(const char *name)
{
	const struct param *p = param_find(impair_common_params, name);

	if (!p)
		fail_msg("there is no common parameter %s", name);
	return p;
}

/* What a user is told to take instead can be taken there. */
static void kinds_that_stand_for_others_are_there(void **state)
{
	(void)state;
	for (size_t i = 0; impairment_kinds[i]; i++) {
		const struct impairment *im = impairment_kinds[i];
		struct impairment_set *s = impairment_set_new();
		struct err e = {{0}};

		if (im->unprivileged) {
			assert_non_null(im->packet);
			assert_null(find(im->unprivileged)->packet);
		}
		if (im->forwarded && (impairment_set_text(s, im->forwarded, &e) == -1 ||
				      impairment_set_check(s, true, &e) == -1))
			fail_msg("%s: %s", im->forwarded, e.text);
		impairment_set_free(s);
	}
}

static void planes_and_legs_are_told_of_those_that_have_them(void **state)
{
	(void)state;
	assert_string_equal(reference_plane(find("latency")), "stream");
	assert_string_equal(reference_plane(find("refuse")), "stream");
	assert_string_equal(reference_plane(find("loss")), "packet");
	assert_false(reference_has(find("latency"), row("leg")));
	assert_true(reference_has(find("loss"), row("leg")));
	assert_string_equal(reference_default(find("vanish"), row("leg")), "both");
	assert_string_equal(reference_default(find("delayed_ack"), row("leg")),
			    "the leg on which wedge receives the data");
}

static void a_direction_is_told_of_those_that_have_one(void **state)
{
	(void)state;
	assert_true(reference_has(find("latency"), row("direction")));
	assert_true(reference_has(find("reset"), row("direction")));
	assert_false(reference_has(find("process_freeze"), row("direction")));
	assert_false(reference_has(find("refuse"), row("direction")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_example_is_understood_and_of_its_kind),
	    cmocka_unit_test(every_kind_says_what_becomes_of_what_it_holds),
	    cmocka_unit_test(every_kind_says_whom_it_impersonates),
	    cmocka_unit_test(every_parameter_is_explained),
	    cmocka_unit_test(kinds_that_stand_for_others_are_there),
	    cmocka_unit_test(planes_and_legs_are_told_of_those_that_have_them),
	    cmocka_unit_test(a_direction_is_told_of_those_that_have_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
