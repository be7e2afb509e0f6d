/* scenario.h - a documented failure as data: story, source, lab, traffic, phases, expectations.
 * scenario_load.h makes it whole or not at all; immutable after the last scenario_set
 * (overrides.h). */
#ifndef WEDGE_SCENARIOS_SCENARIO_SCENARIO_H
#define WEDGE_SCENARIOS_SCENARIO_SCENARIO_H

#include "scenarios/scenario/expect.h"
#include "scenarios/scenario/guest.h"
#include "scenarios/scenario/intercept.h"
#include "scenarios/scenario/lab_pins.h"
#include "scenarios/scenario/phase.h"
#include "scenarios/scenario/sweep.h"

/* A line of the side-by-side table: a metric without its phase. */
struct show_row {
	char *label;  /* "response, median" */
	char *metric; /* "client_app.response.p50" */
	struct metric_ref ref;
};

/* A sign that a capture from the field must show, in words, and the vantages that show it. */
struct signature {
	char *text;
	char *vantages;	 /* "client_wire, server_wire" */
	char *elsewhere; /* why the other vantages of this lab don't show it; NULL: not said */
	struct expect *conditions; /* on one capture's figures; all must hold */
	size_t nconditions;	   /* 0: nobody can tell by a capture's figures */
	bool hint;     /* they prove nothing: so the failure looks from where nobody can tell */
	char *capture; /* "impaired-server": where to look, without .pcapng; NULL: not said */
	char *filter;  /* Wireshark's display filter that shows it there; NULL with capture */
};

struct scenario {
	char *file, *name, *title, *source, *story;
	char *complaint; /* what a user says of it, who knows no cause; NULL: not said */
	enum intercept intercept;
	unsigned intercepts; /* the modes in which the failure can be judged */
	struct lab_pins pins;
	struct phase *phases;
	size_t nphases;
	struct sweep sweep; /* n == 0: none */
	struct expect *expects;
	size_t nexpects;
	struct show_row *show;
	size_t nshow;
	struct signature *signatures;
	size_t nsignatures;
	struct guest *real_client; /* a real program that feels the failure; NULL: none */
	char *failure; /* "F01", its number among the documented failures; NULL: not said */
	char **family; /* names of scenarios that one capture can't tell from this one */
	size_t nfamily;
	bool alone; /* nothing else of wedge's may run beside it: its figures are of a whole machine
		     */
	bool quick;
	char *scaled; /* what quick has set: "client.timeout=2s, sweep=5, 10"; NULL: nothing */
};

void scenario_free(struct scenario *s); /* NULL is fine */

/* Orders by the failures' numbers, as strcmp does; without one, behind them by name. */
int scenario_compare(const struct scenario *a, const struct scenario *b);

#endif
