/* rpc_params.h - the two configurations of the workload "rpc", the limits of its sizes, and the
 * lists that some parameters are. Private to the rpc files and their tests. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_PARAMS_H

#include "proxy/base/err.h"
#include "scenarios/workload/keepalive.h"

#include <stdbool.h>

#define RPC_WRITES_MAX 16
#define RPC_HEAD_MAX   8192		   /* clients refuse longer header lines */
#define RPC_WRITE_MAX  (UINT64_C(4) << 30) /* bytes of one write of a response */

#define RPC_CONNECTIONS_MAX 1024

enum rpc_close { RPC_CLOSE, RPC_SHUTDOWN };
enum rpc_port { RPC_PORT_NEW, RPC_PORT_SAME };
enum rpc_list_status { RPC_LIST_200, RPC_LIST_207 };
enum rpc_list_encoding { RPC_LIST_LENGTH, RPC_LIST_CHUNKED };

struct rpc_client_cfg {
	uint64_t exchanges, connections, per_connection, request, retries;
	int64_t think, timeout, idle_timeout, close_timeout, connect_every, retry_wait;
	int64_t probe_every, probe_timeout;
	struct keepalive keepalive;
	double timeout_varies; /* share of timeout */
	double think_varies;   /* share of think */
	double retry_varies;   /* share of retry_wait */
	bool quickack, nodelay, verify, tls;
	int close;	 /* enum rpc_close */
	int retry_port;	 /* enum rpc_port */
	int balance;	 /* enum balance_how */
	int arrivals;	 /* enum arrivals_kind */
	int method;	 /* of rpc_method_names */
	char *rate;	 /* as written: "20/s"; "0" */
	char *host_name; /* "": the server's address */
	char *path;
	char *records; /* as written: "10,50,300"; "" */
};

struct rpc_server_cfg {
	char *response; /* as written: "180B,220B" */
	char *record;	/* as written: "512B,2KiB" */
	int64_t service;
	double service_varies; /* share of service */
	uint64_t processors;
	bool tls, nodelay, digest;
	int list_status;   /* enum rpc_list_status */
	int list_encoding; /* enum rpc_list_encoding */
};

/* All NULL-terminated. */
extern const char *const rpc_method_names[];
extern const char *const rpc_port_names[];
extern const char *const rpc_close_names[];
extern const char *const rpc_live_params[]; /* those that rpc_orders.c takes */

/* Check what a path may be, and a host's name, and the rules between a client's parameters; 0, or
 * -1 with *e. */
int rpc_path_check(const char *text, struct err *e) WG_MUSTUSE;
int rpc_host_name_check(const char *text, struct err *e) WG_MUSTUSE;
int rpc_client_check(const struct rpc_client_cfg *client, struct err *e) WG_MUSTUSE;

/* The writes in which a response leaves. */
struct rpc_response {
	uint64_t write[RPC_WRITES_MAX]; /* bytes; the first holds the header */
	size_t n;
	uint64_t head, body; /* bytes of header and body in all of them */
};

/* Parses the sizes of a response's writes, "180B,220B", into *out. */
int rpc_response_parse(const char *text, struct rpc_response *out, struct err *e) WG_MUSTUSE;

/* Parses the sizes that a record of a list is drawn between, "512B,2KiB", the smaller one at least
 * least; one size stands for both. */
int rpc_record_parse(const char *text, uint64_t least, uint64_t *low, uint64_t *high,
		     struct err *e) WG_MUSTUSE;

/* Parses the lengths of lists, "10,50,300", into *counts, which the caller frees; *n is 0 for an
 * empty text. */
int rpc_records_parse(const char *text, uint64_t **counts, size_t *n, struct err *e) WG_MUSTUSE;

#endif
