/* cell.c - the wire gives the times, the command its end, the server its requests; all are brought
 * onto the command's clock. */
#include "scenarios/check/cell.h"

#include "proxy/base/mem.h"
#include "scenarios/check/cell_scenario.h"
#include "scenarios/check/cell_words.h"
#include "scenarios/run/command_output.h"
#include "scenarios/run/phase_run.h"
#include "scenarios/scenario/scenario_load.h"
#include "scenarios/scenario/words.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define SCENARIO_FILE "scenario.yaml"

static int write_text(const char *path, const char *text, struct err *e)
{
	FILE *f = fopen(path, "wxe");
	int rc = f && fputs(text, f) >= 0 ? 0 : -1;

	if ((f && fclose(f) == EOF) || rc == -1)
		return err_errno(e, "can't write %s", path);
	return 0;
}

static const json_t *find_result(const struct phase_data *d, bool is_server)
{
	size_t traffic = is_server ? 0 : d->phase->ntraffic - 1;

	for (size_t i = 0; i < d->nends; i++)
		if (d->ends[i].is_server == is_server && d->ends[i].traffic == traffic)
			return d->ends[i].result;
	return NULL;
}

static bool is_idempotent(const char *method)
{
	static const char *const methods[] = {"GET", "HEAD",   "OPTIONS", "TRACE",
					      "PUT", "DELETE", "PROPFIND"};

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (strcmp(method, methods[i]) == 0)
			return true;
	return false;
}

/* What the built-in web server has got; a program of the user's doesn't tell. */
static void take_requests(struct cell_facts *f, const json_t *server)
{
	const json_t *list = json_object_get(server, "requests"), *r;
	size_t i, nth = 0;
	json_int_t last = 0;

	json_array_foreach(list, i, r)
	{
		json_int_t connection = json_integer_value(json_object_get(r, "connection"));
		const char *method = json_string_value(json_object_get(r, "method"));

		f->expects |= json_is_true(json_object_get(r, "expect"));
		f->unsafe +=
		    method && !is_idempotent(method) && json_is_true(json_object_get(r, "whole"));
		nth = connection == last ? nth + 1 : 1;
		last = connection;
		if (nth > f->requests)
			f->requests = nth;
	}
}

static void take_acted(struct cell_facts *f, const json_t *wedge)
{
	const json_t *list = json_object_get(wedge, "impairments"), *one;
	size_t i;

	json_array_foreach(list, i, one) f->acted |=
	    json_integer_value(json_object_get(one, "acted")) > 0;
}

/* Takes what stands in clear text on the server's side, of a server that tells no requests. */
static void take_exchanges(struct cell_facts *f, const struct analysis *a, uint16_t port)
{
	for (size_t i = 0; i < a->nconnections; i++)
		if (wire_connection_at_port(&a->connections[i], port) &&
		    a->connections[i].nexchanges > f->requests)
			f->requests = a->connections[i].nexchanges;
}

static int take_facts(struct cell_facts *f, const struct phase_data *d, const char *folder,
		      enum fault_moment moment, uint16_t port, struct err *e)
{
	const json_t *client = find_result(d, false);
	char *capture;
	int rc;
	double began = json_number_value(json_object_get(client, "began"));

	if (cell_facts_take_command(f, client, e) == -1)
		return -1;
	take_requests(f, find_result(d, true));
	take_acted(f, d->wedge);
	if (!json_object_get(find_result(d, true), "requests"))
		take_exchanges(f, d->wire[LEG_SERVER], port);
	capture = xasprintf("%s/%s", folder, d->capture[LEG_CLIENT]);
	rc = cell_facts_take_wire(f, capture, port, moment,
				  (int64_t)(began * NS_PER_S) + d->wall_offset, e);
	free(capture);
	return rc;
}

static const struct phase *find_phase(const struct scenario *s, bool healthy)
{
	return &s->phases[healthy || s->nphases == 1 ? 0 : 1];
}

static int play_phase(const struct check_plan *plan, const struct scenario *s, bool healthy,
		      const char *folder, enum fault_moment moment, struct cell_facts *f,
		      struct err *e)
{
	struct guest g = {.argv = cell_words(plan, folder),
			  .server = plan->server,
			  .alone = true,
			  .limit = plan->limit};
	char *work = xasprintf("%s/" CELL_WORK, folder);
	const struct phase_options o = {.intercept = s->intercept,
					.pins = &s->pins,
					.seed = plan->seed,
					.folder = folder,
					.log_level = LOG_LEVEL_WARN,
					.names = folder,
					.work = work,
					.output_max = CELL_OUTPUT_MAX};
	struct phase *p = phase_clone(find_phase(s, healthy));
	struct progress silent = {.expected = 0};
	struct phase_data *d = NULL;
	char *log, *text;
	int rc = guest_join(p, &g, e);

	if (rc == 0)
		d = phase_run(p, p->name, NAN, &o, &silent, e);
	rc = d ? take_facts(f, d, folder, moment, plan->port, e) : -1;
	log = xasprintf("%s/%s-" GUEST_TRAFFIC "-client.log", folder, p->name);
	text = command_output_read(log);
	f->last = command_output_last(text);
	if (rc == 0)
		rc = left_files_list(work, &f->left, e);
	free(text);
	free(log);
	phase_data_free(d);
	phase_free(p);
	words_free(g.argv);
	free(work);
	return rc;
}

/* Makes the folder's files: the scenario, the lab's names, a place for the command. */
static int prepare_folder(const struct check_plan *plan, const struct check_places *places,
			  const struct hang_point *p, const struct hang_variant *v,
			  const char *folder, struct err *e)
{
	char *yaml = xasprintf("%s/" SCENARIO_FILE, folder);
	char *names = xasprintf("%s/hosts", folder);
	char *resolv = xasprintf("%s/resolv.conf", folder);
	char *work = xasprintf("%s/" CELL_WORK, folder);
	char *text = cell_scenario_text(plan, places, p, v);
	int rc = write_text(yaml, text, e);

	if (rc == 0)
		rc =
		    write_text(names, "127.0.0.1 localhost\n" LAB_SERVER_IP " " CHECK_HOST "\n", e);
	/* Nobody answers there, and says so at once: a name that isn't in hosts is none. */
	if (rc == 0)
		rc = write_text(resolv, "nameserver 127.0.0.1\n", e);
	if (rc == 0 && mkdir(work, 0700) == -1)
		rc = err_errno(e, "can't make %s", work);
	free(text);
	free(yaml);
	free(names);
	free(resolv);
	free(work);
	return rc;
}

int cell_play(const struct check_plan *plan, const struct check_places *places,
	      const struct hang_point *p, const struct hang_variant *v, const char *folder,
	      struct cell_facts *f, struct err *e)
{
	char *yaml = xasprintf("%s/" SCENARIO_FILE, folder);
	struct scenario *s = NULL;
	int rc;

	cell_facts_init(f);
	cell_offer_authority(folder);
	rc = prepare_folder(plan, places, p, v, folder, e);
	if (rc == 0)
		rc = scenario_load(yaml, NULL, false, NULL, NULL, &s, e);
	if (rc == 0)
		rc = play_phase(plan, s, !v, folder, p ? p->moment : MOMENT_SYN, f, e);
	scenario_free(s);
	free(yaml);
	return rc;
}
