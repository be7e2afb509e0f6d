/* diagnosis.c - the observer that has a story for each connection, and adds them up when they end.
 */
#include "scenarios/diagnosis/diagnosis.h"

#include "proxy/base/mem.h"
#include "scenarios/diagnosis/doubts.h"
#include "scenarios/diagnosis/drops.h"
#include "scenarios/diagnosis/story.h"

#include <string.h>

/* What is kept of a connection while it is open. */
struct kept {
	struct story story;
	struct member member;
	struct host_side sides[DIR_COUNT];
	struct proofs proofs;
	bool selected; /* else only the hosts' silences are looked for */
	/* The connection at the beginning and at the end of the time that is asked about; NULL: it
	 * began later, or had nothing more. */
	struct wire_connection *at_since, *at_until;
};

#define PROGRESS_PACKETS 8192 /* a few milliseconds */

static void frozen_cb(void *owner, enum dir host, const struct host_silence *silence)
{
	struct kept *k = owner;

	if (k->selected)
		story_freeze(&k->story, host, silence->since, silence->to);
}

static void began_cb(void *arg, struct connection *c)
{
	struct diagnosis *d = arg;
	const struct selection *selection = &d->question.selection;
	struct kept *k = xcalloc(1, sizeof(*k));

	c->owner = k;
	k->selected = selection_has(selection, &c->wire);
	k->story.taken_at = d->stream.both_legs ? VANTAGE_UNKNOWN : d->question.taken_at;
	k->story.since = selection->since.given ? selection->since.ns : 0;
	k->story.until = selection->until.given ? selection->until.ns : 0;
	k->story.recent.gone = d->question.each ? &k->proofs : NULL;
	if (k->selected)
		k->member.service = services_get(&d->services, &c->wire.server);
}

/* Copies what is known of the connection now to *to, which is made when it isn't there. */
static void keep_wire(struct wire_connection **to, const struct connection *c)
{
	if (!*to)
		*to = xcalloc(1, sizeof(**to));
	**to = c->wire;
}

static void before_cb(void *arg, struct connection *c, const struct segment *s)
{
	struct diagnosis *d = arg;
	struct kept *k = c->owner;

	host_silence_take_segment(&d->silences, k->sides, c, s, k);
	if (!k->selected)
		return;
	story_before_segment(&k->story, c);
	if (k->story.until && s->at > k->story.until && !k->at_until)
		keep_wire(&k->at_until, c);
}

/* Notes the time that the server took, when the segment begins a response. */
static void note_answer(struct diagnosis *d, const struct connection *c, const struct segment *s)
{
	const struct wire_exchange *x = connection_current_exchange(c);

	if (s->dir == DIR_DOWNSTREAM && s->fresh && x && x->response_segments == 1)
		durations_add(&d->answers, x->response_start - x->request_end);
}

static void taken_cb(void *arg, struct connection *c, const struct segment *s)
{
	struct diagnosis *d = arg;
	struct kept *k = c->owner;

	if (!k->selected)
		return;
	story_take_segment(&k->story, c, s);
	groups_take_segment(&d->groups, &k->member, c, s);
	if (s->at < k->story.since)
		keep_wire(&k->at_since, c);
	else if (!k->at_until)
		note_answer(d, c, s);
}

/* Takes the counts of the time before off. */
static void subtract_counts(struct wire_connection *w, const struct wire_connection *x)
{
	w->nexchanges -= x->nexchanges;
	for (int d = 0; d < DIR_COUNT; d++) {
		w->packets[d] -= x->packets[d];
		w->syns[d] -= x->syns[d];
		w->fins[d] -= x->fins[d];
		w->resets[d] -= x->resets[d];
		w->data_segments[d] -= x->data_segments[d];
		w->data_bytes[d] -= x->data_bytes[d];
		w->retransmissions[d] -= x->retransmissions[d];
		w->fast_retransmissions[d] -= x->fast_retransmissions[d];
		w->out_of_order[d] -= x->out_of_order[d];
		w->pure_acks[d] -= x->pure_acks[d];
		w->duplicate_acks[d] -= x->duplicate_acks[d];
		w->zero_windows[d] -= x->zero_windows[d];
	}
}

/* Adds what the connection shows in the time that is asked about. */
static void add_connection(struct diagnosis *d, struct kept *k, const struct connection *c)
{
	struct story *s = &k->story;
	struct wire_connection w = k->at_until ? *k->at_until : c->wire;
	int64_t begin = s->begin > s->since ? s->begin : s->since;
	int64_t end = s->until && s->end > s->until ? s->until : s->end;

	if ((w.last < s->since && s->end <= s->since) || (s->until && c->wire.first > s->until))
		return;
	if (k->at_since)
		subtract_counts(&w, k->at_since);
	if (end < begin)
		end = begin;
	if (!d->unreliable_why)
		d->unreliable_why = w.unreliable_why;
	service_take(k->member.service, &w, &s->tallies, begin, end);
	k->member.service->counts.scaled += story_is_scaled(c);
	k->member.service->counts.unscaled += story_is_unscaled(s, c);
	ranking_take(&d->ranking, &w, &s->tallies, begin, end);
}

static void ended_cb(void *arg, struct connection *c)
{
	struct diagnosis *d = arg;
	struct kept *k = c->owner;
	int64_t end = packet_stream_end(&d->stream);
	struct finding *found;

	/* One whose addresses and ports were used again has ended before that. */
	if (k->selected) {
		story_end(&k->story, c, end);
		vantages_add(&d->vantages, c, k->story.ttl);
		found = groups_end_connection(&d->groups, &k->member, c, &k->story.answers, end);
		if (found)
			finding_add_waits(found, &k->story.tallies);
		add_connection(d, k, c);
		proofs_take(&d->proofs, &k->proofs, k->member.service);
	}
	story_fini(&k->story);
	for (int dir = 0; dir < DIR_COUNT; dir++)
		host_silence_forget(&d->silences, &k->sides[dir]);
	free(k->at_since);
	free(k->at_until);
	free(k);
	c->owner = NULL;
}

static const struct segment_observer observer = {
    .began = began_cb,
    .before = before_cb,
    .taken = taken_cb,
    .ended = ended_cb,
};

/* Takes all packets: what is asked about is understood by what was before, and by what ends it.
 * Returns as capture_reader_next. */
static int take_packets(struct diagnosis *d, struct capture_reader *r, struct err *e)
{
	struct diagnosis_question *q = &d->question;
	struct capture_packet p;
	uint64_t done, size;
	int rc;

	while ((rc = capture_reader_next(r, &p, e)) == 1) {
		if (!d->stream.packets)
			selection_begin(&q->selection, p.at);
		packet_stream_take(&d->stream, &p);
		if (q->progress && p.frame % PROGRESS_PACKETS == 0) {
			capture_reader_progress(r, &done, &size);
			q->progress(q->progress_arg, done, size);
		}
	}
	return rc;
}

/* Takes back what was told before the file told of drops. */
static void withhold_losses(struct diagnosis *d)
{
	for (size_t i = 0; i < d->services.n; i++)
		drops_withhold_service(d->services.list[i]);
	drops_withhold_service(&d->all);
	drops_withhold_ranking(&d->ranking);
	drops_withhold_proofs(&d->proofs);
	drops_withhold_findings(&d->groups.findings);
}

int diagnosis_read(const char *path, size_t ranked, struct diagnosis *d, struct err *e)
{
	const struct diagnosis_question q = {.ranked = ranked};

	return diagnosis_ask(path, &q, d, e);
}

int diagnosis_ask(const char *path, const struct diagnosis_question *q, struct diagnosis *d,
		  struct err *e)
{
	struct capture_reader *r;
	struct err broken;
	enum vantage v;
	int rc;

	if (capture_reader_open(path, &r, e))
		return -1;
	memset(d, 0, sizeof(*d));
	d->question = *q;
	packet_stream_init(&d->stream, &observer, d);
	d->stream.leg = q->leg;
	d->silences.found = frozen_cb;
	ranking_init(&d->ranking, q->ranked);
	d->groups.findings.keeps_cases = q->each;
	rc = take_packets(d, r, &broken);
	if (d->stream.both_legs)
		d->question.taken_at = VANTAGE_UNKNOWN; /* it said which leg is meant */
	capture_reader_counts(r, &d->capture);
	host_silences_finish(&d->silences);
	packet_stream_set_until(&d->stream, d->capture.until);
	packet_stream_finish(&d->stream);
	v = d->question.taken_at ? d->question.taken_at : vantages_judge(&d->vantages);
	for (size_t i = 0; i < d->services.n; i++) {
		struct service *x = d->services.list[i];

		doubts_settle(&x->tallies, x->counts.exchanges, v);
		service_merge(&d->all, x);
	}
	groups_finish(&d->groups, &d->services);
	if (d->capture.dropped)
		withhold_losses(d);
	proofs_finish(&d->proofs);
	capture_reader_close(r);
	if (rc == -1 && d->stream.packets == d->capture.unknown_link) {
		diagnosis_fini(d);
		return err_set(e, "capture %s: %s", path, broken.text);
	}
	if (rc == -1)
		d->cut_short = xstrdup(broken.text);
	return 0;
}

void diagnosis_fini(struct diagnosis *d)
{
	packet_stream_fini(&d->stream);
	services_fini(&d->services);
	service_fini(&d->all);
	durations_fini(&d->answers);
	ranking_fini(&d->ranking);
	groups_fini(&d->groups);
	proofs_fini(&d->proofs);
	vantages_fini(&d->vantages);
	host_silences_fini(&d->silences);
	free(d->cut_short);
}
