/* sip_message.h - SIP messages (RFC 3261) in a stream: where one ends, and the header fields that a
 * dialog needs. Pure functions over bytes. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SIP_MESSAGE_H
#define WEDGE_SCENARIOS_WORKLOAD_SIP_MESSAGE_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <sys/types.h>

#define SIP_VIAS_MAX	64
#define SIP_MESSAGE_MAX (48u << 10) /* bytes of one message; longer ones are refused */

/* A part of the message's own bytes. */
struct sip_text {
	const char *s;
	size_t len;
};

/* Fields that weren't there have a len of 0. */
struct sip_message {
	bool is_request;
	struct sip_text method, uri; /* of a request */
	unsigned status;	     /* of a response, 100 to 699 */
	struct sip_text reason;
	struct sip_text via[SIP_VIAS_MAX]; /* each Via line's value, from the top */
	size_t nvias;
	struct sip_text route[SIP_VIAS_MAX]; /* Record-Route, the same */
	size_t nroutes;
	struct sip_text from, to, call_id, contact;
	struct sip_text authorization, authenticate; /* the first of each */
	unsigned long cseq;
	struct sip_text cseq_method;
	struct sip_text body;
};

/* Parses the message that data begins with; line ends before it are skipped (RFC 3261 7.5), folded
 * lines are joined in place. Returns its bytes, 0 when it isn't whole yet (or there are only line
 * ends), -1 with *e when it is none: the stream is no use any more. */
ssize_t sip_parse(char *data, size_t len, struct sip_message *m, struct err *e) WG_MUSTUSE;

bool sip_text_is(struct sip_text t, const char *word);
bool sip_text_equal(struct sip_text a, struct sip_text b);

/* Returns a parameter of a field's first value, ;tag=..., found behind the address's >; len 0: it
 * has none. */
struct sip_text sip_parameter(struct sip_text field, const char *name);

/* Returns the URI of an address, <sip:...> or bare. */
struct sip_text sip_address_uri(struct sip_text field);

#endif
