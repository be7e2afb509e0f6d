/* json.c - one function an object of the schema. */
#include "scenarios/diagnosis_report/json.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/version.h"
#include "scenarios/base/layout.h"
#include "scenarios/diagnosis_report/figures.h"
#include "scenarios/diagnosis_report/findings_page.h"
#include "scenarios/diagnosis_report/unreliable.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define SCHEMA 1

static json_t *make_count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *make_seconds(int64_t ns)
{
	return json_real(clock_seconds(ns));
}

static json_t *make_addr(const struct addr *a)
{
	char text[ADDR_TEXT];

	return a->len ? json_string(addr_format(a, text)) : json_null();
}

/* Text of unknown origin, as the name of a file. */
static json_t *make_text(const char *text)
{
	char *clean = layout_utf8(text);
	json_t *j = clean ? json_string(clean) : json_null();

	free(clean);
	return j;
}

/* ISO 8601, UTC, nanoseconds: a double has no room for them. */
static json_t *make_moment(int64_t ns)
{
	time_t seconds = ns / NS_PER_S;
	char text[MOMENT_TEXT];
	struct tm tm;
	size_t n = 0;

	if (gmtime_r(&seconds, &tm))
		n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%09" PRId64 "Z", ns % NS_PER_S);
	return json_string(text);
}

static json_t *make_durations(const struct durations *d)
{
	json_t *j = json_object();

	json_object_set_new(j, "n", make_count(d->n));
	json_object_set_new(j, "median", make_seconds(durations_quantile(d, 0.5)));
	json_object_set_new(j, "p05", make_seconds(durations_quantile(d, 0.05)));
	json_object_set_new(j, "p95", make_seconds(durations_quantile(d, 0.95)));
	return j;
}

static json_t *make_frames(const uint32_t *frames, int max)
{
	json_t *list = json_array();

	for (int i = 0; i < max && frames[i]; i++)
		json_array_append_new(list, make_count(frames[i]));
	return list;
}

static json_t *make_stall(const struct stall *s)
{
	json_t *j = json_object();
	char *filter = stall_filter(s);

	json_object_set_new(j, "stream", make_count(s->connection));
	json_object_set_new(j, "at", make_moment(s->from));
	json_object_set_new(j, "length", make_seconds(s->to - s->from));
	json_object_set_new(j, "frames", make_frames(s->frames, STALL_FRAMES));
	json_object_set_new(j, "filter", json_string(filter));
	free(filter);
	return j;
}

static json_t *make_cause(enum cause c, const struct tally *x)
{
	const struct cause_row *row = cause_row(c);
	json_t *j = json_object();

	json_object_set_new(j, "cause", json_string(row->key));
	json_object_set_new(j, "rule", json_string(row->rule));
	json_object_set_new(j, "words", json_string(row->words));
	json_object_set_new(j, "label", make_text(tally_label(x)));
	json_object_set_new(j, "lost", json_boolean(row->lost));
	json_object_set_new(j, "up_to", json_string(blamed_side(c, x)));
	json_object_set_new(j, "count", make_count(x->lengths.n));
	json_object_set_new(j, "total", make_seconds(x->lengths.total));
	json_object_set_new(j, "value", make_durations(&x->values));
	json_object_set_new(j, "first", make_stall(&x->first));
	json_object_set_new(j, "longest", make_stall(&x->longest));
	return j;
}

static json_t *make_causes(const struct tallies *t)
{
	enum cause order[CAUSE_COUNT];
	size_t n = tallies_order(t, order);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, make_cause(order[i], t->of[order[i]]));
	return list;
}

static json_t *make_capture(const struct diagnosis *d, const char *path)
{
	static const char *const legs[] = {
	    [CAPTURE_LEG_CLIENT] = "client", [CAPTURE_LEG_SERVER] = "server"};
	const struct capture_counts *c = &d->capture;
	char *unreliable = unreliable_reason(d);
	json_t *j = json_object();

	json_object_set_new(j, "file", make_text(path));
	json_object_set_new(j, "leg", make_text(d->stream.both_legs ? legs[d->stream.leg] : NULL));
	json_object_set_new(j, "of_other_leg", make_count(d->stream.of_other_leg));
	json_object_set_new(j, "packets", make_count(c->packets));
	json_object_set_new(j, "tcp_packets", make_count(d->stream.tcp_packets));
	json_object_set_new(j, "connections", make_count(d->stream.connections.begun));
	json_object_set_new(j, "first", make_moment(d->stream.first));
	json_object_set_new(j, "last", make_moment(d->stream.last));
	json_object_set_new(j, "until",
			    d->stream.until ? make_moment(d->stream.until) : json_null());
	json_object_set_new(j, "copies", make_count(c->copies));
	json_object_set_new(j, "not_parsed", make_count(d->stream.not_parsed));
	json_object_set_new(j, "fragments", make_count(c->fragments));
	json_object_set_new(j, "snapped", make_count(c->cut));
	json_object_set_new(j, "unknown_link", make_count(c->unknown_link));
	json_object_set_new(j, "time_steps_back", make_count(c->back));
	json_object_set_new(j, "written_late", make_count(c->late));
	json_object_set_new(j, "time_jumps", make_count(c->jumps));
	json_object_set_new(j, "dropped", c->drops_known ? make_count(c->dropped) : json_null());
	json_object_set_new(j, "unreliable", make_text(unreliable));
	json_object_set_new(j, "cut_short", make_text(d->cut_short));
	free(unreliable);
	return j;
}

static json_t *make_time(const struct diagnosis *d)
{
	const struct tally *x = d->all.tallies.of[CAUSE_UNKNOWN];
	json_t *j = json_object();

	json_object_set_new(j, "total", make_seconds(d->all.time));
	json_object_set_new(j, "active", make_seconds(d->all.time - d->all.stalled));
	json_object_set_new(j, "stalled", make_seconds(d->all.stalled));
	json_object_set_new(j, "lost", make_seconds(tallies_lost(&d->all.tallies)));
	json_object_set_new(j, "unclassified", make_seconds(x ? x->lengths.total : 0));
	return j;
}

static void set_both(json_t *j, const char *name, const uint64_t n[DIR_COUNT])
{
	json_t *both = json_object();

	json_object_set_new(both, "upstream", make_count(n[DIR_UPSTREAM]));
	json_object_set_new(both, "downstream", make_count(n[DIR_DOWNSTREAM]));
	json_object_set_new(j, name, both);
}

static json_t *make_counts(const struct service_counts *n)
{
	json_t *j = json_object();

	json_object_set_new(j, "connections", make_count(n->connections));
	json_object_set_new(j, "midstream", make_count(n->midstream));
	json_object_set_new(j, "unreliable", make_count(n->unreliable));
	json_object_set_new(j, "reused", make_count(n->reused));
	json_object_set_new(j, "refused", make_count(n->refused));
	json_object_set_new(j, "exchanges", make_count(n->exchanges));
	set_both(j, "syns", n->syns);
	set_both(j, "fins", n->fins);
	set_both(j, "resets", n->resets);
	set_both(j, "data_segments", n->data_segments);
	set_both(j, "data_bytes", n->data_bytes);
	set_both(j, "retransmissions", n->retransmissions);
	set_both(j, "fast_retransmissions", n->fast_retransmissions);
	set_both(j, "out_of_order", n->out_of_order);
	set_both(j, "duplicate_acks", n->duplicate_acks);
	set_both(j, "zero_windows", n->zero_windows);
	return j;
}

static json_t *make_servers(const struct services *all)
{
	const struct service **order = services_by_loss(all);
	json_t *list = json_array();

	for (size_t i = 0; i < all->n; i++) {
		const struct service *s = order[i];
		json_t *j = json_object();

		/* Those beyond a number of them are one, without an address. */
		json_object_set_new(j, "server",
				    addr_port(&s->server) ? make_addr(&s->server) : json_null());
		json_object_set_new(j, "connections", make_count(s->counts.connections));
		json_object_set_new(j, "time", make_seconds(s->time));
		json_object_set_new(j, "lost", make_seconds(tallies_lost(&s->tallies)));
		json_object_set_new(j, "causes", make_causes(&s->tallies));
		json_array_append_new(list, j);
	}
	free(order);
	return list;
}

json_t *json_findings(const struct findings *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->list[i];
		const struct finding_row *row = finding_row(x->first.kind);
		bool somewhere = x->first.server.sa.sa_family != AF_UNSPEC;
		char *text = finding_sentence(x), *filter = finding_filter(x);
		json_t *j = json_object();

		json_object_set_new(j, "finding", json_string(row->key));
		json_object_set_new(j, "rule", json_string(row->rule));
		json_object_set_new(j, "words", json_string(text));
		json_object_set_new(j, "label", make_text(x->first.label));
		json_object_set_new(j, "server",
				    somewhere ? make_addr(&x->first.server) : json_null());
		json_object_set_new(j, "count", make_count(x->count));
		json_object_set_new(j, "of", x->of ? make_count(x->of) : json_null());
		json_object_set_new(j, "number",
				    row->number ? make_count(x->first.number) : json_null());
		json_object_set_new(j, "value",
				    x->values.n ? make_durations(&x->values) : json_null());
		json_object_set_new(j, "stream", make_count(x->first.connection));
		json_object_set_new(j, "frames", make_frames(x->first.frames, FINDING_FRAMES));
		json_object_set_new(j, "filter", json_string(filter));
		json_array_append_new(list, j);
		free(text);
		free(filter);
	}
	return list;
}

static json_t *make_vantage(const struct diagnosis *d)
{
	static const char *const names[VANTAGE_COUNT] = {NULL, "client", "server", "between"};
	enum vantage told = d->question.taken_at;
	char *why = told ? xstrdup("--from") : vantages_sentence(&d->vantages);
	json_t *j = json_object();

	json_object_set_new(j, "at", make_text(names[told ? told : vantages_judge(&d->vantages)]));
	json_object_set_new(j, "why", make_text(why));
	free(why);
	return j;
}

static json_t *make_connection(const struct ranked *r)
{
	const struct wire_connection *w = &r->wire;
	json_t *j = json_object();

	json_object_set_new(j, "stream", make_count(w->index));
	json_object_set_new(j, "client", make_addr(&w->client));
	json_object_set_new(j, "server", make_addr(&w->server));
	json_object_set_new(j, "begin", make_moment(r->begin));
	json_object_set_new(j, "time", make_seconds(r->end - r->begin));
	json_object_set_new(j, "active",
			    make_seconds(r->end - r->begin - tallies_stalled(&r->tallies)));
	json_object_set_new(j, "lost", make_seconds(r->lost));
	json_object_set_new(j, "midstream", json_boolean(w->midstream));
	json_object_set_new(j, "unreliable", make_text(w->unreliable_why));
	json_object_set_new(j, "exchanges", make_count(w->nexchanges));
	set_both(j, "packets", w->packets);
	set_both(j, "data_bytes", w->data_bytes);
	set_both(j, "retransmissions", w->retransmissions);
	set_both(j, "zero_windows", w->zero_windows);
	set_both(j, "fins", w->fins);
	set_both(j, "resets", w->resets);
	json_object_set_new(j, "causes", make_causes(&r->tallies));
	return j;
}

json_t *json_wait(const struct proof *p)
{
	const struct cause_row *row = cause_row(p->stall.cause);
	json_t *j = make_stall(&p->stall);

	json_object_set_new(j, "cause", json_string(row->key));
	json_object_set_new(j, "label", make_text(p->stall.label));
	json_object_set_new(j, "lost", json_boolean(row->lost));
	json_object_set_new(
	    j, "up_to", json_string(blame_name(cause_blame(p->stall.cause, p->stall.to_client))));
	json_object_set_new(j, "value", make_seconds(p->stall.value));
	return j;
}

/* Of the connection that was asked for; null: none was. */
static json_t *make_waits(const struct diagnosis *d)
{
	json_t *list;

	if (!d->question.selection.connection.given)
		return json_null();
	list = json_array();
	for (size_t i = 0; i < d->proofs.n; i++)
		json_array_append_new(list, json_wait(&d->proofs.list[i]));
	return list;
}

static json_t *make_selection(const struct selection *s)
{
	json_t *j = json_object();

	json_object_set_new(j, "since", s->since.given ? make_moment(s->since.ns) : json_null());
	json_object_set_new(j, "until", s->until.given ? make_moment(s->until.ns) : json_null());
	json_object_set_new(j, "by_address", json_boolean(s->nnetworks > 0));
	json_object_set_new(j, "by_port", json_boolean(s->nports > 0));
	json_object_set_new(j, "connection",
			    s->connection.given ? make_count(s->connection.number) : json_null());
	return j;
}

json_t *json_make(const struct diagnosis *d, const char *path, json_t *matches)
{
	json_t *j = json_object(), *list = json_array();

	json_object_set_new(j, "schema", json_integer(SCHEMA));
	json_object_set_new(j, "version", json_string(WEDGE_VERSION));
	json_object_set_new(j, "capture", make_capture(d, path));
	json_object_set_new(j, "vantage", make_vantage(d));
	json_object_set_new(j, "selection", make_selection(&d->question.selection));
	json_object_set_new(j, "time", make_time(d));
	json_object_set_new(j, "counts", make_counts(&d->all.counts));
	json_object_set_new(j, "connecting", make_durations(&d->all.connects));
	json_object_set_new(j, "answering", make_durations(&d->answers));
	json_object_set_new(j, "causes", make_causes(&d->all.tallies));
	json_object_set_new(j, "findings", json_findings(&d->groups.findings));
	json_object_set_new(j, "matches", matches);
	json_object_set_new(j, "servers", make_servers(&d->services));
	for (size_t i = 0; i < d->ranking.n; i++)
		json_array_append_new(list, make_connection(&d->ranking.list[i]));
	json_object_set_new(j, "connections", list);
	json_object_set_new(j, "waits", make_waits(d));
	return j;
}

json_t *json_make_pair(json_t *pair, json_t *near, json_t *far, json_t *matches)
{
	json_t *j = json_object(), *list = json_array();

	json_object_set_new(j, "schema", json_integer(SCHEMA));
	json_object_set_new(j, "version", json_string(WEDGE_VERSION));
	json_object_set_new(j, "pair", pair);
	json_object_set_new(j, "matches", matches);
	json_array_append_new(list, near);
	json_array_append_new(list, far);
	json_object_set_new(j, "captures", list);
	return j;
}

int json_write(json_t *j, FILE *out, struct err *e)
{
	int rc = json_dumpf(j, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15));

	json_decref(j);
	if (rc == -1 || fputc('\n', out) == EOF)
		return err_errno(e, "standard output");
	return 0;
}
