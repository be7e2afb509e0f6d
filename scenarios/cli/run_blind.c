/* run_blind.c - the run is in a process of its own whose words nobody reads; of its end only what
 * holds for every failure is told. */
#include "scenarios/cli/run_blind.h"

#include "proxy/base/rng.h"
#include "proxy/base/text_print.h"
#include "scenarios/base/layout.h"
#include "scenarios/blind/folder.h"
#include "scenarios/blind/pick.h"
#include "scenarios/blind/record.h"
#include "scenarios/cli/known_metrics.h"
#include "scenarios/cli/run_many.h"
#include "scenarios/lab/lab.h"
#include "scenarios/run/workdir.h"

#include <stdlib.h>

struct blind {
	const struct scenario *scenario; /* what is played */
	uint64_t seed;
	const char *out;
	struct run_outcome outcome;
};

static int record_folder(void *arg, size_t i, struct run_outcome *told)
{
	const struct blind *b = arg;
	struct err e = {""};
	int rc = blind_record(b->scenario, b->seed, b->out, &e);

	(void)i;
	*told = (struct run_outcome){.verdict = rc == 0 ? VERDICT_REPRODUCED : VERDICT_INVALID};
	snprintf(told->why, sizeof(told->why), "%s", e.text);
	return rc == 0 ? 0 : 2;
}

static void take_outcome(void *arg, size_t i, const struct run_outcome *o, const char *output)
{
	struct blind *b = arg;

	(void)i;
	(void)output;
	b->outcome = *o;
}

static void print_folder(const struct blind *b)
{
	char *folder = text_print_line(b->out);

	printf("A user says:\n\n");
	layout_wrap(stdout, "  ", 2, b->scenario->complaint);
	printf("\n%s/\n"
	       "  " BLIND_COMPLAINT "          the same\n"
	       "  " BLIND_CLIENT "          taken beside the clients meanwhile\n"
	       "  " BLIND_SERVER "          the same traffic, taken beside the servers\n"
	       "  " BLIND_HEALTHY_CLIENT "  taken when all was well\n"
	       "  " BLIND_HEALTHY_SERVER "\n"
	       "\n"
	       "What is it? wedge answer %s NAME\n",
	       folder, folder);
	free(folder);
}

/* Plays in a process of its own. Returns the exit status. */
static int play_failure(struct blind *b)
{
	const bool alone = true;
	const struct run_many m = {.n = 1,
				   .jobs = 1,
				   .alone = &alone,
				   .run = record_folder,
				   .done = take_outcome,
				   .arg = b};
	int status;

	fputs("wedge: something goes wrong in the laboratory; this takes up to some minutes, and "
	      "says nothing meanwhile\n",
	      stderr);
	status = run_many(&m);
	if (status == 0)
		print_folder(b);
	else
		fprintf(stderr, "wedge: %s\n",
			b->outcome.why[0]
			    ? b->outcome.why
			    : "the captures don't show for sure what they should, and were thrown "
			      "away: run it again (with another --seed, if you gave one)");
	return status == 0 ? 0 : 2;
}

/* A folder that can't be written to is no surprise after minutes. */
static int check_folder(const char *out, struct err *e)
{
	struct workdir *w = workdir_open(out, "--out", e);

	if (!w)
		return -1;
	workdir_discard(w);
	return 0;
}

static int pick_and_play(const struct scenario *const *list, size_t n, const struct run_args *a,
			 struct err *e)
{
	struct blind b = {.seed = a->seed, .out = a->out ? a->out : "wedge-blind"};

	if (check_folder(b.out, e) == -1 || lab_probe(e) == -1)
		return -1;
	if (!a->seed_given && rng_draw_seed(&b.seed, e) == -1)
		return -1;
	b.scenario = blind_pick(list, n, b.seed);
	return play_failure(&b);
}

int run_blind(char *const *names, size_t n, const struct run_args *a, struct err *e)
{
	const struct scenario **list = NULL;
	struct catalog c;
	size_t count;
	int rc = catalog_load(a->catalog, a->quick, metric_known, &c, e);

	if (rc == 0)
		rc = blind_candidates(&c, names, n, &list, &count, e);
	if (rc == 0) {
		rc = pick_and_play(list, count, a, e);
		free(list);
	}
	catalog_fini(&c);
	return rc;
}
