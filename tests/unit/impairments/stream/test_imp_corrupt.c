/* test_imp_corrupt.c - bytes change, and nothing else does.
 * LAYER: wedge_impairments_stream impair_rig */
#include "tests/rig/impair_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment corrupt_impairment;
#define KIND &corrupt_impairment

static void check_text(const char *params, const char *in, const char *out)
{
	struct imp *m = imp_new(KIND, params);

	rig_feed(m->rig, in);
	assert_string_equal(rig_text(m->rig), out);
	imp_free(m);
	m = imp_new(KIND, params);
	for (const char *p = in; *p; p++)
		rig_feed(m->rig, (char[]){*p, 0});
	assert_string_equal(rig_text(m->rig), out);
	imp_free(m);
}

static void each_mode_does_what_it_says_however_the_stream_is_cut(void **state)
{
	(void)state;
	check_text("mode=flip,value=32", "Hello", "hELLO");
	check_text("mode=set,value=120", "Hello", "xxxxx");
	check_text("mode=repeat,block=4B", "abcdefghij", "abcdabcdab");
	check_text("mode=truncate_pad,block=4B,keep=1B,value=46", "abcdefghij", "a...e...i.");
}

static void zero_zeroes(void **state)
{
	struct imp *m = imp_new(KIND, "mode=zero");
	const unsigned char *p;
	size_t n;

	(void)state;
	rig_feed(m->rig, "abc");
	p = rig_bytes(m->rig, &n);
	assert_int_equal(n, 3);
	assert_memory_equal(p, "\0\0\0", 3);
	imp_free(m);
}

static void a_repeated_block_is_the_one_before_it(void **state)
{
	struct imp *m = imp_new(KIND, "mode=repeat,block=16B,share=30%");
	unsigned char in[16 * 400];
	const unsigned char *out;
	unsigned same = 0;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i / 16 * 31 + i);
	rig_feed_bytes(m->rig, sizeof(in));
	out = rig_bytes(m->rig, &n);
	assert_int_equal(n, sizeof(in));
	for (size_t i = 16; i < sizeof(in); i += 16)
		same += memcmp(out + i, out + i - 16, 16) == 0;
	assert_in_range(same, 90, 150);
	imp_free(m);
}

static unsigned differing(struct imp *m, size_t n)
{
	static unsigned char clean[100000];
	struct rig *r = rig_new(NULL, NULL);
	const unsigned char *p;
	unsigned bad = 0;
	size_t got;

	rig_feed_bytes(r, n);
	p = rig_bytes(r, &got);
	memcpy(clean, p, got);
	rig_free(r);
	p = rig_bytes(m->rig, &got);
	assert_int_equal(got, n);
	for (size_t i = 0; i < n; i++)
		bad += p[i] != clean[i];
	return bad;
}

static void the_share_is_kept_and_journalled_exactly(void **state)
{
	struct imp *m = imp_new(KIND, "mode=flip,block=1B,share=1%");
	unsigned bad;
	uint64_t told;

	(void)state;
	rig_feed_bytes(m->rig, 100000);
	bad = differing(m, 100000);
	assert_in_range(bad, 900, 1100);
	stage_set_active(m->stage, false);
	imp_journalled(m, "corrupted", &told);
	assert_int_equal(told, bad);
	imp_journalled(m, "corrupt", &told);
	assert_in_range(told, bad > 1000 ? 1000 : bad, bad);
	imp_free(m);
}

static void the_seed_decides_and_not_the_pieces(void **state)
{
	struct imp *a = imp_new(KIND, "block=8B,share=10%"),
		   *b = imp_new(KIND, "block=8B,share=10%");
	const unsigned char *p, *q;
	size_t n, o;

	(void)state;
	rig_feed_bytes(a->rig, 5000);
	for (int i = 0; i < 5000; i += 100)
		rig_feed_bytes(b->rig, 100);
	p = rig_bytes(a->rig, &n);
	q = rig_bytes(b->rig, &o);
	assert_int_equal(n, o);
	assert_memory_equal(p, q, n);
	stage_set_active(a->stage, false);
	stage_set_active(b->stage, false);
	assert_string_equal(rig_journal(a->rig), rig_journal(b->rig));
	imp_free(a);
	imp_free(b);
}

static void no_block_is_touched_at_share_0(void **state)
{
	struct imp *m = imp_new(KIND, "share=0%");

	(void)state;
	rig_feed_bytes(m->rig, 5000);
	assert_true(rig_bytes_in_order(m->rig));
	assert_string_equal(rig_journal(m->rig), "");
	imp_free(m);
}

static void the_journal_is_bounded_and_its_sum_exact(void **state)
{
	struct imp *m = imp_new(KIND, "block=1B,share=50%");
	unsigned bad;
	uint64_t told;

	(void)state;
	rig_feed_bytes(m->rig, 50000);
	rig_end(m->rig, END_FIN);
	bad = differing(m, 50000);
	stage_set_active(m->stage, false);
	assert_int_equal(imp_journalled(m, "corrupt", NULL), 1000);
	assert_int_equal(imp_journalled(m, "corrupted", &told), 1);
	assert_int_equal(told, bad);
	imp_free(m);
}

static void a_change_begins_a_new_block_with_the_next_byte(void **state)
{
	struct imp *m = imp_new(KIND, "mode=truncate_pad,block=4B,keep=3B,value=46");

	(void)state;
	rig_feed(m->rig, "ab");
	imp_update(m, "mode=truncate_pad,block=4B,keep=1B,value=45");
	rig_feed(m->rig, "cdef");
	imp_update(m, "mode=repeat,block=2B");
	rig_feed(m->rig, "wxyz");
	assert_string_equal(rig_text(m->rig), "abc---wxwx");
	imp_free(m);
}

static void disabled_it_leaves_the_next_byte_alone(void **state)
{
	struct imp *m = imp_new(KIND, "mode=set,value=120");

	(void)state;
	rig_feed(m->rig, "ab");
	stage_set_active(m->stage, false);
	rig_feed(m->rig, "cd");
	stage_set_active(m->stage, true);
	rig_feed(m->rig, "ef");
	assert_string_equal(rig_text(m->rig), "xxcdxx");
	imp_free(m);
}

static void silly_values_are_refused(void **state)
{
	char why[256];

	(void)state;
	assert_non_null(strstr(imp_refusal(KIND, "block=0B", why, sizeof(why)), "block"));
	assert_non_null(strstr(imp_refusal(KIND, "value=256", why, sizeof(why)), "value"));
	assert_non_null(strstr(imp_refusal(KIND, "value=0", why, sizeof(why)), "nothing"));
	assert_non_null(strstr(imp_refusal(KIND, "keep=1B", why, sizeof(why)), "truncate_pad"));
	assert_non_null(strstr(
	    imp_refusal(KIND, "mode=truncate_pad,block=4B,keep=4B", why, sizeof(why)), "less"));
}

static void it_keeps_the_laws(void **state)
{
	static const char *const all[] = {"mode=flip,share=10%", "mode=repeat,block=7B",
					  "mode=truncate_pad,block=100B,keep=99B"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		imp_laws(KIND, all[i], LAW_ENDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_mode_does_what_it_says_however_the_stream_is_cut),
	    cmocka_unit_test(zero_zeroes),
	    cmocka_unit_test(a_repeated_block_is_the_one_before_it),
	    cmocka_unit_test(the_share_is_kept_and_journalled_exactly),
	    cmocka_unit_test(the_seed_decides_and_not_the_pieces),
	    cmocka_unit_test(no_block_is_touched_at_share_0),
	    cmocka_unit_test(the_journal_is_bounded_and_its_sum_exact),
	    cmocka_unit_test(a_change_begins_a_new_block_with_the_next_byte),
	    cmocka_unit_test(disabled_it_leaves_the_next_byte_alone),
	    cmocka_unit_test(silly_values_are_refused),
	    cmocka_unit_test(it_keeps_the_laws),
	};

	return cmocka_run_group_tests_name("imp_corrupt", tests, NULL, NULL);
}
