/* set_parse.c - an instance is appended with its defaults, filled, and taken back after an error,
 * which tells what would be accepted. */
#include "impairments/set/set_parse.h"

#include "impairments/set/registry.h"
#include "impairments/trigger/framing.h"
#include "proxy/base/mem.h"

#include <string.h>

static int check_room(const struct impairment_set *s, struct err *e)
{
	if (s->n < IMPAIRMENTS_MAX)
		return 0;
	return err_set(e, "there are more than %d impairments in one list", IMPAIRMENTS_MAX);
}

/* Which of the impairment's own parameters were given, and which of the common ones, by their rows;
 * no table has nearly 64. */
struct given {
	uint64_t own, common;
};

static int set_given(struct impair_inst *inst, const char *param, const char *value,
		     struct given *given, struct err *e)
{
	const struct param *p = param_find(inst->type->params, param);

	if (p) {
		uint64_t bit = UINT64_C(1) << (p - inst->type->params);

		if (given->own & bit)
			return err_set(e, "%s: %s is given twice", inst->type->name, param);
		given->own |= bit;
	} else if ((p = param_find(impair_common_params, param))) {
		given->common |= UINT64_C(1) << (p - impair_common_params);
		p = NULL;
	}
	if (impair_inst_set(inst, param, value, e) == -1)
		return p ? err_wrap(e, "%s", inst->type->name) : -1;
	return 0;
}

static bool is_given(const struct impair_inst *inst, const struct given *given,
		     const struct param *p)
{
	return given->own & UINT64_C(1) << (p - inst->type->params);
}

static bool is_common_given(const struct given *given, const char *name)
{
	const struct param *p = param_find(impair_common_params, name);

	return given->common & UINT64_C(1) << (p - impair_common_params);
}

static bool uses_row_of(enum framing_kind kind, enum framing_kind row)
{
	return row == FRAMING_DELIMITER ? framing_has_delimiter(kind) : kind == row;
}

/* Refuses parts of a trigger that have no effect without another one. One by one, as at run time,
 * they can be given in any order. */
static int check_trigger(const struct impair_inst *inst, const struct given *given, struct err *e)
{
	static const struct {
		const char *param;
		enum framing_kind framing;
	} of_framing[] = {
	    {"length_offset", FRAMING_LENGTH}, {"length_width", FRAMING_LENGTH},
	    {"length_endian", FRAMING_LENGTH}, {"length_extra", FRAMING_LENGTH},
	    {"delimiter", FRAMING_DELIMITER},
	};

	for (size_t i = 0; i < ARRAY_LEN(of_framing); i++)
		if (is_common_given(given, of_framing[i].param) &&
		    !uses_row_of((enum framing_kind)inst->when.framing, of_framing[i].framing))
			return err_set(e, "%s: %s has no effect without framing=%s",
				       inst->type->name, of_framing[i].param,
				       framing_names[of_framing[i].framing]);
	if (inst->when.framing != FRAMING_NONE && !trigger_counts_messages(&inst->when))
		return err_set(e,
			       "%s: framing has no effect, since nothing counts messages: after, "
			       "for or every in messages, per=message, at or offset would",
			       inst->type->name);
	if (is_common_given(given, "time_scale") && strcmp(inst->when.schedule, "always") == 0)
		return err_set(e, "%s: time_scale has no effect without schedule",
			       inst->type->name);
	return 0;
}

/* Refuses what is given without that which it needs to have an effect. */
static int check_needed(const struct impair_inst *inst, const struct given *given, struct err *e)
{
	for (const struct param *p = inst->type->params; p->name; p++) {
		const struct param *lacks =
		    is_given(inst, given, p) ? param_lacks(inst->type->params, p, inst->cfg) : NULL;

		if (lacks && !is_given(inst, given, lacks))
			return err_set(e, "%s: %s has no effect without %s", inst->type->name,
				       p->name, lacks->name);
	}
	return 0;
}

static int check_complete(const struct impair_inst *inst, const struct given *given, struct err *e)
{
	char accepts[PARAM_ACCEPTS];

	for (const struct param *p = inst->type->params; p->name; p++) {
		if (p->def || is_given(inst, given, p))
			continue;
		param_accepts(p, accepts, sizeof(accepts));
		return err_set(e, "%s needs %s: %s", inst->type->name, p->name, accepts);
	}
	if (check_needed(inst, given, e) == -1)
		return -1;
	if (impair_inst_check(inst, e) == -1)
		return err_wrap(e, "%s", inst->type->name);
	return check_trigger(inst, given, e);
}

/* Removes the last instance after an error. */
static int undo_append(struct impairment_set *s)
{
	impair_inst_fini(&s->inst[--s->n]);
	return -1;
}

static int set_from_mapping(struct impair_inst *inst, struct yaml *y, struct yaml_node *map,
			    struct given *given, struct err *e)
{
	for (size_t i = 0; i < yaml_count(map); i++) {
		struct yaml_node *value = yaml_value(map, i);

		if (yaml_kind(value) != YAML_SCALAR)
			return yaml_error(y, value, e, "%s.%s takes a single value",
					  inst->type->name, yaml_key(y, map, i));
		if (set_given(inst, yaml_key(y, map, i), yaml_text(y, value), given, e) == -1)
			return yaml_error_wrap(y, yaml_key_node(map, i), e);
	}
	return 0;
}

/* Appends "delayed_ack" or {delayed_ack: {timer: 200ms}}; an empty value means no parameters. */
static int append_item(struct impairment_set *s, struct yaml *y, struct yaml_node *item,
		       struct err *e)
{
	const struct impairment *type;
	struct yaml_node *params;
	struct impair_inst *inst;
	struct given given = {0};

	if (yaml_kind(item) == YAML_SCALAR)
		return impairment_set_text(s, yaml_text(y, item), e) == -1
			   ? yaml_error_wrap(y, item, e)
			   : 0;
	if (yaml_kind(item) != YAML_MAPPING || yaml_count(item) != 1)
		return yaml_error(y, item, e,
				  "an impairment is one name with its parameters, like "
				  "{delayed_ack: {timer: 200ms}}");
	type = impairment_named(yaml_key(y, item, 0), e);
	if (!type)
		return yaml_error_wrap(y, yaml_key_node(item, 0), e);
	params = yaml_value(item, 0);
	inst = impairment_set_append(s, type);
	if (yaml_kind(params) == YAML_MAPPING) {
		if (set_from_mapping(inst, y, params, &given, e) == -1)
			return undo_append(s);
	} else if (yaml_kind(params) != YAML_SCALAR || *yaml_text(y, params)) {
		yaml_error(y, params, e, "the parameters of %s are a mapping, like {%s: ...}",
			   type->name, type->params->name ? type->params->name : "direction");
		return undo_append(s);
	}
	if (check_complete(inst, &given, e) == -1) {
		yaml_error_wrap(y, item, e);
		return undo_append(s);
	}
	return 0;
}

int impairment_set_yaml(struct impairment_set *s, struct yaml *y, struct yaml_node *list,
			struct err *e)
{
	if (yaml_kind(list) != YAML_SEQUENCE)
		return yaml_error(y, list, e,
				  "impairments are a list, like [{delayed_ack: {timer: "
				  "200ms}}]; none is []");
	for (size_t i = 0; i < yaml_count(list); i++)
		if (check_room(s, e) == -1)
			return yaml_error_wrap(y, yaml_item(list, i), e);
		else if (append_item(s, y, yaml_item(list, i), e) == -1)
			return -1;
	return 0;
}

static char *trim_spaces(char *text)
{
	size_t n;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n && strchr(" \t", text[n - 1]))
		text[--n] = '\0';
	return text;
}

/* Returns the quote that a value begins with, or 0. A single one is as YAML has it. */
static char opening_quote(const char *value)
{
	if (*value == '"' || *value == '\'')
		return *value;
	return '\0';
}

/* Returns where the value that text begins with ends: behind its closing quote, or as far as quotes
 * don't matter. A quote inside is written twice. */
static char *skip_quoted(char *text)
{
	char quote = opening_quote(text), *at = text + 1;

	if (!quote)
		return text;
	while (*at && (*at != quote || at[1] == quote))
		at += *at == quote ? 2 : 1;
	return *at ? at + 1 : text;
}

/* Ends the first item of a list at its comma and returns the rest, or NULL. Commas in a quoted
 * value don't count. */
static char *cut_item(char *text)
{
	char *equals = strchr(text, '='), *comma = strchr(text, ',');

	if (equals && comma && equals < comma) {
		equals++;
		comma = strchr(skip_quoted(equals + strspn(equals, " \t")), ',');
	}
	if (!comma)
		return NULL;
	*comma = '\0';
	return comma + 1;
}

/* Removes the quotes around a value: "a, b" is a, b; two quotes inside stand for one. */
static int unquote_value(char *text, struct err *e)
{
	char quote = opening_quote(text);
	size_t n = strlen(text), out = 0;

	if (!quote)
		return 0;
	if (n < 2 || text[n - 1] != quote)
		return err_set(e, "%s lacks its closing quote", text);
	for (size_t i = 1; i < n - 1; i++) {
		if (text[i] == quote && text[++i] != quote)
			return err_set(e, "%s: a quote inside quotes is written twice", text);
		text[out++] = text[i];
	}
	text[out] = '\0';
	return 0;
}

/* Reads "timer=200ms,every=2" and changes text meanwhile. */
static int set_from_text(struct impair_inst *inst, char *text, struct given *given, struct err *e)
{
	for (char *pair = text, *rest; pair; pair = rest) {
		char *equals = strchr(pair, '='), *value;

		rest = cut_item(pair);
		if (!rest && !*trim_spaces(pair))
			break;
		if (!equals || (rest && equals >= rest))
			return err_set(e, "%s: '%s' is not of the form name=value",
				       inst->type->name, trim_spaces(pair));
		*equals = '\0';
		value = trim_spaces(equals + 1);
		if (unquote_value(value, e) == -1 ||
		    set_given(inst, trim_spaces(pair), value, given, e) == -1)
			return -1;
	}
	return 0;
}

static int append_text(struct impairment_set *s, char *name, char *params, struct err *e)
{
	const struct impairment *type = impairment_named(trim_spaces(name), e);
	struct impair_inst *inst;
	struct given given = {0};

	if (!type || check_room(s, e) == -1)
		return -1;
	inst = impairment_set_append(s, type);
	if (set_from_text(inst, params, &given, e) == -1 || check_complete(inst, &given, e) == -1)
		return undo_append(s);
	return 0;
}

int impairment_set_text(struct impairment_set *s, const char *text, struct err *e)
{
	char *copy = xstrdup(text), *name = trim_spaces(copy), *open = strchr(name, '{'), *params;
	size_t n = strlen(name);
	int rc;

	if (open && name[n - 1] != '}') {
		err_set(e, "'%s' lacks its closing '}'", text);
		free(copy);
		return -1;
	}
	params = open ? open + 1 : name + n;
	if (open) {
		name[n - 1] = '\0';
		*open = '\0';
	}
	rc = append_text(s, name, params, e);
	free(copy);
	return rc;
}
