/* seal.c - PBKDF2 with HMAC-SHA-256 (RFC 8018) over the answer and the files' list: whoever edits
 * the list to go with other files leaves a seal that no answer fits. */
#include "scenarios/blind/seal.h"

#include "proxy/base/mem.h"
#include "scenarios/run/file_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>
#include <unistd.h>

#define FORMAT	   1
#define ROUNDS	   300000 /* 0.1 to 0.3 s of one processor, for each guess */
#define SALT_BYTES 16
#define HASH_BYTES 32
#define SEAL_BYTES 65536 /* no seal is larger */
#define FUNCTION   "PBKDF2-HMAC-SHA256"

struct seal {
	json_t *files; /* {NAME: SHA-256} */
	char salt[2 * SALT_BYTES + 1], hash[2 * HASH_BYTES + 1];
};

/* Returns false when OpenSSL can't. text: of the hash, in hexadecimal. */
static bool hash_answer(const json_t *files, const char *salt, const char *answer, char *text)
{
	char *list = json_dumps(files, JSON_COMPACT | JSON_SORT_KEYS), *all;
	unsigned char hash[HASH_BYTES];
	int rc;

	BUG_ON(!list);
	all = xasprintf("%s\n%s", answer, list);
	rc = PKCS5_PBKDF2_HMAC(all, (int)strlen(all), (const unsigned char *)salt,
			       (int)strlen(salt), ROUNDS, EVP_sha256(), HASH_BYTES, hash);
	free(list);
	free(all);
	if (rc != 1)
		return false;
	file_hash_hex(hash, HASH_BYTES, text);
	return true;
}

/* Returns {NAME: SHA-256}; NULL with *e. */
static json_t *hash_files(int folder, const char *const *files, size_t n, struct err *e)
{
	json_t *list = json_object();

	for (size_t i = 0; i < n; i++) {
		char text[FILE_HASH_TEXT];

		if (file_hash(folder, files[i], text, e) == -1) {
			json_decref(list);
			return NULL;
		}
		json_object_set_new(list, files[i], json_string(text));
	}
	return list;
}

static int open_folder(const char *folder, struct err *e)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd == -1 ? err_errno(e, "can't open the folder '%s'", folder) : fd;
}

static int save_seal(int folder, const struct seal *s, struct err *e)
{
	json_t *j =
	    json_pack("{s:i, s:s, s:i, s:s, s:s, s:O}", "format", FORMAT, "function", FUNCTION,
		      "rounds", ROUNDS, "salt", s->salt, "hash", s->hash, "files", s->files);
	int fd = openat(folder, SEAL_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int rc = fd == -1 ? -1 : json_dumpfd(j, fd, JSON_INDENT(1) | JSON_SORT_KEYS);

	json_decref(j);
	if (fd != -1 && close(fd) == -1)
		rc = -1;
	return rc == -1 ? err_errno(e, "can't write '%s'", SEAL_FILE) : 0;
}

int seal_write(const char *folder, const char *const *files, size_t n, const char *answer,
	       struct err *e)
{
	unsigned char salt[SALT_BYTES];
	int fd = open_folder(folder, e), rc = -1;
	struct seal s = {NULL};

	if (fd == -1)
		return -1;
	s.files = hash_files(fd, files, n, e);
	if (s.files && RAND_bytes(salt, sizeof(salt)) == 1) {
		file_hash_hex(salt, sizeof(salt), s.salt);
		rc = hash_answer(s.files, s.salt, answer, s.hash)
			 ? save_seal(fd, &s, e)
			 : err_set(e, "OpenSSL has no PBKDF2");
	} else if (s.files) {
		err_set(e, "OpenSSL has no random bytes");
	}
	json_decref(s.files);
	close(fd);
	return rc;
}

/* Takes a text of so many characters out of the seal. */
static int take_text(const json_t *j, const char *key, char *out, size_t size, struct err *e)
{
	const char *text = json_string_value(json_object_get(j, key));

	if (!text || strlen(text) != size - 1)
		return err_set(e, "'%s' is no seal that wedge wrote: its %s isn't one", SEAL_FILE,
			       key);
	memcpy(out, text, size);
	return 0;
}

static int take_seal(struct seal *s, const json_t *j, struct err *e)
{
	const char *function = json_string_value(json_object_get(j, "function"));

	if (json_integer_value(json_object_get(j, "format")) != FORMAT || !function ||
	    strcmp(function, FUNCTION) != 0 ||
	    json_integer_value(json_object_get(j, "rounds")) != ROUNDS)
		return err_set(e, "'%s' is no seal that this wedge wrote", SEAL_FILE);
	s->files = json_incref(json_object_get(j, "files"));
	return take_text(j, "salt", s->salt, sizeof(s->salt), e) == -1 ||
		       take_text(j, "hash", s->hash, sizeof(s->hash), e) == -1
		   ? -1
		   : 0;
}

static int read_seal(struct seal *s, int folder, struct err *e)
{
	struct stat st;
	int fd, rc;
	json_t *j;

	if (faccessat(folder, SEAL_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == -1 && errno == ENOENT)
		return err_set(e, "it has no '%s': it is no folder of wedge run --blind",
			       SEAL_FILE);
	fd = file_open_ordinary(folder, SEAL_FILE, &st, e);
	if (fd == -1)
		return -1;
	j = st.st_size > SEAL_BYTES ? NULL : json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL);
	close(fd);
	rc = take_seal(s, j, e);
	json_decref(j);
	return rc;
}

static int prove_files(const struct seal *s, int folder, const char *const *files, size_t n,
		       struct err *e)
{
	if (json_object_size(s->files) != n)
		return err_set(e, "'%s' lists other files than a blind run writes", SEAL_FILE);
	for (size_t i = 0; i < n; i++) {
		const char *listed = json_string_value(json_object_get(s->files, files[i]));
		char text[FILE_HASH_TEXT];

		if (!listed)
			return err_set(e, "'%s' doesn't list '%s'", SEAL_FILE, files[i]);
		if (file_hash(folder, files[i], text, e) == -1)
			return -1;
		if (strcmp(text, listed) != 0)
			return err_set(e, "'%s' isn't what wedge wrote there", files[i]);
	}
	return 0;
}

struct seal *seal_open(const char *folder, const char *const *files, size_t n, struct err *e)
{
	int fd = open_folder(folder, e);
	struct seal *s;

	if (fd == -1)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	if (read_seal(s, fd, e) == -1 || prove_files(s, fd, files, n, e) == -1) {
		err_wrap(e, "the folder '%s'", folder);
		seal_free(s);
		s = NULL;
	}
	close(fd);
	return s;
}

void seal_free(struct seal *s)
{
	if (!s)
		return;
	json_decref(s->files);
	free(s);
}

bool seal_fits(const struct seal *s, const char *answer)
{
	char text[2 * HASH_BYTES + 1];

	return hash_answer(s->files, s->salt, answer, text) && strcmp(text, s->hash) == 0;
}
