/* sip.c - the parameters of the workload "sip" and the rules between them. */
#include "scenarios/workload/sip.h"

#include "scenarios/workload/password.h"
#include "scenarios/workload/sip_client.h"
#include "scenarios/workload/sip_params.h"
#include "scenarios/workload/sip_server.h"
#include "scenarios/workload/sip_write.h"

static const char *const exchange_names[] = {"call", "message", "register", "publish", NULL};
static const char *const when_names[] = {"before_invite", "after_answer", NULL};
static const char *const silent_names[] = {"go_on", "drop", NULL};

static const struct param client_params[] = {
    USERS_PARAMS(struct sip_client_cfg),
    USERS_CLOSE_PARAMS(struct sip_client_cfg),
    P_ENUM("exchange", struct sip_client_cfg, exchange, exchange_names, .def = "call",
	   .help = "What an exchange is: a call, from dialling to the answer to its BYE; a MESSAGE "
		   "(RFC 3428) and its answer; a REGISTER and its answer; a PUBLISH of the "
		   "user's presence (RFC 3903) and its answer."),
    P_FLAG("sign_in", struct sip_client_cfg, sign_in, .def = "true",
	   .help = "A REGISTER on each connection before anything else, which is no exchange."),
    P_TEXT("password", struct sip_client_cfg, password, .def = PASSWORD_DEFAULT,
	   .check = password_check,
	   .help = "Of all users; a REGISTER that is answered by 401 is sent again, with "
		   "credentials (Digest, RFC 3261 22)."),
    P_DURATION("timeout", struct sip_client_cfg, timeout, .def = SIP_TIMEOUT_TEXT, .min = "1ms",
	       .max = "24h",
	       .help = "A request without a final answer in this time has failed, and the exchange "
		       "with it: 64 * T1 (RFC 3261 17.1.1.2); the same for the connection."),
    P_SIZE("message", struct sip_client_cfg, message, .def = "160B", .min = "1B", .max = "1300B",
	   .help = "The longest text of a MESSAGE; each has from half of it to all, by the seed."),
    P_DURATION("beep", struct sip_client_cfg, beep, .def = "1s", .min = "1ms", .max = "1m",
	       .help = "From one beep that a caller hears while nothing rings to the next; beeps "
		       "are counted by it. An assumption: the length is documented nowhere."),
    P_DURATION("hold", struct sip_client_cfg, hold, .def = "1s", .min = "0", .max = "1h",
	       .help = "How long a call lasts from the answer to the BYE."),
    P_FRACTION("hold_varies", struct sip_client_cfg, hold_varies, .def = "0%",
	       .help = "Each is drawn by the seed between hold less and hold more this share of "
		       "it."),
    P_COUNT("relay_port", struct sip_client_cfg, relay_port, .def = "0", .max = "65535",
	    .help = "Each call asks the media relay at this port of the lab (the traffic with app: "
		    "relay) for an allocation, over a connection that lasts as long as the call; "
		    "0: there is no relay."),
    P_ENUM("relay_when", struct sip_client_cfg, relay_when, when_names, .needs = "relay_port",
	   .def = "before_invite",
	   .help = "before_invite: what the relay gives stands in the offer, so the INVITE waits "
		   "for it; after_answer: once the call is answered, while it is connecting."),
    P_DURATION("relay_timeout", struct sip_client_cfg, relay_timeout, .needs = "relay_port",
	       .def = "10s", .min = "1ms", .max = "24h",
	       .help = "How long the relay's answer is waited for."),
    P_FRACTION("relay_timeout_varies", struct sip_client_cfg, relay_timeout_varies,
	       .needs = "relay_timeout", .def = "0%", .help = USERS_TIMEOUT_VARIES),
    P_ENUM("relay_silent", struct sip_client_cfg, relay_silent, silent_names, .needs = "relay_port",
	   .def = "go_on",
	   .help = "What becomes of a call that gets none: go_on: it goes on without; drop: it has "
		   "failed, and is ended by a BYE once it is answered."),
    P_ENUM("relay_balance", struct sip_client_cfg, relay_balance, balance_names,
	   .needs = "relay_port", .def = "first",
	   .help =
	       "Which of several relays a call asks: always the first one; one after the other; "
	       "or one after the other of those that the last health check found well (all, "
	       "before the first check and while none is): one that connects, or one that asks "
	       "for an allocation as a call does, and waits for the answer."),
    P_DURATION("probe_every", struct sip_client_cfg, probe_every, .needs = "relay_balance",
	       .def = "2s", .min = "10ms", .max = "1h",
	       .help = "Of the health checks: from one's beginning to the next one's; those of "
		       "several relays are evenly spread over that time."),
    P_DURATION("probe_timeout", struct sip_client_cfg, probe_timeout, .needs = "relay_balance",
	       .def = "1s", .min = "1ms", .max = "1h",
	       .help = "A health check that takes longer has failed."),
    P_TEXT("relay_password", struct sip_client_cfg, relay_password, .def = PASSWORD_DEFAULT,
	   .needs = "relay_port", .check = password_check,
	   .help = "Of all users, for the relay: password of the workload relay."),
    P_END,
};

static const struct param server_params[] = {
    P_DURATION("service", struct sip_server_cfg, service, .def = "0", .min = "0", .max = "1h",
	       .help = "Time between a REGISTER, MESSAGE or PUBLISH and its answer."),
    P_DURATION("ring_after", struct sip_server_cfg, ring_after, .def = "100ms", .min = "0",
	       .max = "1h",
	       .help = "From the INVITE, which 100 answers at once, to 180: the way to the phone."),
    P_FRACTION("ring_varies", struct sip_server_cfg, ring_varies, .def = "0%",
	       .help = "Each is drawn by the seed between that less and more this share of it."),
    P_DURATION("answer_after", struct sip_server_cfg, answer_after, .def = "1s", .min = "0",
	       .max = "1h", .help = "From 180 to 200: somebody takes the call."),
    P_FRACTION("answer_varies", struct sip_server_cfg, answer_varies, .def = "0%",
	       .help = "The same of answer_after."),
    P_TEXT("password", struct sip_server_cfg, password, .def = PASSWORD_DEFAULT,
	   .takes_empty = true, .check = password_check,
	   .help = "Of all users; a REGISTER without credentials gets 401, which is no exchange, "
		   "and one with wrong ones 403. \"\": nobody is asked for any."),
    P_END,
};

static int sip_check(const void *client_cfg, const void *server_cfg, struct err *e)
{
	const struct sip_client_cfg *client = client_cfg;

	(void)server_cfg;
	if (!client)
		return 0;
	if (client->relay_port && client->exchange != SIP_CALL)
		return err_set(e, "relay_port: only a call asks a relay, exchange: call");
	return users_check(&client->load, e);
}

const struct workload workload_sip = {
    .name = "sip",
    .summary = "SIP over TCP (RFC 3261): calls, messages, registrations; a media relay is asked",
    .client_params = client_params,
    .server_params = server_params,
    .client_size = sizeof(struct sip_client_cfg),
    .server_size = sizeof(struct sip_server_cfg),
    .client = sip_client,
    .server = sip_server,
    .check = sip_check,
};
