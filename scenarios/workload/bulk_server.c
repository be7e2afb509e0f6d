/* bulk_server.c - everybody is a guest, every name a file's of the same size, whose bytes the place
 * in the file tells. */
#include "scenarios/workload/bulk_server.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/bulk_params.h"
#include "scenarios/workload/ntlmssp.h"
#include "scenarios/workload/serving.h"
#include "scenarios/workload/smb2.h"
#include "scenarios/workload/sock.h"

#include <string.h>

#define IS_GUEST	1
#define EPOCH_1601	INT64_C(116444736000000000) /* 1970 in their time, 100 ns each */
#define FILE_TIME	(EPOCH_1601 + INT64_C(12040704000000000)) /* 2008-02-28 */
#define FILE_ATTRIBUTES 0x20					  /* archive */
#define SESSION		UINT64_C(0x0000040000000001)
#define TREE_IPC	1
#define TREE_DISK	2
#define PATTERN_PRIME	251

struct smb_peer {
	struct serving_peer peer;
	bool open;		   /* a file is */
	uint64_t opened;	   /* files so far; the last one's number */
	struct tally_exchange now; /* its copy */
};

/* A request, and its answer that is being written. */
struct call {
	struct smb_peer *s;
	struct smb2_head head; /* of the answer */
	const uint8_t *body;   /* behind the request's header */
	size_t len;
	struct le_buf out; /* what is behind the answer's header */
};

static uint64_t size_of(const struct smb_peer *s)
{
	const struct bulk_server_cfg *cfg = s->peer.serving->task->cfg;

	return cfg->size;
}

static void write_times(struct le_buf *o)
{
	for (int i = 0; i < 4; i++)
		le_put64(o, FILE_TIME);
}

static uint32_t answer_negotiate(struct call *c)
{
	size_t n = c->len < 36 ? 0 : get_le16(c->body + 2);
	struct le_buf token = {.v = NULL};
	bool known = false;

	for (size_t i = 0; i < n && 36 + 2 * i + 2 <= c->len; i++)
		known |= get_le16(c->body + 36 + 2 * i) == SMB2_DIALECT;
	if (!known)
		return SMB2_NOT_SUPPORTED;
	ntlmssp_offer(&token);
	le_put16(&c->out, 65);
	le_put16(&c->out, 1);
	le_put16(&c->out, SMB2_DIALECT);
	le_put16(&c->out, 0);
	le_put(&c->out, "wedge's SMB 2.02", 16); /* who the server is */
	le_put32(&c->out, 0);
	for (int i = 0; i < 3; i++) /* the most of a transaction, a READ, a WRITE */
		le_put32(&c->out, SMB2_READ_MAX);
	le_put64(&c->out, (uint64_t)(EPOCH_1601 +
				     (clock_now(&clock_monotonic) + clock_wall_offset()) / 100));
	le_put64(&c->out, 0);
	le_put16(&c->out, SMB2_HEADER + 64);
	le_put16(&c->out, (unsigned)token.len);
	le_put32(&c->out, 0);
	le_put(&c->out, token.v, token.len);
	free(token.v);
	return SMB2_OK;
}

static uint32_t answer_session(struct call *c)
{
	struct le_buf token = {.v = NULL};
	enum ntlmssp_kind kind;
	size_t at, len;
	bool bare;

	if (c->len < 24)
		return SMB2_INVALID;
	at = get_le16(c->body + 12);
	len = get_le16(c->body + 14);
	if (at < SMB2_HEADER + 24 || !len || at - SMB2_HEADER + len > c->len)
		return SMB2_INVALID;
	kind = ntlmssp_kind(c->body + at - SMB2_HEADER, len);
	bare = c->body[at - SMB2_HEADER] == 'N';
	if (kind == NTLMSSP_NEGOTIATE)
		ntlmssp_challenge(&token, rng_next(c->s->peer.serving->chance), bare);
	else if (kind == NTLMSSP_AUTHENTICATE)
		ntlmssp_accept(&token, bare);
	else
		return SMB2_LOGON_FAILURE;
	c->head.session = SESSION;
	le_put16(&c->out, 9);
	le_put16(&c->out, kind == NTLMSSP_AUTHENTICATE ? IS_GUEST : 0);
	le_put16(&c->out, SMB2_HEADER + 8);
	le_put16(&c->out, (unsigned)token.len);
	le_put(&c->out, token.v, token.len);
	free(token.v);
	return kind == NTLMSSP_NEGOTIATE ? SMB2_MORE_PROCESSING : SMB2_OK;
}

static uint32_t answer_tree(struct call *c)
{
	static const uint8_t ipc[] = {'I', 0, 'P', 0, 'C', 0, '$', 0};
	bool pipes = c->len >= 16 && memmem(c->body, c->len, ipc, sizeof(ipc));

	c->head.tree = pipes ? TREE_IPC : TREE_DISK;
	le_put16(&c->out, 16);
	le_put8(&c->out, pipes ? 2 : 1);
	le_put8(&c->out, 0);
	le_put32(&c->out, 0);
	le_put32(&c->out, 0);
	le_put32(&c->out, 0x001200a9); /* it may be read */
	return SMB2_OK;
}

static void write_file_id(struct call *c)
{
	le_put64(&c->out, c->s->opened);
	le_put64(&c->out, c->s->opened);
}

static uint32_t answer_create(struct call *c)
{
	struct smb_peer *s = c->s;

	if (c->len < 56 || c->head.tree != TREE_DISK)
		return SMB2_NAME_NOT_FOUND;
	if (get_le32(c->body + 36) != 1) /* but what is there can be opened */
		return SMB2_ACCESS_DENIED;
	s->open = true;
	s->opened++;
	s->now = (struct tally_exchange){.start = clock_now(&clock_monotonic), .ok = true};
	le_put16(&c->out, 89);
	le_put16(&c->out, 0);
	le_put32(&c->out, 1); /* opened */
	write_times(&c->out);
	le_put64(&c->out, size_of(s));
	le_put64(&c->out, size_of(s));
	le_put32(&c->out, FILE_ATTRIBUTES);
	le_put32(&c->out, 0);
	write_file_id(c);
	le_put64(&c->out, 0);
	return SMB2_OK;
}

/* Whether the file that is open is meant, by an identifier at that place of the body. */
static bool is_open(const struct call *c, size_t at)
{
	return c->s->open && c->len >= at + SMB2_FILE_ID && get_le64(c->body + at) == c->s->opened;
}

static uint32_t answer_read(struct call *c)
{
	uint64_t at, n, size = size_of(c->s);
	uint8_t *data;

	if (c->len < 48 || !is_open(c, 16))
		return SMB2_FILE_CLOSED;
	n = get_le32(c->body + 4);
	at = get_le64(c->body + 8);
	if (n > SMB2_READ_MAX)
		return SMB2_INVALID;
	if (at >= size)
		return SMB2_END_OF_FILE;
	n = size - at < n ? size - at : n;
	data = xcalloc(1, n + 1);
	for (uint64_t i = 0; i < n; i++)
		data[i] = (uint8_t)((at + i) % PATTERN_PRIME);
	if (!c->s->now.first)
		c->s->now.first = clock_now(&clock_monotonic);
	c->s->now.bytes += n;
	le_put16(&c->out, 17);
	le_put16(&c->out, SMB2_HEADER + SMB2_READ_AHEAD);
	le_put32(&c->out, (uint32_t)n);
	le_put64(&c->out, 0);
	le_put(&c->out, data, n);
	free(data);
	return SMB2_OK;
}

static uint32_t answer_close(struct call *c)
{
	if (!is_open(c, 8))
		return SMB2_FILE_CLOSED;
	c->s->open = false;
	c->s->now.end = clock_now(&clock_monotonic);
	tally_add(&c->s->peer.serving->tally, &c->s->now);
	le_put16(&c->out, 60);
	le_put_zeros(&c->out, 58); /* nothing is told of it any more */
	return SMB2_OK;
}

/* FileAllInformation ([MS-FSCC] 2.4.2), without the name. */
static uint32_t answer_info(struct call *c)
{
	if (c->len < 40 || !is_open(c, 24))
		return SMB2_FILE_CLOSED;
	if (c->body[2] != 1 || c->body[3] != 18)
		return SMB2_NOT_SUPPORTED;
	le_put16(&c->out, 9);
	le_put16(&c->out, SMB2_HEADER + 8);
	le_put32(&c->out, 100);
	write_times(&c->out);
	le_put32(&c->out, FILE_ATTRIBUTES);
	le_put32(&c->out, 0);
	le_put64(&c->out, size_of(c->s));
	le_put64(&c->out, size_of(c->s));
	le_put32(&c->out, 1); /* link */
	le_put32(&c->out, 0);
	le_put64(&c->out, c->s->opened);
	le_put_zeros(&c->out, 4);
	le_put32(&c->out, 0x00120089);
	le_put_zeros(&c->out, 20); /* position, mode, alignment, no name */
	return SMB2_OK;
}

static uint32_t answer_shortly(struct call *c)
{
	le_put16(&c->out, 4);
	le_put16(&c->out, 0);
	return SMB2_OK;
}

static uint32_t choose_answer(struct call *c, unsigned command)
{
	switch (command) {
	case SMB2_NEGOTIATE:
		return answer_negotiate(c);
	case SMB2_SESSION_SETUP:
		return answer_session(c);
	case SMB2_TREE_CONNECT:
		return answer_tree(c);
	case SMB2_CREATE:
		return answer_create(c);
	case SMB2_READ:
		return answer_read(c);
	case SMB2_CLOSE:
		return answer_close(c);
	case SMB2_QUERY_INFO:
		return answer_info(c);
	case SMB2_IOCTL: /* no referrals to other servers */
		return SMB2_NOT_FOUND;
	case SMB2_LOGOFF:
	case SMB2_TREE_DISCONNECT:
	case SMB2_ECHO:
		return answer_shortly(c);
	default:
		return SMB2_NOT_SUPPORTED;
	}
}

static void answer_call(struct smb_peer *s, const struct smb2_head *h, const uint8_t *body,
			size_t len)
{
	struct call c = {.s = s, .head = *h, .body = body, .len = len};
	struct le_buf message = {.v = NULL};
	size_t begun;

	c.head.flags = SMB2_FROM_SERVER;
	c.head.credits = h->credits > 64 ? 64 : h->credits ? h->credits : 1;
	c.head.status = choose_answer(&c, h->command);
	if (c.head.status != SMB2_OK && c.head.status != SMB2_MORE_PROCESSING) {
		c.out.len = 0; /* an error's body (2.2.2) */
		le_put16(&c.out, 9);
		le_put_zeros(&c.out, 7);
	}
	begun = smb2_begin(&message, &c.head);
	le_put(&message, c.out.v, c.out.len);
	smb2_end(&message, begun);
	talk_write(&s->peer.talk, message.v, message.len);
	free(message.v);
	free(c.out.v);
}

static void read_requests(struct serving_peer *p)
{
	struct smb_peer *s = (struct smb_peer *)p;
	struct smb2_head h;
	struct err e;
	ssize_t n = 0;

	while (!p->over && (n = smb2_parse((const uint8_t *)p->talk.in, p->talk.nin, &h, &e)) > 0 &&
	       (size_t)n <= p->talk.nin) {
		const uint8_t *body = (const uint8_t *)p->talk.in + SMB2_FRAME + SMB2_HEADER;

		answer_call(s, &h, body, (size_t)n - SMB2_FRAME - SMB2_HEADER);
		talk_take(&p->talk, (size_t)n);
	}
	if (n == -1) {
		tally_error(&p->serving->tally, e.text);
		p->over = true;
	}
}

/* As servers of SMB do: the end of an answer doesn't wait for an ACK of the rest of it. */
static void begin_peer(struct serving_peer *p)
{
	sock_nodelay(p->talk.fd);
}

static void wake_up(struct serving_peer *p, int64_t now)
{
	(void)p;
	(void)now;
}

static void end_peer(struct serving_peer *p)
{
	struct smb_peer *s = (struct smb_peer *)p;

	if (!s->open)
		return;
	s->open = false;
	s->now.end = clock_now(&clock_monotonic);
	tally_fail(&p->serving->tally, &s->now, OUTCOME_OTHER, "a connection ended inside a copy");
}

int bulk_server(const struct workload_task *task)
{
	static const struct serving_protocol protocol = {
	    .peer_size = sizeof(struct smb_peer),
	    .begin = begin_peer,
	    .read = read_requests,
	    .due = wake_up,
	    .end = end_peer,
	};

	return serving_run(task, &protocol);
}
