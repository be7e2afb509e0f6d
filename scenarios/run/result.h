/* result.h - what a run found: all that report writers see, immutable once the runner hands it
 * over. Writers format; they never compute. */
#ifndef WEDGE_SCENARIOS_RUN_RESULT_H
#define WEDGE_SCENARIOS_RUN_RESULT_H

#include "proxy/base/dir.h"
#include "scenarios/scenario/place.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum run_verdict { VERDICT_REPRODUCED, VERDICT_NOT_REPRODUCED, VERDICT_INVALID };

struct result_phase {
	char *name;	   /* "impaired", or with a sweep "impaired@600" */
	bool breaks;	   /* something goes wrong in it, by an impairment or a step */
	char *impairments; /* one line: "delayed_ack{timer=200ms,every=2}" or "none" */
	json_t *steps;	  /* what was done when, [{"at": seconds, "step": TEXT}, ...]; NULL: none */
	double duration;  /* seconds from the client's start to its end */
	json_t *metrics;  /* {"client_app.response.p50": 0.2006, ...} in seconds, bytes, counts */
	json_t *counters; /* counts of wedge and the captures: queue overflows, drops, held */
	char *client_capture, *server_capture; /* file names in the report folder */
	char *capture;			       /* both legs in one file; NULL: none was written */
};

/* A line of the side-by-side table: a metric and its value in each phase (NAN: not measured). */
struct result_row {
	char *label;	/* "response, median" */
	char *metric;	/* "client_app.response.p50" */
	char unit;	/* 's' seconds, 'b' bytes, 'n' count, 'r' share */
	double *values; /* nphases */
};

struct result_expectation {
	char *text;	  /* as the scenario has it */
	char *documented; /* or NULL */
	char *measured;
	bool ok;
	bool skipped; /* not judged: a phase that the text names was not run */
};

/* How often a time was how long, in each phase: bins of equal width on a logarithmic axis, the same
 * for all phases. */
struct result_distribution {
	char *metric;	   /* "client_app.response"; NULL: no phase has samples */
	double *edges;	   /* seconds, ascending; nbins + 1 */
	size_t nbins;	   /* 0: none */
	uint64_t *counts;  /* nphases x nbins: phase i's begin at i * nbins */
	uint64_t *samples; /* nphases */
	double *medians;   /* seconds, nphases; NAN: there is no sample */
};

/* Where a reader finds a sign of the fault. */
struct result_look {
	char *capture; /* "impaired-server.pcapng" */
	char *filter;  /* Wireshark's display filter */
	char *frames;  /* the first ones that it shows there: "11, 70, 71"; NULL: not known */
	size_t found;  /* how many frames it shows there */
};

enum vantage {
	VANTAGE_CLIENT_APP,
	VANTAGE_CLIENT_WIRE,
	VANTAGE_SERVER_WIRE,
	VANTAGE_SERVER_APP,
	VANTAGE_COUNT
};

/* What one place knows of a transaction. */
enum span_state {
	SPAN_NOT_MEASURED, /* there are no figures of this place: a program of the user's */
	SPAN_NOT_SEEN,	   /* it has figures, but of no such transaction */
	SPAN_NOT_TOLD,	   /* of several, any of which can be meant */
	SPAN_UNANSWERED,   /* it began here, and no whole answer came; seconds: until it was given
			      up, if that is known */
	SPAN_ANSWERED
};

struct result_span {
	enum span_state state;
	double seconds; /* from its first to its last sign; NAN: it had no last one */
	uint64_t bytes; /* of the answer */
};

/* One exchange of the main traffic at every place where it was measured; a difference that can't be
 * told is NAN. */
struct result_transaction {
	size_t exchange, exchanges; /* which one, from 1, of how many; 0 of 0: there was none */
	size_t worse; /* how many were worse, and couldn't be told from others at every place */
	bool ok;
	struct result_span at[VANTAGE_COUNT];
	double client_host, between, server_host, server_app; /* seconds; together at[0] */
};

/* One packet of the connection that the report draws. */
struct result_packet {
	uint32_t frame; /* in the capture */
	double at;	/* seconds since the connection's first packet in it */
	enum dir dir;
	uint8_t flags;
	uint64_t seq, ack; /* relative, as Wireshark shows them, but beyond 32 bits */
	uint64_t window;   /* bytes */
	bool window_known; /* its scale is */
	uint32_t len;	   /* of the payload */
	const char *note;  /* "TCP Retransmission"; NULL: nothing special */
	bool again, duplicate_ack, proof;
	unsigned sack_blocks;
	uint64_t sack[4][2];
	char *words;   /* "[PSH, ACK] Seq=1 Ack=1 Win=64256 Len=512" */
	char *comment; /* what wedge did here, from the capture; NULL: nothing */
};

/* The connection with the first sign of the fault, or else the one that paused longest: a stretch
 * of its packets. */
struct result_connection {
	char *phase, *capture; /* NULL: none could be chosen */
	char *client, *server; /* addresses with ports */
	uint32_t stream;       /* Wireshark's tcp.stream */
	bool by_signature;
	size_t first, total; /* of its packets: which one comes first here (from 0), how many */
	double end;	     /* of the capture, in the packets' seconds */
	struct result_packet *packets;
	size_t npackets;
};

struct result {
	char *scenario, *title, *source, *story;
	enum run_verdict verdict;
	char *why; /* one line: what decided; for invalid, what was wrong */
	uint64_t seed;
	char *version, *started; /* ISO 8601, UTC */
	char *command;		 /* the command line, to run it again */
	double elapsed;
	bool quick;
	char *scaled; /* what quick has set, for the reader; NULL: nothing */
	json_t *environment;
	enum place place; /* of wedge in the lab */
	struct result_phase *phases;
	size_t nphases;
	struct result_row *rows;
	size_t nrows;
	struct result_distribution distribution;
	struct result_expectation *expectations;
	size_t nexpectations;
	char
	    *unreached; /* "impaired: await 3 failed ...: not reached"; NULL: all steps were done */
	struct result_look *looks;
	size_t nlooks;
	struct result_connection connection;
	struct result_transaction *transactions; /* nphases; NULL: none */
	char **notes; /* lines for the reader: agreement of journal and wire, capture drops */
	size_t nnotes;
};

const char *verdict_name(enum run_verdict v); /* "reproduced", "not-reproduced", "invalid" */
void result_free(struct result *r);

/* Writes a row's value as people read it: "200.6 ms", "60", "98.3 %", "-" for NAN. Returns buf. */
#define RESULT_VALUE_TEXT 40
char *result_value_format(double value, char unit, char buf[RESULT_VALUE_TEXT]);

#endif
