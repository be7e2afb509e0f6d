/* html_distribution.c - places along the axis are per cent of the width, texts have their own size:
 * the same picture serves a phone and paper. */
#include "scenarios/report/html_distribution.h"

#include "proxy/base/units.h"
#include "scenarios/report/html_text.h"
#include "scenarios/report/svg_scale.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define STRIP	  46 /* pixels of the bars */
#define TICKS_MAX 6

static struct svg_scale time_scale(const struct result_distribution *d)
{
	return (struct svg_scale){
	    .low = d->edges[0], .high = d->edges[d->nbins], .to = 100, .logarithmic = true};
}

static uint64_t largest_count(const struct result_distribution *d, size_t phase)
{
	uint64_t most = 0;

	for (size_t k = 0; k < d->nbins; k++)
		if (d->counts[phase * d->nbins + k] > most)
			most = d->counts[phase * d->nbins + k];
	return most;
}

static void write_bars(const struct result_distribution *d, size_t phase, FILE *out)
{
	const uint64_t *counts = &d->counts[phase * d->nbins];
	struct svg_scale s = time_scale(d);
	double most = (double)largest_count(d, phase), width = 100.0 / (double)d->nbins;
	char low[UNITS_TEXT], high[UNITS_TEXT];

	for (size_t k = 0; k < d->nbins; k++) {
		/* One sample among thousands must be seen, too. */
		double height = fmax(STRIP * (double)counts[k] / most, 1.5);

		if (!counts[k])
			continue;
		fprintf(out,
			"<rect x=\"%.2f%%\" y=\"%.1f\" width=\"%.2f%%\" height=\"%.1f\">"
			"<title>%" PRIu64 ": %s to %s</title></rect>\n",
			svg_place(&s, d->edges[k]), STRIP - height, width, height, counts[k],
			format_seconds(d->edges[k], low), format_seconds(d->edges[k + 1], high));
	}
	fprintf(out, "<line class=\"median\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"%d\"/>\n",
		svg_place(&s, d->medians[phase]), svg_place(&s, d->medians[phase]), STRIP);
}

static void write_ticks(const struct result_distribution *d, bool labels, FILE *out)
{
	struct svg_scale s = time_scale(d);
	double ticks[TICKS_MAX];
	size_t n = svg_ticks(&s, TICKS_MAX, ticks);
	char buf[UNITS_TEXT];

	for (size_t i = 0; i < n; i++) {
		double x = svg_place(&s, ticks[i]);

		if (labels)
			fprintf(out,
				"<text class=\"soft\" x=\"%.2f%%\" y=\"14\" "
				"text-anchor=\"middle\">%s</text>\n",
				x, format_duration((int64_t)llround(ticks[i] * 1e9), buf));
		else
			fprintf(out,
				"<line class=\"grid\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" "
				"y2=\"%d\"/>\n",
				x, x, STRIP);
	}
}

/* The failed ones have no response time; without them the picture would be too good. */
static void write_failed(const struct result *r, size_t phase, FILE *out)
{
	json_t *failed = json_object_get(r->phases[phase].metrics, "client_app.failed");

	if (json_is_number(failed) && json_number_value(failed) > 0)
		fprintf(out, "; %.0f failed and are not in it", json_number_value(failed));
}

/* The mitigated phase may still have its impairment, beside what cures it. */
static const char *phase_class(const struct result_phase *p)
{
	if (strcspn(p->name, "@") == strlen("mitigated") && strncmp(p->name, "mitigated", 9) == 0)
		return "mitigated";
	return strcmp(p->impairments, "none") == 0 ? "healthy" : "impaired";
}

static void write_strip(const struct result *r, size_t phase, FILE *out)
{
	const struct result_distribution *d = &r->distribution;
	char median[UNITS_TEXT];

	fputs("<h3>", out);
	html_text(out, r->phases[phase].name);
	fprintf(out, "</h3>\n<p class=\"faint\">%" PRIu64 " response%s", d->samples[phase],
		d->samples[phase] == 1 ? "" : "s");
	if (d->samples[phase])
		fprintf(out, ", median %s", format_seconds(d->medians[phase], median));
	write_failed(r, phase, out);
	fputs("</p>\n", out);
	if (!d->samples[phase])
		return;
	fprintf(out,
		"<svg class=\"bars\" height=\"%d\" role=\"img\" aria-label=\"distribution of "
		"response times\">\n<g class=\"%s\">\n",
		STRIP + 1, phase_class(&r->phases[phase]));
	write_ticks(d, false, out);
	write_bars(d, phase, out);
	fprintf(out,
		"<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/>\n</g></svg>\n",
		STRIP, STRIP);
}

void html_distribution(const struct result *r, FILE *out)
{
	const struct result_distribution *d = &r->distribution;

	fputs("<section id=\"distribution\">\n<h2>Distribution of response times</h2>\n", out);
	if (!d->nbins) {
		fputs("<p>No response time was measured.</p>\n</section>\n", out);
		return;
	}
	fputs("<figure>\n", out);
	for (size_t i = 0; i < r->nphases; i++)
		write_strip(r, i, out);
	fputs("<svg class=\"bars\" height=\"18\" aria-hidden=\"true\">\n", out);
	write_ticks(d, true, out);
	fputs("</svg>\n<figcaption><code>", out);
	html_text(out, d->metric);
	fputs("</code>, logarithmic; a bar's height is its share of the phase's highest bar; the "
	      "dashed line is the median.</figcaption>\n</figure>\n</section>\n",
	      out);
}
