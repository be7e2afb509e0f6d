/* cell_scenario.c - two phases: the healthy one, and the one with the fault. */
#include "scenarios/check/cell_scenario.h"

#include "proxy/base/mem.h"

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

static uint64_t find_place(const struct check_places *places, const char *name, size_t len)
{
	const struct {
		const char *name;
		uint64_t value;
	} known[] = {{"body", places->body},
		     {"edge", places->edge},
		     {"inside", places->inside},
		     {"down", places->down}};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strlen(known[i].name) == len && strncmp(known[i].name, name, len) == 0)
			return known[i].value;
	BUG("a fault names a place that there isn't");
}

/* Writes a fault's text with its places filled in: "{body}" of it is a number of bytes. */
static void write_fault(FILE *out, const struct check_places *places, const char *fault)
{
	static const char *const names[] = {"{body}", "{edge}", "{inside}", "{down}"};

	while (*fault) {
		size_t taken = 0;

		for (size_t i = 0; i < ARRAY_LEN(names) && !taken; i++)
			if (strncmp(fault, names[i], strlen(names[i])) == 0)
				taken = strlen(names[i]);
		if (taken)
			fprintf(out, "%" PRIu64 "B", find_place(places, fault + 1, taken - 2));
		else
			fputc(*fault, out);
		fault += taken ? taken : 1;
	}
}

char *cell_fault_text(const struct check_plan *plan, const struct check_places *places,
		      const struct hang_variant *v)
{
	const char *fault = !v ? "" : check_is_http(plan->protocol) ? v->http : v->other;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	BUG_ON(!out);
	write_fault(out, places, fault);
	fclose(out);
	return text;
}

char *cell_scenario_text(const struct check_plan *plan, const struct check_places *places,
			 const struct hang_point *p, const struct hang_variant *v)
{
	bool http = check_is_http(plan->protocol);
	char *fault = cell_fault_text(plan, places, v);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	BUG_ON(!out);
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
	fclose(out);
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
