/* trigger.c - compiles the common parameters, and refuses those that contradict each other. */
#include "impairments/trigger/trigger.h"

#include "impairments/trigger/framing_delimiter.h"
#include "proxy/base/mem.h"

#include <math.h>
#include <string.h>

enum per { PER_SESSION, PER_MESSAGE };

const char *const trigger_per_names[] = {"session", "message", NULL};
const char *const trigger_part_names[] = {"message", "header", "body", NULL}; /* enum part */
const char *const trigger_endian_names[] = {"big", "little", NULL};

int trigger_check_network(const char *text, struct err *e)
{
	struct cidr c;

	return strcmp(text, "any") == 0 ? 0 : cidr_parse(text, &c, e);
}

int trigger_check_sni(const char *text, struct err *e)
{
	return strcmp(text, "any") == 0 ? 0 : match_sni_check(text, e);
}

int trigger_check_after(const char *text, struct err *e)
{
	struct amount a;
	uint64_t span;

	return amount_range_parse(text, &a, &span, e);
}

static int parse_offset(const char *text, uint64_t *offset, uint64_t *span, struct err *e)
{
	struct amount a;

	if (amount_range_parse(text, &a, span, e) == -1)
		return -1;
	if (a.unit != UNIT_BYTES && a.n + *span)
		return err_set(e, "'%s' is no number of bytes (100B, 10B..1KB)", text);
	*offset = a.n;
	return 0;
}

int trigger_check_offset(const char *text, struct err *e)
{
	uint64_t offset, span;

	return parse_offset(text, &offset, &span, e);
}

int trigger_check_length(const char *text, struct err *e)
{
	struct amount a;

	if (strcmp(text, "auto") == 0 || strcmp(text, "forever") == 0)
		return 0;
	if (amount_parse(text, &a, e) == -1)
		return -1;
	return a.n ? 0 : err_set(e, "'%s' is nothing", text);
}

int trigger_check_every(const char *text, struct err *e)
{
	return strcmp(text, "auto") == 0 ? 0 : trigger_check_length(text, e);
}

int trigger_check_schedule(const char *text, struct err *e)
{
	struct schedule_config c;

	return schedule_parse(text, 1, &c, e);
}

int trigger_check_delimiter(const char *text, struct err *e)
{
	struct framing_config c;

	return framing_set_delimiter(&c, text, e);
}

static int compile_network(const char *text, bool *wanted, struct cidr *c, struct err *e)
{
	*wanted = strcmp(text, "any") != 0;
	return *wanted ? cidr_parse(text, c, e) : 0;
}

static int compile_match(struct match_config *m, const struct trigger_params *p, struct err *e)
{
	if (compile_network(p->client, &m->by_client, &m->client, e) == -1 ||
	    compile_network(p->server, &m->by_server, &m->server, e) == -1)
		return -1;
	m->port = (uint16_t)p->port;
	m->sni = strcmp(p->sni, "any") == 0 ? NULL : p->sni;
	m->nth = p->nth;
	m->first = p->first;
	if (p->session && (p->nth != 1 || p->first))
		return err_set(e, "session names one, so that nth and only_first have none to "
				  "choose among");
	if (m->first && m->nth > m->first)
		return err_set(e,
			       "session %llu, the first by nth, isn't among the first %llu: "
			       "only_first has to be as large",
			       (unsigned long long)m->nth, (unsigned long long)m->first);
	return 0;
}

static bool counts_unit(const struct trigger_window_config *w, enum unit unit)
{
	return (w->after.n + w->after_span && w->after.unit == unit) ||
	       (w->length.n && w->length.unit == unit) || (w->every.n && w->every.unit == unit);
}

/* An impairment that is about one sort of message brings its own framing. */
static enum framing_kind choose_framing(const struct trigger_params *p,
					const struct trigger_window_config *w)
{
	bool messages =
	    counts_unit(w, UNIT_MESSAGES) || w->by_message || w->offset || w->offset_span;

	return p->framing == FRAMING_NONE && messages ? p->usual : (enum framing_kind)p->framing;
}

static int compile_framing(struct framing_config *f, const struct trigger_window_config *w,
			   const struct trigger_params *p, struct err *e)
{
	f->kind = choose_framing(p, w);
	if (framing_has_delimiter(f->kind) && framing_set_delimiter(f, p->delimiter, e) == -1)
		return -1;
	f->offset = p->length_offset;
	f->width = (unsigned)p->length_width;
	f->little = p->length_endian == 1;
	f->extra = (int64_t)p->length_extra;
	if (p->length_extra != trunc(p->length_extra))
		return err_set(e, "length_extra is a whole number of bytes");
	return 0;
}

/* "forever" and "auto" are an amount of 0, which means for ever, or never again. */
static int compile_word(const char *text, struct amount *a, struct err *e)
{
	*a = (struct amount){.unit = UNIT_TIME};
	if (strcmp(text, "auto") == 0 || strcmp(text, "forever") == 0)
		return 0;
	return amount_parse(text, a, e);
}

static int compile_window(struct trigger_window_config *w, const struct trigger_params *p,
			  struct err *e)
{
	static const struct amount one = {.unit = UNIT_MESSAGES, .n = 1};

	if (amount_range_parse(p->after, &w->after, &w->after_span, e) == -1 ||
	    parse_offset(p->offset, &w->offset, &w->offset_span, e) == -1 ||
	    compile_word(p->length, &w->length, e) == -1 ||
	    compile_word(p->every, &w->every, e) == -1)
		return -1;
	w->by_message = p->per == PER_MESSAGE;
	w->part = (enum part)p->at;
	if (w->by_message && strcmp(p->every, "auto") == 0)
		w->every = one;
	if (w->by_message && strcmp(p->length, "auto") == 0)
		w->length = one;
	return 0;
}

static int check_inside(const struct trigger_window_config *w, struct err *e)
{
	const char *what = w->by_message ? "per=message" : "a place inside a message (at, offset)";

	if (w->after.n + w->after_span && w->after.unit != UNIT_MESSAGES)
		return err_set(e, "with %s, after is a number of messages", what);
	if (w->every.n && w->every.unit != UNIT_MESSAGES)
		return err_set(e, "with %s, every is a number of messages", what);
	return 0;
}

static int check_window(const struct trigger_window_config *w, enum framing_kind framing,
			struct err *e)
{
	bool inside = trigger_window_opens_inside(w);

	if (inside && check_inside(w, e) == -1)
		return -1;
	if (framing == FRAMING_NONE && w->by_message)
		return err_set(e, "per=message needs a framing that says what a message is");
	if (framing == FRAMING_NONE && inside)
		return err_set(e, "at and offset need a framing that says what a message is");
	if (framing == FRAMING_NONE && counts_unit(w, UNIT_MESSAGES))
		return err_set(e, "messages are counted by a framing, and none is given");
	if (w->part == PART_HEADER && framing != FRAMING_HTTP1)
		return err_set(e, "at=header needs framing=http1");
	if (w->part == PART_BODY && (framing == FRAMING_LINE || framing_has_delimiter(framing) ||
				     framing == FRAMING_TLS_HANDSHAKE))
		return err_set(e, "at=body needs a framing with headers: http1, tls-record or "
				  "length-prefixed");
	if (!w->every.n)
		return 0;
	if (!w->length.n && !w->by_message)
		return err_set(e, "every needs for: a window that never closes opens once");
	if (w->every.unit == w->length.unit && w->every.n < w->length.n)
		return err_set(e, "every is shorter than for");
	return 0;
}

int trigger_compile(struct trigger *t, const struct trigger_params *p, struct err *e)
{
	*t = (struct trigger){.probability = p->probability};
	if (compile_match(&t->match, p, e) == -1 || compile_window(&t->window, p, e) == -1 ||
	    compile_framing(&t->framing, &t->window, p, e) == -1)
		return -1;
	if (schedule_parse(p->schedule, p->time_scale, &t->schedule, e) == -1)
		return err_wrap(e, "schedule");
	return check_window(&t->window, t->framing.kind, e);
}

int trigger_check_packets(const struct trigger_params *p, struct err *e)
{
	struct trigger_window_config w = {0};

	if (compile_window(&w, p, e) == -1)
		return -1;
	if (p->framing != FRAMING_NONE || counts_unit(&w, UNIT_MESSAGES) ||
	    trigger_window_opens_inside(&w))
		return err_set(e, "it acts on packets, where no messages are counted: it has no "
				  "framing, per=message, at or offset");
	return 0;
}

bool trigger_counts_messages(const struct trigger_params *p)
{
	struct trigger_window_config w = {0};

	return compile_window(&w, p, NULL) == 0 &&
	       (w.after.unit == UNIT_MESSAGES || w.length.unit == UNIT_MESSAGES ||
		w.every.unit == UNIT_MESSAGES || trigger_window_opens_inside(&w));
}

static bool has_window(const struct trigger_window_config *w)
{
	return w->after.n || w->after_span || w->length.n || w->every.n;
}

int trigger_suits(const struct trigger *t, enum trigger_place place, struct err *e)
{
	if (place != TRIGGER_PACKETS && counts_unit(&t->window, UNIT_PACKETS))
		return err_set(e, "it acts on bytes, where no packets are counted");
	if (place == TRIGGER_SESSIONS &&
	    (has_window(&t->window) || t->framing.kind != FRAMING_NONE))
		return err_set(e,
			       "it acts between sessions: it has no after, for, every or "
			       "framing; schedule says when, nth and probability which sessions");
	if (place != TRIGGER_ACCEPT)
		return 0;
	if (has_window(&t->window) || t->framing.kind != FRAMING_NONE)
		return err_set(e,
			       "it decides when a client is accepted: it has no after, for, "
			       "every or framing; nth, only_first and schedule say which clients");
	if (t->match.sni)
		return err_set(e, "it decides when a client is accepted, before a server name can "
				  "be known");
	return 0;
}
