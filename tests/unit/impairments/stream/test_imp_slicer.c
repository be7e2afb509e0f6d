/* test_imp_slicer.c - small pieces on a grid of gaps, nothing lost, little kept.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment slicer_impairment;
#define SLICER &slicer_impairment
#define MS     NS_PER_MS

static void pieces_come_one_gap_apart_and_the_end_with_the_last(void **state)
{
	struct imp *m = imp_new(SLICER, "size=2,gap=10ms");

	(void)state;
	rig_feed(m->rig, "abcde");
	rig_end(m->rig, END_FIN);
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "0s ab\n10ms cd\n20ms e\n20ms FIN\n");
	imp_free(m);
}

static void after_a_rest_the_first_piece_goes_at_once(void **state)
{
	struct imp *m = imp_new(SLICER, "size=2,gap=10ms");

	(void)state;
	rig_feed(m->rig, "ab");
	rig_advance(m->rig, 4 * MS);
	rig_feed(m->rig, "cd");
	rig_advance(m->rig, 19 * MS);
	rig_feed(m->rig, "efgh");
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "0s ab\n10ms cd\n23ms ef\n33ms gh\n");
	imp_free(m);
}

static void with_halves_pieces_are_as_small_as_halving_makes_them(void **state)
{
	struct imp *m = imp_new(SLICER, "size=10,variation=0,gap=50ms,halves=yes");

	(void)state;
	rig_feed(m->rig, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrs"); /* 45 bytes */
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig),
			    "0s abcde\n50ms fghijk\n100ms lmnop\n150ms qrstuv\n200ms wxyza\n"
			    "250ms bcdefg\n300ms hijklm\n350ms nopqrs\n");
	imp_free(m);
}

static void with_halves_what_has_come_apart_stays_apart(void **state)
{
	struct imp *m = imp_new(SLICER, "size=10,variation=3,gap=10ms,halves=yes");

	(void)state;
	for (int i = 0; i < 50; i++)
		rig_feed(m->rig, "xy");
	imp_update(m, "size=10,variation=3,gap=10ms,halves=yes");
	rig_feed(m->rig, "z");
	rig_settle(m->rig);
	assert_int_equal(strlen(rig_text(m->rig)), 101);
	imp_free(m);
}

static void an_end_without_bytes_passes_at_once(void **state)
{
	struct imp *m = imp_new(SLICER, "size=2,gap=1h");

	(void)state;
	rig_feed(m->rig, "a");
	rig_end(m->rig, END_RST);
	assert_string_equal(rig_log(m->rig), "0s a\n0s RST\n");
	imp_free(m);
}

static void sizes_vary_by_no_more_than_the_variation(void **state)
{
	struct imp *m = imp_new(SLICER, "size=100,variation=50,gap=1ms");
	unsigned seen[201] = {0};
	size_t before = 0, after;

	(void)state;
	for (int i = 0; i < 20; i++) {
		rig_feed_bytes(m->rig, 10000);
		while (m->stage->held > 200) {
			rig_advance(m->rig, MS);
			rig_bytes(m->rig, &after);
			assert_in_range(after - before, 1, 300);
			before = after;
		}
	}
	for (const char *line = rig_log(m->rig); *line; line = strchr(line, '\n') + 1) {
		unsigned n = 0;

		assert_int_equal(sscanf(line, "%*s %uB", &n), 1);
		assert_in_range(n, 50, 150);
		seen[n]++;
	}
	assert_true(seen[50] && seen[100] && seen[150]);
	assert_true(rig_bytes_in_order(m->rig));
	imp_free(m);
}

static void little_is_kept_so_the_source_is_not_read(void **state)
{
	struct imp *m = imp_new(SLICER, "size=1KiB,gap=1ms");

	(void)state;
	rig_feed_bytes(m->rig, 32 << 10);
	assert_true(rig_readable(m->rig));
	rig_feed_bytes(m->rig, 1 << 10);
	assert_false(rig_readable(m->rig));
	rig_advance(m->rig, 15 * MS);
	assert_false(rig_readable(m->rig));
	rig_advance(m->rig, MS);
	assert_true(rig_readable(m->rig));
	imp_free(m);
}

static void a_change_counts_from_the_next_piece_and_shortens_the_gap(void **state)
{
	struct imp *m = imp_new(SLICER, "size=1,gap=1h");

	(void)state;
	rig_feed(m->rig, "abcdef");
	rig_advance(m->rig, 5 * MS);
	imp_update(m, "size=3,gap=10ms");
	rig_settle(m->rig);
	assert_string_equal(rig_log(m->rig), "0s a\n15ms bcd\n25ms ef\n");
	imp_free(m);
}

static void disabled_it_passes_what_is_kept_at_once(void **state)
{
	struct imp *m = imp_new(SLICER, "size=1,gap=1h");

	(void)state;
	rig_feed(m->rig, "abcdef");
	rig_end(m->rig, END_FIN);
	stage_set_active(m->stage, false);
	assert_string_equal(rig_log(m->rig), "0s a\n0s bcdef\n0s FIN\n");
	imp_free(m);
}

static void empty_pieces_are_refused(void **state)
{
	char buf[800];

	(void)state;
	assert_string_not_equal(imp_refusal(SLICER, "size=0", buf, sizeof(buf)), "");
	assert_non_null(
	    strstr(imp_refusal(SLICER, "size=5,variation=5", buf, sizeof(buf)), "empty"));
	assert_string_not_equal(imp_refusal(SLICER, "gap=0", buf, sizeof(buf)), "");
	assert_string_equal(imp_refusal(SLICER, "size=5,variation=4", buf, sizeof(buf)), "");
}

static void the_laws_hold(void **state)
{
	(void)state;
	imp_laws(SLICER, "size=1KB,variation=900,gap=1ms", LAW_LOSSLESS | LAW_ENDS);
	imp_laws(SLICER, "size=500,gap=1us", LAW_LOSSLESS | LAW_ENDS);
	imp_laws(SLICER, "size=500,variation=499,gap=1us,halves=yes", LAW_LOSSLESS | LAW_ENDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_come_one_gap_apart_and_the_end_with_the_last),
	    cmocka_unit_test(after_a_rest_the_first_piece_goes_at_once),
	    cmocka_unit_test(with_halves_pieces_are_as_small_as_halving_makes_them),
	    cmocka_unit_test(with_halves_what_has_come_apart_stays_apart),
	    cmocka_unit_test(an_end_without_bytes_passes_at_once),
	    cmocka_unit_test(sizes_vary_by_no_more_than_the_variation),
	    cmocka_unit_test(little_is_kept_so_the_source_is_not_read),
	    cmocka_unit_test(a_change_counts_from_the_next_piece_and_shortens_the_gap),
	    cmocka_unit_test(disabled_it_passes_what_is_kept_at_once),
	    cmocka_unit_test(empty_pieces_are_refused),
	    cmocka_unit_test(the_laws_hold),
	};

	return cmocka_run_group_tests_name("imp_slicer", tests, NULL, NULL);
}
