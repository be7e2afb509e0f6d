/* tls_alert.c - the version is TLS 1.2's, as in every record of TLS 1.2 and 1.3 (RFC 8446, 5.1). */
#include "proxy/base/tls_alert.h"

#include <string.h>

void tls_alert_clear(unsigned char description, unsigned char out[TLS_ALERT_CLEAR])
{
	const unsigned char record[TLS_ALERT_CLEAR] = {TLS_RECORD_ALERT, 3,	     3, 0, 2,
						       TLS_ALERT_FATAL,	 description};

	memcpy(out, record, sizeof(record));
}
