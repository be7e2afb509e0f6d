/* smb2.c - the header, written and read field by field. */
#include "scenarios/workload/smb2.h"

#include "proxy/base/byteorder.h"

#include <string.h>

static const uint8_t protocol[] = {0xfe, 'S', 'M', 'B'};

size_t smb2_begin(struct le_buf *o, const struct smb2_head *h)
{
	size_t begun = o->len;

	le_put_zeros(o, SMB2_FRAME);
	le_put(o, protocol, sizeof(protocol));
	le_put16(o, SMB2_HEADER);
	le_put16(o, 0); /* no credit charge in this dialect */
	le_put32(o, h->status);
	le_put16(o, h->command);
	le_put16(o, h->credits);
	le_put32(o, h->flags);
	le_put32(o, 0); /* no other message in this one */
	le_put64(o, h->message);
	le_put32(o, 0xfeff); /* reserved; as clients of this dialect have it */
	le_put32(o, h->tree);
	le_put64(o, h->session);
	le_put_zeros(o, 16); /* not signed */
	return begun;
}

void smb2_end(struct le_buf *o, size_t begun)
{
	put_be32(o->v + begun, (uint32_t)(o->len - begun - SMB2_FRAME));
}

ssize_t smb2_parse(const uint8_t *data, size_t len, struct smb2_head *h, struct err *e)
{
	const uint8_t *p = data + SMB2_FRAME;
	uint32_t size;

	if (len < SMB2_FRAME + SMB2_HEADER)
		return 0;
	size = get_be32(data);
	if (memcmp(p, protocol, sizeof(protocol)) != 0 || size < SMB2_HEADER + 2 ||
	    size > SMB2_READ_MAX + 4096)
		return err_set(e, "not a message of SMB2");
	*h = (struct smb2_head){
	    .command = get_le16(p + 12),
	    .credits = get_le16(p + 14),
	    .status = get_le32(p + 8),
	    .flags = get_le32(p + 16),
	    .tree = get_le32(p + 36),
	    .message = get_le64(p + 24),
	    .session = get_le64(p + 40),
	};
	return (ssize_t)size + SMB2_FRAME;
}
