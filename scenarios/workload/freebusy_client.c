/* freebusy_client.c - an exchange is one request about a room's day, or about a few rooms'. */
#include "scenarios/workload/freebusy_client.h"

#include "proxy/base/mem.h"
#include "scenarios/workload/ews.h"
#include "scenarios/workload/freebusy_params.h"
#include "scenarios/workload/http_text.h"
#include "scenarios/workload/rpc_client.h"
#include "scenarios/workload/xml_scan.h"

#include <string.h>
#include <time.h>

#define FIRST_DAY 1425254400 /* 2015-03-02, a Monday */
#define A_DAY	  86400

#define ENVELOPE_BEGIN                                                                             \
	EWS_XML "<soap:Envelope xmlns:soap=\"" EWS_SOAP "\" xmlns:t=\"" EWS_TYPES                  \
		"\" xmlns:m=\"" EWS_MESSAGES "\"><soap:Body><m:GetUserAvailabilityRequest>"
#define TIME_ZONE                                                                                  \
	"<t:TimeZone><t:Bias>0</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>02:00:00</"       \
	"t:Time>"                                                                                  \
	"<t:DayOrder>1</t:DayOrder><t:Month>11</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek>"         \
	"</t:StandardTime><t:DaylightTime><t:Bias>0</t:Bias><t:Time>02:00:00</t:Time>"             \
	"<t:DayOrder>2</t:DayOrder><t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek>"          \
	"</t:DaylightTime></t:TimeZone>"
#define MAILBOX                                                                                    \
	"<t:MailboxData><t:Email><t:Address>room%03llu@example.com</t:Address></t:Email>"          \
	"<t:AttendeeType>Room</t:AttendeeType></t:MailboxData>"
#define OPTIONS                                                                                    \
	"<t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>%s</t:StartTime>"                       \
	"<t:EndTime>%s</t:EndTime></t:TimeWindow>"                                                 \
	"<t:MergedFreeBusyIntervalInMinutes>30</t:MergedFreeBusyIntervalInMinutes>"                \
	"<t:RequestedView>MergedOnly</t:RequestedView></t:FreeBusyViewOptions>"
#define ENVELOPE_END "</m:GetUserAvailabilityRequest></soap:Body></soap:Envelope>\n"

struct planner {
	uint64_t asked; /* requests so far */
	struct xml_scan scan;
	uint64_t well; /* rooms whose answer says so */
	bool whole;    /* the envelope has ended */
};

static void take_element(void *arg, const char *name, const char *text)
{
	struct conn *c = arg;
	struct planner *p = c->mine;

	if (!strcmp(name, "FreeBusyResponse"))
		c->content.records++;
	else if (!strcmp(name, "ResponseCode"))
		p->well += !strcmp(text, "NoError");
	else if (!strcmp(name, "Envelope"))
		p->whole = true;
}

static void write_day(uint64_t day, char *out, size_t size)
{
	time_t at = (time_t)(FIRST_DAY + day * A_DAY);
	struct tm tm;

	BUG_ON(!gmtime_r(&at, &tm));
	snprintf(out, size, EWS_TIME, 1900 + tm.tm_year, tm.tm_mon + 1, tm.tm_mday, 0, 0, 0);
}

/* Request number n asks about so many rooms from there on; a day's round is a whole one. */
static void write_question(struct http_text *t, const struct freebusy_client_cfg *cfg, uint64_t n)
{
	uint64_t per_day = (cfg->rooms + cfg->per_request - 1) / cfg->per_request;
	uint64_t first = n % per_day * cfg->per_request, day = n / per_day % 365;
	char start[64], end[64];

	write_day(day, start, sizeof(start));
	write_day(day + 1, end, sizeof(end));
	http_text_add(t, ENVELOPE_BEGIN TIME_ZONE "<m:MailboxDataArray>");
	for (uint64_t i = 0; i < cfg->per_request; i++)
		http_text_add(t, MAILBOX, (unsigned long long)(first + i) % cfg->rooms + 1);
	http_text_add(t, "</m:MailboxDataArray>" OPTIONS ENVELOPE_END, start, end);
}

static void ask_rooms(struct client *cl, struct conn *c)
{
	const struct freebusy_client_cfg *cfg = (const struct freebusy_client_cfg *)cl->cfg;
	struct http_text body = {.v = NULL};
	struct planner *p = c->mine;
	uint64_t n = c->slot + p->asked * cl->slots;

	*p = (struct planner){.asked = p->asked + 1, .scan = {.element = take_element, .arg = c}};
	c->now.asked = cfg->per_request;
	write_question(&body, cfg, n);
	rpc_client_ask(c, &(struct http_ask){.method = "POST",
					     .target = cfg->http.path,
					     .fields = "SOAPAction: \"" EWS_ACTION "\"\r\n",
					     .type = EWS_TYPE,
					     .body = body.v,
					     .len = body.len});
	free(body.v);
}

static void read_answer(struct conn *c, const char *data, size_t len)
{
	struct planner *p = c->mine;

	xml_scan_feed(&p->scan, data, len);
}

static int judge_answer(struct conn *c, struct err *e)
{
	const struct planner *p = c->mine;

	if (!p->whole)
		return err_set(e, "the answer isn't a whole SOAP envelope");
	if (c->content.records != c->now.asked || p->well != c->now.asked)
		return err_set(e, "of %llu rooms %llu are answered, %llu of them well",
			       (unsigned long long)c->now.asked,
			       (unsigned long long)c->content.records, (unsigned long long)p->well);
	return 0;
}

int freebusy_client(const struct workload_task *task)
{
	static const struct rpc_client_protocol protocol = {
	    .cfg_size = sizeof(struct freebusy_client_cfg),
	    .own_size = sizeof(struct planner),
	    .ask = ask_rooms,
	    .body = read_answer,
	    .judge = judge_answer,
	};

	return rpc_client_run(task, &protocol, NULL);
}
