/* stun.h - STUN messages (RFC 8489) with the attributes of TURN's Allocate (RFC 8656): write and
 * parse. Over TCP they stand in the stream as they are. Pure functions over bytes. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_STUN_H
#define WEDGE_SCENARIOS_WORKLOAD_STUN_H

#include "proxy/base/addr.h"
#include "proxy/base/err.h"

#include <stdbool.h>
#include <sys/types.h>

#define STUN_HEADER  20 /* bytes before the attributes */
#define STUN_ID_SIZE 12
#define STUN_MAX     2048 /* bytes of one message; longer ones are refused */

enum stun_method {
	STUN_BINDING = 0x001,
	STUN_ALLOCATE = 0x003,
	STUN_REFRESH = 0x004,
	STUN_SEND = 0x006,
	STUN_CREATE_PERMISSION = 0x008,
};
enum stun_class { STUN_REQUEST = 0, STUN_INDICATION = 1, STUN_SUCCESS = 2, STUN_ERROR = 3 };

enum stun_attribute {
	STUN_USERNAME = 0x0006,
	STUN_MESSAGE_INTEGRITY = 0x0008,
	STUN_ERROR_CODE = 0x0009,
	STUN_UNKNOWN_ATTRIBUTES = 0x000a,
	STUN_LIFETIME = 0x000d,
	STUN_XOR_PEER_ADDRESS = 0x0012,
	STUN_DATA = 0x0013,
	STUN_REALM = 0x0014,
	STUN_NONCE = 0x0015,
	STUN_XOR_RELAYED_ADDRESS = 0x0016,
	STUN_REQUESTED_FAMILY = 0x0017,
	STUN_REQUESTED_TRANSPORT = 0x0019,
	STUN_XOR_MAPPED_ADDRESS = 0x0020,
	STUN_SOFTWARE = 0x8022,
};

#define STUN_UDP 17 /* a REQUESTED-TRANSPORT; RFC 8656 has no other one */

/* A part of the message's own bytes. */
struct stun_text {
	const void *s;
	size_t len;
};

struct stun_message {
	uint16_t method;
	enum stun_class class;
	uint8_t id[STUN_ID_SIZE];
	unsigned error;			   /* 300 to 699; 0: no ERROR-CODE */
	struct addr relayed, mapped, peer; /* len 0: none */
	int transport;			   /* REQUESTED-TRANSPORT; -1: none */
	int64_t lifetime;		   /* seconds; -1: none */
	uint16_t unknown; /* an attribute that must be understood, and isn't; 0: none */
	struct stun_text username, realm, nonce; /* len 0: none */
	size_t integrity; /* where its MESSAGE-INTEGRITY begins; 0: it has none */
};

/* Parses the message that data begins with. Returns its bytes, 0 when it isn't whole yet, -1 with
 * *e when it is none. Attributes that needn't be understood are skipped, and all behind
 * MESSAGE-INTEGRITY, for which nobody vouches (RFC 8489 14.5). */
ssize_t stun_parse(const uint8_t *data, size_t len, struct stun_message *m,
		   struct err *e) WG_MUSTUSE;

/* A message being written. */
struct stun_draft {
	uint8_t data[STUN_MAX];
	size_t len;
};

void stun_begin(struct stun_draft *d, uint16_t method, enum stun_class class,
		const uint8_t id[STUN_ID_SIZE]);
void stun_add(struct stun_draft *d, uint16_t attribute, const void *value, size_t len);
void stun_add_u32(struct stun_draft *d, uint16_t attribute, uint32_t value);
void stun_add_address(struct stun_draft *d, uint16_t attribute, const struct addr *a);
void stun_add_error(struct stun_draft *d, unsigned code, const char *reason);

#endif
