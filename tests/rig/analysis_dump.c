/* analysis_dump.c - prints what the analysis finds in a capture as JSON, for the tests that compare
 * it with tshark: analysis_dump CAPTURE. */
#include "scenarios/analysis/delayed_ack_verdict.h"
#include "scenarios/analysis/wire_metrics.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static json_t *pair(const uint64_t n[DIR_COUNT])
{
	return json_pack("[I, I]", (json_int_t)n[DIR_UPSTREAM], (json_int_t)n[DIR_DOWNSTREAM]);
}

static json_t *exchange_json(const struct wire_exchange *x)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "request_start",
			 (json_int_t)x->request_start, "request_end", (json_int_t)x->request_end,
			 "response_start", (json_int_t)x->response_start, "response_end",
			 (json_int_t)x->response_end, "request_bytes", (json_int_t)x->request_bytes,
			 "response_bytes", (json_int_t)x->response_bytes);
}

static json_t *gap_json(const struct ack_gap *g)
{
	return json_pack(
	    "{s:s, s:I, s:I, s:I, s:I, s:b, s:b, s:b, s:b, s:I}", "data", dir_name(g->data_dir),
	    "gap", (json_int_t)g->gap, "data_frame", (json_int_t)g->data_frame, "ack_frame",
	    (json_int_t)g->ack_frame, "covered", (json_int_t)g->covered, "pure", g->pure, "resent",
	    g->resent, "stall", g->stall, "nagle", g->nagle, "liberated", (json_int_t)g->liberated);
}

static json_t *connection_json(const struct wire_connection *w)
{
	json_t *j, *exchanges = json_array(), *acks = json_array();
	char client[ADDR_TEXT], server[ADDR_TEXT];

	for (size_t i = 0; i < w->nexchanges; i++)
		json_array_append_new(exchanges, exchange_json(&w->exchanges[i]));
	for (size_t i = 0; i < w->nacks; i++)
		json_array_append_new(acks, gap_json(&w->acks[i]));
	j = json_pack("{s:I, s:s, s:s, s:b, s:s*, s:I, s:I, s:I, s:o, s:o}", "index",
		      (json_int_t)w->index, "client", addr_format(&w->client, client), "server",
		      addr_format(&w->server, server), "midstream", w->midstream, "unreliable",
		      w->unreliable_why, "syn", (json_int_t)w->syn, "syn_ack",
		      (json_int_t)w->syn_ack, "handshake_ack", (json_int_t)w->handshake_ack,
		      "exchanges", exchanges, "acks", acks);
	json_object_set_new(j, "data_segments", pair(w->data_segments));
	json_object_set_new(j, "data_bytes", pair(w->data_bytes));
	json_object_set_new(j, "retransmissions", pair(w->retransmissions));
	json_object_set_new(j, "out_of_order", pair(w->out_of_order));
	json_object_set_new(j, "pure_acks", pair(w->pure_acks));
	json_object_set_new(j, "duplicate_acks", pair(w->duplicate_acks));
	json_object_set_new(j, "zero_windows", pair(w->zero_windows));
	json_object_set_new(j, "syns", pair(w->syns));
	json_object_set_new(j, "fins", pair(w->fins));
	json_object_set_new(j, "resets", pair(w->resets));
	return j;
}

static json_t *metrics_json(const struct analysis *a)
{
	json_t *all = json_object();

	for (const struct wire_metric *m = wire_metrics; m->name; m++) {
		struct samples s = {0};
		json_t *list = json_array();

		wire_metric_add_samples(m, a, 0, &s);
		for (size_t i = 0; i < s.n; i++)
			json_array_append_new(list, json_real(s.v[i]));
		json_object_set_new(all, m->name, list);
		samples_free(&s);
	}
	return all;
}

static json_t *capture_json(const struct capture_counts *n)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}",
			 "without_ip", (json_int_t)n->without_ip, "unknown_link",
			 (json_int_t)n->unknown_link, "fragments", (json_int_t)n->fragments, "cut",
			 (json_int_t)n->cut, "copies", (json_int_t)n->copies, "copy_lag",
			 (json_int_t)n->copy_lag, "back", (json_int_t)n->back, "back_step",
			 (json_int_t)n->back_step, "timeless", (json_int_t)n->timeless, "too_deep",
			 (json_int_t)n->too_deep, "wraps", (json_int_t)n->wraps, "interfaces",
			 (json_int_t)n->interfaces, "dropped", (json_int_t)n->dropped,
			 "drops_known", n->drops_known);
}

int main(int argc, char **argv)
{
	struct delayed_ack_verdict v;
	json_t *root, *connections;
	struct analysis *a;
	struct err e;

	if (argc != 2) {
		fprintf(stderr, "usage: analysis_dump CAPTURE\n");
		return 2;
	}
	if (analysis_read(argv[1], &a, &e)) {
		fprintf(stderr, "analysis_dump: %s\n", e.text);
		return 2;
	}
	connections = json_array();
	for (size_t i = 0; i < a->nconnections; i++)
		json_array_append_new(connections, connection_json(&a->connections[i]));
	delayed_ack_judge(a, 0, &v);
	root = json_pack("{s:o, s:I, s:I, s:I, s:s*, s:o, s:o, s:{s:b, s:s*, s:I}}", "capture",
			 capture_json(&a->capture), "packets", (json_int_t)a->packets,
			 "tcp_packets", (json_int_t)a->tcp_packets, "not_parsed",
			 (json_int_t)a->not_parsed, "cut_short", a->cut_short, "connections",
			 connections, "metrics", metrics_json(a), "delayed_ack", "holds", v.holds,
			 "class", v.class_name, "stalls", (json_int_t)v.stalls);
	json_dumpf(root, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(root);
	analysis_free(a);
	return 0;
}
