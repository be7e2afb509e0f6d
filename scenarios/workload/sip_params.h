/* sip_params.h - the two configurations of the workload "sip". Private to the sip files and their
 * tests. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SIP_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_SIP_PARAMS_H

#include "scenarios/workload/users.h"

enum sip_exchange { SIP_CALL, SIP_MESSAGE, SIP_REGISTER, SIP_PUBLISH };
enum sip_relay_when { SIP_BEFORE_INVITE, SIP_AFTER_ANSWER };
enum sip_relay_silent { SIP_GO_ON, SIP_DROP };

struct sip_client_cfg {
	struct users_load load;
	int exchange; /* enum sip_exchange */
	bool sign_in;
	char *password, *relay_password;
	int64_t timeout, beep, hold;
	double hold_varies; /* share of hold */
	uint64_t message;
	uint64_t relay_port; /* 0: there is none */
	int relay_when;	     /* enum sip_relay_when */
	int relay_silent;    /* enum sip_relay_silent */
	int64_t relay_timeout;
	double relay_timeout_varies; /* share of relay_timeout */
	int relay_balance;	     /* enum balance_how */
	int64_t probe_every, probe_timeout;
};

struct sip_server_cfg {
	int64_t service, ring_after, answer_after;
	double ring_varies, answer_varies; /* shares of them */
	char *password;
};

#endif
