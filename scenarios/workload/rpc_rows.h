/* rpc_rows.h - the parameters that all workloads have that speak HTTP, as rows of their tables; a
 * configuration begins with a struct rpc_client_cfg or a struct rpc_server_cfg. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_ROWS_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_ROWS_H

#include "proxy/base/param.h"
#include "scenarios/workload/arrivals.h"
#include "scenarios/workload/balance.h"
#include "scenarios/workload/rpc_params.h"

/* name: the host_name of most servers that the workload stands for. */
#define RPC_HOST_NAME_ROW(type, member, name)                                                      \
	P_TEXT("host_name", type, member, .def = name, .check = rpc_host_name_check,               \
	       .takes_empty = true,                                                                \
	       .help = "The server's name, in the Host field of every request, with the port "     \
		       "where that isn't 80, or 443 of tls (RFC 9110 7.2); nothing looks it up. "  \
		       "\"\": its address.")

#define RPC_CLIENT_ROWS                                                                            \
	P_COUNT("exchanges", struct rpc_client_cfg, exchanges, .def = "60", .min = "1",            \
		.max = "10000000", .help = "Requests to send, over all connections together."),    \
	    P_COUNT("connections", struct rpc_client_cfg, connections, .def = "1", .min = "1",     \
		    .max = "1024",                                                                 \
		    .help = "Kept-alive connections in parallel; each works one request after "    \
			    "the other."),                                                         \
	    P_DURATION("connect_every", struct rpc_client_cfg, connect_every, .def = "0",          \
		       .min = "0", .max = "1h",                                                    \
		       .help = "How long after each connection the next one begins its work."),    \
	    P_TEXT("rate", struct rpc_client_cfg, rate, .def = "0", .check = arrivals_check_rate,  \
		   .help = "Requests in a time, 20/s, whether or not others are answered: on a "   \
			   "free connection, "                                                     \
			   "else on a new one, and timed from when they were due; 0: each "        \
			   "connection waits for "                                                 \
			   "its answer."),                                                         \
	    P_ENUM(                                                                                \
		"arrivals", struct rpc_client_cfg, arrivals, arrivals_names, .def = "even",        \
		.help =                                                                            \
		    "The times between requests by the rate, and between connections by "          \
		    "connect_every. even: all are the same, as of one machine; poisson: each is "  \
		    "drawn by the seed from the exponential distribution with that mean, as the "  \
		    "calls of many people come."),                                                 \
	    P_COUNT(                                                                               \
		"retries", struct rpc_client_cfg, retries, .def = "0", .max = "1000",              \
		.help =                                                                            \
		    "How often a request that failed is made again; each try is an exchange."),    \
	    P_ENUM("retry_port", struct rpc_client_cfg, retry_port, rpc_port_names,                \
		   .needs = "retries", .def = "new",                                               \
		   .help = "The local port of the connection that a retry makes: another one, or " \
			   "that of "                                                              \
			   "the try that failed, whose connection then ends by RST."),             \
	    P_DURATION("retry_wait", struct rpc_client_cfg, retry_wait, .needs = "retries",        \
		       .def = "0", .min = "0", .max = "1h",                                        \
		       .help = "Pause between a failure and its retry."),                          \
	    P_FRACTION(                                                                            \
		"retry_varies", struct rpc_client_cfg, retry_varies, .needs = "retry_wait",        \
		.def = "0%",                                                                       \
		.help =                                                                            \
		    "Each of these pauses is drawn by the seed between retry_wait less and "       \
		    "retry_wait more this share of it: clients that failed together don't come "   \
		    "back together."),                                                             \
	    P_COUNT("per_connection", struct rpc_client_cfg, per_connection, .def = "0",           \
		    .max = "10000000",                                                             \
		    .help = "Exchanges after which a connection is closed and the next one made; " \
			    "0: all."),                                                            \
	    P_DURATION(                                                                            \
		"think", struct rpc_client_cfg, think, .def = "0", .min = "0", .max = "1h",        \
		.help = "Pause between a response and the next request of the same connection; "   \
			"after a "                                                                 \
			"failure that isn't retried 100ms at least, so that a dead server isn't "  \
			"asked without a pause."),                                                 \
	    P_FRACTION(                                                                            \
		"think_varies", struct rpc_client_cfg, think_varies, .def = "0%",                  \
		.help = "Each pause is drawn by the seed between think less and think more this "  \
			"share of it: the timers of several connections don't fall in step."),     \
	    P_DURATION("timeout", struct rpc_client_cfg, timeout, .def = "30s", .min = "1ms",      \
		       .max = "24h",                                                               \
		       .help =                                                                     \
			   "An exchange that takes longer has failed; its connection is closed. "  \
			   "The time in "                                                          \
			   "which a connection must be made is the same, and another failure: "    \
			   "failed_connect, not failed_timeout."),                                 \
	    P_FRACTION("timeout_varies", struct rpc_client_cfg, timeout_varies, .def = "0%",       \
		       .help = "Each is drawn by the seed between timeout and this share more: "   \
			       "the timers of programs aren't exact."),                            \
	    P_DURATION(                                                                            \
		"idle_timeout", struct rpc_client_cfg, idle_timeout, .def = "0", .min = "0",       \
		.max = "24h",                                                                      \
		.help =                                                                            \
		    "An exchange for which nothing has come for so long, since the request or "    \
		    "the last byte, has failed, too (failed_timeout), however small that byte's "  \
		    "use was; 0: only timeout counts."),                                           \
	    P_ENUM("balance", struct rpc_client_cfg, balance, balance_names, .def = "first",       \
		   .help = "Which of several servers a new connection goes to: always the first "  \
			   "one; one "                                                             \
			   "after the other; or one after the other of those that the last "       \
			   "health check found "                                                   \
			   "well (all, before the first check and while none is): one that "       \
			   "connects, or one "                                                     \
			   "that sends a request and waits for its answer."),                      \
	    P_DURATION(                                                                            \
		"probe_every", struct rpc_client_cfg, probe_every, .needs = "balance",             \
		.def = "2s", .min = "10ms", .max = "1h",                                           \
		.help = "Of the health checks: from one's beginning to the next one's; those of "  \
			"several servers are evenly spread over that time."),                      \
	    P_DURATION("probe_timeout", struct rpc_client_cfg, probe_timeout, .needs = "balance",  \
		       .def = "1s", .min = "1ms", .max = "1h",                                     \
		       .help = "A health check that takes longer has failed."),                    \
	    P_ENUM(                                                                                \
		"close", struct rpc_client_cfg, close, rpc_close_names, .def = "close",            \
		.help =                                                                            \
		    "How a connection is ended: close(2), which doesn't wait, or FIN and waiting " \
		    "for the server's."),                                                          \
	    P_DURATION("close_timeout", struct rpc_client_cfg, close_timeout, .needs = "close",    \
		       .def = "10s", .min = "1ms", .max = "24h",                                   \
		       .help = "Of close=shutdown: how long the server's FIN is waited for."),     \
	    KEEPALIVE_PARAMS(struct rpc_client_cfg),                                               \
	    P_FLAG("quickack", struct rpc_client_cfg, quickack, .def = "false",                    \
		   .help = "TCP_QUICKACK, set again after every read and before every wait: the "  \
			   "client's own "                                                         \
			   "kernel acknowledges at once."),                                        \
	    P_FLAG("nodelay", struct rpc_client_cfg, nodelay, .def = "false",                      \
		   .help = "TCP_NODELAY: no Nagle algorithm (RFC 896) on requests."),              \
	    P_FLAG("tls", struct rpc_client_cfg, tls, .def = "false",                              \
		   .help = "HTTPS: TLS 1.2 first, as OpenSSL's clients speak it; any certificate " \
			   "is taken. The server has it, too."),                                   \
	    RPC_HOST_NAME_ROW(struct rpc_client_cfg, host_name, "mail.example.org")

#define RPC_SERVER_ROWS                                                                            \
	P_DURATION("service", struct rpc_server_cfg, service, .def = "0", .min = "0", .max = "1h", \
		   .help = "Time between the request's last byte and the response's first."),      \
	    P_FRACTION("service_varies", struct rpc_server_cfg, service_varies, .def = "0%",       \
		       .help = "Each is drawn by the seed between service less and service more "  \
			       "this share of it."),                                               \
	    P_COUNT(                                                                               \
		"processors", struct rpc_server_cfg, processors, .needs = "service", .def = "0",   \
		.min = "0", .max = "10000",                                                        \
		.help =                                                                            \
		    "How many requests are in service at the same time; others wait in order of "  \
		    "arrival. 0: all of them."),                                                   \
	    P_FLAG("nodelay", struct rpc_server_cfg, nodelay, .def = "false",                      \
		   .help = "TCP_NODELAY: no Nagle algorithm (RFC 896) on responses. Without it a " \
			   "small second "                                                         \
			   "write waits until the first one is acknowledged."),                    \
	    P_FLAG("tls", struct rpc_server_cfg, tls, .def = "false",                              \
		   .help = "HTTPS: TLS 1.2 first, with a certificate of its own making; each "     \
			   "write of an answer is a record, or as many as it needs.")

#endif
