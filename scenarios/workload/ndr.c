/* ndr.c - each read asks first whether so much is left. */
#include "scenarios/workload/ndr.h"

#include "proxy/base/byteorder.h"

const uint8_t *ndr_bytes(struct ndr_in *in, size_t n)
{
	if (in->bad || n > in->len - in->at) {
		in->bad = true;
		return NULL;
	}
	in->at += n;
	return in->v + in->at - n;
}

uint8_t ndr_u8(struct ndr_in *in)
{
	const uint8_t *p = ndr_bytes(in, 1);

	return p ? *p : 0;
}

uint16_t ndr_u16(struct ndr_in *in)
{
	const uint8_t *p = ndr_bytes(in, 2);

	return p ? get_le16(p) : 0;
}

uint32_t ndr_u32(struct ndr_in *in)
{
	const uint8_t *p = ndr_bytes(in, 4);

	return p ? get_le32(p) : 0;
}

void ndr_align(struct ndr_in *in, size_t to)
{
	(void)ndr_bytes(in, -in->at & (to - 1));
}

void ndr_pad(struct le_buf *o, size_t from, size_t to)
{
	le_put_zeros(o, -(o->len - from) & (to - 1));
}
