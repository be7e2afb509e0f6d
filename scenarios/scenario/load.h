/* load.h - the parts of the scenario loader, one a section of the file. Private to
 * scenarios/scenario.
 */
#ifndef WEDGE_SCENARIOS_SCENARIO_LOAD_H
#define WEDGE_SCENARIOS_SCENARIO_LOAD_H

#include "proxy/base/yaml.h"
#include "scenarios/scenario/scenario.h"

#define NAME_MAX_LEN 31 /* of phases and traffics */

/* What the sections share while one file is read. */
struct loader {
	struct yaml *y;
	struct scenario *s;
	bool quick;
	metric_known_fn *known_metric;
	void *known_arg;
	struct traffic *traffic; /* as the file's top level has it; phases get copies */
	size_t ntraffic;
	struct err *e;
};

/* A scalar's text, refused when n is no scalar or empty; what: "the title". */
const char *load_text(struct loader *l, struct yaml_node *n, const char *what) WG_MUSTUSE;
int load_flag(struct loader *l, struct yaml_node *n, bool *out) WG_MUSTUSE;

/* A phase's or traffic's name: a lower-case letter, then letters, digits and underscores. */
int load_name(struct loader *l, struct yaml_node *n, const char *what, char **out) WG_MUSTUSE;

/* A scalar, or a sequence of scalars joined with ",". The caller frees. */
char *load_joined(struct loader *l, struct yaml_node *n) WG_MUSTUSE;

/* "FILE:LINE:COLUMN"; the caller frees. */
char *load_place(struct loader *l, struct yaml_node *n);

/* client:, server: and siblings: of the whole file, into l->traffic. */
int load_traffic(struct loader *l, struct yaml_node *root) WG_MUSTUSE;
/* A phase's own client: or server: parameters, on its copy of the main traffic. */
int load_role_params(struct loader *l, struct yaml_node *n, struct traffic *t,
		     bool server) WG_MUSTUSE;
int load_phases(struct loader *l, struct yaml_node *n) WG_MUSTUSE;
int load_sweep(struct loader *l, struct yaml_node *n) WG_MUSTUSE;
int load_expects(struct loader *l, struct yaml_node *n) WG_MUSTUSE;
int load_show(struct loader *l, struct yaml_node *n) WG_MUSTUSE; /* n NULL: the usual rows */
int load_signatures(struct loader *l, struct yaml_node *n) WG_MUSTUSE;
int load_quick(struct loader *l, struct yaml_node *n) WG_MUSTUSE;

void traffic_copy(struct traffic *dst, const struct traffic *src);
void traffic_fini(struct traffic *t);
void phase_copy(struct phase *dst, const struct phase *src);
void phase_fini(struct phase *p);

/* Sets one parameter of one end; the error names the nearest and what it takes. */
int traffic_set_param(struct traffic *t, bool server, const char *key, const char *value,
		      struct err *e) WG_MUSTUSE;
int traffic_check(const struct traffic *t, struct err *e) WG_MUSTUSE;

/* One word list as a shell would split it: blanks, '...', "...", backslash. NULL-terminated. */
int words_split(const char *text, char ***words, struct err *e) WG_MUSTUSE;
void words_free(char **words);

/* "KEY=VALUE" without "=", on one phase; *hit tells whether the key concerned it. */
int phase_set(struct phase *p, const char *key, const char *value, bool *hit,
	      struct err *e) WG_MUSTUSE;

void sweep_fini(struct sweep *s);
/* "10,20,50"; replaces the values. */
int sweep_set_values(struct sweep *s, const char *list, struct err *e) WG_MUSTUSE;

#endif
