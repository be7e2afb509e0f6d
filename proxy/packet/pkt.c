/* pkt.c - a changed packet is parsed again, so that nobody reads what it was. */
#include "proxy/packet/pkt.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/mem.h"
#include "proxy/packet/checksum.h"

void pkt_patch(struct pkt *p, const uint8_t *at, const void *to, size_t len)
{
	BUG_ON(p->cut);
	checksum_patch(&p->tcp, p->data, (size_t)(at - p->tcp.ip), to, len);
	BUG_ON(!tcp_view_parse(&p->tcp, p->data, p->len));
	p->modified = true;
}

void pkt_modified(struct pkt *p)
{
	size_t ip_len = p->tcp.version == 4 ? p->len : p->len - 40;
	uint8_t *field = p->data + (p->tcp.version == 4 ? 2 : 4);

	if (p->cut) {
		p->conn->host->error(p->conn);
		return;
	}
	BUG_ON(ip_len > UINT16_MAX);
	put_be16(field, (uint16_t)ip_len);
	BUG_ON(!tcp_view_parse(&p->tcp, p->data, p->len));
	checksum_write(&p->tcp, p->data);
	p->modified = true;
}
