/* tls_alert.c - ends a TLS handshake with a fatal alert, as a server does that refuses a client, or
 * a middlebox that looks into handshakes. */
#include "impairments/impairment.h"
#include "proxy/stream/flow/stage_alert.h"

#include <event2/buffer.h>

enum where { AT_ANSWER, AT_ONCE };

struct alert {
	int description;
	int where;
	bool both;
};

/* The error alerts of RFC 8446 section 6.2. */
static const char *const names[] = {"unexpected_message",
				    "bad_record_mac",
				    "record_overflow",
				    "handshake_failure",
				    "bad_certificate",
				    "unsupported_certificate",
				    "certificate_revoked",
				    "certificate_expired",
				    "certificate_unknown",
				    "illegal_parameter",
				    "unknown_ca",
				    "access_denied",
				    "decode_error",
				    "decrypt_error",
				    "protocol_version",
				    "insufficient_security",
				    "internal_error",
				    "inappropriate_fallback",
				    "missing_extension",
				    "unsupported_extension",
				    "unrecognized_name",
				    "bad_certificate_status_response",
				    "unknown_psk_identity",
				    "certificate_required",
				    "no_application_protocol",
				    NULL};
static const unsigned char codes[] = {10, 20, 22, 40, 42, 43,  44,  45,	 46,  47,  48,	49, 50,
				      51, 70, 71, 80, 86, 109, 110, 112, 113, 115, 116, 120};

_Static_assert(ARRAY_LEN(names) == ARRAY_LEN(codes) + 1, "each name has its code");

static const char *const where_names[] = {"answer", "once", NULL};

static const struct param params[] = {
    P_ENUM("description", struct alert, description, names, .def = "handshake_failure",
	   .help = "the alert, in the words of RFC 8446 section 6.2"),
    P_ENUM("where", struct alert, where, where_names, .def = "answer",
	   .help = "answer: in the place of the next bytes that come while it acts; once: where "
		   "it begins to act, wherever that is"),
    P_FLAG("both", struct alert, both, .def = "yes",
	   .help = "the other end gets a FIN as well; no: it learns nothing"),
    P_END,
};

static void alert_now(struct stage *st)
{
	const struct alert *cfg = st->cfg;

	if (st->end_out != END_NONE)
		return;
	stage_alert(st, codes[cfg->description], names[cfg->description]);
	stage_pass_end(st, END_FIN);
	if (cfg->both)
		stage_finish_back(st);
}

static void alert_open(struct stage *st)
{
	const struct alert *cfg = st->cfg;

	if (cfg->where == AT_ONCE)
		alert_now(st);
}

static void alert_data(struct stage *st, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	alert_now(st);
	evbuffer_drain(buf, n);
	stage_eat(st, n, "an alert stands in their place");
}

static const struct stage_ops ops = {
    .open = alert_open,
    .data = alert_data,
    .end = stage_default_end,
    .timer = stage_default_timer,
    .update = alert_open,
    .drain = stage_default_drain,
    .close = stage_default_close,
};

const struct impairment tls_alert_impairment = {
    .name = "tls_alert",
    .summary = "ends a TLS handshake with a fatal alert",
    .impersonates = "the TLS library of the host that sends the alert",
    .doc =
	"The receiver of its direction gets a fatal alert and a FIN behind it, in the place of the "
	"next bytes that come while it acts: downstream and from the beginning on it is the "
	"answer to the ClientHello, with after=N messages it comes instead of handshake message "
	"N + 1. With where=once it doesn't wait for bytes. What the sender still sends is read, "
	"acknowledged and eaten; unless both=no it gets a FIN too, and both connections are "
	"closed: what either sends later is answered by an RST. So do firewalls that don't "
	"like a server's name, and servers that don't like a client.\n\n"
	"Where TLS passes through wedge the alert is a record in clear text. Before the ends "
	"have begun to encrypt, the receiver can't tell it from an alert of its peer; later it "
	"is a record that can't be decrypted, and the receiver ends the connection for that. "
	"Where wedge itself speaks TLS with the receiver, it acts on what wedge says in that "
	"handshake, the alert is encrypted where TLS 1.3 encrypts it (not with the CCM suites), "
	"and once the handshake is done it has no effect.\n\n"
	"It keeps nothing. An alert can't be taken back: once it has acted on a session, "
	"changing, disabling or removing it has no effect on that one.",
    .params = params,
    .cfg_size = sizeof(struct alert),
    .stream = &ops,
    .tls = IMPAIR_TLS_RECORDS,
    .framing = FRAMING_TLS_HANDSHAKE,
    .example = "tls_alert{direction=downstream,description=handshake_failure}",
};
