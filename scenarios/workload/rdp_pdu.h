/* rdp_pdu.h - the PDUs with which a remote desktop connection begins, and those of a key pressed
 * and of what it changes on the screen (MS-RDPBCGR 2.2.1.1 to 2.2.1.9, 2.2.8.1.2, 2.2.9.1.2): write
 * and parse. Pure functions over bytes. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RDP_PDU_H
#define WEDGE_SCENARIOS_WORKLOAD_RDP_PDU_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define RDP_PDU_MAX    16384 /* bytes; longer ones are refused */
#define RDP_COOKIE_MAX 9     /* characters of a user's name, as mstsc cuts it */

/* RDP_NEG_REQ, requestedProtocols (2.2.1.1.1) */
enum rdp_protocol { RDP_STANDARD = 0, RDP_TLS = 1, RDP_CREDSSP = 2 };

enum rdp_kind {
	RDP_CONNECTION_REQUEST, /* X.224 (2.2.1.1) */
	RDP_CONNECTION_CONFIRM,
	RDP_CONNECT_INITIAL, /* MCS (T.125): 2.2.1.3 */
	RDP_CONNECT_RESPONSE,
	RDP_ERECT_DOMAIN,
	RDP_ATTACH_USER, /* Request */
	RDP_ATTACHED,	 /* its Confirm */
	RDP_JOIN,	 /* Channel Join Request */
	RDP_JOINED,	 /* its Confirm */
	RDP_MCS_DATA,	 /* Send Data Request or Indication: what is in it isn't parsed */
	RDP_FAST_PATH,	 /* input or output, by who sends it */
};

struct rdp_pdu {
	enum rdp_kind kind;
	bool negotiates;    /* request, confirm: has RDP_NEG_REQ or RDP_NEG_RSP */
	unsigned protocols; /* of that */
	unsigned failure;   /* confirm: failureCode of RDP_NEG_FAILURE, 0: none */
	unsigned result;    /* Connect Response, confirms: 0 is success */
	unsigned channel;   /* of a join */
};

/* Parses the PDU that data begins with; open: the session is, so it may be a fast-path one. Returns
 * its bytes, 0 when it isn't whole yet, -1 with *e when it is none. */
ssize_t rdp_parse(const uint8_t *data, size_t len, bool open, struct rdp_pdu *pdu,
		  struct err *e) WG_MUSTUSE;

/* A PDU being written. */
struct rdp_draft {
	uint8_t data[2048];
	size_t len;
};

void rdp_write_request(struct rdp_draft *d, const char *user, unsigned protocols);
void rdp_write_confirm(struct rdp_draft *d, unsigned protocol);
/* SSL_REQUIRED_BY_SERVER (2.2.1.2.2) */
void rdp_write_refusal(struct rdp_draft *d);
void rdp_write_connect_initial(struct rdp_draft *d, const char *computer, unsigned protocol);
void rdp_write_connect_response(struct rdp_draft *d, unsigned requested);
void rdp_write_attached(struct rdp_draft *d, unsigned user);
void rdp_write_joined(struct rdp_draft *d, unsigned user, unsigned channel);
/* A key pressed and let go, by its scan code; and the cell of the screen that it changes, of so
 * many pixels at a place, each of 16 bits. */
void rdp_write_key(struct rdp_draft *d, uint8_t scan_code);
void rdp_write_cell(struct rdp_draft *d, unsigned left, unsigned top, unsigned width,
		    unsigned height, uint16_t colour);

#endif
