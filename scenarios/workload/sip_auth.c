/* sip_auth.c - the algorithm is MD5, as everywhere in the time of these failures. */
#include "scenarios/workload/sip_auth.h"

#include "proxy/base/mem.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MD5_LEN 16

static struct sip_text text_of(const char *s)
{
	return (struct sip_text){s, strlen(s)};
}

/* Writes the MD5 of the texts with colons between them, as hexadecimal digits. */
static void hash_texts(const struct sip_text *texts, size_t n, char hex[DIGEST_RESPONSE])
{
	EVP_MD_CTX *md5 = EVP_MD_CTX_new();
	uint8_t hash[MD5_LEN];

	BUG_ON(!md5 || !EVP_DigestInit_ex(md5, EVP_md5(), NULL));
	for (size_t i = 0; i < n; i++) {
		BUG_ON(i && !EVP_DigestUpdate(md5, ":", 1));
		BUG_ON(!EVP_DigestUpdate(md5, texts[i].s, texts[i].len));
	}
	BUG_ON(!EVP_DigestFinal_ex(md5, hash, NULL));
	EVP_MD_CTX_free(md5);
	for (size_t i = 0; i < MD5_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
}

void digest_compute(const struct digest *d, char response[DIGEST_RESPONSE])
{
	struct sip_text who[] = {d->user, d->realm, text_of(d->password)};
	struct sip_text what[] = {d->method, d->uri};
	char secret[DIGEST_RESPONSE], asked[DIGEST_RESPONSE];
	struct sip_text all[6];
	size_t n = 0;

	hash_texts(who, ARRAY_LEN(who), secret);
	hash_texts(what, ARRAY_LEN(what), asked);
	all[n++] = text_of(secret);
	all[n++] = d->nonce;
	if (d->qop.len) {
		all[n++] = d->count;
		all[n++] = d->cnonce;
		all[n++] = d->qop;
	}
	all[n++] = text_of(asked);
	hash_texts(all, n, response);
}

/* Returns where a value that begins at i ends: behind its quotes, or before the comma. */
static size_t value_end(struct sip_text t, size_t i)
{
	bool quoted = i < t.len && t.s[i] == '"';

	if (!quoted) {
		while (i < t.len && t.s[i] != ',')
			i++;
		return i;
	}
	for (i++; i < t.len && t.s[i] != '"'; i++)
		if (t.s[i] == '\\' && i + 1 < t.len)
			i++;
	return i < t.len ? i + 1 : i;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct sip_text strip_quotes(struct sip_text t)
{
	while (t.len && is_blank(t.s[t.len - 1]))
		t.len--;
	if (t.len < 2 || t.s[0] != '"' || t.s[t.len - 1] != '"')
		return t;
	return (struct sip_text){t.s + 1, t.len - 2};
}

struct sip_text digest_parameter(struct sip_text t, const char *name)
{
	size_t i = 0, len = strlen(name);

	while (i < t.len && !is_blank(t.s[i])) /* the scheme */
		i++;
	while (i < t.len) {
		size_t begin, named, end;

		while (i < t.len && (is_blank(t.s[i]) || t.s[i] == ','))
			i++;
		begin = i;
		while (i < t.len && t.s[i] != '=' && t.s[i] != ',')
			i++;
		named = i;
		while (named > begin && is_blank(t.s[named - 1]))
			named--;
		if (i == t.len || t.s[i] == ',')
			continue;
		for (i++; i < t.len && is_blank(t.s[i]);)
			i++;
		end = value_end(t, i);
		if (named - begin == len && strncasecmp(t.s + begin, name, len) == 0)
			return strip_quotes((struct sip_text){t.s + i, end - i});
		i = end;
	}
	return (struct sip_text){NULL, 0};
}

static bool is_digest(struct sip_text field)
{
	return field.len > 7 && strncasecmp(field.s, "Digest", 6) == 0 && is_blank(field.s[6]);
}

/* auth is one of the list. */
static bool offers_auth(struct sip_text list)
{
	while (list.len) {
		const char *comma = memchr(list.s, ',', list.len);
		size_t n = comma ? (size_t)(comma - list.s) : list.len;
		struct sip_text one = strip_quotes((struct sip_text){list.s, n});

		while (one.len && is_blank(*one.s))
			one = (struct sip_text){one.s + 1, one.len - 1};
		if (sip_text_is(one, "auth"))
			return true;
		n += comma ? 1 : 0;
		list = (struct sip_text){list.s + n, list.len - n};
	}
	return false;
}

static bool is_word(struct sip_text t, const char *word)
{
	return t.len == strlen(word) && strncasecmp(t.s, word, t.len) == 0;
}

char *sip_write_challenge(const char *realm, const char *nonce, bool stale)
{
	return xasprintf("WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", algorithm=MD5, "
			 "qop=\"auth\"%s\r\n",
			 realm, nonce, stale ? ", stale=true" : "");
}

static char *copy_text(struct sip_text t)
{
	return xasprintf("%.*s", (int)t.len, t.s);
}

int sip_take_challenge(struct sip_challenge *c, struct sip_text field, struct err *e)
{
	struct sip_text realm = digest_parameter(field, "realm");
	struct sip_text nonce = digest_parameter(field, "nonce");
	struct sip_text algorithm = digest_parameter(field, "algorithm");
	struct sip_text qop = digest_parameter(field, "qop");
	struct sip_text opaque = digest_parameter(field, "opaque");

	if (!is_digest(field) || !realm.len || !nonce.len)
		return err_set(e, "a 401 without a challenge of Digest");
	if (algorithm.len && !is_word(algorithm, "MD5"))
		return err_set(e, "a challenge for another algorithm than MD5: \"%.*s\"",
			       algorithm.len < 20 ? (int)algorithm.len : 20, algorithm.s);
	if (qop.len && !offers_auth(qop))
		return err_set(e, "a challenge for another qop than auth");
	sip_free_challenge(c);
	c->realm = copy_text(realm);
	c->nonce = copy_text(nonce);
	c->opaque = opaque.len ? copy_text(opaque) : NULL;
	c->qop = qop.len != 0;
	c->stale = is_word(digest_parameter(field, "stale"), "true");
	return 0;
}

char *sip_write_authorization(struct sip_challenge *c, const char *user, const char *password,
			      const char *method, const char *uri, unsigned long long cnonce)
{
	char count[16], client[20], response[DIGEST_RESPONSE], *qop, *opaque, *line;
	struct digest d = {.user = text_of(user),
			   .realm = text_of(c->realm),
			   .nonce = text_of(c->nonce),
			   .method = text_of(method),
			   .uri = text_of(uri),
			   .password = password};

	snprintf(count, sizeof(count), "%08x", ++c->count);
	snprintf(client, sizeof(client), "%016llx", cnonce);
	if (c->qop) {
		d.qop = text_of("auth");
		d.count = text_of(count);
		d.cnonce = text_of(client);
	}
	digest_compute(&d, response);
	qop = c->qop ? xasprintf(", qop=auth, nc=%s, cnonce=\"%s\"", count, client) : xstrdup("");
	opaque = c->opaque ? xasprintf(", opaque=\"%s\"", c->opaque) : xstrdup("");
	line = xasprintf("Authorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", "
			 "uri=\"%s\", response=\"%s\", algorithm=MD5%s%s\r\n",
			 user, c->realm, c->nonce, uri, response, qop, opaque);
	free(qop);
	free(opaque);
	return line;
}

void sip_free_challenge(struct sip_challenge *c)
{
	free(c->realm);
	free(c->nonce);
	free(c->opaque);
	*c = (struct sip_challenge){.realm = NULL};
}

/* 8 hexadecimal digits; 0: it is no count. */
static unsigned parse_count(struct sip_text t)
{
	char text[9] = "";

	if (t.len != 8)
		return 0;
	memcpy(text, t.s, 8);
	return strspn(text, "0123456789abcdefABCDEF") == 8 ? (unsigned)strtoul(text, NULL, 16) : 0;
}

enum sip_proof sip_judge_authorization(const struct sip_message *m, const char *realm,
				       const char *nonce, const char *password, unsigned *count)
{
	struct sip_text f = m->authorization, told = digest_parameter(f, "response");
	struct digest d = {.user = digest_parameter(f, "username"),
			   .realm = digest_parameter(f, "realm"),
			   .nonce = digest_parameter(f, "nonce"),
			   .method = m->method,
			   .uri = digest_parameter(f, "uri"),
			   .qop = digest_parameter(f, "qop"),
			   .count = digest_parameter(f, "nc"),
			   .cnonce = digest_parameter(f, "cnonce"),
			   .password = password};
	unsigned counted = parse_count(d.count);
	char response[DIGEST_RESPONSE];

	if (!is_digest(f) || !sip_text_is(d.realm, realm))
		return SIP_UNPROVED;
	if (!sip_text_is(d.qop, "auth") || !counted || !d.cnonce.len ||
	    told.len != DIGEST_RESPONSE - 1)
		return SIP_WRONG;
	digest_compute(&d, response);
	if (CRYPTO_memcmp(response, told.s, told.len) != 0)
		return SIP_WRONG;
	if (!sip_text_is(d.nonce, nonce) || counted <= *count)
		return SIP_STALE;
	*count = counted;
	return SIP_PROVED;
}
