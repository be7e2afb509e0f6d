/* vantage_check.c - counts the main traffic's connections in what was promised. */
#include "scenarios/run/vantage_check.h"

#include "proxy/base/mem.h"
#include "scenarios/run/phase_metrics.h"

#include <string.h>

#define IMPAIRED "impaired"

static bool is_impaired(const struct phase_data *d)
{
	size_t len = strlen(IMPAIRED);

	return strncmp(d->label, IMPAIRED, len) == 0 &&
	       (d->label[len] == '\0' || d->label[len] == '@');
}

static bool is_empty(struct phase_data *d, const char *vantage)
{
	struct metric_ref ref = {.phase = IMPAIRED, .traffic = "main", .name = "connections"};
	double n;

	snprintf(ref.vantage, sizeof(ref.vantage), "%s", vantage);
	return phase_metric_value(&d, 1, &ref, &n, NULL) == -1 || n == 0;
}

char *vantage_check(const struct measured *m)
{
	static const char *const wires[] = {"client_wire", "server_wire"};
	const struct scenario *s = m->scenario;

	for (size_t i = 0; i < s->nsignatures; i++)
		for (size_t w = 0; w < ARRAY_LEN(wires); w++)
			for (size_t k = 0; k < m->n; k++)
				if (strstr(s->signatures[i].vantages, wires[w]) &&
				    phase_breaks(m->phases[k]->phase) &&
				    is_impaired(m->phases[k]) && is_empty(m->phases[k], wires[w]))
					return xasprintf("%s: the signature promises %s, which has "
							 "no packet of the main traffic: %.80s",
							 m->phases[k]->label, wires[w],
							 s->signatures[i].text);
	return NULL;
}
