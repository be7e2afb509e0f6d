/* rules_think.c - whose turn it was to speak says who was waited for. */
#include "scenarios/diagnosis/rules_think.h"

#include "proxy/base/clock.h"

#define SILENCE_MIN (5 * NS_PER_S)    /* docs/rules.md, R3 and R9 */
#define LATE_MIN    (20 * NS_PER_MS)  /* several ticks */
#define ACK_LATEST  (500 * NS_PER_MS) /* RFC 1122 4.2.3.2: no receiver acknowledges later */
#define TIMES_GAP   10		      /* R9 */

/* Returns the time without the way to the other side of dir's packets and back. */
static int64_t without_way(const struct gap *g, enum dir dir)
{
	int64_t value = gap_length(g) - g->c->half[dir].min_rtt;

	return value > 0 ? value : 0;
}

static bool ends_with_data(const struct gap *g, enum dir dir)
{
	return g->end && g->end->dir == dir && g->end->v->payload_len;
}

bool rule_delivered_late(const struct gap *g, struct stall *s)
{
	if (!g->end || !g->end->fresh || g->late < LATE_MIN || 2 * g->late < gap_length(g))
		return false;
	s->cause = CAUSE_DELIVERED_LATE;
	s->value = g->late;
	return true;
}

bool rule_midstream_silence(const struct gap *g, struct stall *s)
{
	if (!g->incomplete || g->wait->dir != DIR_DOWNSTREAM || g->before[DIR_DOWNSTREAM].flight ||
	    !g->before[DIR_DOWNSTREAM].room)
		return false;
	if (gap_length(g) < SILENCE_MIN || gap_length(g) < TIMES_GAP * g->earlier_gap)
		return false;
	s->cause = CAUSE_MIDSTREAM_SILENCE;
	if (g->bodiless)
		s->label = "behind its header: not a byte of the body came";
	else if (g->wait->probes[DIR_UPSTREAM] || g->wait->probes[DIR_DOWNSTREAM])
		s->label = "keep-alives went on";
	return true;
}

bool rule_accepted_silent(const struct gap *g, struct stall *s)
{
	if (g->answered || g->wait->dir != DIR_UPSTREAM || !g->c->wire.data_bytes[DIR_UPSTREAM] ||
	    ends_with_data(g, DIR_DOWNSTREAM))
		return false;
	if (gap_length(g) < SILENCE_MIN || g->before[DIR_UPSTREAM].flight)
		return false;
	s->cause = CAUSE_ACCEPTED_SILENT;
	return true;
}

/* Returns whether not even the kernel of the server has said anything, to a request that it had to
 * acknowledge. */
static bool is_host_mute(const struct gap *g)
{
	return g->end && g->before[DIR_UPSTREAM].flight && !g->wait->ack[DIR_UPSTREAM].at &&
	       !(g->wait->flags & (TCP_SYN | TCP_FIN)) && gap_length(g) > ACK_LATEST + g->rtt;
}

/* Returns what more is known of a wait for the server; NULL: nothing. */
static const char *answer_label(const struct gap *g)
{
	if (!g->end)
		return g->closing ? GAP_NOT_CLOSED : GAP_STILL_OPEN;
	if (g->closing && g->end->dir == DIR_DOWNSTREAM && g->end->v->flags & TCP_FIN)
		return "until it closed its side";
	return NULL;
}

bool rule_server_think(const struct gap *g, struct stall *s)
{
	if (g->wait->dir != DIR_UPSTREAM || ends_with_data(g, DIR_UPSTREAM))
		return false;
	if (!g->c->wire.data_bytes[DIR_UPSTREAM] && !g->closing &&
	    !ends_with_data(g, DIR_DOWNSTREAM))
		return false; /* connected, and nobody was asked anything */
	if (is_host_mute(g)) {
		s->cause = CAUSE_UNKNOWN;
		s->label = "not even an acknowledgement came: the server's host stood still, or "
			   "its way here was cut";
		return true;
	}
	s->cause = CAUSE_SERVER_THINK;
	s->value = without_way(g, DIR_UPSTREAM);
	s->label = answer_label(g);
	stall_prove(s, g->wait->frame, g->wait->ack[DIR_UPSTREAM].frame,
		    g->end ? g->end->frame : 0);
	return true;
}

bool rule_pause(const struct gap *g, struct stall *s)
{
	if (g->wait->dir == DIR_UPSTREAM && ends_with_data(g, DIR_UPSTREAM))
		s->cause = g->c->wire.data_bytes[DIR_UPSTREAM] == g->end->fresh
			       ? CAUSE_CLIENT_THINK /* its first words */
			       : CAUSE_CLIENT_PAUSE;
	else if (g->wait->dir == DIR_DOWNSTREAM &&
		 (ends_with_data(g, DIR_DOWNSTREAM) || g->incomplete))
		s->cause = CAUSE_SERVER_PAUSE;
	else
		return false;
	if (s->cause == CAUSE_SERVER_PAUSE && g->headless && gap_length(g) >= SILENCE_MIN) {
		s->cause = CAUSE_UNKNOWN;
		s->label =
		    "a pause, or silence in the middle of a response: the capture lacks what "
		    "it announced";
	}
	return true;
}

bool rule_idle_or_stalled(const struct gap *g, struct stall *s)
{
	if (!g->answered || g->whole || gap_length(g) < SILENCE_MIN ||
	    g->wait->dir != DIR_DOWNSTREAM || ends_with_data(g, DIR_UPSTREAM))
		return false;
	s->cause = CAUSE_IDLE_OR_STALLED;
	return true;
}

bool rule_client_think(const struct gap *g, struct stall *s)
{
	s->cause = CAUSE_CLIENT_THINK;
	if (ends_with_data(g, DIR_UPSTREAM))
		s->value = without_way(g, DIR_DOWNSTREAM);
	return true;
}
