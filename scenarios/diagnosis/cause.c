/* cause.c - the table of causes, and the classes of delayed ACKs. */
#include "scenarios/diagnosis/cause.h"

#include "proxy/base/attrs.h"
#include "proxy/base/clock.h"

static const struct cause_row rows[CAUSE_COUNT] = {
    [CAUSE_DELAYED_ACK_LINUX] = {"delayed-ack-linux", "R4", "delayed ACK of Linux (40-60 ms)",
				 BLAME_RECEIVER, true},
    [CAUSE_DELAYED_ACK_BSD] = {"delayed-ack-bsd", "R4",
			       "delayed ACK of BSD, macOS or Solaris (90-115 ms)", BLAME_RECEIVER,
			       true},
    [CAUSE_DELAYED_ACK_WINDOWS] = {"delayed-ack-windows", "R4",
				   "delayed ACK of classic Windows (185-225 ms)", BLAME_RECEIVER,
				   true},
    [CAUSE_DELAYED_ACK_OTHER] = {"delayed-ack-other", "R4", "delayed ACK (of no known class)",
				 BLAME_RECEIVER, true},
    [CAUSE_SYN_RESENT] = {"syn-resent", "R5", "SYN or SYN-ACK lost, sent again", BLAME_PATH, true},
    [CAUSE_CONNECT_BLACKHOLE] = {"connect-blackhole", "R1", "SYN never answered", BLAME_PATH, true},
    [CAUSE_REFUSED] = {"refused", "R2", "connection refused, tried again", BLAME_SERVER, true},
    [CAUSE_CONNECT_SLOW] = {"connect-slow", "R1", "SYN answered late", BLAME_SERVER, true},
    [CAUSE_RTO] = {"rto", "R5", "retransmission timeout", BLAME_PATH, true},
    [CAUSE_RTO_TAIL] = {"rto-tail", "R5", "retransmission timeout of the last segment", BLAME_PATH,
			true},
    [CAUSE_RTO_DOUBLE] = {"rto-double", "R5", "retransmission lost again", BLAME_PATH, true},
    [CAUSE_RTO_SPURIOUS] = {"rto-spurious", "R5", "retransmission that wasn't needed", BLAME_PATH,
			    true},
    [CAUSE_TAIL_PROBE] = {"tail-loss-probe", "R5", "tail-loss probe", BLAME_PATH, true},
    [CAUSE_FAST_RECOVERY] = {"fast-recovery", "R6", "loss repaired by fast retransmission",
			     BLAME_PATH, true},
    [CAUSE_PATH_DEAD] = {"path-dead", "R16", "lost, and nothing more of it came", BLAME_PATH, true},
    [CAUSE_ZERO_WINDOW] = {"zero-window", "R7", "receiver's window closed, and opened again",
			   BLAME_RECEIVER, true},
    [CAUSE_DEAD_RECEIVER] = {"dead-receiver", "R7", "receiver's window closed for good",
			     BLAME_RECEIVER, true},
    [CAUSE_WINDOW_LIMITED] = {"window-limited", "R7", "receiver's window full", BLAME_RECEIVER,
			      true},
    [CAUSE_ACKS_LATE] = {"acks-late", "R13", "data on its way, its ACK late", BLAME_PATH, true},
    [CAUSE_DELIVERED_LATE] = {"delivered-late", "R11",
			      "sent in time, delivered late (by its timestamp)", BLAME_PATH, true},
    [CAUSE_HOST_FREEZE] = {"host-freeze", "R14", "all connections of the host silent together",
			   BLAME_SENDER, true},
    [CAUSE_ACCEPTED_SILENT] = {"accepted-silent", "R3", "accepted, then never a byte of answer",
			       BLAME_SERVER, true},
    [CAUSE_SERVER_THINK] = {"server-think", "R11", "server think time", BLAME_SERVER, true},
    [CAUSE_MIDSTREAM_SILENCE] = {"midstream-silence", "R9", "silence in the middle of a response",
				 BLAME_SERVER, true},
    [CAUSE_TRICKLE] = {"trickle", "R15", "response in drops of a few bytes", BLAME_SERVER, true},
    [CAUSE_SERVER_PAUSE] = {"server-pause", "R13", "server application paused in a response",
			    BLAME_SERVER, true},
    [CAUSE_CLIENT_PAUSE] = {"client-pause", "R13", "client application paused in a request",
			    BLAME_CLIENT, true},
    [CAUSE_CLOSE_STUCK] = {"close-stuck", "R17", "close never answered", BLAME_SERVER, true},
    [CAUSE_IDLE_OR_STALLED] = {"idle-or-stalled", "R9",
			       "idle or stalled: nobody can tell whether the response was whole",
			       BLAME_NOBODY, false},
    [CAUSE_CLIENT_THINK] = {"client-think", "R12", "client think time, or idle", BLAME_NOBODY,
			    false},
    [CAUSE_UNKNOWN] = {"unknown", "-", "cause can't be told", BLAME_NOBODY, true},
};

const struct cause_row *cause_row(enum cause c)
{
	return &rows[c];
}

bool cause_is_loss(enum cause c)
{
	switch (c) {
	case CAUSE_SYN_RESENT:
	case CAUSE_RTO:
	case CAUSE_RTO_TAIL:
	case CAUSE_RTO_DOUBLE:
	case CAUSE_RTO_SPURIOUS:
	case CAUSE_TAIL_PROBE:
	case CAUSE_FAST_RECOVERY:
	case CAUSE_PATH_DEAD:
		return true;
	default:
		return false;
	}
}

bool cause_needs_all(enum cause c)
{
	return cause_is_loss(c) || c == CAUSE_CONNECT_BLACKHOLE;
}

bool cause_has_roles(enum cause c)
{
	switch (c) {
	case CAUSE_ACCEPTED_SILENT:
	case CAUSE_SERVER_THINK:
	case CAUSE_MIDSTREAM_SILENCE:
	case CAUSE_TRICKLE:
	case CAUSE_SERVER_PAUSE:
	case CAUSE_CLIENT_PAUSE:
	case CAUSE_CLOSE_STUCK:
	case CAUSE_IDLE_OR_STALLED:
	case CAUSE_CLIENT_THINK:
		return true;
	default:
		return false;
	}
}

enum cause cause_of_hold(long long hold)
{
	static const struct {
		long long low, high;
		enum cause cause;
	} classes[] = {
	    {40 * NS_PER_MS, 60 * NS_PER_MS, CAUSE_DELAYED_ACK_LINUX},
	    {90 * NS_PER_MS, 115 * NS_PER_MS, CAUSE_DELAYED_ACK_BSD},
	    {185 * NS_PER_MS, 225 * NS_PER_MS, CAUSE_DELAYED_ACK_WINDOWS},
	};

	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (hold >= classes[i].low && hold < classes[i].high)
			return classes[i].cause;
	return CAUSE_DELAYED_ACK_OTHER;
}

enum blame cause_blame(enum cause c, bool to_client)
{
	if (rows[c].blame == BLAME_SENDER)
		return to_client ? BLAME_SERVER : BLAME_CLIENT;
	if (rows[c].blame == BLAME_RECEIVER)
		return to_client ? BLAME_CLIENT : BLAME_SERVER;
	return rows[c].blame;
}

const char *blame_name(enum blame b)
{
	static const char *const names[] = {"client", "server", "path", "nobody"};

	return names[b];
}
