/* mysql_shift.c - the connection phase, packet by packet, up to the server's OK or error: then
 * numbers begin anew with each command. */
#include "proxy/stream/tls/mysql_shift.h"

#include "proxy/base/byteorder.h"

#define HEADER 4
#define NUMBER 3    /* the place of a packet's number */
#define FLAGS  5    /* the place of the flags' second byte in a login */
#define SSL    0x08 /* CLIENT_SSL in that byte */
#define OK     0x00
#define ERROR  0xff

static unsigned char shift_number(const struct mysql_shift *m, enum leg from, unsigned char number)
{
	bool up = m->server_tls == (from == LEG_CLIENT);

	if (!number) /* the first of a conversation: no SSLRequest is before it */
		return number;
	return (unsigned char)(up ? number + 1 : number - 1);
}

void mysql_shift(struct mysql_shift *m, enum leg from, unsigned char *p, size_t n)
{
	unsigned char *head = m->packet[from].head;

	for (size_t i = 0; i < n && !m->over; i++) {
		uint32_t at = m->packet[from].n++;

		if (at < HEADER)
			head[at] = p[i];
		if (at == NUMBER)
			p[i] = shift_number(m, from, p[i]);
		if (at == HEADER && from == LEG_SERVER && (p[i] == OK || p[i] == ERROR))
			m->over = true;
		if (at == FLAGS && from == LEG_CLIENT && !m->login_seen) {
			p[i] = (unsigned char)(m->server_tls ? p[i] | SSL : p[i] & ~SSL);
			m->login_seen = true;
		}
		if (at + 1 >= HEADER && at + 1 == HEADER + get_le24(head))
			m->packet[from].n = 0;
	}
}
