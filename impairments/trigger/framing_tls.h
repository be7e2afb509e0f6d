/* framing_tls.h - the readers of TLS records and of TLS handshake messages. The latter finds the
 * messages that records have in clear text, or all of them where wedge itself speaks TLS and marks
 * their ends. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_TLS_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_TLS_H

#include "impairments/trigger/framing_reader.h"

struct message_marks;

struct framing_tls {
	unsigned
	    header;    /* bytes of the record's header so far; after all five the content follows */
	uint64_t left; /* the length as far as it is read, then the content's bytes to come */
};

struct framing_tls_handshake {
	const struct message_marks *marks; /* where the messages end; NULL: read from the records */
	uint64_t at;			   /* marks: bytes so far */
	unsigned ended;			   /* marks: messages so far */
	unsigned char type;		   /* of the record under way */
	unsigned record_header;		   /* bytes of its header so far */
	uint64_t record_left;
	bool changed;		 /* change_cipher_spec has passed */
	unsigned message_header; /* bytes of the message's header so far */
	uint64_t message_left;
};

extern const struct framing_reader framing_tls_reader, framing_tls_handshake_reader;

/* Takes the messages' ends from marks, which must outlive h, instead of from the records; at bytes
 * have passed. Returns how many messages have ended within these. */
uint64_t framing_tls_handshake_mark(struct framing_tls_handshake *h,
				    const struct message_marks *marks, uint64_t at);

#endif
