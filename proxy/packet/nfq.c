/* nfq.c - overflows are counted on the safe side, since the kernel doesn't count what it lets pass
 * unseen. */
#include "proxy/packet/nfq.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	QUEUE_FIRST = 0x5d00, /* so that another program rarely has it */
	QUEUE_TRIES = 256,
	PACKET_MAX = 65536,
	MTU_MAX = 1500,
	HEADERS_MAX = 256, /* IPv6 with extension headers and TCP with all its options */
	BUFFER_BYTES = PACKET_MAX + 4096, /* a packet and its attributes */
	RECEIVE_BUFFER = 32 << 20,
	TURN_MAX = 32, /* packets a turn, so that timers and sockets get their turns */
	WAITED_MAX =
	    100000000,	     /* ns; a packet that has waited longer is one of a stopped machine */
	SKB_BYTES_MIN = 512, /* the least that one queued message takes of the receive buffer */
};

#define VERDICT_TRIES 100

struct nfq {
	struct mnl_socket *nl;
	struct event *ev;
	struct pkt_tracker *tracker;
	int raw4, raw6; /* raw6 is -1 on a host without IPv6 */
	uint16_t number;
	uint64_t room; /* waiting packets beyond which the kernel may have let others pass unseen */
	uint64_t waiting, overflows, errors;
	int first_error; /* errno of the first thing that the kernel refused */
	char buf[BUFFER_BYTES];
	char out[BUFFER_BYTES];
};

/* Keeps the first errno. Returns -1. */
static int note_refusal(struct nfq *q)
{
	if (!q->first_error)
		q->first_error = errno;
	return -1;
}

/* Sends a configuration message and waits for the kernel's answer. Returns 0 or -1 with errno. */
static int send_config(struct nfq *q, struct nlmsghdr *nlh)
{
	ssize_t n;

	nlh->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(q->nl, nlh, nlh->nlmsg_len) < 0)
		return -1;
	n = mnl_socket_recvfrom(q->nl, q->buf, sizeof(q->buf));
	if (n < 0)
		return -1;
	return mnl_cb_run(q->buf, (size_t)n, 0, mnl_socket_get_portid(q->nl), NULL, NULL) < 0 ? -1
											      : 0;
}

static int bind_number(struct nfq *q, uint16_t number)
{
	struct nlmsghdr *nlh = nfq_nlmsg_put(q->out, NFQNL_MSG_CONFIG, number);

	nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	return send_config(q, nlh);
}

/* The kernel answers EPERM or EBUSY when a number is another program's; when the right is missing,
 * it answers EPERM for every number. */
static int bind_queue(struct nfq *q, struct err *e)
{
	for (unsigned i = 0; i < QUEUE_TRIES; i++) {
		q->number = (uint16_t)(QUEUE_FIRST + i);
		if (bind_number(q, q->number) == 0)
			return 0;
		if (errno != EPERM && errno != EBUSY)
			return err_errno(e,
					 "this kernel offers no NFQUEUE (module nfnetlink_queue)");
	}
	return err_errno(e, "can't bind an NFQUEUE queue (it needs CAP_NET_ADMIN)");
}

static int copied_bytes(enum pkt_copy copy)
{
	return copy == PKT_COPY_WHOLE ? PACKET_MAX : copy == PKT_COPY_MTU ? MTU_MAX : HEADERS_MAX;
}

/* An ordinary user's receive buffer is limited by net.core.rmem_max: on a default Debian it has
 * room for 6 of loopback's 64 KiB segments, for 100 of Ethernet's, or for 400 packets cut after
 * their headers. */
static int set_params(struct nfq *q, unsigned queue_packets, enum pkt_copy copy, struct err *e)
{
	struct nlmsghdr *nlh = nfq_nlmsg_put(q->out, NFQNL_MSG_CONFIG, q->number);

	nfq_nlmsg_cfg_put_params(nlh, NFQNL_COPY_PACKET, copied_bytes(copy));
	nfq_nlmsg_cfg_put_qmaxlen(nlh, queue_packets);
	mnl_attr_put_u32(nlh, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_FAIL_OPEN));
	mnl_attr_put_u32(nlh, NFQA_CFG_MASK, htonl(NFQA_CFG_F_FAIL_OPEN));
	if (send_config(q, nlh) == -1)
		return err_errno(e, "can't set up the NFQUEUE queue %u", q->number);
	return 0;
}

/* When the queue is full, packets pass unseen (fail open) and uncounted, so a queue that is nearly
 * full counts as overflow: the number of packets that wait for a verdict is known, that of unread
 * ones is bounded by the receive buffer. */
static int set_buffer(struct nfq *q, unsigned queue_packets, struct err *e)
{
	int fd = mnl_socket_get_fd(q->nl), bytes = RECEIVE_BUFFER;
	socklen_t len = sizeof(bytes);
	uint64_t unread;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) == -1 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) == -1)
		return err_errno(e, "can't set the queue's receive buffer");
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len) == -1)
		return err_errno(e, "can't read the queue's receive buffer");
	unread = (uint64_t)bytes / SKB_BYTES_MIN;
	q->room = queue_packets > 2 * unread ? queue_packets - unread : queue_packets / 2;
	return 0;
}

/* Has the kernel stamp what it receives, so that a packet's time in the queue is known. */
static int want_stamps(struct nfq *q, struct err *e)
{
	int on = 1;

	if (setsockopt(mnl_socket_get_fd(q->nl), SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on)) == -1)
		return err_errno(e, "can't have received packets stamped");
	return 0;
}

static int open_raw_socket(int family, struct err *e)
{
	uint32_t mark = MARK_INJECTED;
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);

	if (fd == -1)
		return err_errno(e, "can't open a raw socket (it needs CAP_NET_RAW)");
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == -1) {
		err_errno(e, "can't mark a raw socket (it needs CAP_NET_ADMIN)");
		close(fd);
		return -1;
	}
	return fd;
}

struct nfq *nfq_new(unsigned queue_packets, enum pkt_copy copy, struct err *e)
{
	struct nfq *q = xcalloc(1, sizeof(*q));

	q->raw4 = q->raw6 = -1;
	q->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!q->nl || mnl_socket_bind(q->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		err_errno(e, "can't open a netfilter netlink socket");
		goto fail;
	}
	if (bind_queue(q, e) == -1 || set_params(q, queue_packets, copy, e) == -1 ||
	    set_buffer(q, queue_packets, e) == -1 || want_stamps(q, e) == -1)
		goto fail;
	q->raw4 = open_raw_socket(AF_INET, e);
	if (q->raw4 == -1)
		goto fail;
	q->raw6 = open_raw_socket(AF_INET6, e);
	if (q->raw6 == -1 && errno != EAFNOSUPPORT)
		goto fail;
	return q;
fail:
	nfq_free(q);
	return NULL;
}

void nfq_free(struct nfq *q)
{
	if (!q)
		return;
	if (q->ev)
		event_free(q->ev);
	if (q->raw4 != -1)
		close(q->raw4);
	if (q->raw6 != -1)
		close(q->raw6);
	if (q->nl)
		mnl_socket_close(q->nl);
	free(q);
}

uint16_t nfq_number(const struct nfq *q)
{
	return q->number;
}

static enum pkt_hook read_hook(uint8_t hook)
{
	switch (hook) {
	case NF_INET_FORWARD:
		return PKT_HOOK_FORWARD;
	case NF_INET_LOCAL_OUT:
	case NF_INET_POST_ROUTING:
		return PKT_HOOK_OUT;
	default:
		return PKT_HOOK_IN;
	}
}

/* Returns the ns since the kernel stamped a packet that it received, and never too many. Its clock
 * is the one that is set: where it seems to have been set in between, 0. */
static int64_t time_since(const struct nfqnl_msg_packet_timestamp *stamp)
{
	struct timespec now;
	int64_t waited;

	if (clock_gettime(CLOCK_REALTIME, &now) == -1)
		return 0;
	waited = (now.tv_sec - (int64_t)be64toh(stamp->sec)) * 1000000000 + now.tv_nsec -
		 ((int64_t)be64toh(stamp->usec) + 1) * 1000; /* a whole number of us, cut off */
	return waited > 0 && waited < WAITED_MAX ? waited : 0;
}

static int packet_cb(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *attr[NFQA_MAX + 1] = {NULL};
	const struct nfqnl_msg_packet_hdr *header;
	struct nfq *q = arg;
	uint32_t mark = 0;
	int64_t waited = 0;

	if (nfq_nlmsg_parse(nlh, attr) < 0 || !attr[NFQA_PACKET_HDR]) {
		q->errors++;
		return MNL_CB_OK;
	}
	header = mnl_attr_get_payload(attr[NFQA_PACKET_HDR]);
	if (attr[NFQA_MARK])
		mark = ntohl(mnl_attr_get_u32(attr[NFQA_MARK]));
	if (attr[NFQA_TIMESTAMP])
		waited = time_since(mnl_attr_get_payload(attr[NFQA_TIMESTAMP]));
	q->waiting++;
	q->overflows += q->waiting >= q->room;
	pkt_tracker_packet(q->tracker, ntohl(header->packet_id), read_hook(header->hook), mark,
			   waited,
			   attr[NFQA_PAYLOAD] ? mnl_attr_get_payload(attr[NFQA_PAYLOAD]) : NULL,
			   attr[NFQA_PAYLOAD] ? mnl_attr_get_payload_len(attr[NFQA_PAYLOAD]) : 0);
	return MNL_CB_OK;
}

/* Reads one message. false: there is none. */
static bool read_message(struct nfq *q)
{
	ssize_t n = mnl_socket_recvfrom(q->nl, q->buf, sizeof(q->buf));

	if (n < 0) {
		q->overflows += errno == ENOBUFS;
		return errno == ENOBUFS || errno == EINTR;
	}
	if (mnl_cb_run(q->buf, (size_t)n, 0, mnl_socket_get_portid(q->nl), packet_cb, q) < 0) {
		q->errors++; /* the kernel refused a verdict */
		(void)note_refusal(q);
	}
	return true;
}

static void read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct nfq *q = arg;

	(void)fd;
	(void)what;
	for (unsigned i = 0; i < TURN_MAX; i++)
		if (!read_message(q))
			return;
}

void nfq_read_all(struct nfq *q)
{
	while (read_message(q))
		continue;
}

int nfq_start(struct nfq *q, struct loop *loop, struct pkt_tracker *t, struct err *e)
{
	int fd = mnl_socket_get_fd(q->nl);

	q->tracker = t;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		return err_errno(e, "can't make the queue's socket non-blocking");
	q->ev = loop_watch(loop, fd, EV_READ | EV_PERSIST, read_cb, q);
	return q->ev ? 0 : err_errno(e, "can't watch the queue's socket");
}

/* Asks for no answer, since packets come on the same socket. A refusal counts as an error there. */
void nfq_copy(struct nfq *q, enum pkt_copy copy)
{
	struct nlmsghdr *nlh = nfq_nlmsg_put(q->out, NFQNL_MSG_CONFIG, q->number);

	nfq_nlmsg_cfg_put_params(nlh, NFQNL_COPY_PACKET, copied_bytes(copy));
	q->errors += mnl_socket_sendto(q->nl, nlh, nlh->nlmsg_len) < 0;
}

/* A verdict that doesn't reach the kernel leaves its packet in the queue for good, and its sender
 * can't send it again meanwhile; what lacks for it may be there a moment later. */
static int send_verdict(struct nfq *q, const struct nlmsghdr *nlh)
{
	int tries = VERDICT_TRIES;

	while (mnl_socket_sendto(q->nl, nlh, nlh->nlmsg_len) < 0)
		if ((errno != ENOBUFS && errno != ENOMEM && errno != EINTR) || --tries == 0)
			return note_refusal(q);
	return 0;
}

static int give_verdict(void *arg, uint32_t id, bool accept, const uint8_t *data, size_t len)
{
	struct nfq *q = arg;
	struct nlmsghdr *nlh = nfq_nlmsg_put(q->out, NFQNL_MSG_VERDICT, q->number);

	nfq_nlmsg_verdict_put(nlh, (int)id, accept ? NF_ACCEPT : NF_DROP);
	if (data)
		nfq_nlmsg_verdict_put_pkt(nlh, data, (uint32_t)len);
	q->waiting--;
	return send_verdict(q, nlh);
}

/* The destination of an IP packet, without a port: IPv6's raw sockets refuse one. */
static bool read_destination(struct addr *to, const uint8_t *data, size_t len)
{
	*to = (struct addr){.len = 0};
	if (len >= 20 && data[0] >> 4 == 4) {
		to->in.sin_family = AF_INET;
		memcpy(&to->in.sin_addr, data + 16, 4);
		to->len = sizeof(to->in);
	} else if (len >= 40 && data[0] >> 4 == 6) {
		to->in6.sin6_family = AF_INET6;
		memcpy(&to->in6.sin6_addr, data + 24, 16);
		to->len = sizeof(to->in6);
	}
	return to->len;
}

static int inject_packet(void *arg, const uint8_t *data, size_t len, bool here)
{
	uint32_t mark = here ? MARK_INJECTED_HERE : MARK_INJECTED;
	struct nfq *q = arg;
	struct addr to;
	int fd;

	if (!read_destination(&to, data, len))
		return -1;
	fd = to.sa.sa_family == AF_INET ? q->raw4 : q->raw6;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == -1)
		return note_refusal(q);
	return sendto(fd, data, len, 0, &to.sa, to.len) < 0 ? note_refusal(q) : 0;
}

const struct pkt_backend_ops nfq_ops = {.verdict = give_verdict, .inject = inject_packet};

/* The kernel's table has for each queue: number, port id, waiting, copy mode, copy range, dropped,
 * dropped towards the user, ... */
static uint64_t count_kernel_drops(const struct nfq *q)
{
	FILE *f = fopen("/proc/net/netfilter/nfnetlink_queue", "re");
	uint64_t full, user, drops = 0;
	unsigned number;
	char line[256];

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%u %*u %*u %*u %*u %" SCNu64 " %" SCNu64, &number, &full,
			   &user) == 3 &&
		    number == q->number)
			drops = full + user;
	fclose(f);
	return drops;
}

void nfq_stats(const struct nfq *q, struct pkt_stats *out)
{
	out->overflows += q->overflows + count_kernel_drops(q);
	out->errors += q->errors;
	out->first_error = q->first_error;
}
