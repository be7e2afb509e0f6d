/* freebusy_server.c - every address is a room's, which is taken at hours that the seed draws. */
#include "scenarios/workload/freebusy_server.h"

#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "scenarios/workload/ews.h"
#include "scenarios/workload/freebusy_params.h"
#include "scenarios/workload/rpc_server.h"
#include "scenarios/workload/xml_scan.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROOMS_MAX     100 /* of one request, as Exchange has it */
#define INTERVALS_MAX 4096

#define ANSWER_BEGIN                                                                               \
	EWS_XML "<s:Envelope xmlns:s=\"" EWS_SOAP "\"><s:Body>"                                    \
		"<GetUserAvailabilityResponse xmlns=\"" EWS_MESSAGES "\"><FreeBusyResponseArray>"
#define ROOM_BEGIN                                                                                 \
	"<FreeBusyResponse><ResponseMessage ResponseClass=\"Success\"><ResponseCode>NoError"       \
	"</ResponseCode></ResponseMessage><FreeBusyView>"                                          \
	"<FreeBusyViewType xmlns=\"" EWS_TYPES "\">MergedOnly</FreeBusyViewType>"                  \
	"<MergedFreeBusy xmlns=\"" EWS_TYPES "\">"
#define ROOM_END   "</MergedFreeBusy></FreeBusyView></FreeBusyResponse>"
#define ANSWER_END "</FreeBusyResponseArray></GetUserAvailabilityResponse></s:Body></s:Envelope>\n"
#define FAULT                                                                                      \
	EWS_XML "<s:Envelope xmlns:s=\"" EWS_SOAP "\"><s:Body><s:Fault><faultcode>s:Client"        \
		"</faultcode><faultstring>%s</faultstring></s:Fault></s:Body></s:Envelope>\n"

struct question {
	struct xml_scan scan;
	bool begun, asks;	   /* a byte has come; for an availability */
	uint64_t rooms[ROOMS_MAX]; /* the seeds of their calendars */
	size_t nrooms;
	int64_t start, end, minutes;
};

static int64_t read_time(const char *text)
{
	struct tm tm = {.tm_isdst = 0};

	if (sscanf(text, EWS_TIME, &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
		   &tm.tm_sec) != 6)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (int64_t)timegm(&tm);
}

static void take_element(void *arg, const char *name, const char *text)
{
	struct peer *p = arg;
	struct question *q = p->mine;

	if (!strcmp(name, "Address") && q->nrooms < ROOMS_MAX)
		q->rooms[q->nrooms++] = rng_part_seed(p->server->task->seed, text);
	else if (!strcmp(name, "StartTime"))
		q->start = read_time(text);
	else if (!strcmp(name, "EndTime"))
		q->end = read_time(text);
	else if (!strcmp(name, "MergedFreeBusyIntervalInMinutes"))
		q->minutes = strtoll(text, NULL, 10);
	else if (!strcmp(name, "GetUserAvailabilityRequest"))
		q->asks = true;
}

static void read_question(struct peer *p, const char *data, size_t len)
{
	struct question *q = p->mine;

	if (!q->begun)
		q->scan = (struct xml_scan){.element = take_element, .arg = p};
	q->begun = true;
	xml_scan_feed(&q->scan, data, len);
}

/* A digit an interval: 0 free, 2 taken; by working hours, whatever the view is of. */
static void add_room(struct http_text *t, const struct question *q, uint64_t seed)
{
	int64_t step = q->minutes * 60;

	http_text_add(t, ROOM_BEGIN);
	for (int64_t at = q->start; at < q->end; at += step) {
		int64_t hour = at / 3600;
		struct rng rng = rng_make(seed, 0, (uint64_t)hour);
		bool taken = hour % 24 >= 8 && hour % 24 < 18 && rng_chance(&rng, 0.4);

		http_text_add(t, taken ? "2" : "0");
	}
	http_text_add(t, ROOM_END);
}

/* Returns what is wrong with the question; NULL: nothing is. */
static const char *fault_of(const struct question *q)
{
	if (!q->asks || !q->nrooms)
		return "no request for the availability of a mailbox";
	if (q->minutes < 5 || q->minutes > 1440)
		return "an interval has from 5 to 1440 minutes";
	if (q->end <= q->start || (q->end - q->start) / 60 / q->minutes > INTERVALS_MAX)
		return "the time window is empty or too long";
	return NULL;
}

static void choose_answer(struct server *s, struct peer *p)
{
	struct http_reply reply = {.status = 200, .type = EWS_TYPE};
	struct http_text body = {.v = NULL};
	struct question *q = p->mine;
	const char *fault = fault_of(q);

	(void)s;
	if (strcmp(p->http.method, "POST") != 0) {
		reply = (struct http_reply){.status = 405, .fields = "Allow: POST\r\n"};
	} else if (fault) {
		reply.status = 500;
		http_text_add(&body, FAULT, fault);
	} else {
		http_text_add(&body, ANSWER_BEGIN);
		for (size_t i = 0; i < q->nrooms; i++)
			add_room(&body, q, q->rooms[i]);
		http_text_add(&body, ANSWER_END);
		p->now.records = p->now.asked = q->nrooms;
	}
	memset(q, 0, sizeof(*q));
	peer_reply(p, &reply, &body, 0);
}

int freebusy_server(const struct workload_task *task)
{
	static const struct rpc_server_protocol protocol = {
	    .own_size = sizeof(struct question),
	    .answer = choose_answer,
	    .body = read_question,
	};

	return rpc_serve(task, &protocol, NULL);
}
