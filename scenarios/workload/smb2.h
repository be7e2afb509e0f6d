/* smb2.h - messages of SMB 2.0.2 ([MS-SMB2]) as bytes: the header. Little endian throughout, but
 * for the length before each message on TCP. Pure. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SMB2_H
#define WEDGE_SCENARIOS_WORKLOAD_SMB2_H

#include "proxy/base/err.h"
#include "scenarios/workload/le_buf.h"

#include <sys/types.h>

#define SMB2_FRAME	4  /* bytes of length before a message (2.1) */
#define SMB2_HEADER	64 /* bytes (2.2.1.2) */
#define SMB2_DIALECT	0x0202
#define SMB2_READ_MAX	65536 /* bytes of one READ in this dialect */
#define SMB2_FILE_ID	16    /* bytes */
#define SMB2_READ_AHEAD 16    /* bytes of a READ's answer before its data, behind the header */

enum smb2_command {
	SMB2_NEGOTIATE = 0,
	SMB2_SESSION_SETUP = 1,
	SMB2_LOGOFF = 2,
	SMB2_TREE_CONNECT = 3,
	SMB2_TREE_DISCONNECT = 4,
	SMB2_CREATE = 5,
	SMB2_CLOSE = 6,
	SMB2_READ = 8,
	SMB2_IOCTL = 11,
	SMB2_ECHO = 13,
	SMB2_QUERY_INFO = 16,
};

/* Of a status ([MS-ERREF] 2.3). */
#define SMB2_OK		     0x00000000u
#define SMB2_PENDING	     0x00000103u
#define SMB2_MORE_PROCESSING 0xc0000016u
#define SMB2_END_OF_FILE     0xc0000011u
#define SMB2_INVALID	     0xc000000du
#define SMB2_ACCESS_DENIED   0xc0000022u
#define SMB2_FILE_CLOSED     0xc0000128u
#define SMB2_NOT_SUPPORTED   0xc00000bbu
#define SMB2_NOT_FOUND	     0xc0000225u
#define SMB2_NAME_NOT_FOUND  0xc0000034u
#define SMB2_LOGON_FAILURE   0xc000006du
#define SMB2_FROM_SERVER     1u /* of the flags */

struct smb2_head {
	uint16_t command, credits;
	uint32_t status, flags, tree;
	uint64_t message, session;
};

/* Begins a message behind what is there: its length and header. smb2_end writes the length. */
size_t smb2_begin(struct le_buf *o, const struct smb2_head *h);
void smb2_end(struct le_buf *o, size_t begun);

/* Parses the length and the header of the message that len bytes begin with: 0 when there are too
 * few; else the bytes of all of it, length and all. -1 with *e when it isn't SMB2. */
ssize_t smb2_parse(const uint8_t *data, size_t len, struct smb2_head *h, struct err *e) WG_MUSTUSE;

#endif
