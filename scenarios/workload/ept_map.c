/* ept_map.c - towers of five floors: the interface, NDR, DCE/RPC, the port, the address. */
#include "scenarios/workload/ept_map.h"

#include "proxy/base/byteorder.h"
#include "scenarios/workload/ndr.h"

#include <string.h>

#define HANDLE	   20 /* bytes of where an enumeration goes on */
#define TOWER	   75 /* bytes of one of ours */
#define ASKED	   4  /* towers at most, as Windows asks */
#define FLOORS_MAX 16 /* of a peer's tower */
#define FLOOR_UUID 0x0d
#define FLOOR_RPC  0x0b /* connection-oriented, version 5 */
#define FLOOR_TCP  0x07
#define FLOOR_IP   0x09

/* Of pointers: any numbers but 0, each of one call another, for a full pointer whose number was
 * there before points where that one did. */
enum { REFERENT_OBJECT = 1, REFERENT_TOWER, REFERENT_FOUND };

const struct dcerpc_syntax ept_map_interface = {{0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11,
						 0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa},
						3,
						0};

/* A floor's left side says what it is; the right side, which follows, is of so many bytes. */
static void write_left(struct le_buf *o, unsigned protocol, size_t right)
{
	le_put16(o, 1);
	le_put8(o, protocol);
	le_put16(o, (unsigned)right);
}

static void write_syntax_floor(struct le_buf *o, const struct dcerpc_syntax *s)
{
	le_put16(o, 1 + sizeof(s->uuid) + 2);
	le_put8(o, FLOOR_UUID);
	le_put(o, s->uuid, sizeof(s->uuid));
	le_put16(o, s->major);
	le_put16(o, 2);
	le_put16(o, s->minor);
}

/* The tower as a conformant structure: how much is to come, then its own length. */
static void write_tower(struct le_buf *o, const struct ept_tower *t)
{
	uint8_t port[2];

	put_be16(port, t->port);
	le_put32(o, TOWER);
	le_put32(o, TOWER);
	le_put16(o, 5); /* floors */
	write_syntax_floor(o, &t->interface);
	write_syntax_floor(o, &dcerpc_ndr);
	write_left(o, FLOOR_RPC, 2);
	le_put16(o, 0); /* minor version */
	write_left(o, FLOOR_TCP, sizeof(port));
	le_put(o, port, sizeof(port));
	write_left(o, FLOOR_IP, sizeof(t->address));
	le_put(o, t->address, sizeof(t->address));
	le_put8(o, 0); /* TOWER isn't a multiple of 4 */
}

void ept_map_write_ask(struct le_buf *o, const struct ept_tower *t)
{
	le_put32(o, REFERENT_OBJECT); /* any */
	le_put_zeros(o, 16);
	le_put32(o, REFERENT_TOWER);
	write_tower(o, t);
	le_put_zeros(o, HANDLE);
	le_put32(o, ASKED);
}

void ept_map_write_answer(struct le_buf *o, const struct ept_tower *t, uint32_t room)
{
	uint32_t n = t ? 1 : 0;

	le_put_zeros(o, HANDLE);
	le_put32(o, n);
	le_put32(o, room); /* beginning and length of the array come next */
	le_put32(o, 0);
	le_put32(o, n);
	if (t) {
		le_put32(o, REFERENT_FOUND);
		write_tower(o, t);
	}
	le_put32(o, t ? 0 : EPT_NOT_REGISTERED);
}

static void take_syntax(const uint8_t *left, size_t nleft, const uint8_t *right, size_t nright,
			struct dcerpc_syntax *s)
{
	if (nleft != 1 + sizeof(s->uuid) + 2 || nright != 2 || left[0] != FLOOR_UUID)
		return;
	memcpy(s->uuid, left + 1, sizeof(s->uuid));
	s->major = get_le16(left + 1 + sizeof(s->uuid));
	s->minor = get_le16(right);
}

static void read_floor(struct ndr_in *in, unsigned number, struct ept_tower *t)
{
	size_t nleft = ndr_u16(in), nright;
	const uint8_t *left = ndr_bytes(in, nleft), *right;

	nright = ndr_u16(in);
	right = ndr_bytes(in, nright);
	if (in->bad || !nleft)
		return;
	if (number == 0)
		take_syntax(left, nleft, right, nright, &t->interface);
	else if (number == 3 && left[0] == FLOOR_TCP && nright == 2) {
		t->tcp = true;
		t->port = get_be16(right);
	} else if (number == 4 && left[0] == FLOOR_IP && nright == sizeof(t->address))
		memcpy(t->address, right, sizeof(t->address));
}

static void read_tower(struct ndr_in *in, struct ept_tower *t)
{
	uint32_t room = ndr_u32(in), len = ndr_u32(in);
	const uint8_t *octets = ndr_bytes(in, len);
	struct ndr_in floors = {.v = octets, .len = len};
	unsigned n;

	memset(t, 0, sizeof(*t));
	ndr_align(in, 4);
	if (!octets || room != len) {
		in->bad = true;
		return;
	}
	n = ndr_u16(&floors);
	for (unsigned i = 0; i < n && n <= FLOORS_MAX; i++)
		read_floor(&floors, i, t);
	in->bad |= floors.bad || n > FLOORS_MAX;
}

int ept_map_parse_ask(const uint8_t *stub, size_t len, struct ept_tower *t, uint32_t *room,
		      struct err *e)
{
	struct ndr_in in = {.v = stub, .len = len};

	memset(t, 0, sizeof(*t));
	if (ndr_u32(&in))
		(void)ndr_bytes(&in, 16);
	if (ndr_u32(&in))
		read_tower(&in, t);
	(void)ndr_bytes(&in, HANDLE);
	*room = ndr_u32(&in);
	if (in.bad || !*room || *room > EPT_MAP_TOWERS)
		return err_set(e, "a question to the endpoint mapper that is none");
	return 0;
}

int ept_map_parse_answer(const uint8_t *stub, size_t len, struct ept_tower *t, uint32_t *status,
			 struct err *e)
{
	struct ndr_in in = {.v = stub, .len = len};
	uint32_t towers, room, n;

	memset(t, 0, sizeof(*t));
	(void)ndr_bytes(&in, HANDLE);
	towers = ndr_u32(&in);
	room = ndr_u32(&in);
	(void)ndr_u32(&in);
	n = ndr_u32(&in);
	in.bad |= n != towers || n > room || n > EPT_MAP_TOWERS;
	(void)ndr_bytes(&in, in.bad ? 0 : 4 * (size_t)n);
	for (uint32_t i = 0; i < n && !in.bad; i++) {
		struct ept_tower other;

		read_tower(&in, i ? &other : t);
	}
	*status = ndr_u32(&in);
	if (in.bad || (!*status && !n))
		return err_set(e, "an answer of the endpoint mapper that is none");
	return 0;
}
