/* test_yaml.c - documents become trees with places; whatever else comes is refused in one line.
 * LAYER: wedge_base */
#include "proxy/base/yaml.h"
#include "proxy/base/yaml_load.h"

#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct yaml *loaded(const char *text)
{
	struct err e = {.text = ""};
	struct yaml *y = yaml_load_text("t.yaml", text, strlen(text), &e);

	if (!y)
		fail_msg("%s", e.text);
	return y;
}

static void refused(const char *text, size_t len, const char *says)
{
	struct err e = {.text = ""};
	struct yaml *y = yaml_load_text("t.yaml", text, len, &e);

	if (y)
		fail_msg("accepted: %.60s", text);
	if (!strstr(e.text, says) || strchr(e.text, '\n'))
		fail_msg("'%.60s' gave: %s", text, e.text);
}

static void a_document_is_a_tree(void **state)
{
	struct yaml *y =
	    loaded("name: x\nlist:\n  - {delayed_ack: {timer: 200ms}}\n  - \"q\\u00e9\"\n"
		   "story: >\n  two\n  lines\n");
	struct yaml_node *root = yaml_root(y), *list = yaml_get(y, root, "list"), *ack;

	(void)state;
	assert_string_equal(yaml_name(y), "t.yaml");
	assert_int_equal(yaml_kind(root), YAML_MAPPING);
	assert_int_equal(yaml_count(root), 3);
	assert_string_equal(yaml_key(y, root, 0), "name");
	assert_string_equal(yaml_text(y, yaml_value(root, 0)), "x");
	assert_int_equal(yaml_kind(list), YAML_SEQUENCE);
	assert_int_equal(yaml_count(list), 2);
	ack = yaml_get(y, yaml_item(list, 0), "delayed_ack");
	assert_string_equal(yaml_text(y, yaml_get(y, ack, "timer")), "200ms");
	assert_string_equal(yaml_text(y, yaml_item(list, 1)), "q\xc3\xa9");
	assert_string_equal(yaml_text(y, yaml_get(y, root, "story")), "two lines\n");
	assert_null(yaml_get(y, root, "nonesuch"));
	assert_null(yaml_get(y, list, "name"));
	yaml_free(y);
}

static void every_node_knows_its_place(void **state)
{
	struct yaml *y =
	    loaded("a: 1\nphases:\n  impaired: [{delayed_ack: {timer: 10q}}]\nempty:\n");
	struct yaml_node *phases = yaml_get(y, yaml_root(y), "phases");
	struct yaml_node *inst = yaml_item(yaml_get(y, phases, "impaired"), 0);
	struct yaml_node *timer = yaml_get(y, yaml_get(y, inst, "delayed_ack"), "timer");
	struct err e;

	(void)state;
	assert_int_equal(yaml_error(y, timer, &e, "no %s", "unit"), -1);
	assert_string_equal(e.text, "t.yaml:3:36: no unit");
	err_set(&e, "inner");
	assert_int_equal(yaml_error_wrap(y, yaml_key_node(phases, 0), &e), -1);
	assert_string_equal(e.text, "t.yaml:3:3: inner");
	yaml_error(y, yaml_get(y, yaml_root(y), "empty"), &e, "no value");
	assert_string_equal(e.text, "t.yaml:4:1: no value");
	yaml_error(y, NULL, &e, "empty");
	assert_string_equal(e.text, "t.yaml:1:1: empty");
	yaml_free(y);
}

static void unknown_keys_are_answered_with_the_nearest(void **state)
{
	static const char *const keys[] = {"name", "title", "phases", NULL};
	static const char *const none[] = {NULL};
	struct yaml *y = loaded("name: x\nphase: 1\n");
	struct yaml *good = loaded("title: x\n");
	struct yaml *list = loaded("[1]\n");
	struct err e;

	(void)state;
	assert_int_equal(yaml_only_keys(y, yaml_root(y), keys, &e), -1);
	assert_string_equal(e.text, "t.yaml:2:1: unknown key 'phase' (did you mean 'phases'?); "
				    "accepted are name, title, phases");
	assert_int_equal(yaml_only_keys(good, yaml_root(good), keys, &e), 0);
	assert_int_equal(yaml_only_keys(good, yaml_root(good), none, &e), -1);
	assert_string_equal(e.text, "t.yaml:1:1: unknown key 'title'; no key is accepted");
	assert_int_equal(yaml_only_keys(list, yaml_root(list), keys, &e), -1);
	assert_string_equal(e.text, "t.yaml:1:1: a mapping (key: value) is expected here");
	yaml_free(y);
	yaml_free(good);
	yaml_free(list);
}

static void an_empty_document_has_no_root(void **state)
{
	static const char *const texts[] = {"", "\n\n", "# only a comment\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct yaml *y = loaded(texts[i]);

		assert_null(yaml_root(y));
		yaml_free(y);
	}
	yaml_free(NULL);
}

static void what_is_no_yaml_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"a: [1, 2\nb: 3\n", "t.yaml:3:1: this is not YAML: "},
	    {"a: @x\n", "t.yaml:1:4: this is not YAML: "},
	    {"a: 1\n b: 2\n", "t.yaml:1:4: this is not YAML: "},
	    {"a: \"open\n", "t.yaml:1:5: this is not YAML: "},
	    {"\ta: 1\n", "t.yaml:1:1: this is not YAML: "},
	    {"%YAML 9.9\n---\na: 1\n", "t.yaml:1:1: this is not YAML: "},
	    {"a: }\n", "this is not YAML: "},
	    {"a: 1\nb: 2\na: 3\n", "t.yaml:3:1: the key 'a' is already on line 1"},
	    {"{a: 1, 'a': 2}\n", "t.yaml:1:8: the key 'a' is already on line 1"},
	    {"a: 1\nb: *x\n", "t.yaml:2:5: no anchor &x stands before the alias"},
	    {"a: &x [1, *x]\n", "t.yaml:1:12: *x stands inside of what it names"},
	    {"a: &x 1\nb: {<<: *x}\n", "t.yaml:1:7: << takes a mapping"},
	    {"a: &x [1]\nb: {*x : 1}\n", "t.yaml:2:6: a key must be plain text"},
	    {"a: &x b\nb: 1\n*x : 2\n", "t.yaml:3:2: the key 'b' is already on line 2"},
	    {"a: 1\n---\nb: 2\n", "t.yaml:2:1: a second document"},
	    {"? [a]\n: b\n", "t.yaml:1:3: a key must be plain text"},
	    {"a: \"x\\0y\"\n", "t.yaml:1:4: a text can't hold a NUL character"},
	    {"a: \xff\n", "t.yaml:1:4: this is not text: it holds a byte 0xff"},
	    {"a: \xc0\xaf\n", "t.yaml:1:4: this is not text"},
	    {"a: \xed\xa0\x80\n", "t.yaml:1:4: this is not text"},
	    {"a: 1\nb: \xe2\x82", "t.yaml:2:4: this is not text"},
	    {"\x7f"
	     "ELF\x02\x01",
	     "t.yaml:1:5: this is not text: it holds a byte 0x02"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refused(rows[i].text, strlen(rows[i].text), rows[i].says);
	refused("a: \0", 4, "t.yaml:1:4: this is not text: it holds a byte 0x00");
}

static char *repeated(const char *piece, size_t times)
{
	size_t len = strlen(piece);
	char *text = malloc(times * len + 1);

	assert_non_null(text);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * len, piece, len);
	text[times * len] = '\0';
	return text;
}

static void huge_documents_are_refused_without_much_work(void **state)
{
	static const struct {
		const char *piece, *says;
		size_t times;
	} rows[] = {
	    {"[", "nested more than 32 deep", 100000},
	    {"{a: ", "nested more than 32 deep", 100000},
	    {"- ", "nested more than 32 deep", 100000},
	    {"a", "has more than 1048576 bytes", 2000000},
	};
	size_t used = 0;
	char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		text = repeated(rows[i].piece, rows[i].times);
		refused(text, strlen(text), rows[i].says);
		free(text);
	}
	text = malloc(20000);
	assert_non_null(text);
	for (int i = 0; i < 1500; i++)
		used += (size_t)snprintf(text + used, 20000 - used, "k%d: 1\n", i);
	refused(text, used, "t.yaml:1001:1: more than 1000 keys in one mapping");
	free(text);
}

/* Every prefix of a document and every document with one byte spoilt: an answer, never a crash. */
static void spoilt_documents_are_answered(void **state)
{
	const char *good = "a: [1, {b: \"c\\n\"}]\nd: |\n  e\n? f\n: !g &h >-\n  i\n...\n";
	size_t len = strlen(good);
	char text[128];

	(void)state;
	for (size_t i = 0; i < len; i++) {
		for (int c = 0; c < 256; c++) {
			struct err e = {.text = ""};
			struct yaml *y;

			memcpy(text, good, len);
			text[i] = (char)c;
			y = yaml_load_text("t", text, c ? len : i, &e);
			assert_true(y || *e.text);
			yaml_free(y);
		}
	}
}

static void an_alias_is_what_its_anchor_names(void **state)
{
	struct yaml *y =
	    loaded("a: &ack {delayed_ack: &p {timer: 200ms}}\nb: [*ack, *ack]\n"
		   "c: {<<: *p, every: 2}\nd: {timer: 1s, <<: [*p, {every: 9, x: &q 1}]}\n"
		   "e: *q\np: &p {timer: 2s}\nf: *p\n");
	struct yaml_node *root = yaml_root(y), *list = yaml_get(y, root, "b"), *n;

	(void)state;
	assert_int_equal(yaml_count(list), 2);
	n = yaml_get(y, yaml_item(list, 1), "delayed_ack");
	assert_string_equal(yaml_text(y, yaml_get(y, n, "timer")), "200ms");
	n = yaml_get(y, root, "c");
	assert_int_equal(yaml_count(n), 2);
	assert_string_equal(yaml_text(y, yaml_get(y, n, "timer")), "200ms");
	n = yaml_get(y, root, "d");
	assert_int_equal(yaml_count(n), 3);
	assert_string_equal(yaml_text(y, yaml_get(y, n, "timer")), "1s");
	assert_string_equal(yaml_text(y, yaml_get(y, n, "every")), "9");
	assert_string_equal(yaml_text(y, yaml_get(y, root, "e")), "1");
	n = yaml_get(y, root, "f");
	assert_string_equal(yaml_text(y, yaml_get(y, n, "timer")), "2s");
	yaml_free(y);
}

/* Nine lists of nine aliases each: 9^9 values of 200 bytes of text. */
static void aliases_of_aliases_are_bounded(void **state)
{
	char text[1000] = "l0: &a0 [x,x,x,x,x,x,x,x,x]\n";

	(void)state;
	for (int i = 1; i < 9; i++) {
		size_t used = strlen(text);

		snprintf(text + used, sizeof(text) - used,
			 "l%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1, i - 1,
			 i - 1, i - 1, i - 1, i - 1, i - 1);
	}
	refused(text, strlen(text), "aliases make more than 20000 values of this");
}

static void files_that_cannot_be_read_are_told(void **state)
{
	struct err e;

	(void)state;
	assert_null(yaml_load_file("/nonexistent/x.yaml", &e));
	assert_string_equal(e.text, "can't read /nonexistent/x.yaml: No such file or directory");
	assert_null(yaml_load_file("/", &e));
	assert_string_equal(e.text, "can't read /: Is a directory");
	assert_null(yaml_load_file("/proc/self/exe", &e));
	assert_non_null(strstr(e.text, "/proc/self/exe"));
}

static void a_file_gives_its_name_to_errors(void **state)
{
	char path[] = "/tmp/wedge-test-yaml-XXXXXX", expected[128];
	int fd = mkstemp(path);
	struct err e;

	(void)state;
	assert_int_equal(write(fd, "a: 1\na: 2\n", 10), 10);
	close(fd);
	assert_null(yaml_load_file(path, &e));
	unlink(path);
	snprintf(expected, sizeof(expected), "%s:2:1: the key 'a' is already on line 1", path);
	assert_string_equal(e.text, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_document_is_a_tree),
	    cmocka_unit_test(every_node_knows_its_place),
	    cmocka_unit_test(unknown_keys_are_answered_with_the_nearest),
	    cmocka_unit_test(an_empty_document_has_no_root),
	    cmocka_unit_test(what_is_no_yaml_is_told_with_its_place),
	    cmocka_unit_test(huge_documents_are_refused_without_much_work),
	    cmocka_unit_test(spoilt_documents_are_answered),
	    cmocka_unit_test(an_alias_is_what_its_anchor_names),
	    cmocka_unit_test(aliases_of_aliases_are_bounded),
	    cmocka_unit_test(files_that_cannot_be_read_are_told),
	    cmocka_unit_test(a_file_gives_its_name_to_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
