/* bulk_client.c - one request after the other until the file is open; then READs, several under way
 * at a time. The data of a READ isn't kept. */
#include "scenarios/workload/bulk_client.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/bulk_params.h"
#include "scenarios/workload/ntlmssp.h"
#include "scenarios/workload/smb2.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <string.h>

#define GENERIC_READ_FILE 0x00120089u /* read data, attributes, security; synchronize */

enum stage {
	NOTHING,
	NEGOTIATING,
	OFFERING,
	PROVING,
	CONNECTING,
	READY,
	OPENING,
	READING,
	CLOSING
};

struct copier {
	struct user user;
	enum stage stage;
	uint64_t message, session; /* the next message's number; the session */
	uint32_t tree;
	uint64_t credits;
	uint64_t copies; /* on this connection */
	uint8_t file[SMB2_FILE_ID];
	uint64_t size, asked, came; /* of the file's bytes */
	uint64_t under_way;	    /* READs */
	uint64_t skip;		    /* bytes of a READ's data that are still to come */
};

static const struct bulk_client_cfg *cfg_of(const struct copier *c)
{
	return (const struct bulk_client_cfg *)c->user.users->load;
}

static size_t begin_message(struct copier *c, struct le_buf *o, enum smb2_command command)
{
	if (c->credits)
		c->credits--;
	return smb2_begin(o, &(struct smb2_head){.command = (uint16_t)command,
						 .credits = 64,
						 .message = c->message++,
						 .tree = c->tree,
						 .session = c->session});
}

static void send_message(struct copier *c, struct le_buf *o, size_t begun)
{
	smb2_end(o, begun);
	talk_write(&c->user.talk[0], o->v, o->len);
	free(o->v);
}

static void ask_dialect(struct copier *c)
{
	struct le_buf o = {.v = NULL};
	size_t begun;

	c->stage = NEGOTIATING;
	begun = begin_message(c, &o, SMB2_NEGOTIATE);
	le_put16(&o, 36);
	le_put16(&o, 1); /* dialects */
	le_put16(&o, 1); /* signing is possible */
	le_put16(&o, 0);
	le_put32(&o, 0);
	for (int i = 0; i < 4; i++) /* who the client is */
		le_put32(&o, (uint32_t)rng_next(&c->user.chance));
	le_put64(&o, 0);
	le_put16(&o, SMB2_DIALECT);
	send_message(c, &o, begun);
}

static void sign_in(struct copier *c, enum stage stage)
{
	struct le_buf o = {.v = NULL}, token = {.v = NULL};
	size_t begun;

	c->stage = stage;
	if (stage == OFFERING)
		ntlmssp_negotiate(&token);
	else
		ntlmssp_authenticate(&token);
	begun = begin_message(c, &o, SMB2_SESSION_SETUP);
	le_put16(&o, 25);
	le_put8(&o, 0);
	le_put8(&o, 1);
	le_put32(&o, 0);
	le_put32(&o, 0);
	le_put16(&o, SMB2_HEADER + 24);
	le_put16(&o, (unsigned)token.len);
	le_put64(&o, 0);
	le_put(&o, token.v, token.len);
	free(token.v);
	send_message(c, &o, begun);
}

static void connect_tree(struct copier *c)
{
	char host[ADDR_TEXT], *path;
	struct addr server = c->user.users->task->address;
	struct le_buf o = {.v = NULL};
	size_t begun;

	c->stage = CONNECTING;
	addr_format(&server, host);
	*strrchr(host, ':') = '\0';
	path = xasprintf("\\\\%s\\%s", host, cfg_of(c)->share);
	begun = begin_message(c, &o, SMB2_TREE_CONNECT);
	le_put16(&o, 9);
	le_put16(&o, 0);
	le_put16(&o, SMB2_HEADER + 8);
	le_put16(&o, (unsigned)(2 * strlen(path)));
	le_put_utf16(&o, path);
	free(path);
	send_message(c, &o, begun);
}

static void open_file(struct copier *c)
{
	struct le_buf o = {.v = NULL};
	size_t begun;

	c->stage = OPENING;
	c->size = c->asked = c->came = 0;
	begun = begin_message(c, &o, SMB2_CREATE);
	le_put16(&o, 57);
	le_put16(&o, 0);
	le_put32(&o, 2); /* impersonation */
	le_put64(&o, 0);
	le_put64(&o, 0);
	le_put32(&o, GENERIC_READ_FILE);
	le_put32(&o, 0);
	le_put32(&o, 1);    /* others may read */
	le_put32(&o, 1);    /* it must be there */
	le_put32(&o, 0x44); /* no directory; from its beginning to its end */
	le_put16(&o, SMB2_HEADER + 56);
	le_put16(&o, (unsigned)(2 * strlen(cfg_of(c)->file)));
	le_put64(&o, 0); /* no contexts */
	le_put_utf16(&o, cfg_of(c)->file);
	send_message(c, &o, begun);
}

static void read_on(struct copier *c)
{
	while (c->under_way < cfg_of(c)->reads && c->credits && c->asked < c->size) {
		uint64_t left = c->size - c->asked;
		uint64_t n = left < cfg_of(c)->read ? left : cfg_of(c)->read;
		struct le_buf o = {.v = NULL};
		size_t begun = begin_message(c, &o, SMB2_READ);

		le_put16(&o, 49);
		le_put16(&o, SMB2_HEADER + SMB2_READ_AHEAD); /* where the data is to be */
		le_put32(&o, (uint32_t)n);
		le_put64(&o, c->asked);
		le_put(&o, c->file, sizeof(c->file));
		le_put_zeros(&o, 16);
		le_put8(&o, 0);
		c->asked += n;
		c->under_way++;
		send_message(c, &o, begun);
	}
}

static void close_file(struct copier *c)
{
	struct le_buf o = {.v = NULL};
	size_t begun;

	c->stage = CLOSING;
	begun = begin_message(c, &o, SMB2_CLOSE);
	le_put16(&o, 24);
	le_put16(&o, 0);
	le_put32(&o, 0);
	le_put(&o, c->file, sizeof(c->file));
	send_message(c, &o, begun);
}

static void forget_session(struct user *u)
{
	struct copier *c = (struct copier *)u, fresh = {.user = *u};

	*c = fresh;
}

/* Ends a connection that is in good order. */
static void leave_server(struct copier *c)
{
	forget_session(&c->user);
	talk_close(&c->user.talk[0]);
}

static void begin_copy(struct user *u)
{
	struct copier *c = (struct copier *)u;
	struct err e;

	u->due = u->now.start + cfg_of(c)->timeout;
	if (c->stage == READY)
		open_file(c);
	else if (user_connect(u, 0, &u->users->task->address, &e) == -1)
		user_fail(u, OUTCOME_CONNECT, e.text);
}

static void end_copy(struct copier *c)
{
	struct user *u = &c->user;

	u->now.bytes = c->came;
	c->stage = READY;
	if (++c->copies == cfg_of(c)->per_connection)
		leave_server(c);
	user_done(u);
}

/* Takes a whole answer that is well; body is what is behind the header. -1 with *e. */
static int take_answer(struct copier *c, const struct smb2_head *h, const uint8_t *body, size_t len,
		       struct err *e)
{
	switch (c->stage) {
	case NEGOTIATING:
		if (len < 6 || get_le16(body + 4) != SMB2_DIALECT)
			return err_set(e, "the server doesn't speak SMB 2.0.2");
		sign_in(c, OFFERING);
		return 0;
	case OFFERING:
		c->session = h->session;
		sign_in(c, PROVING);
		return 0;
	case PROVING:
		connect_tree(c);
		return 0;
	case CONNECTING:
		c->tree = h->tree;
		open_file(c);
		return 0;
	case OPENING:
		if (len < 80)
			return err_set(e, "the answer to CREATE is too short");
		c->size = get_le64(body + 48);
		memcpy(c->file, body + 64, sizeof(c->file));
		c->stage = READING;
		read_on(c);
		break;
	case CLOSING:
		end_copy(c);
		return 0;
	default:
		return err_set(e, "the server answers what it wasn't asked");
	}
	if (c->stage == READING && !c->size)
		close_file(c);
	return 0;
}

/* Begins with a READ's answer, whose data comes and isn't kept. */
static int take_data(struct copier *c, const uint8_t *body, struct err *e)
{
	uint64_t n = get_le32(body + 4);

	if (c->stage != READING || !c->under_way || n > cfg_of(c)->read)
		return err_set(e, "the server answers what it wasn't asked");
	c->skip = n;
	return 0;
}

static void skip_data(struct copier *c)
{
	struct talk *t = &c->user.talk[0];
	size_t n = t->nin < c->skip ? t->nin : (size_t)c->skip;

	talk_take(t, n);
	c->skip -= n;
	c->came += n;
	c->user.now.bytes = c->came;
	if (c->skip || !n)
		return;
	c->under_way--;
	read_on(c);
	if (c->came == c->size)
		close_file(c);
}

/* Takes the next message, as far as it is there. 0: there is none; -1 with *e. */
static int take_message(struct copier *c, struct err *e)
{
	struct talk *t = &c->user.talk[0];
	const uint8_t *p = (const uint8_t *)t->in;
	struct smb2_head h;
	ssize_t size;
	size_t need;
	int rc;

	if (c->skip) {
		skip_data(c);
		return !c->skip;
	}
	size = smb2_parse(p, t->nin, &h, e);
	if (size <= 0)
		return (int)size;
	if (h.status == SMB2_PENDING) { /* the answer comes later */
		need = (size_t)size;
		if (t->nin < need)
			return 0;
		rc = 0;
	} else if (h.command == SMB2_READ && h.status == SMB2_OK) {
		need = SMB2_FRAME + SMB2_HEADER + SMB2_READ_AHEAD;
		if (t->nin < need)
			return 0;
		rc = take_data(c, p + SMB2_FRAME + SMB2_HEADER, e);
	} else {
		need = (size_t)size;
		if (t->nin < need)
			return 0;
		if (h.status != SMB2_OK &&
		    (h.status != SMB2_MORE_PROCESSING || c->stage != OFFERING))
			return err_set(e, "the server answers with status 0x%08x", h.status);
		rc = take_answer(c, &h, p + SMB2_FRAME + SMB2_HEADER,
				 need - SMB2_FRAME - SMB2_HEADER, e);
	}
	c->credits += h.credits;
	if (c->user.talk[0].fd == -1)
		return 0; /* the copy was this connection's last */
	talk_take(t, need);
	if (rc == 0 && c->stage == READING)
		read_on(c);
	return rc == 0 ? 1 : -1;
}

static void read_answers(struct copier *c)
{
	struct err e;
	int rc = 1;

	while (rc == 1)
		rc = take_message(c, &e);
	if (rc == -1)
		user_fail(&c->user, OUTCOME_OTHER, e.text);
}

static void begin_session(struct copier *c)
{
	sock_nodelay(c->user.talk[0].fd);
	ask_dialect(c);
}

static void take_event(struct user *u, int which, enum talk_event event)
{
	struct copier *c = (struct copier *)u;
	int error = errno;

	if (event == TALK_CONNECTED)
		begin_session(c);
	else if (event == TALK_DATA)
		read_answers(c);
	else if (event == TALK_EOF && u->busy)
		user_fail(u, OUTCOME_EOF, "the server ended the connection inside a copy");
	else if (event == TALK_ERROR && u->busy)
		user_fail_talk(u, which, error);
	else if (event == TALK_EOF || event == TALK_ERROR) /* an idle one: the next copy dials */
		leave_server(c);
}

int bulk_client(const struct workload_task *task)
{
	static const struct users_protocol protocol = {
	    .user_size = sizeof(struct copier),
	    .cfg_size = sizeof(struct bulk_client_cfg),
	    .begin = begin_copy,
	    .event = take_event,
	    .due = user_give_up,
	    .forget = forget_session,
	};
	const struct bulk_client_cfg *cfg = task->cfg;

	return users_run(task, &protocol, &cfg->load, NULL);
}
