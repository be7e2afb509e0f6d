/* ntlmssp.h - the three tokens of NTLM ([MS-NLMP]) by which nobody signs in: anonymous clients,
 * guests. In SPNEGO (RFC 4178), or bare where the other end's are. Pure. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_NTLMSSP_H
#define WEDGE_SCENARIOS_WORKLOAD_NTLMSSP_H

#include "scenarios/workload/le_buf.h"

#include <stdbool.h>

enum ntlmssp_kind { NTLMSSP_NONE, NTLMSSP_NEGOTIATE = 1, NTLMSSP_CHALLENGE, NTLMSSP_AUTHENTICATE };

/* Returns which of them a security buffer has. */
enum ntlmssp_kind ntlmssp_kind(const uint8_t *token, size_t len);

/* Adds what a server offers, unasked: NTLM is the mechanism. */
void ntlmssp_offer(struct le_buf *o);

/* Adds a client's first token, and its second, which is nobody's. */
void ntlmssp_negotiate(struct le_buf *o);
void ntlmssp_authenticate(struct le_buf *o);

/* Adds a server's answers to them; bare: without SPNEGO, as the client's was. */
void ntlmssp_challenge(struct le_buf *o, uint64_t challenge, bool bare);
void ntlmssp_accept(struct le_buf *o, bool bare);

#endif
