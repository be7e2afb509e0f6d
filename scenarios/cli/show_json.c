/* show_json.c - one scenario as a JSON object, as docs/scenario-format.md describes it. */
#include "scenarios/cli/show_json.h"

#include "proxy/base/clock.h"
#include "scenarios/workload/registry.h"

#include <jansson.h>

static json_t *make_text(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *make_role(const struct role_spec *r, const struct workload *app, bool server)
{
	json_t *j = json_object();

	if (r->argv) {
		json_t *words = json_array();

		for (char *const *w = r->argv; *w; w++)
			json_array_append_new(words, json_string(*w));
		json_object_set_new(j, "command", words);
		return j;
	}
	for (const struct param *p = workload_params(app, server); p->name; p++) {
		char value[256];

		param_format(p, r->cfg, value, sizeof(value));
		json_object_set_new(j, p->name, json_string(value));
	}
	return j;
}

static json_t *make_names(const struct phase *p, const struct role_spec *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->nhosts; i++)
		json_array_append_new(list, make_text(p->hosts.host[r->hosts[i]].name));
	return list;
}

static json_t *make_hosts(const struct host_list *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++) {
		const struct host *h = &l->host[i];
		json_t *j = json_object();

		json_object_set_new(j, "name", make_text(h->name));
		json_object_set_new(j, "side", make_text(host_side_names[h->side]));
		for (const struct param *p = host_params; p->name; p++) {
			char value[64];

			param_format(p, h, value, sizeof(value));
			json_object_set_new(j, p->name, json_string(value));
		}
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *make_traffics(const struct phase *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->ntraffic; i++) {
		const struct traffic *t = &p->traffic[i];
		json_t *j = json_object();

		json_object_set_new(j, "name", make_text(t->name));
		json_object_set_new(j, "port", json_integer(t->port));
		json_object_set_new(j, "app", make_text(t->app ? t->app->name : NULL));
		json_object_set_new(j, "until_main", json_boolean(t->until_main));
		json_object_set_new(j, "behind",
				    make_text(t->leader == i ? NULL : p->traffic[t->leader].name));
		json_object_set_new(j, "client_hosts", make_names(p, &t->client));
		json_object_set_new(j, "server_hosts", make_names(p, &t->server));
		json_object_set_new(j, "client", make_role(&t->client, t->app, false));
		json_object_set_new(j, "server", make_role(&t->server, t->app, true));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *make_steps(const struct step *list, size_t n)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < n; i++) {
		char *text = step_describe(&list[i]);
		json_t *j = json_pack("{s:s,s:s}", "kind", step_names[list[i].kind], "text", text);

		if (list[i].kind == STEP_REPEAT) {
			json_object_set_new(j, "times", json_integer((json_int_t)list[i].n));
			json_object_set_new(j, "steps", make_steps(list[i].list, list[i].nlist));
		}
		json_array_append_new(steps, j);
		free(text);
	}
	return steps;
}

static json_t *make_phases(const struct scenario *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->nphases; i++) {
		const struct phase *p = &s->phases[i];
		char *impairments = impairment_set_describe(p->impairments);
		json_t *j = json_object();

		json_object_set_new(j, "name", make_text(p->name));
		json_object_set_new(j, "impairments", make_text(impairments));
		json_object_set_new(j, "forward_only", json_boolean(p->forward_only));
		json_object_set_new(j, "note", make_text(p->note));
		json_object_set_new(j, "steps", make_steps(p->steps, p->nsteps));
		json_object_set_new(j, "hosts", make_hosts(&p->hosts));
		json_object_set_new(j, "traffic", make_traffics(p));
		json_array_append_new(list, j);
		free(impairments);
	}
	return list;
}

static json_t *make_sweep(const struct sweep *s)
{
	json_t *j, *values;

	if (s->n == 0)
		return json_null();
	j = json_object();
	values = json_array();
	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(values, json_string(s->values[i]));
	json_object_set_new(j, "key", make_text(s->key));
	json_object_set_new(j, "values", values);
	return j;
}

static json_t *make_expectations(const struct scenario *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->nexpects; i++) {
		json_t *j = json_object();

		json_object_set_new(j, "text", make_text(s->expects[i].text));
		json_object_set_new(j, "documented", make_text(s->expects[i].documented));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *make_conditions(const struct signature *sig)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sig->nconditions; i++)
		json_array_append_new(list, make_text(sig->conditions[i].text));
	return list;
}

static json_t *make_family(const struct scenario *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->nfamily; i++)
		json_array_append_new(list, make_text(s->family[i]));
	return list;
}

static json_t *make_signatures(const struct scenario *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->nsignatures; i++) {
		json_t *j = json_object();

		json_object_set_new(j, "see", make_text(s->signatures[i].text));
		json_object_set_new(j, "vantages", make_text(s->signatures[i].vantages));
		json_object_set_new(j, "elsewhere", make_text(s->signatures[i].elsewhere));
		json_object_set_new(j, s->signatures[i].hint ? "hint" : "when",
				    make_conditions(&s->signatures[i]));
		json_object_set_new(j, "capture", make_text(s->signatures[i].capture));
		json_object_set_new(j, "filter", make_text(s->signatures[i].filter));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *make_words(char *const *argv)
{
	json_t *list = json_array();

	for (; argv && *argv; argv++)
		json_array_append_new(list, make_text(*argv));
	return list;
}

static json_t *make_real_client(const struct guest *g)
{
	json_t *felt = json_object(), *j = json_object();

	if (!g) {
		json_decref(felt);
		json_decref(j);
		return json_null();
	}
	for (size_t i = 0; i < g->nfelt; i++) {
		const struct guest_felt *f = &g->felt[i];

		json_object_set_new(
		    felt, f->phase,
		    json_pack("{s:o,s:f,s:f,s:o}", "exit_status",
			      f->status == GUEST_WAITS ? json_null() : json_integer(f->status),
			      "at_least", clock_seconds(f->least), "at_most",
			      clock_seconds(f->most), "says", make_text(f->says)));
	}
	json_object_set_new(j, "command", make_words(g->argv));
	json_object_set_new(j, "on", make_text(g->on));
	json_object_set_new(j, "server", g->server ? make_words(g->server) : json_null());
	json_object_set_new(j, "alone", json_boolean(g->alone));
	json_object_set_new(j, "section", make_text(g->section));
	json_object_set_new(j, "stands_for", make_text(g->stands_for));
	json_object_set_new(j, "felt", felt);
	return j;
}

static json_t *make_pins(const struct lab_pins *pins)
{
	json_t *j = json_object();

	for (const struct param *p = lab_pin_params; p->name; p++) {
		char text[64];

		param_format(p, pins, text, sizeof(text));
		json_object_set_new(j, p->name, make_text(text));
	}
	return j;
}

void show_json(const struct scenario *s)
{
	json_t *j = json_object();

	json_object_set_new(j, "name", make_text(s->name));
	json_object_set_new(j, "title", make_text(s->title));
	json_object_set_new(j, "source", make_text(s->source));
	json_object_set_new(j, "story", make_text(s->story));
	json_object_set_new(j, "complaint", make_text(s->complaint));
	json_object_set_new(j, "intercept", make_text(intercept_name(s->intercept)));
	json_object_set_new(j, "lab", make_pins(&s->pins));
	json_object_set_new(j, "quick", json_boolean(s->quick));
	json_object_set_new(j, "phases", make_phases(s));
	json_object_set_new(j, "sweep", make_sweep(&s->sweep));
	json_object_set_new(j, "expectations", make_expectations(s));
	json_object_set_new(j, "failure", make_text(s->failure));
	json_object_set_new(j, "family", make_family(s));
	json_object_set_new(j, "signature", make_signatures(s));
	json_object_set_new(j, "real_client", make_real_client(s->real_client));
	json_dumpf(j, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(j);
}
