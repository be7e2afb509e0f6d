/* test_hosts.c - hosts, servers on several of them, traffics behind one proxy, and what is refused.
 * LAYER: wedge_scenario */
#include "scenarios/scenario/selector.h"
#include "tests/rig/scenario_file.h"

/* The good file with several hosts; lines 6 to 11 are those that follow. */
#define HOSTS                                                                                      \
	"hosts:\n"                                                                                 \
	"  alice: {side: client}\n"                                                                \
	"  bob: {side: client, window_scaling: off}\n"                                             \
	"  edge: {side: server}\n"
#define SERVER "server: {app: rpc, hosts: [server, edge]}\n"
#define CLIENT "client: {app: rpc, host: alice, exchanges: 100}\n"

static void write_file(const char *hosts, const char *server, const char *client,
		       const char *siblings, const char *impaired, const char *expect)
{
	char text[4000];

	snprintf(text, sizeof(text),
		 "name: made-up\ntitle: a made-up failure\nsource: nobody\nstory: once\n"
		 "lab: {intercept: explicit}\n%s%s%s%sphases:\n  baseline: []\n  impaired:\n%s"
		 "expect:\n  - %s\n",
		 hosts, server, client, siblings, impaired, expect);
	write_bytes(text, strlen(text));
}

static void hosts_and_places_are_read(void **state)
{
	struct scenario *s;
	const struct phase *p;

	(void)state;
	write_file(HOSTS, SERVER, CLIENT,
		   "siblings:\n  other: {behind: main, client: {host: bob}}\n"
		   "  third: {client: {exchanges: 3}}\n",
		   "    hosts: {bob: {window_scaling: on}, client: {sack: off, ttl: 128}}\n"
		   "    impairments: [{delay: {delay: 1ms, host: edge}}]\n",
		   "impaired.client_wire.main@edge.response.p50 >= 1ms");
	s = loaded(false);
	p = &s->phases[0];
	assert_int_equal(p->hosts.n, 5);
	assert_int_equal(p->hosts.host[3].side, HOST_CLIENT_SIDE);
	assert_false(p->hosts.host[3].window_scaling);
	assert_true(p->hosts.host[3].timestamps);
	assert_int_equal(p->traffic[0].server.nhosts, 2);
	assert_int_equal(p->traffic[0].server.hosts[0], HOST_SERVER);
	assert_int_equal(p->traffic[0].server.hosts[1], 4);
	assert_int_equal(p->traffic[0].client.hosts[0], 2);
	assert_int_equal(p->traffic[1].leader, 0);
	assert_int_equal(p->traffic[1].port, p->traffic[0].port);
	assert_int_equal(p->traffic[1].client.hosts[0], 3);
	param_is(&p->traffic[1], false, "exchanges", "100");
	assert_int_equal(p->traffic[2].leader, 2);
	assert_int_equal(p->traffic[2].port, 81);
	assert_int_equal(p->traffic[2].client.hosts[0], HOST_CLIENT);
	assert_int_equal(p->traffic[2].server.hosts[0], HOST_SERVER);
	assert_true(selector_is_shared(p, 0) && selector_is_shared(p, 1));
	assert_false(selector_is_shared(p, 2));
	p = &s->phases[1];
	assert_true(p->hosts.host[3].window_scaling);
	assert_false(p->hosts.host[HOST_CLIENT].sack);
	assert_int_equal(p->hosts.host[HOST_CLIENT].ttl, HOST_TTL_128);
	assert_int_equal(p->hosts.host[3].ttl, HOST_TTL_64);
	assert_string_equal(p->impairments->inst[0].host, "edge");
	scenario_free(s);
}

static void settings_of_hosts_are_set(void **state)
{
	struct scenario *s;
	struct err e;

	(void)state;
	write_file(HOSTS, SERVER, CLIENT, "", "    impairments: []\n",
		   "impaired.client_app.failed == 0");
	s = loaded(false);
	assert_int_equal(scenario_set(s, "hosts.bob.window_scaling=on", &e), 0);
	assert_true(s->phases[1].hosts.host[3].window_scaling);
	assert_int_equal(scenario_set(s, "hosts.alise.window_scaling=on", &e), -1);
	assert_non_null(strstr(e.text, "did you mean 'alice'?"));
	assert_int_equal(scenario_set(s, "hosts.bob.window_scalin=on", &e), -1);
	assert_non_null(strstr(e.text, "did you mean 'window_scaling'?"));
	assert_int_equal(scenario_set(s, "hosts.bob.sack=maybe", &e), -1);
	assert_int_equal(scenario_set(s, "hosts.bob=off", &e), -1);
	assert_int_equal(scenario_set(s, "hosts.bob.link_speed=100Mbit/s", &e), 0);
	assert_int_equal(s->phases[1].hosts.host[3].link_speed, 12500000);
	assert_int_equal(scenario_set(s, "hosts.bob.link_speed=40Gbit/s", &e), -1);
	assert_int_equal(scenario_set(s, "hosts.bob.link_speed=fast", &e), -1);
	scenario_free(s);
}

static void refused(const char *where, const char *why)
{
	struct scenario *s;
	struct err e = {""};
	char place[100];

	if (scenario_load(path, NULL, false, NULL, NULL, &s, &e) == 0)
		fail_msg("accepted; wanted: %s", why);
	snprintf(place, sizeof(place), "made-up.yaml:%s: ", where);
	if (!strstr(e.text, place) || !strstr(e.text, why))
		fail_msg("wanted %s%s, not: %s", place, why, e.text);
}

static void wrong_hosts_are_refused(void **state)
{
	static const struct {
		const char *hosts, *where, *why;
	} rows[] = {
	    {"hosts: {}\n", "6:8", "a mapping of hosts is expected"},
	    {"hosts: [alice]\n", "6:8", "a mapping of hosts is expected"},
	    {"hosts: {alice: }\n", "6:9", "a mapping is expected"},
	    {"hosts: {alice: {}}\n", "6:9", "on which side is it?"},
	    {"hosts: {alice: {side: cliant}}\n", "6:23", "did you mean 'client'?"},
	    {"hosts: {alice: {side: }}\n", "6:17", "a host's side is empty"},
	    {"hosts: {alice: {side: client, window_scalin: off}}\n", "6:31",
	     "did you mean 'window_scaling'?"},
	    {"hosts: {alice: {side: client, sack: maybe}}\n", "6:37", "maybe"},
	    {"hosts: {Alice: {side: client}}\n", "6:9", "is no host's name"},
	    {"hosts: {main: {side: client}}\n", "6:9", "'main' can't be a host's name"},
	    {"hosts: {wedge: {side: client}}\n", "6:9", "'wedge' can't be a host's name"},
	    {"hosts: {sibling: {side: client}}\n", "6:8", "has a traffic 'sibling'"},
	    {"hosts: {client: {side: server}}\n", "6:24",
	     "the host 'client' is on the side client"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		write_file(rows[i].hosts, "server: {app: rpc}\n", "client: {app: rpc}\n", "",
			   "    impairments: []\n", "impaired.client_app.failed == 0");
		refused(rows[i].where, rows[i].why);
	}
}

static void too_many_hosts_are_refused(void **state)
{
	char hosts[4000] = "hosts:\n";

	(void)state;
	for (int i = 0; i < HOSTS_MAX; i++) {
		size_t n = strlen(hosts);

		snprintf(hosts + n, sizeof(hosts) - n, "  h%d: {side: client}\n", i);
	}
	write_file(hosts, "server: {app: rpc}\n", "client: {app: rpc}\n", "",
		   "    impairments: []\n", "impaired.client_app.failed == 0");
	refused("38:3", "at most 32 hosts on a side");
}

static void wrong_places_are_refused(void **state)
{
	static const struct {
		const char *server, *client, *siblings, *impaired, *where, *why;
	} rows[] = {
	    {"server: {app: rpc, hosts: []}\n", CLIENT, "", NULL, "10:27", "at least one host"},
	    {"server: {app: rpc, hosts: edge}\n", CLIENT, "", NULL, "10:27", "at least one host"},
	    {"server: {app: rpc, hosts: [edge, egde]}\n", CLIENT, "", NULL, "10:34",
	     "did you mean 'edge'?"},
	    {"server: {app: rpc, hosts: [edge, edge]}\n", CLIENT, "", NULL, "10:34", "named twice"},
	    {"server: {app: rpc, host: alice}\n", CLIENT, "", NULL, "10:26",
	     "the host 'alice' is on the side client; a server runs on that of the servers"},
	    {"server: {app: rpc, host: edge, hosts: [edge]}\n", CLIENT, "", NULL, "10:39",
	     "either host or hosts"},
	    {SERVER, "client: {app: rpc, host: edge}\n", "", NULL, "11:26", "on the side server"},
	    {SERVER, "client: {app: rpc, hosts: [alice]}\n", "", NULL, "11:27", "on one host"},
	    {SERVER, "client: {app: rpc, host: allice}\n", "", NULL, "11:26",
	     "did you mean 'alice'?"},
	    {SERVER, CLIENT, "siblings: {bob: {}}\n", NULL, "12:12", "a host's name already"},
	    {SERVER, CLIENT, "siblings: {o: {behind: o, client: {host: bob}}}\n", NULL, "12:24",
	     "behind itself"},
	    {SERVER, CLIENT, "siblings: {o: {behind: mian, client: {host: bob}}}\n", NULL, "12:24",
	     "did you mean 'main'?"},
	    {SERVER, CLIENT, "siblings: {o: {behind: main}}\n", NULL, "12:12",
	     ""}, /* from the host "client", while main is on alice: fine; see below */
	    {SERVER, CLIENT, "siblings: {o: {behind: main, client: {host: alice}}}\n", NULL,
	     "12:12", "no capture could tell them apart"},
	    {SERVER, CLIENT, "siblings: {o: {behind: main, port: 99, client: {host: bob}}}\n", NULL,
	     "12:36", "has that one's port"},
	    {SERVER, CLIENT, "siblings: {o: {behind: main, client: {host: bob}}, q: {behind: o}}\n",
	     NULL, "12:64", "is itself behind 'main'"},
	    {SERVER, CLIENT, "siblings: {o: {port: 80, server: {host: edge}}}\n", NULL, "12:12",
	     "port 80 is already that of 'main'; only a server on another host can have it"},
	    {SERVER, CLIENT, "", "    impairments: [{delay: {delay: 1ms, host: egde}}]\n", "15:19",
	     "did you mean 'edge'?"},
	    {SERVER, CLIENT, "", "    impairments: [{delay: {host: edge, on: sibling}}]\n", "15:44",
	     "acts on a host or on a traffic"},
	    {SERVER, CLIENT, "", "    impairments: [{delay: {host: edge, on: main}}]\n", "15:44",
	     "acts on a host or on a traffic"},
	    {SERVER, CLIENT, "", "    impairments: [{delay: {on: main@egde}}]\n", "15:19",
	     "did you mean 'edge'?"},
	    {SERVER, CLIENT, "", "    impairments: [{delay: {on: main@bob}}]\n", "15:19",
	     "has nothing on the host 'bob'"},
	    {SERVER, CLIENT, "", "    impairments: [{delay: {on: mian@edge}}]\n", "15:19",
	     "did you mean 'main'?"},
	    {SERVER, CLIENT, "", "    hosts: {egde: {sack: off}}\n", "15:13",
	     "did you mean 'edge'?"},
	    {SERVER, CLIENT, "", "    hosts: {edge: {side: client}}\n", "15:26",
	     "can't move a host"},
	    {SERVER, CLIENT, "", "    client: {host: bob}\n", "15:20", "not its host"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		write_file(HOSTS, rows[i].server, rows[i].client, rows[i].siblings,
			   rows[i].impaired ? rows[i].impaired : "    impairments: []\n",
			   "impaired.client_app.failed == 0");
		if (rows[i].why[0])
			refused(rows[i].where, rows[i].why);
		else
			scenario_free(loaded(false));
	}
}

static void servers_on_other_hosts_have_one_port(void **state)
{
	struct scenario *s;

	(void)state;
	write_file(HOSTS, "server: {app: rpc}\n", CLIENT,
		   "siblings:\n  other: {port: 80, server: {host: edge}}\n  third: {port: 81}\n",
		   "    impairments: []\n", "impaired.server_wire.other.response.p50 >= 1ms");
	s = loaded(false);
	assert_true(selector_has_namesake(&s->phases[0], 0));
	assert_true(selector_has_namesake(&s->phases[0], 1));
	assert_false(selector_has_namesake(&s->phases[0], 2));
	assert_false(selector_is_shared(&s->phases[0], 0));
	scenario_free(s);
}

static void metrics_that_cant_be_told_apart_are_refused(void **state)
{
	static const struct {
		const char *metric, *why; /* NULL: accepted */
	} rows[] = {
	    {"client_app.bob.completed", NULL},
	    {"client_app.other@bob.completed", NULL},
	    {"client_wire.other.packets", NULL},
	    {"client_wire.main@edge.packets", NULL},
	    {"server_wire.edge.packets", NULL},
	    {"server_app.main@edge.completed", "can't tell the traffic 'main'"},
	    {"server_app.edge.completed", NULL},
	    {"server_wire.packets", "in explicit mode the server sees wedge's address"},
	    {"server_wire.other.packets", "can't tell the traffic 'other'"},
	    {"server_wire.bob.packets", "can't tell the client 'bob'"},
	    {"client_app.edge.completed", "the host 'edge' is on the side server"},
	    {"server_app.bob.completed", "the host 'bob' is on the side client"},
	    {"client_app.main@bob.completed", "has nothing on the host 'bob'"},
	    {"client_app.othr.completed", "did you mean 'other'?"},
	    {"client_app.other@bobb.completed", "did you mean 'bob'?"},
	    {"client_app.other@.completed", "a host's name is expected"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char expect[200];

		snprintf(expect, sizeof(expect), "impaired.%s >= 1", rows[i].metric);
		write_file(HOSTS, SERVER, CLIENT,
			   "siblings:\n  other: {behind: main, client: {host: bob}}\n",
			   "    impairments: []\n", expect);
		if (rows[i].why)
			refused("19:5", rows[i].why);
		else
			scenario_free(loaded(false));
	}
}

/* In a host, wedge has its program on one leg, which no capture is of. */
static void place_decides_what_a_wire_can_tell(void **state)
{
	static const struct {
		enum place place;
		const char *vantage;
		bool tells;
	} rows[] = {
	    {PLACE_PATH, "client_wire", true},	  {PLACE_PATH, "server_wire", false},
	    {PLACE_SERVER, "client_wire", true},  {PLACE_SERVER, "server_wire", true},
	    {PLACE_CLIENT, "client_wire", false}, {PLACE_CLIENT, "server_wire", false},
	};
	struct scenario *s;
	const struct phase *p;

	(void)state;
	write_file(HOSTS, SERVER, CLIENT,
		   "siblings:\n  other: {behind: main, client: {host: bob}}\n",
		   "    impairments: []\n", "impaired.client_app.failed == 0");
	s = loaded(false);
	p = &s->phases[0];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct metric_ref of_host = {.traffic = "bob", .name = "packets"};
		struct metric_ref of_traffic = {.traffic = "other", .name = "packets"};
		int answer = rows[i].tells ? 0 : -1;

		snprintf(of_host.vantage, sizeof(of_host.vantage), "%s", rows[i].vantage);
		snprintf(of_traffic.vantage, sizeof(of_traffic.vantage), "%s", rows[i].vantage);
		assert_int_equal(
		    selector_check(p, INTERCEPT_EXPLICIT, rows[i].place, &of_host, NULL), answer);
		assert_int_equal(
		    selector_check(p, INTERCEPT_EXPLICIT, rows[i].place, &of_traffic, NULL),
		    answer);
		assert_int_equal(
		    selector_check(p, INTERCEPT_TRANSPARENT, rows[i].place, &of_host, NULL), 0);
	}
	scenario_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hosts_and_places_are_read),
	    cmocka_unit_test(settings_of_hosts_are_set),
	    cmocka_unit_test(wrong_hosts_are_refused),
	    cmocka_unit_test(too_many_hosts_are_refused),
	    cmocka_unit_test(wrong_places_are_refused),
	    cmocka_unit_test(servers_on_other_hosts_have_one_port),
	    cmocka_unit_test(metrics_that_cant_be_told_apart_are_refused),
	    cmocka_unit_test(place_decides_what_a_wire_can_tell),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
