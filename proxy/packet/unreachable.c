/* unreachable.c - the codes and their errnos are those of Linux. */
#include "proxy/packet/unreachable.h"

#include "proxy/base/byteorder.h"
#include "proxy/packet/checksum.h"
#include "proxy/packet/segment.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

enum {
	ICMP_HEADER = 8,
	PORTS = 4,
	INTERNETWORK_CONTROL = 0xc0,
	QUOTED_MAX = UNREACHABLE_MAX - IPV6_HEADER - ICMP_HEADER
};

static struct addr read_address(int family, const uint8_t *p)
{
	struct addr a = {.len = 0};

	a.sa.sa_family = (sa_family_t)family;
	a.len = family == AF_INET ? sizeof(a.in) : sizeof(a.in6);
	if (family == AF_INET)
		memcpy(&a.in.sin_addr, p, 4);
	else
		memcpy(&a.in6.sin6_addr, p, 16);
	return a;
}

/* Returns the length of the IP header of a packet that carries that protocol, or 0. Packets with
 * extension headers of IPv6 don't count: a SYN has none. */
static size_t ip_header_len(const uint8_t *data, size_t len, uint8_t protocol)
{
	size_t n;

	if (len >= IPV6_HEADER && data[0] >> 4 == 6)
		return data[6] == protocol ? IPV6_HEADER : 0;
	if (len < IPV4_HEADER || data[0] >> 4 != 4 || data[9] != protocol)
		return 0;
	n = (size_t)(data[0] & 0x0f) * 4;
	if (n < IPV4_HEADER || n > len || (get_be16(data + 6) & 0x1fff))
		return 0;
	return n;
}

static bool is_unreachable(int family, const uint8_t *icmp)
{
	if (family == AF_INET6)
		return icmp[0] == ICMP6_DST_UNREACH;
	return icmp[0] == ICMP_DEST_UNREACH && icmp[1] != ICMP_FRAG_NEEDED;
}

static bool parse_quoted(int family, const uint8_t *p, size_t len, struct addr *src,
			 struct addr *dst)
{
	size_t header = ip_header_len(p, len, IPPROTO_TCP);
	size_t at = family == AF_INET ? 12 : 8, size = family == AF_INET ? 4 : 16;

	if (!header || (p[0] >> 4 == 4) != (family == AF_INET) || len < header + PORTS)
		return false;
	*src = read_address(family, p + at);
	*dst = read_address(family, p + at + size);
	addr_set_port(src, get_be16(p + header));
	addr_set_port(dst, get_be16(p + header + 2));
	return true;
}

/* Returns the ICMP header of a packet and its address family, or NULL. */
static const uint8_t *find_icmp(const uint8_t *data, size_t len, int *family)
{
	size_t header;

	*family = len && data[0] >> 4 == 6 ? AF_INET6 : AF_INET;
	header = ip_header_len(data, len, *family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	return header && len >= header + ICMP_HEADER ? data + header : NULL;
}

static bool is_error(int family, const uint8_t *icmp)
{
	if (family == AF_INET6)
		return icmp[0] < ICMP6_INFOMSG_MASK; /* RFC 4443 section 2.1 */
	return icmp[0] == ICMP_DEST_UNREACH || icmp[0] == ICMP_TIME_EXCEEDED ||
	       icmp[0] == ICMP_PARAMETERPROB || icmp[0] == ICMP_REDIRECT;
}

bool unreachable_quoted(const uint8_t *data, size_t len, struct addr *src, struct addr *dst)
{
	int family;
	const uint8_t *icmp = find_icmp(data, len, &family), *quoted;

	if (!icmp || !is_error(family, icmp))
		return false;
	quoted = icmp + ICMP_HEADER;
	return parse_quoted(family, quoted, len - (size_t)(quoted - data), src, dst);
}

bool unreachable_parse(struct unreachable *u, const uint8_t *data, size_t len)
{
	int family;
	const uint8_t *icmp = find_icmp(data, len, &family);

	if (!icmp || !is_unreachable(family, icmp) ||
	    !unreachable_quoted(data, len, &u->src, &u->dst))
		return false;
	u->from = read_address(family, data + (family == AF_INET ? 12 : 8));
	u->code = icmp[1];
	return true;
}

/* The same pairs as in icmp_err_convert[] and icmpv6_err_convert() of Linux. */
int unreachable_errno(const struct unreachable *u)
{
	if (u->from.sa.sa_family == AF_INET6)
		switch (u->code) {
		case ICMP6_DST_UNREACH_NOROUTE:
			return ENETUNREACH;
		case ICMP6_DST_UNREACH_NOPORT:
			return ECONNREFUSED;
		case ICMP6_DST_UNREACH_ADMIN:
		case 5: /* source address failed ingress policy */
		case 6: /* reject route */
			return EACCES;
		default:
			return EHOSTUNREACH;
		}
	switch (u->code) {
	case ICMP_NET_UNREACH:
	case ICMP_NET_UNKNOWN:
	case ICMP_NET_ANO:
	case ICMP_NET_UNR_TOS:
		return ENETUNREACH;
	case ICMP_PROT_UNREACH:
		return ENOPROTOOPT;
	case ICMP_PORT_UNREACH:
		return ECONNREFUSED;
	default:
		return EHOSTUNREACH;
	}
}

uint8_t unreachable_code(int family, int error)
{
	static const struct {
		int error;
		uint8_t v4, v6;
	} codes[] = {
	    {ENETUNREACH, ICMP_NET_UNREACH, ICMP6_DST_UNREACH_NOROUTE},
	    {EACCES, ICMP_PKT_FILTERED, ICMP6_DST_UNREACH_ADMIN},
	    {0, ICMP_HOST_UNREACH, ICMP6_DST_UNREACH_ADDR},
	};
	size_t i = 0;

	while (codes[i].error && codes[i].error != error)
		i++;
	return family == AF_INET6 ? codes[i].v6 : codes[i].v4;
}

/* Linux gives each pair of hosts a label of its own (net.ipv6.auto_flowlabels). */
static uint32_t choose_flow_label(const struct addr *from, const struct addr *to)
{
	uint32_t h = 2166136261U; /* FNV-1a */

	for (size_t i = 0; i < 16; i++)
		h = (((h ^ from->in6.sin6_addr.s6_addr[i]) * 16777619U) ^
		     to->in6.sin6_addr.s6_addr[i]) *
		    16777619U;
	return h >> 12;
}

/* As Linux sends them: precedence "internetwork control" (RFC 1812 section 4.3.2.5), may be
 * fragmented, and so with an ID, which the kernel sets; over IPv6 with a flow label. */
static struct ip_marks marks_of_error(const struct addr *from, const struct addr *to)
{
	if (from->sa.sa_family == AF_INET6)
		return (struct ip_marks){.hop_limit = HOP_LIMIT_LINUX,
					 .flow_label = choose_flow_label(from, to)};
	return (struct ip_marks){.hop_limit = HOP_LIMIT_LINUX,
				 .traffic_class = INTERNETWORK_CONTROL};
}

size_t unreachable_make(uint8_t out[UNREACHABLE_MAX], const struct addr *from, uint8_t code,
			const struct addr *to, const uint8_t *packet, size_t len)
{
	bool v6 = from->sa.sa_family == AF_INET6;
	size_t quoted = len < QUOTED_MAX ? len : QUOTED_MAX, icmp_len = ICMP_HEADER + quoted;
	const struct ip_marks marks = marks_of_error(from, to);
	size_t at = segment_ip(out, from, to, &marks, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, icmp_len);
	uint8_t *icmp = out + at;
	uint32_t sum = 0;

	memset(icmp, 0, ICMP_HEADER);
	icmp[0] = v6 ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH;
	icmp[1] = code;
	memcpy(icmp + ICMP_HEADER, packet, quoted);
	if (v6) /* the pseudo header of RFC 8200 section 8.1 */
		sum = checksum_add(0, out + 8, 32) + (uint32_t)icmp_len + IPPROTO_ICMPV6;
	put_be16(icmp + 2, checksum_end(checksum_add(sum, icmp, icmp_len)));
	if (!v6)
		put_be16(out + 10, checksum_end(checksum_add(0, out, at)));
	return at + icmp_len;
}
