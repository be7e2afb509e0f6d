/* mailbox.h - the interface "mailbox" of the workload "sessions", one of our own: what clients of a
 * mail server do by MAPI, whose own interface (EMSMDB) encrypts its stubs. A logon by a user's
 * name, calls of any size, a logoff. Its stubs in NDR; pure. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_MAILBOX_H
#define WEDGE_SCENARIOS_WORKLOAD_MAILBOX_H

#include "scenarios/workload/dcerpc.h"

#define MAILBOX_CALL_LEAST 4   /* bytes of a call's stub: how many bytes follow */
#define MAILBOX_NAME_MAX   256 /* bytes of a user's name */

enum mailbox_opnum { MAILBOX_LOGON, MAILBOX_CALL, MAILBOX_LOGOFF };

/* e871cfc1-3513-4f54-9d2d-e89d1fb8cdbf, version 1.0; drawn at random. */
extern const struct dcerpc_syntax mailbox_interface;

/* Writes what a logon asks, and what logon and logoff answer. A logoff asks nothing. */
void mailbox_write_logon(struct le_buf *o, const char *user);
void mailbox_write_status(struct le_buf *o, uint32_t status);

/* Returns the user's name, which the caller frees; NULL: there is none. */
char *mailbox_parse_logon(const uint8_t *stub, size_t len);

/* Writes a call, or what it answers, of so many bytes, at least MAILBOX_CALL_LEAST; returns whether
 * one is whole. */
void mailbox_write_call(struct le_buf *o, size_t size);
bool mailbox_check_call(const uint8_t *stub, size_t len);

#endif
