/* cell_scenario.c - two phases: the healthy one, and the one with the fault. */
#include "scenarios/check/cell_scenario.h"

#include "proxy/base/mem.h"
#include "scenarios/base/text_fill.h"

#include <inttypes.h>
#include <string.h>

/* The built-in server of each protocol; NULL: there is none. */
static const char *const apps[CHECK_PROTOCOL_COUNT] = {[CHECK_HTTP] = "origin",
						       [CHECK_HTTPS] = "origin",
						       [CHECK_TCP] = "heartbeat",
						       [CHECK_SMTP] = "smtp"};

bool check_has_server(enum check_protocol p)
{
	return apps[p] != NULL;
}

char *cell_fault_text(const struct check_plan *plan, const struct check_places *places,
		      const struct hang_variant *v)
{
	const char *fault = !v ? "" : check_is_http(plan->protocol) ? v->http : v->other;
	const uint64_t bytes[] = {places->body, places->edge, places->inside, places->down};
	struct text_place at[] = {
	    {"{body}", NULL}, {"{edge}", NULL}, {"{inside}", NULL}, {"{down}", NULL}};
	char text[ARRAY_LEN(bytes)][24];

	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		snprintf(text[i], sizeof(text[i]), "%" PRIu64 "B", bytes[i]);
		at[i].value = text[i];
	}
	return text_fill(fault, at, ARRAY_LEN(at));
}

char *cell_scenario_text(const struct check_plan *plan, const struct check_places *places,
			 const struct hang_point *p, const struct hang_variant *v)
{
	bool http = check_is_http(plan->protocol);
	char *fault = cell_fault_text(plan, places, v);
	char *text = NULL;
	size_t len = 0;
	FILE *out = xopen_memstream(&text, &len);

	fprintf(out, "name: %s%s\n", p ? "hang-point-t" : "healthy", p ? p->id + 1 : "");
	fprintf(out, "title: \"%s%s%s\"\n", p ? p->what : "nothing goes wrong", v ? ": " : "",
		v ? v->what : "");
	fputs("source: \"wedge check; docs/check.md\"\n", out);
	fprintf(out, "story: \"A robust client: %s.\"\n", p ? p->must : "gets its answer");
	fprintf(out, "lab: {intercept: transparent%s}\n",
		plan->protocol == CHECK_HTTPS ? ", tls: terminate" : "");
	fprintf(out, "server: {app: %s, port: %u",
		apps[plan->protocol] ? apps[plan->protocol] : "heartbeat", plan->port);
	if (http)
		fprintf(out, ", body: %dB", CHECK_BODY);
	if (http && v && v->server)
		fprintf(out, ", %s", v->server);
	if (http && v && v->server && strstr(v->server, "chunked"))
		fprintf(out, ", chunk: %dB", CHECK_CHUNK);
	fputs("}\nclient: {exchanges: 1}\nsiblings: {}\nphases:\n  baseline: []\n", out);
	if (*fault)
		fprintf(out, "  impaired: {impairments: [{%s}]}\n", fault);
	fprintf(out, "expect: [%s.client_app.failed >= 0]\n", *fault ? "impaired" : "baseline");
	xclose_memstream(out);
	free(fault);
	return text;
}

void check_places_find(const struct check_plan *plan, uint64_t from_server,
		       struct check_places *places)
{
	const uint64_t framed = CHECK_CHUNK + strlen("1000\r\n\r\n");
	const uint64_t half = from_server / 2;

	*places = (struct check_places){.body = plan->server || plan->outside ? 1 + half / 2
									      : CHECK_BODY / 2,
					.edge = CHECK_BODY / CHECK_CHUNK / 2 * framed,
					.down = 1 + half};
	places->inside = places->edge + CHECK_CHUNK / 4;
}
