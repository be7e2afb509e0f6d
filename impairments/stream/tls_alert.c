/* tls_alert.c - ends a stream with a fatal TLS alert in clear text, as a middlebox that looks into
 * handshakes does. */
#include "impairments/impairment.h"

#include <event2/buffer.h>

#define RECORD_ALERT 21
#define LEVEL_FATAL  2

struct alert {
	int description;
	bool both;
};

/* RFC 8446 section 6.2, those that a handshake ends with in the field. */
static const char *const names[] = {"unexpected_message",
				    "handshake_failure",
				    "bad_certificate",
				    "certificate_expired",
				    "unknown_ca",
				    "access_denied",
				    "decode_error",
				    "protocol_version",
				    "internal_error",
				    "inappropriate_fallback",
				    "unrecognized_name",
				    "no_application_protocol",
				    NULL};
static const unsigned char codes[] = {10, 40, 42, 45, 48, 49, 50, 70, 80, 86, 112, 120};

_Static_assert(ARRAY_LEN(names) == ARRAY_LEN(codes) + 1, "each name has its code");

static const struct param params[] = {
    P_ENUM("description", struct alert, description, names, .def = "handshake_failure",
	   .help = "the alert, in the words of RFC 8446 section 6.2"),
    P_FLAG("both", struct alert, both, .def = "yes",
	   .help = "the other end gets a FIN as well; no: it learns nothing"),
    P_END,
};

static void alert_open(struct stage *st)
{
	const struct alert *cfg = st->cfg;
	const unsigned char record[] = {RECORD_ALERT,		3, 3, 0, 2, LEVEL_FATAL,
					codes[cfg->description]};
	struct evbuffer *buf;

	if (st->end_out != END_NONE)
		return;
	buf = evbuffer_new();
	BUG_ON(!buf || evbuffer_add(buf, record, sizeof(record)) == -1);
	stage_add(st, sizeof(record), names[cfg->description]);
	stage_pass(st, buf);
	evbuffer_free(buf);
	stage_pass_end(st, END_FIN);
	if (cfg->both)
		stage_finish_back(st);
}

static const struct stage_ops ops = {
    .open = alert_open,
    .data = stage_default_data,
    .end = stage_default_end,
    .timer = stage_default_timer,
    .update = stage_default_update,
    .drain = stage_default_drain,
    .close = stage_default_close,
};

const struct impairment tls_alert_impairment = {
    .name = "tls_alert",
    .summary = "ends a TLS handshake with a fatal alert",
    .doc = "When it begins to act, the receiver of its direction gets a fatal alert, a TLS record "
	   "of 7 bytes in clear text, and a FIN behind it; what the sender still sends is read, "
	   "acknowledged and eaten. Unless both=no the sender gets a FIN too. So do firewalls that "
	   "don't like a server's name: downstream, from the first byte on, it is the answer to "
	   "the ClientHello.\n\n"
	   "Before the ends have begun to encrypt, the receiver can't tell it from an alert of its "
	   "peer. Later it is a record that can't be decrypted, and the receiver ends the "
	   "connection for that. Where wedge itself speaks TLS it is refused, since there it "
	   "would stand in clear text.\n\n"
	   "It keeps nothing. An alert can't be taken back: once it has acted on a session, "
	   "changing, disabling or removing it has no effect on that one.",
    .params = params,
    .cfg_size = sizeof(struct alert),
    .stream = &ops,
    .tls = IMPAIR_TLS_PASSES,
    .example = "tls_alert{direction=downstream,description=handshake_failure}",
};
