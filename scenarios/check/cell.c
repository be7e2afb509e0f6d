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
#define FILE_MAX      (1u << 30) /* bytes of a file that the command may write */

static int write_text(const char *path, const char *text, struct err *e)
{
	FILE *f = fopen(path, "wxe");
	int rc = f && fputs(text, f) >= 0 ? 0 : -1;

	if ((f && fclose(f) == EOF) || rc == -1)
		return err_errno(e, "can't write %s", path);
	return 0;
}

/* What the facts are looked for by. */
struct cell_source {
	const char *folder;
	uint16_t port;
	enum fault_moment moment;
	uint64_t answer;
};

/* The server is the main traffic's, the client the last one's. */
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

	f->acted = json_array_size(list) == 0; /* the server itself is at fault: T26 */
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

/* What was run beside a long-lived program has only its own time's connections. */
static void drop_earlier(struct cell_facts *f)
{
	size_t first = 0;

	while (first < f->nconnects && f->connects[first] < 0)
		first++;
	while (f->nconnects > first && f->connects[f->nconnects - 1] > f->ended)
		f->nconnects--;
	f->earlier = first;
	f->nconnects -= first;
	for (size_t i = 0; i < f->nconnects; i++)
		f->connects[i] = f->connects[first + i];
	if (!isnan(f->fault_at))
		f->fault_at = fmax(f->fault_at, 0);
}

/* Returns the nth connection of the port, from 0, or NULL. */
static const struct wire_connection *find_hit(const struct analysis *wire, uint16_t port,
					      size_t nth)
{
	for (size_t i = 0; i < wire->nconnections; i++)
		if (wire_connection_at_port(&wire->connections[i], port) && nth-- == 0)
			return &wire->connections[i];
	return NULL;
}

/* Takes what is told of a program that doesn't end by itself; began as above. */
static void take_long_lived(struct cell_facts *f, const struct phase_data *d, const json_t *told,
			    const struct cell_source *src, int64_t began)
{
	const struct analysis *wire = d->wire[LEG_CLIENT];
	const struct wire_connection *hit = find_hit(wire, src->port, f->hit);
	const struct detection found = detection_find(&(struct detection_place){
	    .wire = wire,
	    .port = src->port,
	    .hit = hit,
	    .since = isnan(f->fault_at) ? 0 : began + (int64_t)(f->fault_at * NS_PER_S),
	    .answer = src->answer,
	    .sockets = json_object_get(told, "sockets"),
	    .offset = d->wall_offset,
	    .until = d->wall_offset +
		     (int64_t)(json_number_value(json_object_get(told, "looked")) * NS_PER_S)});

	f->answer = detection_largest_answer(wire, src->port);
	f->ready = json_is_true(json_object_get(told, "ready"));
	f->ready_after = json_number_value(json_object_get(told, "ready_after"));
	f->ended_itself = json_is_true(json_object_get(told, "ended"));
	f->by_wire = !json_is_true(json_object_get(told, "then"));
	f->sign = found.sign;
	f->detected_at = found.at ? clock_seconds(found.at - began) : NAN;
	f->recovered = found.recovered;
	f->unaffected = found.unaffected;
	f->leaked = found.leaked;
	if (!f->by_wire)
		drop_earlier(f);
}

static int take_facts(struct cell_facts *f, const struct phase_data *d,
		      const struct cell_source *src, struct err *e)
{
	const json_t *client = find_result(d, false);
	const json_t *long_lived = json_object_get(client, "long_lived");
	char *capture;
	int rc;
	double began = json_number_value(json_object_get(client, "began"));
	int64_t began_wall = (int64_t)(began * NS_PER_S) + d->wall_offset;

	if (cell_facts_take_command(f, client, e) == -1)
		return -1;
	take_requests(f, find_result(d, true));
	take_acted(f, d->wedge);
	if (!json_object_get(find_result(d, true), "requests"))
		take_exchanges(f, d->wire[LEG_SERVER], src->port);
	capture = xasprintf("%s/%s", src->folder, d->capture[LEG_CLIENT]);
	rc = cell_facts_take_wire(f, capture, src->port, src->moment, began_wall, e);
	free(capture);
	if (rc == 0 && long_lived)
		take_long_lived(f, d, long_lived, src, began_wall);
	return rc;
}

static const struct phase *find_phase(const struct scenario *s, bool healthy)
{
	return &s->phases[healthy || s->nphases == 1 ? 0 : 1];
}

/* Reads the last line of one of the outputs of the program of which the facts are; "": none. */
static char *read_last_of(const struct cell_facts *f, const char *folder, const char *phase,
			  const char *output)
{
	char *log = xasprintf("%s/%s-" GUEST_TRAFFIC "-%s.%s", folder, phase,
			      f->ready && !f->by_wire ? "then" : "client", output);
	char *text = command_output_read(log), *last = command_output_last(text);

	free(text);
	free(log);
	return last;
}

/* What it said on standard error, if anything, tells more than its output's last line. */
static char *read_last(const struct cell_facts *f, const char *folder, const char *phase)
{
	char *last = read_last_of(f, folder, phase, "err");

	if (*last)
		return last;
	free(last);
	return read_last_of(f, folder, phase, "log");
}

static int play_phase(const struct check_plan *plan, const struct scenario *s, bool healthy,
		      const char *folder, const struct cell_source *src, struct cell_facts *f,
		      struct err *e)
{
	struct guest g = {.argv = cell_words(plan, plan->argv, folder),
			  .ready = plan->ready,
			  .then = plan->then ? cell_words(plan, plan->then, folder) : NULL,
			  .watched = !healthy,
			  .server = plan->server,
			  .alone = true,
			  .limit = plan->limit};
	char *work = xasprintf("%s/" CELL_WORK, folder);
	const struct phase_options o = {.intercept = s->intercept,
					.pins = &s->pins,
					.seed = plan->seed,
					.draws = plan->seed, /* all cells have one body */
					.folder = folder,
					.log_level = LOG_LEVEL_WARN,
					.names = folder,
					.work = work,
					.output_max = CELL_OUTPUT_MAX,
					.own_errors = true,
					.file_max = FILE_MAX};
	struct phase *p = phase_clone(find_phase(s, healthy));
	struct progress silent = {.expected = 0};
	struct phase_data *d = NULL;
	int rc = guest_join(p, &g, e);

	if (rc == 0)
		d = phase_run(p, p->name, NAN, &o, &silent, e);
	rc = d ? take_facts(f, d, src, e) : -1;
	f->last = read_last(f, folder, p->name);
	if (rc == 0)
		rc = left_files_list(work, &f->left, e);
	phase_data_free(d);
	phase_free(p);
	words_free(g.argv);
	words_free(g.then);
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
	const struct cell_source src = {.folder = folder,
					.port = plan->port,
					.moment = p ? p->moment : MOMENT_SYN,
					.answer = places->answer};
	struct scenario *s = NULL;
	int rc;

	cell_facts_init(f);
	cell_offer_authority(folder);
	rc = prepare_folder(plan, places, p, v, folder, e);
	if (rc == 0)
		rc = scenario_load(yaml, NULL, false, NULL, NULL, &s, e);
	if (rc == 0)
		rc = play_phase(plan, s, !v, folder, &src, f, e);
	scenario_free(s);
	free(yaml);
	return rc;
}
