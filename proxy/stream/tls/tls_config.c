/* tls_config.c - the keys of TLS, and which of them go together. */
#include "proxy/stream/tls/tls_config.h"

#include <string.h>

static const char *const mode_names[] = {"passthrough", "terminate", "originate", "intercept",
					 NULL};				/* tls_mode */
static const char *const version_names[] = {"any", "1.2", "1.3", NULL}; /* tls_versions */
const char *const tls_start_names[] = {"direct", "smtp", "imap", "pop3", "ftp", "postgres",
				       "mysql",	 "ldap", "xmpp", "auto", NULL};
static const char *const fault_names[] = {"none",	"expired",     "not-yet-valid",
					  "wrong-name", "self-signed", "unknown-ca",
					  NULL}; /* cert_fault */

const struct param tls_params[] = {
    P_ENUM("mode", struct tls_config, mode, mode_names, .def = "passthrough",
	   .help = "passthrough: nothing is decrypted; terminate: TLS with the client, clear text "
		   "to the server; originate: the reverse; intercept: TLS with both"),
    P_TEXT("cert", struct tls_config, cert, .def = "",
	   .help = "PEM file shown to clients, with its chain; else one is made for each name"),
    P_TEXT("key", struct tls_config, key, .def = "",
	   .help = "PEM file of its private key, when cert doesn't hold it"),
    P_TEXT("client-cert", struct tls_config, client_cert, .def = "",
	   .help = "PEM file shown to a server that asks for one"),
    P_TEXT("client-key", struct tls_config, client_key, .def = "",
	   .help = "PEM file of its private key, when client-cert doesn't hold it"),
    P_TEXT("ca", struct tls_config, ca, .def = "",
	   .help = "folder of the lab CA, made on first use; default $XDG_DATA_HOME/wedge or "
		   "~/.local/share/wedge"),
    P_TEXT("verify", struct tls_config, verify, .def = "no",
	   .help = "the server's certificate: no, system (its authorities), or a PEM file of "
		   "authorities"),
    P_TEXT("ciphers", struct tls_config, ciphers, .def = "",
	   .help = "cipher suites, in OpenSSL's names with ':' between them"),
    P_TEXT("alpn", struct tls_config, alpn, .def = "",
	   .help = "protocols with ',' between them, the best first: chosen from for clients "
		   "(terminate), offered to the server (originate)"),
    P_ENUM("version", struct tls_config, versions, version_names, .def = "any",
	   .help = "the only version accepted; any: 1.2 or 1.3"),
    P_TEXT("keylog", struct tls_config, keylog, .def = "",
	   .help = "file that the secrets are appended to, as Wireshark reads them"),
    P_ENUM("cert-fault", struct tls_config, cert_fault, fault_names, .def = "none",
	   .help = "what is wrong with the certificates that are made"),
    P_ENUM("start", struct tls_config, start, tls_start_names, .def = "direct",
	   .help = "what comes before TLS: nothing, or clear text of that protocol up to its "
		   "upgrade (STARTTLS, SSLRequest), which passes, or is wedge's part for an end in "
		   "clear text; auto finds out which"),
    P_END,
};

_Static_assert(ARRAY_LEN(tls_params) <= TLS_KEYS_MAX + 1, "room for every key");

#define SERVES	(1u << TLS_TERMINATE | 1u << TLS_INTERCEPT)
#define DIALS	(1u << TLS_ORIGINATE | 1u << TLS_INTERCEPT)
#define ONE_LEG (1u << TLS_TERMINATE | 1u << TLS_ORIGINATE)
#define SPEAKS	(1u << TLS_TERMINATE | 1u << TLS_ORIGINATE | 1u << TLS_INTERCEPT)
#define ALL	(SPEAKS | 1u << TLS_PASSTHROUGH)

/* The modes in which a key means something. */
static unsigned find_modes(const char *key)
{
	static const char *const serving[] = {"cert", "key", "ca", "cert-fault"};
	static const char *const dialling[] = {"client-cert", "client-key", "verify"};

	for (size_t i = 0; i < ARRAY_LEN(serving); i++)
		if (strcmp(key, serving[i]) == 0)
			return SERVES;
	for (size_t i = 0; i < ARRAY_LEN(dialling); i++)
		if (strcmp(key, dialling[i]) == 0)
			return DIALS;
	if (strcmp(key, "alpn") == 0)
		return ONE_LEG;
	return strcmp(key, "start") == 0 ? ALL : SPEAKS;
}

static bool is_default(const struct param *p, const struct tls_config *c)
{
	const char *at = (const char *)c + p->offset;

	if (p->type == PARAM_TEXT)
		return strcmp(*(char *const *)(const void *)at, p->def) == 0;
	return *(const int *)(const void *)at == 0;
}

static int check_modes(const struct tls_config *c, struct err *e)
{
	for (const struct param *p = tls_params + 1; p->name; p++) {
		unsigned modes = find_modes(p->name);

		if (is_default(p, c) || modes & 1u << c->mode)
			continue;
		return err_set(
		    e, "%s has no meaning in mode %s; it is for %s", p->name, mode_names[c->mode],
		    modes == SERVES    ? "terminate and intercept"
		    : modes == DIALS   ? "originate and intercept"
		    : modes == ONE_LEG ? "terminate and originate; intercept carries it over"
				       : "terminate, originate and intercept");
	}
	return 0;
}

int tls_config_alpn(const char *text, unsigned char out[TLS_ALPN_MAX], struct err *e)
{
	size_t used = 0;

	while (*text) {
		size_t n = strcspn(text, ",");

		if (!n || n > 255 || used + 1 + n > TLS_ALPN_MAX || (text[n] && !text[n + 1]))
			return err_set(e, "alpn takes protocols with ',' between them, like "
					  "h2,http/1.1, of 255 bytes at most");
		out[used++] = (unsigned char)n;
		memcpy(out + used, text, n);
		used += n;
		text += n + (text[n] == ',');
	}
	return (int)used;
}

int tls_config_check(const struct tls_config *c, struct err *e)
{
	unsigned char list[TLS_ALPN_MAX];

	if (check_modes(c, e) == -1 || tls_config_alpn(c->alpn, list, e) == -1)
		return -1;
	if (c->start == TLS_START_XMPP && (c->mode == TLS_TERMINATE || c->mode == TLS_ORIGINATE))
		return err_set(
		    e,
		    "start=xmpp has no meaning in mode %s: behind the upgrade the stream "
		    "begins anew, which the end in clear text takes for an error; use "
		    "intercept or passthrough",
		    mode_names[c->mode]);
	if (*c->key && !*c->cert)
		return err_set(e, "key needs cert, whose private key it is");
	if (*c->client_key && !*c->client_cert)
		return err_set(e, "client-key needs client-cert, whose private key it is");
	if (*c->cert && c->cert_fault != CERT_GOOD)
		return err_set(e, "cert-fault is for certificates that wedge makes; cert is "
				  "shown as it is");
	if (*c->cert && *c->ca)
		return err_set(e,
			       "ca is for certificates that wedge makes; cert is shown as it is");
	return 0;
}
