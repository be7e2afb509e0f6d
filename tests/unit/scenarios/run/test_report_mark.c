/* test_report_mark.c - a marked folder with folders within goes as a whole, or stays as a whole.
 * LAYER: wedge_run */
#include "scenarios/run/report_mark.h"

#include "proxy/base/mem.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct tree {
	char folder[64], *within, *file;
};

static void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* FOLDER/within/file, marked. */
static int make_tree(void **state)
{
	struct tree *t = xcalloc(1, sizeof(*t));
	struct err e = {""};

	snprintf(t->folder, sizeof(t->folder), "/tmp/wedge-mark-XXXXXX");
	assert_non_null(mkdtemp(t->folder));
	t->within = xasprintf("%s/within", t->folder);
	t->file = xasprintf("%s/file", t->within);
	assert_int_equal(mkdir(t->within, 0700), 0);
	put_file(t->file, "wedge's");
	assert_int_equal(report_mark_write(t->folder, &e), 0);
	*state = t;
	return 0;
}

static int free_tree(void **state)
{
	struct tree *t = *state;
	char *mark = xasprintf("%s/" REPORT_MARK, t->within);
	char *top = xasprintf("%s/" REPORT_MARK, t->folder);

	unlink(t->file);
	unlink(mark);
	rmdir(t->within);
	unlink(top);
	rmdir(t->folder);
	free(mark);
	free(top);
	free(t->within);
	free(t->file);
	free(t);
	return 0;
}

static void goes_with_what_is_within(void **state)
{
	const struct tree *t = *state;
	struct err e = {""};

	assert_int_equal(report_mark_check(t->folder, &e), 0);
	assert_int_equal(report_mark_remove(t->folder, "it", &e), 0);
	assert_int_equal(access(t->folder, F_OK), -1);
}

static void stays_for_a_strange_file_within(void **state)
{
	const struct tree *t = *state;
	char *strange = xasprintf("%s/thesis.tex", t->within);
	struct err e = {""};

	put_file(strange, "mine");
	assert_int_equal(report_mark_check(t->folder, &e), -1);
	assert_non_null(strstr(e.text, "thesis.tex"));
	assert_int_equal(report_mark_remove(t->folder, "it", &e), -1);
	assert_int_equal(access(t->file, F_OK), 0);
	unlink(strange);
	free(strange);
}

static void stays_for_a_changed_file_within(void **state)
{
	const struct tree *t = *state;
	struct err e = {""};

	put_file(t->file, "edited");
	assert_int_equal(report_mark_remove(t->folder, "it", &e), -1);
	assert_int_equal(access(t->file, F_OK), 0);
}

static void a_new_mark_within_proves_nothing(void **state)
{
	const struct tree *t = *state;
	char *mark = xasprintf("%s/" REPORT_MARK, t->within);
	struct err e = {""};

	put_file(t->file, "edited");
	unlink(mark);
	assert_int_equal(report_mark_write(t->within, &e), 0);
	assert_int_equal(report_mark_remove(t->folder, "it", &e), -1);
	assert_int_equal(access(t->file, F_OK), 0);
	free(mark);
}

static void a_broken_off_removal_is_finished(void **state)
{
	const struct tree *t = *state;
	char *mark = xasprintf("%s/" REPORT_MARK, t->within);
	struct err e = {""};

	unlink(t->file);
	unlink(mark);
	assert_int_equal(report_mark_remove(t->folder, "it", &e), 0);
	assert_int_equal(access(t->folder, F_OK), -1);
	free(mark);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(goes_with_what_is_within, make_tree, free_tree),
	    cmocka_unit_test_setup_teardown(stays_for_a_strange_file_within, make_tree, free_tree),
	    cmocka_unit_test_setup_teardown(stays_for_a_changed_file_within, make_tree, free_tree),
	    cmocka_unit_test_setup_teardown(a_new_mark_within_proves_nothing, make_tree, free_tree),
	    cmocka_unit_test_setup_teardown(a_broken_off_removal_is_finished, make_tree, free_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
