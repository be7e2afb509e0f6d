/* app_exchange.h - the numbers of one exchange in an application's result, as workload.h lists
 * them.
 */
#ifndef WEDGE_SCENARIOS_RUN_APP_EXCHANGE_H
#define WEDGE_SCENARIOS_RUN_APP_EXCHANGE_H

#include <jansson.h>

enum app_column {
	COL_START,
	COL_FIRST,
	COL_END,
	COL_OK,
	COL_BYTES,
	COL_LAST,
	COL_RECORDS,
	COL_ASKED,
	COL_OUTCOME,
	COL_RETRY,
	COL_RINGING,
	COL_ANSWERED,
	COL_BEEPS,
};

static inline double app_exchange_column(const json_t *exchange, enum app_column i)
{
	return json_number_value(json_array_get(exchange, (size_t)i));
}

#endif
