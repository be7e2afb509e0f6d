/* dcerpc.h - PDUs of connection-oriented DCE/RPC 5.0 (C706 chapter 12, [MS-RPCE] 2.2.2) as bytes:
 * bind and its answers, requests, responses and faults, in fragments and whole; little endian,
 * without authentication. Pure; knows no interface. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_DCERPC_H
#define WEDGE_SCENARIOS_WORKLOAD_DCERPC_H

#include "proxy/base/err.h"
#include "scenarios/workload/le_buf.h"

#include <stdbool.h>
#include <sys/types.h>

#define DCERPC_FRAGMENT	      5840 /* bytes at most; what Windows negotiates */
#define DCERPC_FRAGMENT_LEAST 1432 /* every peer takes so much: C706 12.6.3.1, MustRecvFragSize */
#define DCERPC_STUB_MAX	      (1u << 20) /* bytes of all fragments that are kept; our own bound */
#define DCERPC_CONTEXTS	      16	 /* of one bind */

enum dcerpc_type {
	DCERPC_REQUEST = 0,
	DCERPC_RESPONSE = 2,
	DCERPC_FAULT = 3,
	DCERPC_BIND = 11,
	DCERPC_BIND_ACK = 12,
	DCERPC_BIND_NAK = 13,
	DCERPC_CO_CANCEL = 18,
	DCERPC_ORPHANED = 19,
};

enum dcerpc_result { DCERPC_ACCEPTANCE = 0, DCERPC_PROVIDER_REJECTION = 2 };
enum dcerpc_rejection { DCERPC_NO_INTERFACE = 1, DCERPC_NO_TRANSFER_SYNTAX = 2 };
enum dcerpc_nak { DCERPC_NAK_UNSPECIFIED = 0, DCERPC_NAK_AUTHENTICATION = 8 };

/* Of a fault (C706 appendix E, [MS-RPCE] 3.3.2.5). */
#define DCERPC_ACCESS_DENIED	0x00000005u
#define DCERPC_BAD_STUB		0x000006f7u
#define DCERPC_CONTEXT_MISMATCH 0x1c00001au
#define DCERPC_NO_MEMORY	0x1c00001bu
#define DCERPC_NO_OPERATION	0x1c010002u
#define DCERPC_UNKNOWN_IF	0x1c010003u
#define DCERPC_PROTOCOL_ERROR	0x1c01000bu
#define DCERPC_TOO_BUSY		0x1c010014u

struct dcerpc_head {
	uint8_t type, flags;
	uint16_t auth; /* bytes of what authenticates it */
	uint32_t call;
	size_t length; /* of the fragment, header and all */
	bool big_endian;
};

/* An interface, or how its stubs are encoded. */
struct dcerpc_syntax {
	uint8_t uuid[16]; /* as little endian has it */
	uint16_t major, minor;
};

extern const struct dcerpc_syntax dcerpc_ndr; /* the one transfer syntax that we speak */

struct dcerpc_bind {
	uint16_t fragment; /* bytes of the largest that the client takes */
	size_t n;
	struct dcerpc_context {
		uint16_t id;
		struct dcerpc_syntax interface;
		bool ndr; /* that is among the transfer syntaxes that the client offers */
	} contexts[DCERPC_CONTEXTS];
};

struct dcerpc_ack {
	uint16_t fragment; /* bytes of the largest that the server takes */
	uint32_t group;
	size_t n;
	struct dcerpc_outcome {
		uint16_t result, reason; /* enum dcerpc_result, dcerpc_rejection */
	} outcomes[DCERPC_CONTEXTS];
};

/* A fragment of a request or a response, or a fault; stub points into the PDU. */
struct dcerpc_part {
	uint16_t context, opnum;
	uint32_t status; /* of a fault */
	const uint8_t *stub;
	size_t len;
};

/* What fragments make; zero-initialise, dcerpc_whole_fini frees the stub. */
struct dcerpc_whole {
	struct le_buf stub;
	uint8_t type;
	uint32_t call;
	uint16_t context, opnum;
	bool begun;
	bool too_long; /* beyond DCERPC_STUB_MAX: there is no stub */
};

bool dcerpc_syntax_equal(const struct dcerpc_syntax *a, const struct dcerpc_syntax *b);

/* As UUID and version are written in PDUs. */
void dcerpc_write_syntax(struct le_buf *o, const struct dcerpc_syntax *s);

/* Write a PDU behind what is there. A bind offers one context, number 0. */
void dcerpc_write_bind(struct le_buf *o, uint32_t call, const struct dcerpc_syntax *interface);
void dcerpc_write_ack(struct le_buf *o, uint32_t call, const struct dcerpc_ack *ack,
		      const char *port);
void dcerpc_write_nak(struct le_buf *o, uint32_t call, enum dcerpc_nak reason);
void dcerpc_write_fault(struct le_buf *o, uint32_t call, uint16_t context, uint32_t status);

/* Writes a request, or a response, whose opnum isn't written, in fragments of so many bytes. */
void dcerpc_write_call(struct le_buf *o, const struct dcerpc_whole *call, size_t fragment);

/* Parses the header of the PDU that n bytes begin with. Returns the PDU's length; 0: it isn't whole
 * yet; -1 with *e: that is none. The body of a big-endian one isn't to be parsed. */
ssize_t dcerpc_parse(const uint8_t *in, size_t n, struct dcerpc_head *h, struct err *e) WG_MUSTUSE;

/* Parse the PDU of that header, each of its types. -1 with *e. */
int dcerpc_parse_bind(const uint8_t *pdu, const struct dcerpc_head *h, struct dcerpc_bind *bind,
		      struct err *e) WG_MUSTUSE;
int dcerpc_parse_ack(const uint8_t *pdu, const struct dcerpc_head *h, struct dcerpc_ack *ack,
		     struct err *e) WG_MUSTUSE;
int dcerpc_parse_nak(const uint8_t *pdu, const struct dcerpc_head *h, uint16_t *reason,
		     struct err *e) WG_MUSTUSE;
int dcerpc_parse_part(const uint8_t *pdu, const struct dcerpc_head *h, struct dcerpc_part *part,
		      struct err *e) WG_MUSTUSE;

/* Adds a fragment. Returns 1: w is whole; 0: more is to come; -1 with *e: it doesn't belong there.
 */
int dcerpc_join(struct dcerpc_whole *w, const struct dcerpc_head *h, const struct dcerpc_part *part,
		struct err *e) WG_MUSTUSE;

void dcerpc_whole_fini(struct dcerpc_whole *w);

#endif
