/* ntlmssp.h - the three tokens of NTLM ([MS-NLMP]) by which nobody signs in: anonymous clients,
 * guests. In SPNEGO (RFC 4178), or bare where the other end's are. Pure. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_NTLMSSP_H
#define WEDGE_SCENARIOS_WORKLOAD_NTLMSSP_H

#include "scenarios/workload/smb2.h"

enum ntlmssp_kind { NTLMSSP_NONE, NTLMSSP_NEGOTIATE = 1, NTLMSSP_CHALLENGE, NTLMSSP_AUTHENTICATE };

/* Returns which of them a security buffer has. */
enum ntlmssp_kind ntlmssp_kind(const uint8_t *token, size_t len);

/* Adds what a server offers, unasked: NTLM is the mechanism. */
void ntlmssp_offer(struct smb2_out *o);

/* Adds a client's first token, and its second, which is nobody's. */
void ntlmssp_negotiate(struct smb2_out *o);
void ntlmssp_authenticate(struct smb2_out *o);

/* Adds a server's answers to them; bare: without SPNEGO, as the client's was. */
void ntlmssp_challenge(struct smb2_out *o, uint64_t challenge, bool bare);
void ntlmssp_accept(struct smb2_out *o, bool bare);

#endif
