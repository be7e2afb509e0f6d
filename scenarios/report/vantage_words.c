/* vantage_words.c - five places and five shares; wedge itself times nothing, and says so. */
#include "scenarios/report/vantage_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum row {
	ROW_CLIENT_APP,
	ROW_CLIENT_WIRE,
	ROW_WEDGE,
	ROW_SERVER_WIRE,
	ROW_SERVER_APP,
	ROW_CLIENT_HOST,
	ROW_BETWEEN,
	ROW_SERVER_HOST,
	ROW_SERVER,
	ROW_SUM,
};

const char *vantage_row(const struct result *r, size_t row)
{
	static const char *const names[VANTAGE_ROWS] = {
	    [ROW_CLIENT_APP] = "client's application",
	    [ROW_CLIENT_WIRE] = "client's wire",
	    [ROW_WEDGE] = "wedge",
	    [ROW_SERVER_WIRE] = "server's wire",
	    [ROW_SERVER_APP] = "server's application",
	    [ROW_CLIENT_HOST] = "client's host",
	    [ROW_BETWEEN] = "between the wires",
	    [ROW_SERVER_HOST] = "server's host",
	    [ROW_SERVER] = "server's application",
	    [ROW_SUM] = "all, as the client felt it",
	};

	if (row == ROW_CLIENT_HOST && r->place == PLACE_CLIENT)
		return "client's host, wedge in it";
	if (row == ROW_SERVER_HOST && r->place == PLACE_SERVER)
		return "server's host, wedge in it";
	if (row == ROW_BETWEEN && r->place == PLACE_PATH)
		return "between the wires: wedge";
	return names[row];
}

const char *vantage_capture(const struct result *r, enum leg leg)
{
	static const char *const shown[LEG_COUNT][2] = {
	    [LEG_CLIENT] = {"what the client leg showed",
			    "client leg, a mirror of the client's switch port"},
	    [LEG_SERVER] = {"what the server leg showed",
			    "server leg, a mirror of the server's switch port"},
	};

	return shown[leg][r->place != PLACE_PATH];
}

static char *format_span(const struct result_transaction *t, enum vantage where,
			 char buf[VANTAGE_TEXT])
{
	const struct result_span *s = &t->at[where];
	char value[RESULT_VALUE_TEXT];

	switch (s->state) {
	case SPAN_NOT_MEASURED:
		snprintf(buf, VANTAGE_TEXT, "not measured");
		break;
	case SPAN_NOT_SEEN:
		snprintf(buf, VANTAGE_TEXT, "not seen");
		break;
	case SPAN_NOT_TOLD:
		snprintf(buf, VANTAGE_TEXT, "can't be told");
		break;
	case SPAN_UNANSWERED:
		if (isnan(s->seconds))
			snprintf(buf, VANTAGE_TEXT, "no answer");
		else
			snprintf(buf, VANTAGE_TEXT, "failed: %s, %" PRIu64 " B",
				 result_value_format(s->seconds, 's', value), s->bytes);
		break;
	default:
		snprintf(buf, VANTAGE_TEXT, "%s, %" PRIu64 " B",
			 result_value_format(s->seconds, 's', value), s->bytes);
	}
	return buf;
}

static char *format_share(double seconds, char buf[VANTAGE_TEXT])
{
	char value[RESULT_VALUE_TEXT];

	snprintf(buf, VANTAGE_TEXT, "%s", result_value_format(seconds, 's', value));
	return buf;
}

char *vantage_cell(const struct result_transaction *t, size_t row, char buf[VANTAGE_TEXT])
{
	switch (t->exchanges ? row : VANTAGE_ROWS) {
	case ROW_CLIENT_APP:
		return format_span(t, VANTAGE_CLIENT_APP, buf);
	case ROW_CLIENT_WIRE:
		return format_span(t, VANTAGE_CLIENT_WIRE, buf);
	case ROW_WEDGE:
		snprintf(buf, VANTAGE_TEXT, "keeps no clock");
		return buf;
	case ROW_SERVER_WIRE:
		return format_span(t, VANTAGE_SERVER_WIRE, buf);
	case ROW_SERVER_APP:
		return format_span(t, VANTAGE_SERVER_APP, buf);
	case ROW_CLIENT_HOST:
		return format_share(t->client_host, buf);
	case ROW_BETWEEN:
		return format_share(t->between, buf);
	case ROW_SERVER_HOST:
		return format_share(t->server_host, buf);
	case ROW_SERVER:
		return format_share(t->server_app, buf);
	case ROW_SUM:
		return format_share(t->ok ? t->at[VANTAGE_CLIENT_APP].seconds : NAN, buf);
	default:
		snprintf(buf, VANTAGE_TEXT, "-");
		return buf;
	}
}

bool vantage_any(const struct result *r)
{
	for (size_t i = 0; r->transactions && i < r->nphases; i++)
		if (r->transactions[i].exchanges)
			return true;
	return false;
}
