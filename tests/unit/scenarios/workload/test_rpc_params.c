/* test_rpc_params.c - the workload's parameters: what is taken, what is refused and with which
 * words. LAYER: wedge_workload */
#include "scenarios/workload/command.h"
#include "scenarios/workload/http.h"
#include "scenarios/workload/registry.h"
#include "scenarios/workload/rpc.h"
#include "scenarios/workload/rpc_content.h"
#include "scenarios/workload/rpc_params.h"
#include "scenarios/workload/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void refused(const char *response, const char *why)
{
	struct rpc_response r;
	struct err e;

	assert_int_equal(rpc_response_parse(response, &r, &e), -1);
	if (!strstr(e.text, why))
		fail_msg("\"%s\" does not say \"%s\"", e.text, why);
}

static void response_is_a_list_of_writes(void **state)
{
	struct rpc_response r;

	(void)state;
	assert_int_equal(rpc_response_parse("180B,220B", &r, NULL), 0);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.head, 180);
	assert_int_equal(r.body, 220);
	assert_int_equal(rpc_response_parse("180B, 2MB , 1KiB", &r, NULL), 0);
	assert_int_equal(r.n, 3);
	assert_int_equal(r.body, 2000000 + 1024);
}

static void single_write_holds_header_and_body(void **state)
{
	struct rpc_response r;

	(void)state;
	assert_int_equal(rpc_response_parse("400B", &r, NULL), 0);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.head + r.body, 400);
	assert_int_equal(rpc_response_parse("80B", &r, NULL), 0);
	assert_int_equal(r.body, 0);
}

static void impossible_responses_are_refused(void **state)
{
	(void)state;
	refused("", "");
	refused("79B,220B", "at least 80B");
	refused("180B,0B", "from 1B to 4GiB");
	refused("180B,5GiB", "from 1B to 4GiB");
	refused("9000B,1B", "at most 8192B");
	refused("180B,200ms", "");
	refused("180B,,1B", "");
	refused("180B,1B,1B,1B,1B,1B,1B,1B,1B,1B,1B,1B,1B,1B,1B,1B,1B", "at most 16");
	refused("180B,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"list of sizes");
}

static void defaults_are_the_documented_exchange(void **state)
{
	const struct workload *w = workload_find("rpc");
	struct rpc_client_cfg client = {0};
	struct rpc_server_cfg server = {0};

	(void)state;
	assert_non_null(w);
	param_defaults(w->client_params, &client);
	param_defaults(w->server_params, &server);
	assert_int_equal(client.exchanges, 60);
	assert_int_equal(client.request, 512);
	assert_false(client.quickack);
	assert_string_equal(server.response, "180B,220B");
	assert_false(server.nodelay);
	assert_int_equal(w->check(&client, &server, NULL), 0);
	assert_int_equal(w->check(NULL, NULL, NULL), 0);
	param_free(w->client_params, &client);
	param_free(w->server_params, &server);
}

static int set(void *cfg, const char *name, const char *value, struct err *e)
{
	const struct param *p = param_find(workload_find("rpc")->client_params, name);

	assert_non_null(p);
	return param_set(p, cfg, value, e);
}

static void client_rules_name_the_parameter(void **state)
{
	const struct workload *w = workload_find("rpc");
	struct rpc_client_cfg client = {0};
	struct err e;

	(void)state;
	param_defaults(w->client_params, &client);
	assert_int_equal(set(&client, "request", "0", &e), -1);
	assert_int_equal(set(&client, "request", "2MiB", &e), -1);
	assert_int_equal(set(&client, "path", "ews", &e), -1);
	assert_int_equal(set(&client, "path", "/a b", &e), -1);
	assert_int_equal(set(&client, "timeout", "0", &e), -1);
	assert_int_equal(set(&client, "exchanges", "3", &e), 0);
	assert_int_equal(set(&client, "connections", "4", &e), 0);
	assert_int_equal(w->check(&client, NULL, &e), -1);
	assert_non_null(strstr(e.text, "connections"));
	assert_int_equal(set(&client, "connections", "3", &e), 0);
	assert_int_equal(set(&client, "request", "112B", &e), 0);
	assert_int_equal(set(&client, "path", "/a-long-path-that-needs-room", &e), 0);
	assert_int_equal(w->check(&client, NULL, &e), -1);
	assert_non_null(strstr(e.text, "request"));
	param_free(w->client_params, &client);
}

static void client_rules_of_lists_and_probes(void **state)
{
	const struct workload *w = workload_find("rpc");
	struct rpc_client_cfg client = {0};
	uint64_t *counts;
	struct err e;
	size_t n;

	(void)state;
	assert_int_equal(rpc_records_parse("3,700,10000", &counts, &n, NULL), 0);
	assert_int_equal(n, 3);
	assert_int_equal(counts[0], 3);
	assert_int_equal(counts[2], 10000);
	free(counts);
	assert_int_equal(rpc_records_parse("", &counts, &n, NULL), 0);
	assert_int_equal(n, 0);
	param_defaults(w->client_params, &client);
	for (size_t i = 0; i < 6; i++) {
		static const char *const wrong[] = {"0", "10001", "3,,4", "3,x", "-1", "1.5"};

		assert_int_equal(set(&client, "records", wrong[i], &e), -1);
	}
	assert_int_equal(set(&client, "records", "10000", &e), 0);
	assert_int_equal(set(&client, "path", "/a-longer-path", &e), 0);
	assert_int_equal(set(&client, "request", "112B", &e), 0);
	assert_int_equal(w->check(&client, NULL, &e), -1); /* without a list it would do */
	assert_non_null(strstr(e.text, "request"));
	assert_int_equal(set(&client, "request", "512B", &e), 0);
	assert_int_equal(set(&client, "keepalive", "1500ms", &e), 0);
	assert_int_equal(w->check(&client, NULL, &e), -1);
	assert_non_null(strstr(e.text, "whole seconds"));
	assert_int_equal(set(&client, "keepalive", "2s", &e), 0);
	assert_int_equal(w->check(&client, NULL, &e), 0);
	param_free(w->client_params, &client);
}

static void server_rules_of_records_and_digests(void **state)
{
	const struct workload *w = workload_find("rpc");
	struct rpc_server_cfg server = {0};
	uint64_t low, high;
	struct err e;

	(void)state;
	assert_int_equal(rpc_record_parse("512B,2KiB", RECORD_MIN, &low, &high, NULL), 0);
	assert_int_equal(low, 512);
	assert_int_equal(high, 2048);
	assert_int_equal(rpc_record_parse("100B", RECORD_MIN, &low, &high, NULL), 0);
	assert_int_equal(low, high);
	for (size_t i = 0; i < 5; i++) {
		static const char *const wrong[] = {"63B", "65KiB", "2KiB,1KiB", "", "100B,"};

		assert_int_equal(rpc_record_parse(wrong[i], RECORD_MIN, &low, &high, &e), -1);
	}
	param_defaults(w->server_params, &server);
	server.digest = true;
	assert_int_equal(w->check(NULL, &server, NULL), 0);
	assert_int_equal(
	    param_set(param_find(w->server_params, "response"), &server, "100B,1KiB", NULL), 0);
	assert_int_equal(w->check(NULL, &server, &e), -1);
	assert_non_null(strstr(e.text, "digest"));
	param_free(w->server_params, &server);
}

static void command_words_are_filled_in(void **state)
{
	struct addr a;
	char *word;

	(void)state;
	assert_int_equal(addr_parse("192.0.2.1:80", &a, NULL), 0);
	word = command_word("http://{host}:{port}/{out}{x}{", &a, "/tmp/o");
	assert_string_equal(word, "http://192.0.2.1:80//tmp/o{x}{");
	free(word);
}

/* Two real lines of Linux 6.18: port 8080 listens; from port 8081 somebody is connected. */
static void listening_port_is_found_in_proc_net_tcp(void **state)
{
	static const char text[] =
	    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
	    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
	    "   1: 0100007F:1F91 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0\n";
	static const char v6[] = "   0: 00000000000000000000000000000000:01BB "
				 "00000000000000000000000000000000:0000 0A 0\n";

	(void)state;
	assert_true(command_listens(text, 8080));
	assert_false(command_listens(text, 8081));
	assert_false(command_listens(text, 50000));
	assert_true(command_listens(v6, 443));
	assert_false(command_listens("", 443));
}

static void result_counts_and_lists_what_was_added(void **state)
{
	struct tally t = {.msg_fd = -1};
	struct tally_exchange x = {.start = 1000000000,
				   .first = 1100000000,
				   .last = 1150000000,
				   .end = 1200000000,
				   .ok = true,
				   .bytes = 400,
				   .records = 3,
				   .asked = 4};
	const char *peers = "\xff caf\xc3\xa9 \x1b[2J \xe2\x80\xae \xe2\x82";
	json_t *result, *row;

	(void)state;
	tally_add(&t, &x);
	x.start = x.first = 0;
	x.start = 2000000000;
	x.end = 2500000000;
	tally_fail(&t, &x, OUTCOME_TIMEOUT, peers);
	tally_fail(&t, &x, OUTCOME_OTHER, peers);
	result = tally_result(&t, json_pack("{s:i}", "extra", 7));
	assert_int_equal(json_integer_value(json_object_get(result, "completed")), 1);
	assert_int_equal(json_integer_value(json_object_get(result, "failed")), 2);
	assert_int_equal(json_integer_value(json_object_get(result, "failed_timeout")), 1);
	assert_int_equal(json_integer_value(json_object_get(result, "failed_other")), 1);
	assert_int_equal(json_integer_value(json_object_get(result, "failed_reset")), 0);
	assert_int_equal(json_integer_value(json_object_get(result, "extra")), 7);
	assert_true(json_number_value(json_object_get(result, "total")) == 1.5);
	assert_int_equal(json_array_size(json_object_get(result, "errors")), 1);
	row = json_array_get(json_object_get(result, "errors"), 0);
	assert_string_equal(json_string_value(row),
			    "\\xff caf\xc3\xa9 \\u001b[2J \\u202e \\xe2\\x82");
	assert_int_equal(json_array_size(json_object_get(result, "exchanges")), 3);
	row = json_array_get(json_object_get(result, "exchanges"), 1);
	assert_true(json_number_value(json_array_get(row, 1)) == 0.0);
	assert_int_equal(json_integer_value(json_array_get(row, 3)), 0);
	assert_int_equal(json_integer_value(json_array_get(row, 8)), OUTCOME_TIMEOUT);
	row = json_array_get(json_object_get(result, "exchanges"), 0);
	assert_int_equal(json_array_size(row), 10);
	assert_true(json_number_value(json_array_get(row, 5)) == 1.15);
	assert_int_equal(json_integer_value(json_array_get(row, 6)), 3);
	assert_int_equal(json_integer_value(json_array_get(row, 7)), 4);
	json_decref(result);
	tally_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(response_is_a_list_of_writes),
	    cmocka_unit_test(single_write_holds_header_and_body),
	    cmocka_unit_test(impossible_responses_are_refused),
	    cmocka_unit_test(defaults_are_the_documented_exchange),
	    cmocka_unit_test(client_rules_name_the_parameter),
	    cmocka_unit_test(client_rules_of_lists_and_probes),
	    cmocka_unit_test(server_rules_of_records_and_digests),
	    cmocka_unit_test(command_words_are_filled_in),
	    cmocka_unit_test(listening_port_is_found_in_proc_net_tcp),
	    cmocka_unit_test(result_counts_and_lists_what_was_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
