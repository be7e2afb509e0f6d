/* index.h - the page and the JUnit file over the reports of several scenarios. Formats, never
 * computes. */
#ifndef WEDGE_SCENARIOS_REPORT_INDEX_H
#define WEDGE_SCENARIOS_REPORT_INDEX_H

#include "proxy/base/err.h"
#include "scenarios/run/result.h"

#define INDEX_PAGE  "index.html"
#define INDEX_JUNIT "junit.xml"

/* One scenario of the run; texts are the caller's. */
struct index_entry {
	const char *name, *title, *failure; /* failure: "F01", or NULL */
	enum run_verdict verdict;
	const char *why; /* one line */
	double elapsed;	 /* seconds */
	bool has_report; /* in the folder NAME beside the page */
};

struct index {
	const char *command; /* to run it again */
	uint64_t seed;
	double elapsed; /* seconds, of all together */
	bool quick;
	const struct index_entry *entries;
	size_t n;
};

/* Whether both files can be written into that folder, as far as it can be known before the first
 * run: nothing there is replaced but earlier ones of wedge's. The folder and its parents are made
 * if they aren't there. -1 with *e. */
int index_check(const char *folder, struct err *e) WG_MUSTUSE;

/* Writes both. -1 with *e. */
int index_write(const char *folder, const struct index *x, struct err *e) WG_MUSTUSE;

#endif
