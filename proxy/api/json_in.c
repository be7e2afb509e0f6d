/* json_in.c - jansson reads; its errors are put into the words that Toxiproxy's clients know. */
#include "proxy/api/json_in.h"

#include "proxy/base/mem.h"

#include <float.h>
#include <string.h>
#include <strings.h>

/* What jansson says it had expected, and what encoding/json says it was looking for. */
static const struct {
	const char *jansson, *go;
} expectations[] = {
    {"string or '}' expected", "looking for beginning of object key string"},
    {"string expected", "looking for beginning of object key string"},
    {"':' expected", "after object key"},
    {"'}' expected", "after object key:value pair"},
    {"']' expected", "after array element"},
    {"", "looking for beginning of value"},
};

static int say_unexpected(const char *data, size_t len, const json_error_t *je, struct err *e)
{
	size_t at = je->position > 0 ? (size_t)je->position - 1 : 0, i = 0;
	const char *quote = strstr(je->text, "near '");

	while (strncmp(je->text, expectations[i].jansson, strlen(expectations[i].jansson)) != 0)
		i++;
	/* The position is behind the token, of which Go names the first character. */
	if (quote && strlen(quote) > strlen("near 'x'"))
		at -= at < strlen(quote) - strlen("near 'x'") ? at
							      : strlen(quote) - strlen("near 'x'");
	if (at >= len)
		at = len - 1;
	return err_set(e, "invalid character '%c' %s", data[at], expectations[i].go);
}

static int say_error(const char *data, size_t len, const json_error_t *je, struct err *e)
{
	if (strspn(data, " \t\r\n") >= len)
		return err_set(e, "EOF");
	switch (json_error_code(je)) {
	case json_error_premature_end_of_input:
		return err_set(e, "unexpected EOF");
	case json_error_invalid_syntax:
		return say_unexpected(data, len, je, e);
	default:
		return err_set(e, "%s", je->text);
	}
}

json_t *json_in_parse(const char *data, size_t len, struct err *e)
{
	json_error_t je;
	json_t *value =
	    len ? json_loadb(data, len, JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, &je) : NULL;

	if (value)
		return value;
	if (len)
		say_error(data, len, &je, e);
	else
		err_set(e, "EOF");
	return NULL;
}

json_t *json_in_member(const json_t *object, const char *name)
{
	json_t *value, *found = NULL;
	const char *key;

	json_object_foreach((json_t *)object, key, value) if (strcasecmp(key, name) == 0 &&
							      !json_is_null(value)) found = value;
	return found;
}

static const char *kind_of(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
	case JSON_REAL:
		return "number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "bool";
	default:
		return "null";
	}
}

static int refuse_value(const json_t *value, const char *of, struct err *e)
{
	return err_set(e, "json: cannot unmarshal %s into Go value of type %s", kind_of(value), of);
}

int json_in_object(const json_t *value, const char *of, struct err *e)
{
	return json_is_object(value) || json_is_null(value) ? 0 : refuse_value(value, of, e);
}

int json_in_array(const json_t *value, const char *of, struct err *e)
{
	return json_is_array(value) || json_is_null(value) ? 0 : refuse_value(value, of, e);
}

static int refuse_member(const json_t *value, const struct json_place *at, const char *type,
			 struct err *e)
{
	char number[40] = "";

	if (json_is_real(value))
		snprintf(number, sizeof(number), " %.17g", json_real_value(value));
	return err_set(e, "json: cannot unmarshal %s%s into Go struct field %s.%s of type %s",
		       kind_of(value), number, at->type, at->field, type);
}

/* The member's own name is the last part of a place like "attributes.latency". */
static const json_t *find_member(const json_t *object, const struct json_place *at)
{
	const char *dot = strrchr(at->field, '.');

	return json_in_member(object, dot ? dot + 1 : at->field);
}

int json_in_text(const json_t *object, const struct json_place *at, char **text, struct err *e)
{
	const json_t *value = find_member(object, at);

	if (!value)
		return 0;
	if (!json_is_string(value))
		return refuse_member(value, at, "string", e);
	free(*text);
	*text = xstrdup(json_string_value(value));
	return 0;
}

int json_in_bool(const json_t *object, const struct json_place *at, bool *out, struct err *e)
{
	const json_t *value = find_member(object, at);

	if (!value)
		return 0;
	if (!json_is_boolean(value))
		return refuse_member(value, at, "bool", e);
	*out = json_is_true(value);
	return 0;
}

int json_in_integer(const json_t *object, const struct json_place *at, int64_t *out, struct err *e)
{
	const json_t *value = find_member(object, at);

	if (!value)
		return 0;
	if (!json_is_integer(value))
		return refuse_member(value, at, "int64", e);
	*out = json_integer_value(value);
	return 0;
}

int json_in_float(const json_t *object, const struct json_place *at, float *out, struct err *e)
{
	const json_t *value = find_member(object, at);
	double number;

	if (!value)
		return 0;
	number = json_number_value(value);
	if (!json_is_number(value) || number > (double)FLT_MAX || number < -(double)FLT_MAX)
		return refuse_member(value, at, "float32", e);
	*out = (float)number;
	return 0;
}
