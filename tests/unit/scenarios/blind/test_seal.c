/* test_seal.c - an answer that is compared and can't be read.
 * LAYER: wedge_blind */
#include "scenarios/blind/seal.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FILES 2
static const char *const files[FILES] = {"one", "two"};
static char folder[] = "/tmp/test-seal-XXXXXX";

static void write_text(const char *name, const char *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void remove_file(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
}

static char *read_seal_text(char *text, size_t size)
{
	char path[64];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, SEAL_FILE);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void seal_folder(void)
{
	struct err e = {""};

	remove_file(SEAL_FILE);
	write_text("one", "1");
	write_text("two", "2");
	assert_int_equal(seal_write(folder, files, FILES, "the-answer", &e), 0);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILES; i++)
		remove_file(files[i]);
	remove_file(SEAL_FILE);
	return rmdir(folder);
}

static struct seal *opened(void)
{
	struct err e = {""};
	struct seal *s = seal_open(folder, files, FILES, &e);

	if (!s)
		fail_msg("%s", e.text);
	return s;
}

static void refused(const char *needle)
{
	struct err e = {""};

	assert_null(seal_open(folder, files, FILES, &e));
	if (!strstr(e.text, needle) || strchr(e.text, '\n'))
		fail_msg("refused with '%s', not for '%s'", e.text, needle);
}

static void only_the_answer_fits(void **state)
{
	struct seal *s;

	(void)state;
	seal_folder();
	s = opened();
	assert_true(seal_fits(s, "the-answer"));
	assert_false(seal_fits(s, "the-answe"));
	assert_false(seal_fits(s, "the-answer\n"));
	assert_false(seal_fits(s, ""));
	seal_free(s);
}

static void two_seals_of_one_answer_have_nothing_in_common(void **state)
{
	char first[4096], second[4096];

	(void)state;
	seal_folder();
	read_seal_text(first, sizeof(first));
	seal_folder();
	read_seal_text(second, sizeof(second));
	assert_null(strstr(first, "the-answer"));
	for (const char *const *key = (const char *const[]){"\"salt\": \"", "\"hash\": \"", NULL};
	     *key; key++) {
		const char *x = strstr(first, *key), *y = strstr(second, *key);

		assert_non_null(x);
		assert_non_null(y);
		assert_true(strncmp(x + strlen(*key), y + strlen(*key), 32) != 0);
	}
}

/* Replaces the first character behind key. */
static void edit_seal(const char *key)
{
	char text[4096], *at;

	seal_folder();
	read_seal_text(text, sizeof(text));
	at = strstr(text, key);
	assert_non_null(at);
	at += strlen(key);
	*at = *at == '0' ? '1' : '0';
	write_text(SEAL_FILE, text);
}

static void without_its_own_salt_the_answer_fits_no_more(void **state)
{
	struct seal *s;

	(void)state;
	edit_seal("\"salt\": \"");
	s = opened();
	assert_false(seal_fits(s, "the-answer"));
	seal_free(s);
}

/* An edited file with its hash edited, too: the list is part of what is hashed. */
static void a_list_that_was_edited_fits_no_answer(void **state)
{
	static const char of_1[] =
	    "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";
	static const char of_2[] =
	    "d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35";
	char text[4096], *at;
	struct seal *s;

	(void)state;
	seal_folder();
	read_seal_text(text, sizeof(text));
	at = strstr(text, of_1);
	assert_non_null(at);
	memcpy(at, of_2, strlen(of_2));
	write_text(SEAL_FILE, text);
	write_text("one", "2");
	s = opened();
	assert_false(seal_fits(s, "the-answer"));
	seal_free(s);
}

static void what_was_edited_or_is_missing_is_refused(void **state)
{
	(void)state;
	seal_folder();
	write_text("two", "3");
	refused("'two' isn't what wedge wrote there");
	seal_folder();
	remove_file("one");
	refused("'one'");
	seal_folder();
	remove_file(SEAL_FILE);
	refused("no folder of wedge run --blind");
	seal_folder();
	write_text(SEAL_FILE, "{}");
	refused("no seal that this wedge wrote");
	edit_seal("\"rounds\": ");
	refused("no seal that this wedge wrote");
}

static void a_link_is_no_file_of_the_folder(void **state)
{
	char path[64];

	(void)state;
	seal_folder();
	snprintf(path, sizeof(path), "%s/one", folder);
	remove_file("one");
	assert_int_equal(symlink("two", path), 0);
	refused("'one'");
	remove_file("one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_the_answer_fits),
	    cmocka_unit_test(two_seals_of_one_answer_have_nothing_in_common),
	    cmocka_unit_test(without_its_own_salt_the_answer_fits_no_more),
	    cmocka_unit_test(a_list_that_was_edited_fits_no_answer),
	    cmocka_unit_test(what_was_edited_or_is_missing_is_refused),
	    cmocka_unit_test(a_link_is_no_file_of_the_folder),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
