/* test_catalog.c - every scenario of the catalogue in the binary loads, with metrics and figures
 * that are really measured, in every mode of the lab that its impairments can act in, and the
 * families of their signatures know each other. LAYER: wedge_scenarios_cli */
#include "scenarios/cli/known_metrics.h"
#include "scenarios/scenario/catalog.h"
#include "scenarios/scenario/overrides.h"
#include "scenarios/scenario/scenario_load.h"

#include "proxy/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Some fault works on bytes, which forwarded connections don't give to wedge. */
static bool works_on_bytes(const struct scenario *s)
{
	for (size_t i = 0; i < s->nphases; i++)
		for (size_t k = 0; k < s->phases[i].impairments->n; k++)
			if (!s->phases[i].impairments->inst[k].type->packet)
				return true;
	return false;
}

static void check(const char *name, bool quick, const char *mode)
{
	bool forward = strstr(mode, "forward") != NULL;
	unsigned bit = INTERCEPT_BIT(forward ? INTERCEPT_FORWARD : INTERCEPT_EXPLICIT);
	struct scenario *s;
	struct err e;

	if (scenario_load(name, NULL, quick, metric_known, NULL, &s, &e) == -1)
		fail_msg("%s: %s", name, e.text);
	assert_string_equal(s->name, name);
	if (!(s->intercepts & bit)) {
		assert_int_equal(scenario_set(s, mode, &e), -1);
		scenario_free(s);
		return;
	}
	assert_int_equal(scenario_set(s, mode, &e), 0);
	if (works_on_bytes(s) && forward)
		assert_int_equal(scenario_check(s, &e), -1);
	else if (scenario_check(s, &e) == -1)
		fail_msg("%s with %s: %s", name, mode, e.text);
	for (size_t i = 0; i < s->nexpects; i++)
		assert_non_null(s->expects[i].where);
	scenario_free(s);
}

static void every_scenario_loads(void **state)
{
	char **names;
	size_t n;

	(void)state;
	assert_int_equal(catalog_names(NULL, &names, &n, NULL), 0);
	assert_true(n >= 3);
	for (size_t i = 0; i < n; i++) {
		assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
		check(names[i], false, "lab.intercept=explicit");
		check(names[i], true, "lab.intercept=explicit");
		check(names[i], true, "lab.intercept=forward");
	}
	catalog_names_free(names, n);
}

static bool has_phase(const struct scenario *s, const char *name)
{
	for (size_t i = 0; i < s->nphases; i++)
		if (strcmp(s->phases[i].name, name) == 0)
			return true;
	return false;
}

/* A failure may be one in which a server is killed, and nothing is faked. */
static bool breaks(const struct step *list, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any = any || step_breaks(&list[i]) || breaks(list[i].list, list[i].nlist);
	return any;
}

static void every_scenario_shows_a_failure_and_its_cure(void **state)
{
	char **names;
	size_t n;

	(void)state;
	assert_int_equal(catalog_names(NULL, &names, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		struct scenario *s;

		assert_int_equal(scenario_load(names[i], NULL, false, metric_known, NULL, &s, NULL),
				 0);
		assert_string_equal(s->phases[0].name, "baseline");
		assert_string_equal(s->phases[1].name, "impaired");
		assert_true(has_phase(s, "mitigated"));
		assert_true(s->phases[1].impairments->n > 0 ||
			    breaks(s->phases[1].steps, s->phases[1].nsteps));
		assert_true(s->phases[0].ntraffic > 1);
		assert_true(s->nsignatures > 0);
		assert_non_null(s->failure);
		scenario_free(s);
	}
	catalog_names_free(names, n);
}

static void an_unknown_name_is_answered_with_the_nearest(void **state)
{
	struct err e;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(catalog_text(NULL, "exchange-delayed-akc", &text, &len, &e), -1);
	assert_non_null(strstr(e.text, "(did you mean 'exchange-delayed-ack'?)"));
	assert_int_equal(catalog_text(NULL, "nothing like it at all", &text, &len, &e), -1);
	assert_non_null(strstr(e.text, "'wedge list' shows the catalogue"));
}

static void a_folder_replaces_the_catalogue(void **state)
{
	char folder[] = "/tmp/test-catalog-XXXXXX", path[100], **names, *text;
	struct err e;
	size_t n, len;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/mine.yaml", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs("name: mine\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(catalog_names(folder, &names, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(names[0], "mine");
	catalog_names_free(names, n);
	assert_int_equal(catalog_text(folder, "mine", &text, &len, &e), 0);
	assert_int_equal(len, 11);
	free(text);
	assert_int_equal(catalog_text(folder, "exchange-delayed-ack", &text, &len, &e), -1);
	assert_int_equal(catalog_text(folder, "mina", &text, &len, &e), -1);
	assert_non_null(strstr(e.text, "'mine'"));
	unlink(path);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(catalog_text(folder, "mine", &text, &len, &e), -1);
	rmdir(path);
	rmdir(folder);
	assert_int_equal(catalog_names(folder, &names, &n, &e), -1);
	assert_non_null(strstr(e.text, folder));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_scenario_loads),
	    cmocka_unit_test(every_scenario_shows_a_failure_and_its_cure),
	    cmocka_unit_test(an_unknown_name_is_answered_with_the_nearest),
	    cmocka_unit_test(a_folder_replaces_the_catalogue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
