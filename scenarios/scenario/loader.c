/* loader.c - scalars out of YAML nodes; each error names the node's place. */
#include "scenarios/scenario/loader.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/param.h"
#include "scenarios/scenario/words.h"

#include <ctype.h>
#include <string.h>

const char *load_text(struct loader *l, struct yaml_node *n, const char *what)
{
	const char *text;

	if (yaml_kind(n) != YAML_SCALAR) {
		yaml_error(l->y, n, l->e, "%s is one text", what);
		return NULL;
	}
	text = yaml_text(l->y, n);
	if (text[strspn(text, " \t\n")])
		return text;
	yaml_error(l->y, n, l->e, "%s is empty", what);
	return NULL;
}

int load_flag(struct loader *l, struct yaml_node *n, bool *out)
{
	const char *text = load_text(l, n, "a flag");

	if (!text)
		return -1;
	*out = strcmp(text, "true") == 0;
	if (!*out && strcmp(text, "false") != 0)
		return yaml_error(l->y, n, l->e, "'%.40s' is no flag; true or false is accepted",
				  text);
	return 0;
}

int load_name(struct loader *l, struct yaml_node *n, const char *what, char **out)
{
	const char *text = load_text(l, n, "a name");
	size_t length;

	if (!text)
		return -1;
	length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
	if (text[length] || length > NAME_MAX_LEN || !islower((unsigned char)text[0]))
		return yaml_error(l->y, n, l->e,
				  "'%.40s' is no %s's name: a lower-case letter, then at most %d "
				  "letters, digits or _",
				  text, what, NAME_MAX_LEN - 1);
	*out = xstrdup(text);
	return 0;
}

char *load_joined(struct loader *l, struct yaml_node *n)
{
	char *out = NULL;

	if (yaml_kind(n) == YAML_SCALAR)
		return xstrdup(yaml_text(l->y, n));
	if (yaml_kind(n) == YAML_MAPPING || yaml_count(n) == 0) {
		yaml_error(l->y, n, l->e, "a value or a list of values is expected");
		return NULL;
	}
	for (size_t i = 0; i < yaml_count(n); i++) {
		struct yaml_node *item = yaml_item(n, i);
		char *longer;

		if (yaml_kind(item) != YAML_SCALAR) {
			yaml_error(l->y, item, l->e, "a plain value is expected in this list");
			free(out);
			return NULL;
		}
		longer = xasprintf("%s%s%s", out ? out : "", out ? "," : "", yaml_text(l->y, item));
		free(out);
		out = longer;
	}
	return out;
}

char *load_place(struct loader *l, struct yaml_node *n)
{
	struct err place;

	yaml_error(l->y, n, &place, "%s", "");
	place.text[strlen(place.text) - strlen(": ")] = '\0';
	return xstrdup(place.text);
}

const struct phase *load_find_phase(const struct scenario *s, const char *name)
{
	for (size_t i = 0; i < s->nphases; i++)
		if (strcmp(s->phases[i].name, name) == 0 || !name[0])
			return &s->phases[i];
	return NULL;
}

int load_refuse_phase(const struct scenario *s, const char *name, struct err *e)
{
	char hint[NEAREST_HINT];
	const char *names[65], *near;
	char list[300] = "";
	size_t n = 0;

	for (; n < s->nphases && n < ARRAY_LEN(names) - 1; n++) {
		size_t used = strlen(list);

		names[n] = s->phases[n].name;
		snprintf(list + used, sizeof(list) - used, "%s%s", n ? ", " : "", names[n]);
	}
	names[n] = NULL;
	near = nearest_name(name, names);
	return err_set(e, "there is no phase '%s'%s; the phases are %s", name,
		       nearest_hint(hint, near), list);
}

int load_argv(struct loader *l, struct yaml_node *n, char ***argv)
{
	if (yaml_kind(n) == YAML_SCALAR) {
		if (words_split(yaml_text(l->y, n), argv, l->e) == -1)
			return yaml_error_wrap(l->y, n, l->e);
		return 0;
	}
	if (yaml_kind(n) != YAML_SEQUENCE || yaml_count(n) == 0)
		return yaml_error(l->y, n, l->e, "a command is a list of words, or one text");
	*argv = xcalloc(yaml_count(n) + 1, sizeof(char *));
	for (size_t i = 0; i < yaml_count(n); i++) {
		struct yaml_node *word = yaml_item(n, i);

		if (yaml_kind(word) != YAML_SCALAR)
			return yaml_error(l->y, word, l->e, "a word of the command is expected");
		(*argv)[i] = xstrdup(yaml_text(l->y, word));
	}
	return 0;
}
