/* test_cell_scenario.c - every fault of every hang point is a scenario that loads.
 * LAYER: wedge_check */
#include "scenarios/check/cell_scenario.h"
#include "scenarios/scenario/scenario_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void load(const char *text)
{
	char path[] = "/tmp/test_cell_scenario_XXXXXX.yaml";
	int fd = mkstemps(path, 5);
	struct scenario *s = NULL;
	struct err e = {""};
	int rc;

	assert_true(fd != -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	rc = scenario_load(path, NULL, false, NULL, NULL, &s, &e);
	unlink(path);
	if (rc == -1)
		fail_msg("%s\n%s", e.text, text);
	scenario_free(s);
}

static void every_fault_loads(void **state)
{
	struct check_plan plan = {.limit = 0};
	struct check_places places;
	char *text;

	(void)state;
	for (int protocol = 0; protocol < CHECK_PROTOCOL_COUNT; protocol++) {
		plan.protocol = (enum check_protocol)protocol;
		plan.port = (uint16_t)check_port(plan.protocol);
		check_places_find(&plan, 66000, &places);
		text = cell_scenario_text(&plan, &places, NULL, NULL);
		load(text);
		free(text);
		for (const struct hang_point *p = hang_points; p->id; p++)
			for (const struct hang_variant *v = p->variants; v->what; v++) {
				if (!(check_is_http(plan.protocol) ? v->http : v->other))
					continue;
				if (p->needs & NEED_TLS && plan.protocol != CHECK_HTTPS)
					continue;
				text = cell_scenario_text(&plan, &places, p, v);
				load(text);
				free(text);
			}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_fault_loads)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
