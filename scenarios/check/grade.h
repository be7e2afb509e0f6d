/* grade.h - what a client did about a fault, as a grade (failures.md 3.4). Pure: facts of the
 * healthy run and of the faulty one in, a grade out. */
#ifndef WEDGE_SCENARIOS_CHECK_GRADE_H
#define WEDGE_SCENARIOS_CHECK_GRADE_H

#include "scenarios/check/cell.h"

/* From the best to the worst. */
enum grade {
	GRADE_NOT_EXERCISED, /* the command never gets there */
	GRADE_UNDETECTABLE,  /* nobody could notice it in that protocol */
	GRADE_UNAFFECTED,    /* its answer came all the same */
	GRADE_RETRIED_OK,    /* by a new connection */
	GRADE_DETECTED,	     /* it said that something was wrong */
	GRADE_PARTIAL_LEFT,  /* the same, but a part stands under the whole's name */
	GRADE_LEAK,	     /* the same, but its connection stays */
	GRADE_TRICKLE_BLIND, /* it notices silence, and waits for ever for a trickle */
	GRADE_HUNG,	     /* it still waited at the limit */
	GRADE_RETRY_STORM,
	GRADE_UNSAFE_RETRY,
	GRADE_SILENT_NOTHING,	 /* it said that all was well, and had nothing */
	GRADE_SILENT_TRUNCATION, /* it said that all was well, and had something else */
	GRADE_INVALID,		 /* the run itself failed: nothing is told of the command */
	GRADE_COUNT
};
extern const char *const grade_names[]; /* "DETECTED"; NULL-terminated */

struct graded {
	enum grade grade;
	char letter;	/* 'A' to 'D' by the time that it took, 'F', or '-': not held against it */
	double seconds; /* from the fault to the command's end; NAN: not told */
	char *why;	/* one line; the caller's to free */
};

/* What both healthy runs have shown. */
struct healthy {
	struct cell_facts facts;
	bool output_known; /* both have printed the same */
};

/* Returns why the command never gets to the point, or NULL. */
const char *grade_unexercised(const struct check_plan *plan, const struct hang_point *p,
			      const struct hang_variant *v, const struct cell_facts *healthy);

/* Grades a run of a program that ends by itself. */
struct graded grade_cell(const struct check_plan *plan, const struct hang_point *p,
			 const struct healthy *h, const struct cell_facts *f);

/* Grades by what the command did on its way, whatever its end: it wasn't exercised, or has tried
 * again without measure. False, *g as it was: its end tells. */
bool grade_early(const struct healthy *h, const struct cell_facts *f, struct graded *g);

/* Returns the seconds from the fault to a time of the command's clock; that time itself where the
 * wire doesn't show the fault. */
double grade_seconds(const struct cell_facts *f, double at);

/* Returns whether a command that ended well has what it should have. */
bool grade_is_complete(const struct healthy *h, const struct cell_facts *f);

/* Returns 'A' (at most 10 s), 'B' (60 s), 'C' (300 s) or 'D', each with 5 % of grace. */
char grade_letter(double seconds);

/* Returns whether new connections came as a storm: more than ten within a second, or more than
 * three for each that the healthy run made, without growing pauses. */
bool grade_is_storm(const double *connects, size_t n, size_t healthy);

#endif
