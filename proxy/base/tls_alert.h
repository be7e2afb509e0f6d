/* tls_alert.h - the record of a fatal TLS alert in clear text, as bytes. Knows no keys and no
 * connections. */
#ifndef WEDGE_BASE_TLS_ALERT_H
#define WEDGE_BASE_TLS_ALERT_H

enum {
	TLS_RECORD_ALERT = 21, /* the content type of an alert (RFC 8446 section 5.1) */
	TLS_ALERT_FATAL = 2,   /* its level (section 6) */
	TLS_ALERT_CLEAR = 7,   /* bytes of the whole record: header, level, description */
};

/* Writes the record; description is one of RFC 8446 section 6. */
void tls_alert_clear(unsigned char description, unsigned char out[TLS_ALERT_CLEAR]);

#endif
