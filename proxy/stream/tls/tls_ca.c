/* tls_ca.c - the lab's authority: two files, a lock while they are made, and a bounded cache. */
#include "proxy/stream/tls/tls_ca.h"

#include "proxy/base/mem.h"
#include "proxy/base/own_file.h"
#include "proxy/stream/tls/tls_staple.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LEAVES_MAX   256   /* certificates; the oldest goes first */
#define LEAF_MAX_AGE 86400 /* s; far less than they are valid */

struct kept {
	char *name;
	X509 *cert;
	int64_t made;
	bool rsa;
};

struct tls_ca {
	enum cert_fault fault;
	X509 *cert;
	EVP_PKEY *key, *leaf_key;
	EVP_PKEY *rsa_key; /* for clients that take no ECDSA; NULL until the first of them */
	struct kept kept[LEAVES_MAX];
	size_t n; /* made so far */
};

static int64_t now_s(void)
{
	return (int64_t)time(NULL);
}

/* Every folder on the way; those that are made are the user's alone. */
static int make_folders(char *path, struct err *e)
{
	for (char *p = path + 1;; p++) {
		char was = *p;

		if (was != '/' && was != '\0')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) == -1 && errno != EEXIST)
			return err_errno(e, "can't make the folder %s", path);
		*p = was;
		if (was == '\0')
			return 0;
	}
}

static char *default_folder(struct err *e)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (data && *data == '/')
		return xasprintf("%s/wedge", data);
	if (home && *home == '/')
		return xasprintf("%s/.local/share/wedge", home);
	err_set(e, "where the lab CA is to be isn't known: neither XDG_DATA_HOME nor HOME is set; "
		   "name a folder");
	return NULL;
}

/* Whole or not at all, and in no other file's place: written beside, under a name that nothing has,
 * then linked. */
static int write_pem(int folder, const char *name, mode_t mode, X509 *cert, EVP_PKEY *key,
		     struct err *e)
{
	char *beside = xasprintf("%s.new-%d", name, (int)getpid());
	int fd, rc = -1;
	FILE *f;

	fd = openat(folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	f = fd == -1 ? NULL : fdopen(fd, "w");
	if (f)
		rc = (cert ? PEM_write_X509(f, cert)
			   : PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL)) == 1
			 ? 0
			 : -1;
	if (f && (fclose(f) == EOF || rc == -1))
		rc = -1;
	if (rc == 0)
		rc = linkat(folder, beside, folder, name, 0);
	if (rc == -1)
		err_errno(e, "can't write %s", name);
	if (fd != -1)
		(void)unlinkat(folder, beside, 0);
	free(beside);
	return rc;
}

static int make_files(struct tls_ca *ca, int folder, struct err *e)
{
	ca->key = tls_mint_key();
	ca->cert = ca->key ? tls_mint_ca(ca->key, now_s()) : NULL;
	if (!ca->cert)
		return err_set(e, "OpenSSL can't make a certificate");
	if (write_pem(folder, "ca.key", 0600, NULL, ca->key, e) == -1)
		return -1;
	return write_pem(folder, "ca.pem", 0644, ca->cert, NULL, e);
}

static FILE *open_file(int folder, const char *name, struct err *e)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	FILE *f = fd == -1 ? NULL : fdopen(fd, "r");

	if (!f)
		err_errno(e, "can't read %s", name);
	return f;
}

/* A key that others can read signs for everybody who trusts it. */
static FILE *open_key(int folder, struct err *e)
{
	int fd = own_file_open_secret(folder, "ca.key", O_RDONLY, e);
	FILE *f = fd == -1 ? NULL : fdopen(fd, "r");

	BUG_ON(fd != -1 && !f);
	return f;
}

/* One that can't sign for anybody would be a fault that nobody asked for. */
static int check_authority(const struct tls_ca *ca, struct err *e)
{
	if (X509_check_private_key(ca->cert, ca->key) != 1)
		return err_set(e, "ca.key isn't the private key of ca.pem");
	if (X509_check_ca(ca->cert) == 0)
		return err_set(e, "ca.pem is no authority's certificate (CA:TRUE)");
	if (X509_cmp_current_time(X509_get0_notAfter(ca->cert)) < 0)
		return err_set(e,
			       "ca.pem has expired; without ca.pem and ca.key new ones are made");
	if (X509_cmp_current_time(X509_get0_notBefore(ca->cert)) > 0)
		return err_set(e, "ca.pem isn't valid yet; is the clock right?");
	return 0;
}

int tls_no_passphrase(char *buf, int size, int writing, void *asked)
{
	(void)buf;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static int read_files(struct tls_ca *ca, int folder, struct err *e)
{
	FILE *f = open_key(folder, e);
	bool asked = false;

	if (!f)
		return -1;
	ca->key = PEM_read_PrivateKey(f, NULL, tls_no_passphrase, &asked);
	fclose(f);
	if (!ca->key)
		return err_set(e, asked ? "ca.key has a passphrase; it must have none"
					: "ca.key holds no private key");
	f = open_file(folder, "ca.pem", e);
	if (!f)
		return -1;
	ca->cert = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	if (!ca->cert)
		return err_set(e, "ca.pem holds no certificate");
	return check_authority(ca, e);
}

static bool is_empty(int folder)
{
	return faccessat(folder, "ca.key", F_OK, 0) == -1 &&
	       faccessat(folder, "ca.pem", F_OK, 0) == -1;
}

/* Two that start at once make one authority: the second waits and reads. */
static int open_folder(struct tls_ca *ca, char *path, struct err *e)
{
	int folder, rc;

	if (make_folders(path, e) == -1)
		return -1;
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder == -1)
		return err_errno(e, "can't open the folder %s", path);
	if (flock(folder, LOCK_EX) == -1)
		rc = err_errno(e, "can't lock it");
	else if (is_empty(folder))
		rc = make_files(ca, folder, e);
	else
		rc = read_files(ca, folder, e);
	close(folder);
	return rc == -1 ? err_wrap(e, "%s", path) : 0;
}

struct tls_ca *tls_ca_open(const char *folder, enum cert_fault fault, struct err *e)
{
	char *path = *folder ? xstrdup(folder) : default_folder(e);
	struct tls_ca *ca;
	int rc;

	if (!path)
		return NULL;
	ca = xcalloc(1, sizeof(*ca));
	ca->fault = fault;
	rc = open_folder(ca, path, e);
	free(path);
	if (rc == 0 && fault == CERT_UNKNOWN_CA) {
		EVP_PKEY_free(ca->key);
		X509_free(ca->cert);
		ca->key = tls_mint_key();
		ca->cert = ca->key ? tls_mint_ca(ca->key, now_s()) : NULL;
	}
	ca->leaf_key = tls_mint_key();
	if (rc == 0 && (!ca->leaf_key || !ca->cert))
		rc = err_set(e, "OpenSSL can't make a key");
	if (rc == 0)
		return ca;
	tls_ca_free(ca);
	return NULL;
}

int tls_ca_check(const char *folder, struct err *e)
{
	char *path = *folder ? xstrdup(folder) : default_folder(e);
	struct tls_ca *ca = xcalloc(1, sizeof(*ca));
	int fd, rc = path ? 0 : -1;

	fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd != -1 && !is_empty(fd))
		rc = read_files(ca, fd, e);
	else if (path && fd == -1 && errno != ENOENT)
		rc = err_errno(e, "can't open the folder");
	if (rc == -1 && path)
		err_wrap(e, "%s", path);
	if (fd != -1)
		close(fd);
	tls_ca_free(ca);
	free(path);
	return rc;
}

void tls_ca_free(struct tls_ca *ca)
{
	if (!ca)
		return;
	for (size_t i = 0; i < LEAVES_MAX; i++) {
		free(ca->kept[i].name);
		X509_free(ca->kept[i].cert);
	}
	X509_free(ca->cert);
	EVP_PKEY_free(ca->key);
	EVP_PKEY_free(ca->leaf_key);
	EVP_PKEY_free(ca->rsa_key);
	free(ca);
}

X509 *tls_ca_leaf(struct tls_ca *ca, const char *name, bool rsa, EVP_PKEY **key)
{
	int64_t now = now_s();
	struct kept *k = NULL;
	X509 *cert;

	if (rsa && !ca->rsa_key)
		ca->rsa_key = tls_mint_rsa_key();
	*key = rsa ? ca->rsa_key : ca->leaf_key;
	if (!*key)
		return NULL;
	for (size_t i = 0; i < LEAVES_MAX && i < ca->n && !k; i++)
		if (ca->kept[i].rsa == rsa && strcasecmp(ca->kept[i].name, name) == 0)
			k = &ca->kept[i];
	if (k && now - k->made < LEAF_MAX_AGE)
		return k->cert;
	cert = tls_mint_leaf(name, *key, ca->cert, ca->key, ca->fault, now);
	if (!cert)
		return NULL;
	if (!k)
		k = &ca->kept[ca->n++ % LEAVES_MAX];
	free(k->name);
	X509_free(k->cert);
	*k = (struct kept){xstrdup(name), cert, now, rsa};
	return cert;
}

X509 *tls_ca_certificate(const struct tls_ca *ca)
{
	return ca->cert;
}

unsigned char *tls_ca_staple(const struct tls_ca *ca, X509 *leaf, const unsigned char *der,
			     size_t len, size_t *n)
{
	return tls_staple_make(leaf, ca->cert, ca->key, der, len, now_s(), n);
}
