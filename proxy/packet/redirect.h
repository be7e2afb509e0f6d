/* redirect.h - the rules of a network namespace of our own: every TCP connection made in it goes to
 * one port, and UDP that would leave it is refused by ICMP. Knows no sockets. */
#ifndef WEDGE_PACKET_REDIRECT_H
#define WEDGE_PACKET_REDIRECT_H

#include "proxy/base/err.h"

struct redirect;

struct redirect_config {
	uint16_t port;	       /* of the listener, on loopback or any address */
	uint32_t exempt;       /* sockets with this mark connect as they like */
	const char *interface; /* UDP that leaves through it is refused */
};

/* nftables where the kernel has its redirect and reject, else xtables; chosen by trying. The rules
 * end with the namespace (nftables' with this process). NULL and one line in *e when no way works.
 */
struct redirect *redirect_new(const struct redirect_config *config, struct err *e) WG_MUSTUSE;
void redirect_free(struct redirect *r); /* NULL is fine */

/* "nftables redirect" or "iptables REDIRECT". */
const char *redirect_backend(const struct redirect *r);

#endif
