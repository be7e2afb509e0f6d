/* sip_deal.c - the way of an INVITE: 100 at once, 180, 200 until its ACK (RFC 3261 13.3.1). */
#include "scenarios/workload/sip_deal.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/sip_params.h"
#include "scenarios/workload/sip_write.h"

#include <string.h>

#define MEDIA_PORT 49170

static const struct sip_server_cfg *cfg_of(const struct serving_peer *p)
{
	return p->serving->task->cfg;
}

/* Sends and frees an answer; returns its bytes. */
static size_t send_text(struct serving_peer *p, char *text)
{
	size_t len = strlen(text);

	talk_write(&p->talk, text, len);
	free(text);
	return len;
}

size_t deal_answer(struct serving_peer *p, unsigned status, const char *head, const char *more)
{
	return send_text(p, sip_write_answer(status, head, more, NULL, NULL));
}

/* What 180 and 200 say besides: where the phone is. */
static char *contact_line(const struct serving_peer *p)
{
	char own[ADDR_TEXT];

	return xasprintf("Contact: <sip:phone@%s;transport=tcp>\r\nAllow: " SIP_ALLOW "\r\n",
			 addr_format(&p->local, own));
}

/* So many bytes of an answer have just left. */
static void note_answer(struct deal *d, size_t len)
{
	int64_t now = clock_now(&clock_monotonic);

	d->now.bytes += len;
	if (!d->now.first)
		d->now.first = now;
	d->now.last = d->now.end = now;
}

static void answer_well(struct deal *d, struct serving_peer *p)
{
	d->now.ok = true;
	tally_add(&p->serving->tally, &d->now);
}

static void answer_asked(struct deal *d, struct serving_peer *p)
{
	note_answer(d, deal_answer(p, 200, d->head, d->more));
	answer_well(d, p);
	d->due = INT64_MAX;
	d->over = true;
}

static void ring_phone(struct deal *d, struct serving_peer *p, int64_t now)
{
	char *more = contact_line(p);

	note_answer(d, deal_answer(p, 180, d->head, more));
	free(more);
	d->now.ringing = d->now.last;
	d->state = DEAL_RINGING;
	d->due =
	    now + users_vary(p->serving->chance, cfg_of(p)->answer_after, cfg_of(p)->answer_varies);
}

static size_t send_ok(const struct deal *d, struct serving_peer *p)
{
	struct addr media = p->local;
	char *more = contact_line(p), *session;
	size_t len;

	addr_set_port(&media, MEDIA_PORT);
	session = sip_write_session(&media, (unsigned long long)(d->now.start / NS_PER_S));
	len = send_text(p, sip_write_answer(200, d->head, more, "application/sdp", session));
	free(session);
	free(more);
	return len;
}

static void take_call(struct deal *d, struct serving_peer *p, int64_t now)
{
	note_answer(d, send_ok(d, p));
	d->now.answered = d->now.last;
	answer_well(d, p);
	d->state = DEAL_ANSWERED;
	d->resend = SIP_T1_MS * NS_PER_MS;
	d->due = now + d->resend;
	d->patience = now + 64 * SIP_T1_MS * NS_PER_MS;
}

/* The same answer once more: the interval doubles up to T2, for 64 * T1 (13.3.1.4). */
static void answer_again(struct deal *d, struct serving_peer *p, int64_t now)
{
	if (now >= d->patience) {
		tally_error(&p->serving->tally, "a call was answered and no ACK came");
		d->over = true;
		d->due = INT64_MAX;
		return;
	}
	(void)send_ok(d, p);
	d->resend = 2 * d->resend < SIP_T2_MS * NS_PER_MS ? 2 * d->resend : SIP_T2_MS * NS_PER_MS;
	d->due = now + d->resend;
}

/* A REGISTER's answer repeats the address, a PUBLISH's names what was published (RFC 3903 6). */
static char *write_more(struct serving_peer *p, const struct sip_message *m)
{
	struct sip_text uri = sip_address_uri(m->contact);

	if (sip_text_is(m->method, "REGISTER") && m->contact.len)
		return xasprintf("Contact: <%.*s>;expires=3600\r\n", (int)uri.len, uri.s);
	if (sip_text_is(m->method, "PUBLISH"))
		return xasprintf("SIP-ETag: %08llx\r\nExpires: 3600\r\n",
				 (unsigned long long)rng_next(p->serving->chance) >> 32);
	return NULL;
}

void deal_begin(struct deal *d, struct serving_peer *p, const struct sip_message *m)
{
	bool invite = sip_text_is(m->method, "INVITE");
	char tag[20], *head;

	memset(d, 0, sizeof(*d));
	d->now.start = clock_now(&clock_monotonic);
	d->call_id = xasprintf("%.*s", (int)m->call_id.len, m->call_id.s);
	d->cseq = m->cseq;
	snprintf(tag, sizeof(tag), "%08llx",
		 (unsigned long long)rng_next(p->serving->chance) >> 32);
	d->head = sip_answer_head(m, &p->remote, tag);
	d->more = write_more(p, m);
	if (invite) {
		head = sip_answer_head(m, &p->remote, NULL);
		note_answer(d, deal_answer(p, 100, head, NULL));
		free(head);
		d->state = DEAL_TRYING;
		d->due = d->now.start + users_vary(p->serving->chance, cfg_of(p)->ring_after,
						   cfg_of(p)->ring_varies);
		return;
	}
	d->due = d->now.start + cfg_of(p)->service;
	if (!cfg_of(p)->service)
		answer_asked(d, p);
}

void deal_turn(struct deal *d, struct serving_peer *p, int64_t now)
{
	if (d->due > now)
		return;
	switch (d->state) {
	case DEAL_ASKED:
		answer_asked(d, p);
		break;
	case DEAL_TRYING:
		ring_phone(d, p, now);
		break;
	case DEAL_RINGING:
		take_call(d, p, now);
		break;
	case DEAL_ANSWERED:
		answer_again(d, p, now);
		break;
	case DEAL_CONFIRMED:
		break;
	}
}

void deal_cancel(struct deal *d, struct serving_peer *p)
{
	note_answer(d, deal_answer(p, 487, d->head, NULL));
	tally_fail(&p->serving->tally, &d->now, OUTCOME_OTHER, "the caller cancelled");
	d->over = true;
}

void deal_abandon(struct deal *d, struct serving_peer *p)
{
	if (d->over || d->state >= DEAL_ANSWERED)
		return;
	d->now.end = clock_now(&clock_monotonic);
	tally_fail(&p->serving->tally, &d->now, OUTCOME_EOF,
		   "the client went away before it was answered");
}

void deal_free(struct deal *d)
{
	free(d->call_id);
	free(d->head);
	free(d->more);
}
