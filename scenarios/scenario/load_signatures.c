/* load_signatures.c - what one capture must show: in words, and in conditions on its figures. */
#include "scenarios/scenario/load_signatures.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "scenarios/scenario/expect_parse.h"

#include <string.h>

static int check_vantage(struct loader *l, struct yaml_node *n)
{
	char hint[NEAREST_HINT];
	const char *word = load_text(l, n, "a vantage"), *near;

	if (!word)
		return -1;
	if (metric_is_vantage(word))
		return 0;
	near = nearest_name(word, metric_vantages);
	return yaml_error(l->y, n, l->e,
			  "'%.40s' is no vantage%s; accepted are client_app, "
			  "client_wire, server_wire, server_app",
			  word, nearest_hint(hint, near));
}

/* "client_wire, server_wire"; NULL with the error set. */
static char *load_vantages(struct loader *l, struct yaml_node *vantages)
{
	char *list = xstrdup("");

	for (size_t i = 0; i < yaml_count(vantages); i++) {
		struct yaml_node *item = yaml_item(vantages, i);
		char *longer;

		if (check_vantage(l, item) == -1) {
			free(list);
			return NULL;
		}
		longer = xasprintf("%s%s%s", list, i ? ", " : "", yaml_text(l->y, item));
		free(list);
		list = longer;
	}
	return list;
}

/* "PHASE-client" or "PHASE-server"; in a sweep PHASE alone is its last point. */
static int check_capture(struct loader *l, struct yaml_node *n, const char *capture)
{
	const char *leg = strrchr(capture, '-');
	size_t len = leg ? (size_t)(leg - capture) : 0, name = strcspn(capture, "@");
	struct err why = {""};
	char *phase;

	if (!leg || (strcmp(leg, "-client") != 0 && strcmp(leg, "-server") != 0))
		return yaml_error(l->y, n, l->e,
				  "'%.40s' is no capture; one is PHASE-client or PHASE-server",
				  capture);
	name = name < len ? name : len;
	phase = xasprintf("%.*s", (int)name, capture);
	if (!name || !load_find_phase(l->s, phase))
		(void)load_refuse_phase(l->s, phase, &why);
	free(phase);
	return why.text[0] ? yaml_error(l->y, n, l->e, "%s", why.text) : 0;
}

/* Where to look, and with which filter: both or neither. */
static int load_look(struct loader *l, struct yaml_node *n, struct signature *sig)
{
	struct yaml_node *capture = yaml_get(l->y, n, "capture");
	struct yaml_node *filter = yaml_get(l->y, n, "filter");
	const char *where, *what;

	if (!capture && !filter)
		return 0;
	if (!capture || !filter)
		return yaml_error(l->y, n, l->e,
				  "capture and filter belong together: {capture: impaired-server, "
				  "filter: tcp.analysis.ack_rtt > 0.19}");
	where = load_text(l, capture, "a capture's name");
	what = where ? load_text(l, filter, "a display filter") : NULL;
	if (!what || check_capture(l, capture, where) == -1)
		return -1;
	sig->capture = xstrdup(where);
	sig->filter = xstrdup(what);
	return 0;
}

static int load_elsewhere(struct loader *l, struct yaml_node *n, struct signature *sig)
{
	struct yaml_node *elsewhere = yaml_get(l->y, n, "elsewhere");
	const char *text =
	    elsewhere ? load_text(l, elsewhere, "why it isn't seen elsewhere") : NULL;

	if (elsewhere && !text)
		return -1;
	sig->elsewhere = text ? xstrdup(text) : NULL;
	return 0;
}

static int load_condition(struct loader *l, struct yaml_node *n, struct signature *sig)
{
	const char *text = load_text(l, n, "a condition");
	struct expect parsed;

	if (!text)
		return -1;
	if (expect_parse_condition(text, &parsed, l->known_metric, l->known_arg, l->e) == -1) {
		err_wrap(l->e, "in '%.200s'", text);
		return yaml_error_wrap(l->y, n, l->e);
	}
	parsed.where = load_place(l, n);
	sig->conditions = xrealloc(sig->conditions, sig->nconditions + 1, sizeof(*sig->conditions));
	sig->conditions[sig->nconditions++] = parsed;
	return 0;
}

/* "when:" or "hint:", one condition or a list of them. */
static int load_conditions(struct loader *l, struct yaml_node *n, struct signature *sig)
{
	struct yaml_node *when = yaml_get(l->y, n, "when"), *hint = yaml_get(l->y, n, "hint");
	struct yaml_node *list = when ? when : hint;

	if (when && hint)
		return yaml_error(l->y, hint, l->e,
				  "when and hint exclude each other: when proves the failure, hint "
				  "is what it looks like from where nobody can tell");
	if (!list)
		return 0;
	if (!strstr(sig->vantages, "_wire"))
		return yaml_error(l->y, list, l->e,
				  "a condition is judged by a capture: one of its vantages must be "
				  "client_wire or server_wire");
	sig->hint = hint != NULL;
	if (yaml_kind(list) != YAML_SEQUENCE)
		return load_condition(l, list, sig);
	if (!yaml_count(list))
		return yaml_error(l->y, list, l->e, "at least one condition is expected");
	for (size_t i = 0; i < yaml_count(list); i++)
		if (load_condition(l, yaml_item(list, i), sig) == -1)
			return -1;
	return 0;
}

static int load_signature(struct loader *l, struct yaml_node *n)
{
	static const char *const keys[] = {"see",  "vantages", "elsewhere", "when",
					   "hint", "capture",  "filter",    NULL};
	struct yaml_node *see, *vantages;
	struct signature *sig;
	const char *text;
	char *list;

	if (yaml_only_keys(l->y, n, keys, l->e) == -1)
		return -1;
	see = yaml_get(l->y, n, "see");
	vantages = yaml_get(l->y, n, "vantages");
	if (!see || !vantages || yaml_kind(vantages) != YAML_SEQUENCE || !yaml_count(vantages))
		return yaml_error(l->y, n, l->e,
				  "a signature is {see: TEXT, vantages: [client_wire, ...]}");
	text = load_text(l, see, "what is seen");
	list = text ? load_vantages(l, vantages) : NULL;
	if (!list)
		return -1;
	l->s->signatures = xrealloc(l->s->signatures, l->s->nsignatures + 1, sizeof(*sig));
	sig = &l->s->signatures[l->s->nsignatures++];
	*sig = (struct signature){.text = xstrdup(text), .vantages = list};
	if (load_elsewhere(l, n, sig) == -1 || load_conditions(l, n, sig) == -1)
		return -1;
	return load_look(l, n, sig);
}

/* A hint sends its reader to the vantage that can tell, so there must be one. */
static int check_hints(struct loader *l, struct yaml_node *n)
{
	bool proof = false;

	for (size_t i = 0; i < l->s->nsignatures; i++)
		proof = proof || (l->s->signatures[i].nconditions && !l->s->signatures[i].hint);
	for (size_t i = 0; i < l->s->nsignatures && !proof; i++)
		if (l->s->signatures[i].hint)
			return yaml_error(l->y, yaml_item(n, i), l->e,
					  "a hint needs another item that proves the failure, with "
					  "'when' and its vantages");
	return 0;
}

int load_signatures(struct loader *l, struct yaml_node *n)
{
	if (yaml_kind(n) != YAML_SEQUENCE)
		return yaml_error(l->y, n, l->e,
				  "a list is expected: [{see: TEXT, vantages: [...]}]");
	for (size_t i = 0; i < yaml_count(n); i++)
		if (load_signature(l, yaml_item(n, i)) == -1)
			return -1;
	return check_hints(l, n);
}

int load_failure(struct loader *l, struct yaml_node *n)
{
	const char *text = load_text(l, n, "a failure's number");

	if (!text)
		return -1;
	if (text[0] != 'F' || strlen(text) < 2 || strlen(text) > 4 ||
	    text[1 + strspn(text + 1, "0123456789")])
		return yaml_error(l->y, n, l->e,
				  "'%.40s' is no documented failure's number, F and digits: F01",
				  text);
	l->s->failure = xstrdup(text);
	return 0;
}

int load_family(struct loader *l, struct yaml_node *n)
{
	if (yaml_kind(n) != YAML_SEQUENCE || !yaml_count(n))
		return yaml_error(l->y, n, l->e, "a list of scenarios' names is expected");
	for (size_t i = 0; i < yaml_count(n); i++) {
		const char *name = load_text(l, yaml_item(n, i), "a scenario's name");

		if (!name)
			return -1;
		if (strcmp(name, l->s->name) == 0)
			return yaml_error(l->y, yaml_item(n, i), l->e,
					  "a scenario's family is others, not itself");
		l->s->family = xrealloc(l->s->family, l->s->nfamily + 1, sizeof(*l->s->family));
		l->s->family[l->s->nfamily++] = xstrdup(name);
	}
	return 0;
}
