/* agreement.c - compares number and median of what the journal has with what the wire shows, within
 * a slack. */
#include "scenarios/run/agreement.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "scenarios/analysis/wire_metrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A kind of journal line whose effect can be found again in a capture: something was held for a
 * time, and the wire metrics (either leg, either direction) must show as many gaps of that length.
 */
struct trace {
	const char *event, *reason, *what;
	const char *metrics[3];
};

static const struct trace traces[] = {
    {"ack_released", "timer", "ACKs held until their timer", {"ack_delay", "upstream_ack_delay"}},
};

/* An ACK appears on the wire later than it was released, never earlier; a released one may be
 * overtaken at the very end of a connection. */
#define SLACK_SHARE 0.02
#define SLACK_COUNT 1.0

struct journalled {
	char phase[96];
	struct samples held[ARRAY_LEN(traces)]; /* seconds */
};

static const char *text_of(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text : "";
}

static void take_journal_line(struct journalled *all, size_t n, size_t *now, const json_t *line)
{
	/* What is journalled behind the end of a phase is behind its captures' end. */
	if (strcmp(text_of(line, "event"), "phase_end") == 0)
		*now = n;
	if (strcmp(text_of(line, "event"), "phase") == 0) {
		for (size_t i = 0; i < n; i++)
			if (strcmp(all[i].phase, text_of(line, "phase")) == 0)
				*now = i;
		return;
	}
	for (size_t k = 0; k < ARRAY_LEN(traces) && *now < n; k++)
		if (strcmp(text_of(line, "event"), traces[k].event) == 0 &&
		    strcmp(text_of(line, "reason"), traces[k].reason) == 0)
			samples_add(&all[*now].held[k],
				    json_number_value(json_object_get(line, "held")));
}

static int read_journal(const char *path, struct journalled *all, size_t n, struct err *e)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t room = 0, now = n;
	int rc = 0;

	if (!f)
		return err_errno(e, "the journal '%s'", path);
	while (rc == 0 && getline(&text, &room, f) > 0) {
		json_t *line = json_loads(text, 0, NULL);

		if (!line)
			rc = err_set(e, "the journal has a line that is no JSON: %.60s", text);
		else
			take_journal_line(all, n, &now, line);
		json_decref(line);
	}
	free(text);
	fclose(f);
	return rc;
}

/* Gathers the gaps in both captures that are at least as long as the shortest hold. */
static void gather_wire(const struct phase_data *d, const struct trace *t, double at_least,
			struct samples *out)
{
	/* Captures of the same leg of wedge's show the same gaps. */
	int legs = d->lab.place == PLACE_PATH ? LEG_COUNT : 1;

	for (int leg = 0; leg < legs; leg++)
		for (const char *const *metric = t->metrics; *metric; metric++) {
			const struct wire_metric *m = wire_metric_find(*metric);
			struct samples all = {0};

			BUG_ON(!m);
			wire_metric_add_samples(m, d->wire[leg], 0, &all);
			for (size_t i = 0; i < all.n; i++)
				if (all.v[i] >= at_least)
					samples_add(out, all.v[i]);
			samples_free(&all);
		}
}

static bool compare_holds(const struct phase_data *d, const struct trace *t,
			  const struct samples *held, char *text, size_t len)
{
	struct samples wire = {0};
	double most = fmax(SLACK_COUNT, SLACK_SHARE * (double)held->n), said, seen;
	char a[UNITS_TEXT], b[UNITS_TEXT];
	bool agrees;

	gather_wire(d, t, 0.99 * samples_quantile(held, 0), &wire);
	said = samples_quantile(held, 0.5);
	seen = samples_quantile(&wire, 0.5);
	agrees = fabs((double)wire.n - (double)held->n) <= most && wire.n &&
		 fabs(seen - said) <= 0.002 + SLACK_SHARE * said;
	snprintf(text, len, "%s: journal and wire %s: %zu %s journalled (median %s), %zu seen (%s)",
		 d->label, agrees ? "agree" : "differ", held->n, t->what, format_seconds(said, a),
		 wire.n, wire.n ? format_seconds(seen, b) : "none");
	samples_free(&wire);
	return agrees;
}

/* Returns the TCP packets that came to wedge, less those that went on from it. */
static long long missing_packets(const struct phase_data *d)
{
	long long missing = 0;

	for (int leg = 0; leg < LEG_COUNT; leg++) {
		/* Upstream packets come on the client leg, downstream packets on the server leg. */
		enum dir coming = leg == LEG_CLIENT ? DIR_UPSTREAM : DIR_DOWNSTREAM;
		const struct analysis *a = d->wire[leg];

		for (size_t i = 0; i < a->nconnections; i++)
			missing += (long long)a->connections[i].packets[coming] -
				   (long long)a->connections[i].packets[dir_reverse(coming)];
	}
	return missing;
}

/* Where wedge only routes, and is captured on both sides, it dropped every packet that came and
 * didn't go on. */
static bool compare_packets(const struct phase_data *d, char *text, size_t len)
{
	long long dropped = json_integer_value(json_object_get(d->wedge, "packets_dropped"));
	long long injected = json_integer_value(json_object_get(d->wedge, "packets_injected"));
	long long missing = missing_packets(d);
	long long left = json_integer_value(json_object_get(d->wedge, "packets_left"));
	bool agrees = missing == dropped + left - injected;

	text[0] = '\0';
	if (dropped || injected || missing)
		snprintf(text, len,
			 "%s: wedge and wire %s: %lld packets dropped, %lld made; %lld %s went on "
			 "than came",
			 d->label, agrees ? "agree" : "differ", dropped, injected, llabs(missing),
			 missing < 0 ? "more" : "fewer");
	return agrees;
}

int agreement_check(const char *journal_path, struct phase_data *const *phases, size_t n,
		    void (*note)(void *arg, bool agrees, const char *text), void *arg,
		    struct err *e)
{
	struct journalled *all = xcalloc(n, sizeof(*all));
	char text[256];
	int rc;

	for (size_t i = 0; i < n; i++)
		snprintf(all[i].phase, sizeof(all[i].phase), "%s", phases[i]->label);
	rc = read_journal(journal_path, all, n, e);
	for (size_t i = 0; i < n; i++) {
		if (rc == 0 && phases[i]->intercept == INTERCEPT_FORWARD &&
		    phases[i]->lab.place == PLACE_PATH) {
			bool agrees = compare_packets(phases[i], text, sizeof(text));

			if (text[0])
				note(arg, agrees, text);
		}
		for (size_t k = 0; k < ARRAY_LEN(traces); k++) {
			struct samples *held = &all[i].held[k];

			if (rc == 0 && held->n) {
				bool agrees =
				    compare_holds(phases[i], &traces[k], held, text, sizeof(text));

				note(arg, agrees, text);
			}
			samples_free(held);
		}
	}
	free(all);
	return rc;
}
