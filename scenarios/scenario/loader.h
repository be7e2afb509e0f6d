/* loader.h - what the sections of a scenario file share while it is read: the loader, and texts,
 * flags and names out of its nodes. Private to load_*.c and scenario_load.c. */
#ifndef WEDGE_SCENARIOS_SCENARIO_LOADER_H
#define WEDGE_SCENARIOS_SCENARIO_LOADER_H

#include "proxy/base/yaml.h"
#include "scenarios/scenario/scenario.h"

#define NAME_MAX_LEN 31 /* of phases and traffics */

/* The state that the sections share while one file is read. */
struct loader {
	struct yaml *y;
	struct scenario *s;
	bool quick;
	metric_known_fn *known_metric;
	void *known_arg;
	struct host_list hosts;	 /* as the file's top level has them; phases get copies */
	struct traffic *traffic; /* as the file's top level has it; phases get copies */
	size_t ntraffic;
	struct err *e;
};

/* Returns a scalar's text; refuses a node that is no scalar, or empty. what: "the title". */
const char *load_text(struct loader *l, struct yaml_node *n, const char *what) WG_MUSTUSE;
int load_flag(struct loader *l, struct yaml_node *n, bool *out) WG_MUSTUSE;

/* Takes a phase's or traffic's name: a lower-case letter, then letters, digits and underscores. */
int load_name(struct loader *l, struct yaml_node *n, const char *what, char **out) WG_MUSTUSE;

/* Returns a scalar, or a sequence of scalars joined with ","; the caller frees. */
char *load_joined(struct loader *l, struct yaml_node *n) WG_MUSTUSE;

/* Reads a command, a list of words or one text that is split; for words_free. */
int load_argv(struct loader *l, struct yaml_node *n, char ***argv) WG_MUSTUSE;

/* Returns the node's place, "FILE:LINE:COLUMN"; the caller frees. */
char *load_place(struct loader *l, struct yaml_node *n);

/* Returns the phase of that name, or NULL; an empty name finds any. */
const struct phase *load_find_phase(const struct scenario *s, const char *name);

/* Refuses a name that is no phase, with the nearest and all that are; returns -1. */
int load_refuse_phase(const struct scenario *s, const char *name, struct err *e);

#endif
