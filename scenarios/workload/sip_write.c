/* sip_write.c - the banner says wedge: nobody is to be taken for a product that it isn't. */
#include "scenarios/workload/sip_write.h"

#include "proxy/base/mem.h"
#include "proxy/base/version.h"

#include <string.h>

#define SERVER_NAME "wedge/" WEDGE_VERSION

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static char *write_body_head(const char *type, const char *body)
{
	if (!type)
		return xstrdup("Content-Length: 0\r\n\r\n");
	return xasprintf("Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", type, strlen(body),
			 body);
}

char *sip_write_request(const struct sip_request *r)
{
	char *tail = write_body_head(r->type, r->body);
	char *contact = r->contact ? xasprintf("Contact: <%s>\r\n", r->contact) : xstrdup("");
	char *text = xasprintf("%s %s SIP/2.0\r\n"
			       "Via: SIP/2.0/TCP %s;branch=%s\r\n"
			       "Max-Forwards: 70\r\n"
			       "From: %s\r\n"
			       "To: %s\r\n"
			       "Call-ID: %s\r\n"
			       "CSeq: %lu %s\r\n"
			       "%s%s"
			       "User-Agent: " SERVER_NAME "\r\n"
			       "%s",
			       r->method, r->uri, r->sent_by, r->branch, r->from, r->to, r->call_id,
			       r->cseq, r->method, contact, text_or_empty(r->more), tail);

	free(tail);
	free(contact);
	return text;
}

static const char *reason_of(unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} reasons[] = {
	    {100, "Trying"},
	    {180, "Ringing"},
	    {200, "OK"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {481, "Call/Transaction Does Not Exist"},
	    {486, "Busy Here"},
	    {487, "Request Terminated"},
	    {501, "Not Implemented"},
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

/* Returns the first Via with received=, where it came from another address than it says, and with
 * the value of an rport that has none (RFC 3581). */
static char *write_top_via(struct sip_text via, const struct addr *remote)
{
	char host[ADDR_TEXT];
	size_t first = 0; /* bytes of the first value */
	struct sip_text by;
	const char *rport;
	bool differs;

	while (first < via.len && via.s[first] != ',')
		first++;
	by = (struct sip_text){via.s, first};
	addr_format_host(remote, host);
	/* SIP/2.0/TCP host:port;... */
	rport = memmem(by.s, by.len, ";rport", 6);
	if (rport && rport + 6 < by.s + by.len && rport[6] == '=')
		rport = NULL;
	differs = !memmem(by.s, by.len, host, strlen(host));
	if (!differs && !rport)
		return xasprintf("%.*s", (int)via.len, via.s);
	if (!rport)
		return xasprintf("%.*s;received=%s%.*s", (int)first, via.s, host,
				 (int)(via.len - first), via.s + first);
	return xasprintf("%.*s=%u;received=%s%.*s", (int)(rport + 6 - via.s), via.s,
			 addr_port(remote), host, (int)(via.s + via.len - (rport + 6)), rport + 6);
}

char *sip_answer_head(const struct sip_message *m, const struct addr *remote, const char *tag)
{
	bool tagged = !tag || sip_parameter(m->to, "tag").len;
	char *text = write_top_via(m->via[0], remote), *old = text;

	text = xasprintf("Via: %s\r\n", old);
	free(old);
	for (size_t i = 1; i < m->nvias; i++) {
		old = text;
		text = xasprintf("%sVia: %.*s\r\n", old, (int)m->via[i].len, m->via[i].s);
		free(old);
	}
	for (size_t i = 0; i < m->nroutes; i++) {
		old = text;
		text =
		    xasprintf("%sRecord-Route: %.*s\r\n", old, (int)m->route[i].len, m->route[i].s);
		free(old);
	}
	old = text;
	text = xasprintf("%sFrom: %.*s\r\nTo: %.*s%s%s\r\nCall-ID: %.*s\r\nCSeq: %lu %.*s\r\n", old,
			 (int)m->from.len, m->from.s, (int)m->to.len, m->to.s,
			 tagged ? "" : ";tag=", tagged ? "" : tag, (int)m->call_id.len,
			 m->call_id.s, m->cseq, (int)m->cseq_method.len, m->cseq_method.s);
	free(old);
	return text;
}

char *sip_write_answer(unsigned status, const char *head, const char *more, const char *type,
		       const char *body)
{
	char *tail = write_body_head(type, body);
	char *text = xasprintf("SIP/2.0 %u %s\r\n%s%sServer: " SERVER_NAME "\r\n%s", status,
			       reason_of(status), head, text_or_empty(more), tail);

	free(tail);
	return text;
}

char *sip_write_session(const struct addr *media, unsigned long long id)
{
	const char *family = media->sa.sa_family == AF_INET6 ? "IP6" : "IP4";
	char host[ADDR_TEXT];

	addr_format_host(media, host);
	return xasprintf("v=0\r\n"
			 "o=- %llu 1 IN %s %s\r\n"
			 "s=-\r\n"
			 "c=IN %s %s\r\n"
			 "t=0 0\r\n"
			 "m=audio %u RTP/AVP 0 8\r\n"
			 "a=rtpmap:0 PCMU/8000\r\n"
			 "a=rtpmap:8 PCMA/8000\r\n"
			 "a=sendrecv\r\n",
			 id, family, host, family, host, addr_port(media));
}
