/* sip_ask.c - identifiers are drawn by the seed: each user's are the same in every run. */
#include "scenarios/workload/sip_ask.h"

#include "proxy/base/mem.h"
#include "scenarios/workload/sip_write.h"

#include <string.h>
#include <sys/socket.h>

#define MEDIA_PORT 49170 /* offered without a relay, with each user's own added */
#define EXPIRES	   "3600"

static void replace_text(char **where, char *text)
{
	free(*where);
	*where = text;
}

static char *copy_text(struct sip_text t)
{
	return xasprintf("%.*s", (int)t.len, t.s);
}

static unsigned long long draw_number(struct sip_user *s)
{
	return (unsigned long long)rng_next(&s->user.chance);
}

static unsigned long long number_of(const struct sip_user *s)
{
	return (unsigned long long)s->user.slot + 1;
}

static void take_own_address(const struct sip_user *s, struct addr *a)
{
	a->len = sizeof(a->in6);
	if (getsockname(s->user.talk[SIP_TALK].fd, &a->sa, &a->len) == -1)
		*a = s->user.users->task->address;
	addr_unmap(a);
}

void sip_ask_from(struct sip_user *s)
{
	struct addr own;

	take_own_address(s, &own);
	addr_format_host(&own, s->host);
	addr_format(&own, s->sent_by);
}

/* Begins a dialog, or a transaction outside of one, with whoever that address is. */
static void begin_dialog(struct sip_user *s, const char *to)
{
	replace_text(&s->call_id, xasprintf("%016llx@%s", draw_number(s), s->host));
	replace_text(&s->from, xasprintf("<sip:user%llu@" SIP_DOMAIN ">;tag=%08llx", number_of(s),
					 draw_number(s) >> 32));
	replace_text(&s->to, xasprintf("<%s>", to));
	replace_text(&s->target, xstrdup(to));
	replace_text(&s->route, xstrdup(""));
	s->cseq = 0;
}

/* Sends the request within the dialog at hand, with a branch of its own unless it is the ACK of the
 * INVITE's own transaction. */
static void send_request(struct sip_user *s, struct sip_request *r, bool same_branch)
{
	char *contact = xasprintf("sip:user%llu@%s;transport=tcp", number_of(s), s->sent_by);
	char *more = xasprintf("%s%s", same_branch ? "" : s->route, r->more ? r->more : ""), *text;

	if (!same_branch)
		replace_text(&s->branch, xasprintf(SIP_BRANCH_MAGIC "%016llx", draw_number(s)));
	r->uri = r->uri ? r->uri : s->target;
	r->sent_by = s->sent_by;
	r->branch = s->branch;
	r->from = s->from;
	r->to = r->to ? r->to : s->to;
	r->call_id = s->call_id;
	r->cseq = s->cseq;
	r->more = more;
	if (r->contact)
		r->contact = contact;
	text = sip_write_request(r);
	talk_write(&s->user.talk[SIP_TALK], text, strlen(text));
	free(text);
	free(more);
	free(contact);
}

/* Returns the lines of a REGISTER beside those of all requests. */
static char *write_register_more(struct sip_user *s, const char *uri)
{
	const char *password = ((const struct sip_client_cfg *)s->user.users->task->cfg)->password;
	char *user = xasprintf("user%llu", number_of(s));
	char *proof = s->challenge.nonce ? sip_write_authorization(&s->challenge, user, password,
								   "REGISTER", uri, draw_number(s))
					 : xstrdup("");
	char *more = xasprintf("Expires: " EXPIRES "\r\n%s", proof);

	free(user);
	free(proof);
	return more;
}

void sip_ask_register_again(struct sip_user *s)
{
	struct sip_request r = {.method = "REGISTER", .uri = "sip:" SIP_DOMAIN, .contact = ""};
	char *more;

	more = write_register_more(s, r.uri);
	r.more = more;
	s->cseq++;
	send_request(s, &r, false);
	free(more);
}

void sip_ask_register(struct sip_user *s)
{
	char *own = xasprintf("sip:user%llu@" SIP_DOMAIN, number_of(s));

	begin_dialog(s, own);
	s->challenged = false;
	sip_ask_register_again(s);
	free(own);
}

static char *callee_of(const struct sip_user *s)
{
	return xasprintf("sip:phone%llu@" SIP_DOMAIN, number_of(s));
}

/* Sends a request that belongs to no call; takes over to and body. */
static void ask_alone(struct sip_user *s, struct sip_request *r, char *to, char *body)
{
	r->body = body;
	begin_dialog(s, to);
	s->cseq = 1;
	send_request(s, r, false);
	free(to);
	free(body);
}

void sip_ask_message(struct sip_user *s)
{
	static const char words[] = "The quick brown fox jumps over the lazy dog. ";
	size_t most = (size_t)((const struct sip_client_cfg *)s->user.users->task->cfg)->message;
	size_t n = most - (size_t)rng_below(&s->user.chance, most / 2 + 1);
	struct sip_request r = {.method = "MESSAGE", .type = "text/plain;charset=UTF-8"};
	char *callee = callee_of(s), *body = xcalloc(n + 1, 1);

	for (size_t i = 0; i < n; i++)
		body[i] = words[i % (sizeof(words) - 1)];
	ask_alone(s, &r, callee, body);
}

/* The user's state, in the format of RFC 3863: he can be reached; the note is drawn. */
static char *write_presence(struct sip_user *s)
{
	static const char *const notes[] = {"Available", "Busy", "Away"};

	return xasprintf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
			 "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" "
			 "entity=\"sip:user%llu@" SIP_DOMAIN "\">\r\n"
			 "<tuple id=\"t%llu\"><status><basic>open</basic></status>"
			 "<note>%s</note></tuple>\r\n"
			 "</presence>\r\n",
			 number_of(s), number_of(s), notes[rng_below(&s->user.chance, 3)]);
}

void sip_ask_publish(struct sip_user *s)
{
	struct sip_request r = {.method = "PUBLISH",
				.more = "Event: presence\r\nExpires: " EXPIRES "\r\n",
				.type = "application/pidf+xml"};

	ask_alone(s, &r, xasprintf("sip:user%llu@" SIP_DOMAIN, number_of(s)), write_presence(s));
}

void sip_ask_invite(struct sip_user *s)
{
	struct sip_request r = {.method = "INVITE",
				.contact = "",
				.more = "Allow: " SIP_ALLOW "\r\n",
				.type = "application/sdp"};
	struct addr media = s->allocation.relayed;
	char *callee = callee_of(s), *session;

	if (!media.len) {
		take_own_address(s, &media);
		addr_set_port(&media, (uint16_t)(MEDIA_PORT + 2 * (s->user.slot % 1024)));
	}
	begin_dialog(s, callee);
	s->cseq = 1;
	session = sip_write_session(&media, draw_number(s) >> 32);
	r.body = session;
	send_request(s, &r, false);
	free(callee);
	free(session);
}

/* Returns Route lines of the answer's Record-Route lines, the last one first (RFC 3261 12.1.2). */
static char *reverse_route(const struct sip_message *m)
{
	char *text = xstrdup("");

	for (size_t i = m->nroutes; i > 0; i--) {
		char *old = text;

		text = xasprintf("%sRoute: %.*s\r\n", old, (int)m->route[i - 1].len,
				 m->route[i - 1].s);
		free(old);
	}
	return text;
}

void sip_ask_ack(struct sip_user *s, const struct sip_message *m)
{
	struct sip_request r = {.method = "ACK"};
	unsigned long cseq = s->cseq;
	char *to = copy_text(m->to);

	if (m->status < 300) {
		replace_text(&s->to, xstrdup(to));
		replace_text(&s->route, reverse_route(m));
		if (m->contact.len)
			replace_text(&s->target, copy_text(sip_address_uri(m->contact)));
	}
	r.to = to;
	s->cseq = m->cseq; /* the INVITE's, though a BYE may have followed */
	send_request(s, &r, m->status >= 300);
	s->cseq = cseq;
	free(to);
}

void sip_ask_bye(struct sip_user *s)
{
	struct sip_request r = {.method = "BYE"};

	s->cseq++;
	send_request(s, &r, false);
}

void sip_ask_answer(struct sip_user *s, const struct sip_message *m, unsigned status)
{
	char *head, *text;

	if (sip_text_is(m->method, "ACK"))
		return;
	head = sip_answer_head(m, &s->user.users->task->address, NULL);
	text = sip_write_answer(status, head, NULL, NULL, NULL);
	talk_write(&s->user.talk[SIP_TALK], text, strlen(text));
	free(text);
	free(head);
}

void sip_ask_forget(struct sip_user *s)
{
	replace_text(&s->call_id, NULL);
	replace_text(&s->from, NULL);
	replace_text(&s->to, NULL);
	replace_text(&s->target, NULL);
	replace_text(&s->route, NULL);
	replace_text(&s->branch, NULL);
	sip_free_challenge(&s->challenge);
}
