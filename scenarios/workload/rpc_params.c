/* rpc_params.c - parameters that are lists: their syntax and their limits. */
#include "scenarios/workload/rpc_params.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "scenarios/workload/balance.h"
#include "scenarios/workload/http.h"
#include "scenarios/workload/rpc_content.h"

#include <string.h>

const char *const rpc_method_names[] = {"GET",	       "POST",	       "PROPFIND",
					"RPC_IN_DATA", "RPC_OUT_DATA", NULL};

const char *const rpc_port_names[] = {"new", "same", NULL};
const char *const rpc_close_names[] = {"close", "shutdown", NULL};

const char *const rpc_live_params[] = {"connections", "rate", "think", "timeout", NULL};

int rpc_path_check(const char *text, struct err *e)
{
	if (text[0] != '/' || strlen(text) > 1024)
		return err_set(e, "a path begins with / and has at most 1024 characters");
	for (const char *s = text; *s; s++)
		if (*s <= ' ' || *s > '~')
			return err_set(
			    e, "a path has neither blanks nor control characters; write them "
			       "as %%20");
	return 0;
}

int rpc_host_name_check(const char *text, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
	size_t most = HTTP_HOST_MAX - strlen(":65535");

	if (text[strspn(text, letters)] || strlen(text) > most)
		return err_set(e,
			       "a host's name has at most %zu of a to z, 0 to 9, - and ., and the "
			       "empty one stands for the server's address",
			       most);
	return 0;
}

int rpc_client_check(const struct rpc_client_cfg *client, struct err *e)
{
	if (client->connections > client->exchanges)
		return err_set(e, "connections: %llu connections can't share %llu exchanges",
			       (unsigned long long)client->connections,
			       (unsigned long long)client->exchanges);
	if (client->tls && client->balance == BALANCE_REQUEST_PROBE)
		return err_set(e, "balance: request_probe asks without TLS; tls=true has "
				  "connect_probe");
	if (client->probe_timeout > client->probe_every)
		return err_set(e,
			       "probe_timeout: a check ends before the next one, so it is at most "
			       "probe_every");
	return keepalive_check(&client->keepalive, e);
}

int rpc_response_parse(const char *text, struct rpc_response *out, struct err *e)
{
	const char *s = text;

	memset(out, 0, sizeof(*out));
	for (;;) {
		size_t len = strcspn(s, ","), blanks = strspn(s, " ");
		char word[32];

		if (out->n == RPC_WRITES_MAX)
			return err_set(e, "at most %d writes", RPC_WRITES_MAX);
		if (len - blanks >= sizeof(word))
			return err_set(e, "\"%.40s\" is not a list of sizes such as 180B,220B",
				       text);
		memcpy(word, s + blanks, len - blanks);
		word[len - blanks] = '\0';
		word[strcspn(word, " ")] = '\0';
		if (parse_size(word, &out->write[out->n], e))
			return -1;
		if (!out->write[out->n] || out->write[out->n] > RPC_WRITE_MAX)
			return err_set(e, "a write has from 1B to 4GiB, not \"%s\"", word);
		out->n++;
		if (!s[len])
			break;
		s += len + 1;
	}
	if (out->write[0] < HTTP_RESPONSE_HEAD_MIN)
		return err_set(e, "the first write holds the HTTP header, which needs at least %dB",
			       HTTP_RESPONSE_HEAD_MIN);
	if (out->n > 1 && out->write[0] > RPC_HEAD_MAX)
		return err_set(e,
			       "the first write is the HTTP header alone: at most %dB, or clients "
			       "refuse it",
			       RPC_HEAD_MAX);
	out->head = out->n > 1 ? out->write[0] : HTTP_RESPONSE_HEAD_MIN;
	for (size_t i = 0; i < out->n; i++)
		out->body += out->write[i];
	out->body -= out->head;
	return 0;
}

int rpc_record_parse(const char *text, uint64_t least, uint64_t *low, uint64_t *high, struct err *e)
{
	const char *comma = strchr(text, ',');
	char word[32];

	snprintf(word, sizeof(word), "%.*s", comma ? (int)(comma - text) : 31, text);
	if (parse_size(word, low, e) || parse_size(comma ? comma + 1 : word, high, e))
		return -1;
	if (*low < least || *high > RECORD_MAX || *low > *high)
		return err_set(
		    e, "a record has from %lluB to %uKiB, the smaller size first, not \"%.40s\"",
		    (unsigned long long)least, RECORD_MAX >> 10, text);
	return 0;
}

int rpc_records_parse(const char *text, uint64_t **counts, size_t *n, struct err *e)
{
	uint64_t *out = NULL;
	size_t found = 0;

	for (const char *s = text; *s;) {
		char word[32];
		size_t len = strcspn(s, ",");

		out = xrealloc(out, found + 1, sizeof(*out));
		snprintf(word, sizeof(word), "%.*s", len < 31 ? (int)len : 31, s);
		if (parse_count(word, &out[found], e)) {
			free(out);
			return -1;
		}
		if (!out[found] || out[found] > RECORDS_MAX) {
			free(out);
			return err_set(e, "a list has from 1 to %d records, not \"%s\"",
				       RECORDS_MAX, word);
		}
		found++;
		s += len + (s[len] == ',');
	}
	*counts = out;
	*n = found;
	return 0;
}
