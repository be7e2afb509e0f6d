/* test_json.c - JSON is read and written as Go's encoding/json does it.
 * LAYER: wedge_api */
#include "proxy/api/json_in.h"
#include "proxy/api/json_out.h"
#include "proxy/base/attrs.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct json_place text_place = {"T", "text"}, number_place = {"T", "deep.number"};

static json_t *parse(const char *text)
{
	struct err e = {""};
	json_t *json = json_in_parse(text, strlen(text), &e);

	if (!json)
		fail_msg("%s: %s", text, e.text);
	return json;
}

static void errors_are_in_the_words_of_go(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
	    {"", "EOF"},
	    {" \r\n\t", "EOF"},
	    {"{", "unexpected EOF"},
	    {"{\"a\":", "unexpected EOF"},
	    {"[1,", "unexpected EOF"},
	    {"{bad}", "invalid character 'b' looking for beginning of object key string"},
	    {"hello", "invalid character 'h' looking for beginning of value"},
	    {"}", "invalid character '}' looking for beginning of value"},
	    {"{\"a\" 1}", "invalid character '1' after object key"},
	    {"{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"},
	    {"[1 2]", "invalid character '2' after array element"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = {""};

		assert_null(json_in_parse(rows[i].text, strlen(rows[i].text), &e));
		assert_string_equal(e.text, rows[i].error);
	}
}

static void only_the_first_value_is_read(void **state)
{
	json_t *json = parse("{\"a\":1} trailing {garbage");

	(void)state;
	assert_true(json_is_object(json));
	json_decref(json);
	json = parse("5 6");
	assert_int_equal(json_integer_value(json), 5);
	json_decref(json);
}

static void members_are_found_in_any_case_and_null_is_none(void **state)
{
	json_t *json = parse("{\"TEXT\":\"a\",\"Text\":null,\"tExt\":\"b\",\"other\":null}");
	char *text = NULL;
	struct err e;

	(void)state;
	assert_int_equal(json_in_text(json, &text_place, &text, &e), 0);
	assert_string_equal(text, "b");
	assert_null(json_in_member(json, "other"));
	free(text);
	json_decref(json);
	json = parse("null");
	assert_null(json_in_member(json, "text"));
	assert_int_equal(json_in_object(json, "T", &e), 0);
	json_decref(json);
}

static void a_member_of_another_type_is_refused_and_changes_nothing(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
	    {"{\"number\":\"1\"}", "string"},	{"{\"number\":1.0}", "number 1"},
	    {"{\"number\":1.5}", "number 1.5"}, {"{\"number\":true}", "bool"},
	    {"{\"number\":[]}", "array"},	{"{\"number\":{}}", "object"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_t *json = parse(rows[i].text);
		int64_t number = 7;
		char want[160];
		struct err e;

		snprintf(want, sizeof(want),
			 "json: cannot unmarshal %s into Go struct field T.deep.number of type "
			 "int64",
			 rows[i].error);
		assert_int_equal(json_in_integer(json, &number_place, &number, &e), -1);
		assert_string_equal(e.text, want);
		assert_int_equal(number, 7);
		json_decref(json);
	}
}

static void floats_have_the_range_of_float32(void **state)
{
	json_t *json = parse("{\"number\":1e39}");
	float number = 1;
	struct err e;

	(void)state;
	assert_int_equal(json_in_float(json, &number_place, &number, &e), -1);
	json_decref(json);
	json = parse("{\"number\":-3}");
	assert_int_equal(json_in_float(json, &number_place, &number, &e), 0);
	assert_true(number < -2.5f && number > -3.5f);
	json_decref(json);
}

static const char *written(struct evbuffer *out)
{
	evbuffer_add(out, "", 1);
	return (const char *)evbuffer_pullup(out, -1);
}

static void texts_are_escaped_as_go_does(void **state)
{
	struct evbuffer *out = evbuffer_new();

	(void)state;
	json_out_text(out,
		      "a<b>&\"\\\n\r\t\b\f\x01\x7f \xc3\xa9 \xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa");
	assert_string_equal(written(out),
			    "\"a\\u003cb\\u003e\\u0026\\\"\\\\\\n\\r\\t\\b\\f\\u0001\x7f \xc3\xa9 "
			    "\\u2028\\u2029\xe2\x80\xaa\"");
	evbuffer_free(out);
}

static void floats_are_written_as_short_as_go_does(void **state)
{
	static const struct {
		float number;
		const char *text;
	} rows[] = {
	    {0, "0"},
	    {1, "1"},
	    {-1, "-1"},
	    {0.5f, "0.5"},
	    {0.1f, "0.1"},
	    {5, "5"},
	    {100, "100"},
	    {123456, "123456"},
	    {1e-6f, "0.000001"},
	    {1e-7f, "1e-7"},
	    {1.5e-10f, "1.5e-10"},
	    {3.4e38f, "3.4e+38"},
	    {0.3333333433f, "0.33333334"},
	    {16777216, "16777216"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct evbuffer *out = evbuffer_new();

		json_out_float(out, rows[i].number);
		assert_string_equal(written(out), rows[i].text);
		evbuffer_free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(errors_are_in_the_words_of_go),
	    cmocka_unit_test(only_the_first_value_is_read),
	    cmocka_unit_test(members_are_found_in_any_case_and_null_is_none),
	    cmocka_unit_test(a_member_of_another_type_is_refused_and_changes_nothing),
	    cmocka_unit_test(floats_have_the_range_of_float32),
	    cmocka_unit_test(texts_are_escaped_as_go_does),
	    cmocka_unit_test(floats_are_written_as_short_as_go_does),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
