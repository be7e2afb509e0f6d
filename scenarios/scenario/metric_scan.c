/* metric_scan.c - a word in the middle may be a traffic or a name: the number of words and the last
 * one decide. */
#include "scenarios/scenario/metric_scan.h"

#include "proxy/base/nearest.h"
#include "proxy/base/param.h"

#include <string.h>

/* Takes one word of a dotted name into a field of the reference. */
static bool copy_word(struct scan *p, char *field, size_t size, const char *what)
{
	size_t n = scan_word_length(p->at);

	if (n == 0) {
		return scan_fail(p, "a %s is expected", what);
	}
	if (n >= size) {
		return scan_fail(p, "a %s has at most %zu characters", what, size - 1);
	}
	memcpy(field, p->at, n);
	field[n] = '\0';
	p->at += n;
	return true;
}

static bool share_bounds(struct scan *p, struct metric_ref *ref)
{
	char low = 0, high = 0;

	if (!scan_want(p, "(") || !scan_number(p, &ref->low, &low) || !scan_want(p, ",") ||
	    !scan_number(p, &ref->high, &high))
		return false;
	if (low && high && low != high)
		return scan_fail(
		    p, "the bounds of share(LOW,HIGH) have one unit, as in share(190ms,215ms)");
	ref->bounds = low ? low : high;
	if (ref->low > ref->high)
		return scan_fail(p, "share(LOW,HIGH) is expected with LOW not above HIGH");
	return scan_want(p, ")");
}

static bool refuse_stat(struct scan *p, const char *word)
{
	struct err why;

	(void)metric_refuse_stat(word, &why);
	return scan_fail(p, "%s", why.text);
}

/* Takes the host of TRAFFIC@HOST, when it comes next; a host's name is a traffic's at most. */
static bool scan_host(struct scan *p, struct metric_ref *ref)
{
	if (*p->at != '@')
		return true;
	p->at++;
	if (!copy_word(p, ref->host, sizeof(ref->host), "host's name"))
		return false;
	return *p->at == '.' || scan_fail(p, "a metric's name is expected after the host");
}

/* [TRAFFIC[@HOST].]NAME[.STAT]: two words are NAME.STAT when the second is a statistic. */
static bool metric_tail(struct scan *p, struct metric_ref *ref)
{
	char words[3][40];
	size_t n = 0, name;

	for (;;) {
		if (!copy_word(p, words[n], sizeof(words[n]), "metric's name"))
			return false;
		n++;
		if (n == 1 && !scan_host(p, ref))
			return false;
		if (*p->at != '.')
			break;
		if (n == ARRAY_LEN(words)) {
			return scan_fail(
			    p, "a metric is "
			       "PHASE[:SECTION].VANTAGE[.TRAFFIC[@HOST]].NAME[.STATISTIC]");
		}
		p->at++;
	}
	name = !ref->host[0] && (n == 1 || (n == 2 && metric_is_stat(words[1]))) ? 0 : 1;
	if (name == 1 && strlen(words[0]) >= sizeof(ref->traffic)) {
		return scan_fail(p, "a traffic's name has at most %zu characters",
				 sizeof(ref->traffic) - 1);
	}
	snprintf(ref->traffic, sizeof(ref->traffic), "%.31s", name == 1 ? words[0] : "main");
	snprintf(ref->name, sizeof(ref->name), "%s", words[name]);
	if (n == name + 1)
		return true;
	if (!metric_is_stat(words[n - 1]))
		return refuse_stat(p, words[n - 1]);
	snprintf(ref->stat, sizeof(ref->stat), "%.19s", words[n - 1]);
	return strcmp(ref->stat, "share") != 0 || share_bounds(p, ref);
}

static bool scan_at_vantage(struct scan *p, struct metric_ref *ref)
{
	size_t n = scan_word_length(p->at);
	char word[64];

	snprintf(word, sizeof(word), "%.*s", (int)(n < 60 ? n : 60), p->at);
	if (!metric_is_vantage(word)) {
		char hint[NEAREST_HINT];
		const char *near = nearest_name(word, metric_vantages);

		return scan_fail(
		    p,
		    "a metric names its vantage (client_app, client_wire, server_wire or "
		    "server_app), not '%s'%s",
		    word, nearest_hint(hint, near));
	}
	snprintf(ref->vantage, sizeof(ref->vantage), "%.15s", word);
	p->at += n;
	if (*p->at != '.') {
		return scan_fail(p, "a metric's name is expected after the vantage");
	}
	p->at++;
	return metric_tail(p, ref);
}

bool metric_scan(struct scan *p, struct metric_ref *ref)
{
	if (!copy_word(p, ref->phase, sizeof(ref->phase), "phase"))
		return false;
	if (*p->at == ':') {
		p->at++;
		if (!copy_word(p, ref->section, sizeof(ref->section), "section"))
			return false;
	}
	if (*p->at != '.') {
		return scan_fail(p,
				 "a metric is PHASE[:SECTION].VANTAGE[.TRAFFIC].NAME[.STATISTIC]; "
				 "'%s' is only a "
				 "word",
				 ref->phase);
	}
	p->at++;
	return scan_at_vantage(p, ref);
}

bool metric_scan_figure(struct scan *p, struct metric_ref *ref)
{
	char word[sizeof(ref->name)];

	if (!copy_word(p, word, sizeof(word), "figure's name"))
		return false;
	snprintf(ref->traffic, sizeof(ref->traffic), "main");
	if (strcmp(word, METRIC_OTHER) == 0) {
		snprintf(ref->traffic, sizeof(ref->traffic), METRIC_OTHER);
		if (*p->at != '.')
			return scan_fail(p, "a figure's name is expected after 'other'");
		p->at++;
		if (!copy_word(p, word, sizeof(word), "figure's name"))
			return false;
	}
	memcpy(ref->name, word, sizeof(word));
	if (*p->at != '.')
		return true;
	p->at++;
	if (!copy_word(p, ref->stat, sizeof(ref->stat), "statistic"))
		return false;
	return *p->at != '.' || scan_fail(p, "a figure is [other.]NAME[.STATISTIC]");
}

int metric_ref_parse(const char *text, struct metric_ref *out, struct err *e)
{
	struct scan p = {.text = text, .at = text, .e = e};
	struct metric_ref ref = {.unit = 0};

	if (!scan_at_vantage(&p, &ref))
		return -1;
	if (*p.at) {
		scan_fail(&p, "the metric is complete before '%.20s'", p.at);
		return -1;
	}
	*out = ref;
	return 0;
}
