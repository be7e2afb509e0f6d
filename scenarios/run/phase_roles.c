/* phase_roles.c - servers first, then wedge and the captures, then clients: each finds what it
 * needs at work. */
#include "scenarios/run/phase_roles.h"

#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "scenarios/base/msg.h"
#include "scenarios/scenario/guest.h"
#include "scenarios/workload/command.h"
#include "scenarios/workload/long_lived.h"
#include "scenarios/workload/registry.h"

#include <string.h>

/* The argument of a client's or a server's process. */
struct end_args {
	const struct workload *app;
	struct workload_task task;
	struct addr *addresses, *services; /* owned: of a client's task */
	struct command_task command;	   /* its files' names are owned */
	struct long_lived long_lived;	   /* the same */
	bool is_server;
	bool waits; /* for {"type":"begin"} */
};

static bool await_begin(int msg_fd)
{
	json_t *m = NULL;
	bool begins = msg_recv(msg_fd, -1, &m, NULL) == 1 && strcmp(msg_type(m), "begin") == 0;

	json_decref(m);
	return begins;
}

static int end_main(void *arg, int msg_fd)
{
	struct end_args *a = arg;

	if (a->waits && !await_begin(msg_fd))
		return 0;
	if (a->command.argv) {
		a->command.msg_fd = msg_fd;
		return command_main(&a->command);
	}
	a->task.msg_fd = msg_fd;
	return a->is_server ? a->app->server(&a->task) : a->app->client(&a->task);
}

static void add_role(struct phase_roles *roles, enum role_kind kind, int host, char *name,
		     int (*role_main)(void *, int), void *arg)
{
	struct lab_role *r = &roles->lab_roles[roles->n];

	roles->states[roles->n].kind = kind;
	roles->states[roles->n].begun = true;
	roles->names[roles->n] = name;
	r->name = name;
	r->host = host;
	r->main = role_main;
	r->arg = arg;
	r->msg_fd = -1;
	roles->n++;
}

/* Which process of a traffic. */
struct end_place {
	size_t traffic, host; /* in the phase */
	bool is_server;
	size_t turn; /* how many processes of that role there come before it, of turns */
	size_t turns;
	bool waits; /* its step starts it */
};

/* What tells the process from others of its role: "", of several servers "@edge1", of one that is
 * started again "-2"; the caller frees. */
static char *mark_end(const struct phase *p, const struct traffic *t, const struct end_place *at)
{
	bool several = at->is_server && t->server.nhosts > 1;
	char again[24] = "";

	if (at->turn)
		snprintf(again, sizeof(again), "-%zu", at->turn + 1);
	return xasprintf("%s%s%s", several ? "@" : "", several ? p->hosts.host[at->host].name : "",
			 again);
}

/* Fills in where a client finds the servers of all traffics. */
static void set_services(struct end_args *a, const struct phase_roles *roles, const struct phase *p,
			 const struct phase_options *o)
{
	size_t n = 0;

	for (size_t i = 0; i < p->ntraffic; i++)
		n += p->traffic[i].server.nhosts;
	a->services = xcalloc(n, sizeof(*a->services));
	a->task.services = a->services;
	for (size_t i = 0; i < p->ntraffic; i++) {
		const struct traffic *t = &p->traffic[i];

		for (size_t k = 0; k < t->server.nhosts && t->leader == i; k++)
			a->services[a->task.nservices++] =
			    phase_lab_dial(&roles->lab, o->intercept, t->server.hosts[k], t->port);
	}
}

/* Fills in where a client connects to, or a server listens. */
static void set_addresses(struct end_args *a, const struct phase_roles *roles,
			  const struct phase *p, const struct traffic *t, size_t host,
			  const struct phase_options *o)
{
	const struct role_spec *servers = &t->server;

	if (a->is_server) {
		a->task.address = phase_lab_addr(&roles->lab, host, false, t->port);
		return;
	}
	a->addresses = xcalloc(servers->nhosts, sizeof(*a->addresses));
	for (size_t i = 0; i < servers->nhosts; i++)
		a->addresses[i] =
		    phase_lab_dial(&roles->lab, o->intercept, servers->hosts[i], t->port);
	a->task.address = a->addresses[0];
	a->task.addresses = a->addresses;
	a->task.naddresses = servers->nhosts;
	set_services(a, roles, p, o);
}

/* The file of what a program has printed; the caller frees. */
static char *name_output(const struct phase_options *o, const char *label, const char *name,
			 bool errors)
{
	return errors && !o->own_errors
		   ? NULL
		   : xasprintf("%s/%s-%s.%s", o->folder, label, name, errors ? "err" : "log");
}

static void set_command(struct end_args *a, const struct role_spec *spec, const struct traffic *t,
			const char *mark, const char *label, const struct phase_options *o)
{
	char *name = xasprintf("%s-%s%s", t->name, a->is_server ? "server" : "client", mark);

	a->command.argv = spec->argv;
	a->command.address = a->task.address;
	a->command.is_server = a->is_server;
	a->command.ready_after = spec->ready_after;
	a->command.drop = lab_drop_privileges;
	a->command.output = name_output(o, label, name, false);
	a->command.errors = a->is_server ? NULL : name_output(o, label, name, true);
	a->command.out_dir = o->folder;
	a->command.work = a->is_server ? NULL : o->work;
	a->command.output_max = o->output_max;
	a->command.file_max = a->is_server ? 0 : o->file_max;
	free(name);
}

static void set_guest(struct end_args *a, const struct guest *g, const char *label,
		      const struct phase_options *o)
{
	a->command.after = g->after;
	a->command.limit = g->limit;
	if (!g->ready)
		return;
	a->command.long_lived = &a->long_lived;
	a->long_lived =
	    (struct long_lived){.ready = g->ready,
				.then = g->then,
				.watched = g->watched,
				.then_output = name_output(o, label, GUEST_TRAFFIC "-then", false),
				.then_errors = name_output(o, label, GUEST_TRAFFIC "-then", true)};
}

static bool is_guest(const struct phase *p, size_t traffic)
{
	return p->guest && traffic == p->ntraffic - 1;
}

/* Adds one end of a traffic, on one host of the scenario's. */
static void add_end(struct phase_roles *roles, const struct phase *p, const struct end_place *at,
		    const char *label, const struct phase_options *o)
{
	const struct traffic *t = &p->traffic[at->traffic];
	bool is_server = at->is_server;
	const struct role_spec *spec = is_server ? &t->server : &t->client;
	struct end_args *a = xcalloc(1, sizeof(*a));
	char *mark = mark_end(p, t, at), *name;

	a->app = t->app;
	a->is_server = is_server;
	a->waits = at->waits;
	a->task.cfg = spec->cfg;
	a->task.params = t->app ? workload_params(t->app, is_server) : NULL;
	a->task.ports = client_ports_part(
	    client_ports_part(client_ports_all, at->traffic, p->ntraffic), at->turn, at->turns);
	a->task.until_stop =
	    !is_server && (t->until_main || (at->traffic == 0 && (p->nsteps || p->guest)));
	set_addresses(a, roles, p, t, at->host, o);
	if (spec->argv)
		set_command(a, spec, t, mark, label, o);
	if (!is_server && is_guest(p, at->traffic))
		set_guest(a, p->guest, label, o);
	name = xasprintf("%s-%s%s", is_server ? "server" : "client", t->name, mark);
	a->task.seed = o->seed;
	a->task.chance = rng_part_seed(rng_part_seed(o->draws, label), name);
	roles->states[roles->n].traffic = at->traffic;
	roles->states[roles->n].host = at->host;
	roles->args[roles->n] = a;
	add_role(roles, is_server ? ROLE_SERVER : ROLE_CLIENT, phase_lab_host(at->host), name,
		 end_main, a);
	roles->states[roles->n - 1].begun = !at->waits;
	roles->states[roles->n - 1].waits = at->waits;
	free(mark);
}

/* Adds a role with a process for each time that the steps start it, on each of its hosts. A traffic
 * behind another one has no servers of its own. */
static void add_ends(struct phase_roles *roles, const struct phase *p, size_t traffic,
		     bool is_server, const char *label, const struct phase_options *o)
{
	const struct traffic *t = &p->traffic[traffic];
	const struct role_spec *spec = is_server ? &t->server : &t->client;
	char *role;

	if (guest_displaces(p, traffic, is_server))
		return;
	role = step_role_format(t->name, is_server);
	for (size_t i = 0; i < spec->nhosts && (!is_server || t->leader == traffic); i++) {
		bool later;
		const char *host = p->hosts.host[spec->hosts[i]].name;
		size_t starts = step_program_starts(&roles->program, role, host, &later);
		size_t first = !later;

		for (size_t turn = 0; turn < first + starts; turn++) {
			const struct end_place at = {traffic, spec->hosts[i], is_server,
						     turn,    first + starts, turn >= first};

			add_end(roles, p, &at, label, o);
		}
	}
	free(role);
}

static size_t count_starts(const struct step_program *program)
{
	size_t n = 0;

	for (size_t i = 0; i < program->n; i++)
		n += program->v[i].step && program->v[i].step->kind == STEP_START;
	return n;
}

/* Adds the capture of a vantage. On the path each is of wedge's own interface on that side. Where
 * wedge stands in a host, that host's capture is of the interface towards the network, the other
 * host's of its switch. Both are outside of the hosts, as what a switch's port mirrors: what comes
 * for a host that is down is there, which that host itself couldn't write. */
static void add_tap(struct phase_roles *roles, enum leg leg, const char *label,
		    const struct phase_options *o)
{
	enum leg own = roles->lab.place == PLACE_CLIENT ? LEG_CLIENT : LEG_SERVER;
	bool at_switch = roles->lab.place != PLACE_PATH && leg != own;
	int site = at_switch ? lab_switch_site(&roles->lab.spec) : LAB_WEDGE;
	struct tap_config *tap = &roles->taps[leg];

	snprintf(tap->interface, sizeof(tap->interface), "%s",
		 at_switch					  ? LAB_SWITCH_IF
		 : place_leg(roles->lab.place, leg) == LEG_CLIENT ? LAB_WEDGE_CLIENT_IF
								  : LAB_WEDGE_SERVER_IF);
	if (roles->lab.place != PLACE_PATH && leg == own)
		snprintf(tap->shown, sizeof(tap->shown), LAB_HOST_IF);
	snprintf(tap->path, sizeof(tap->path), "%s/%s-%s.pcapng", o->folder, label, leg_name(leg));
	snprintf(tap->description, sizeof(tap->description), "%s leg%s", leg_name(leg),
		 roles->lab.place == PLACE_PATH ? "" : ", mirror of its switch port");
	snprintf(tap->filter, sizeof(tap->filter), "tcp or icmp or icmp6");
	roles->states[roles->n].leg = leg;
	add_role(roles, ROLE_TAP, site, xasprintf("tap-%s", leg_name(leg)), tap_main, tap);
}

void phase_roles_init(struct phase_roles *roles, const struct phase *p, const char *label,
		      const struct phase_options *o)
{
	size_t room = 3 + p->ntraffic;

	memset(roles, 0, sizeof(*roles));
	BUG_ON(p->nsteps && step_program_make(p->steps, p->nsteps, rng_part_seed(o->draws, label),
					      &roles->program, NULL) == -1);
	room += count_starts(&roles->program);
	for (size_t i = 0; i < p->ntraffic; i++)
		room += p->traffic[i].server.nhosts * (1 + count_starts(&roles->program));
	phase_lab_init(&roles->lab, p, o->intercept, o->pins);
	roles->lab.spec.names = o->names;
	roles->lab_roles = xcalloc(room, sizeof(*roles->lab_roles));
	roles->states = xcalloc(room, sizeof(*roles->states));
	roles->args = xcalloc(room, sizeof(*roles->args));
	roles->names = xcalloc(room, sizeof(*roles->names));
	for (size_t i = 0; i < p->ntraffic; i++)
		add_ends(roles, p, i, true, label, o);
	roles->wedge.phase = p;
	roles->wedge.lab = &roles->lab;
	roles->wedge.intercept = o->intercept;
	roles->wedge.seed = o->seed;
	roles->wedge.draws = o->draws;
	roles->wedge.label = label;
	roles->wedge.log_level = o->log_level;
	roles->wedge.news = o->news;
	roles->wedge.ca_folder = o->pins->tls == LAB_TLS_TERMINATE ? o->folder : NULL;
	roles->wedge.journal_path = xasprintf("%s/journal.jsonl", o->folder);
	add_role(roles, ROLE_WEDGE, LAB_WEDGE, xstrdup("wedge"), wedge_role_main, &roles->wedge);
	roles->lab_roles[roles->n - 1].kept_fd = o->news ? o->news->fd : 0;
	add_tap(roles, LEG_CLIENT, label, o);
	add_tap(roles, LEG_SERVER, label, o);
	for (size_t i = 0; i < p->ntraffic; i++)
		add_ends(roles, p, i, false, label, o);
}

void phase_roles_fini(struct phase_roles *roles)
{
	for (size_t i = 0; i < roles->n; i++) {
		struct end_args *a = roles->args[i];

		json_decref(roles->states[i].result);
		if (a) {
			free((char *)a->command.output);
			free((char *)a->command.errors);
			free((char *)a->long_lived.then_output);
			free((char *)a->long_lived.then_errors);
			free(a->addresses);
			free(a->services);
		}
		free(a);
		free(roles->names[i]);
	}
	step_program_fini(&roles->program);
	free((char *)roles->wedge.journal_path);
	free(roles->lab_roles);
	free(roles->states);
	free(roles->args);
	free(roles->names);
	phase_lab_fini(&roles->lab);
}
