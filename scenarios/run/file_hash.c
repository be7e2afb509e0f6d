/* file_hash.c - a file that is no ordinary one is refused, whatever its name leads to. */
#include "scenarios/run/file_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

int file_open_ordinary(int folder, const char *name, struct stat *st, struct err *e)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	if (fd != -1 && fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	if (fd == -1)
		return err_errno(e, "can't read '%s'", name);
	close(fd);
	return err_set(e, "'%s' is no ordinary file", name);
}

static int hash_bytes(EVP_MD_CTX *hash, int fd)
{
	char buf[65536];
	ssize_t n = -1;

	if (!hash || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1)
		return -1;
	while ((n = read(fd, buf, sizeof(buf))) > 0 || (n == -1 && errno == EINTR))
		if (n > 0 && EVP_DigestUpdate(hash, buf, (size_t)n) != 1)
			return -1;
	return n == 0 ? 0 : -1;
}

void file_hash_hex(const unsigned char *bytes, size_t n, char *text)
{
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

int file_hash(int folder, const char *name, char text[FILE_HASH_TEXT], struct err *e)
{
	struct stat st;
	int fd = file_open_ordinary(folder, name, &st, e), rc;
	EVP_MD_CTX *hash;
	unsigned char sum[EVP_MAX_MD_SIZE] = {0};

	if (fd == -1)
		return -1;
	hash = EVP_MD_CTX_new();
	rc = hash_bytes(hash, fd);
	if (rc == 0 && EVP_DigestFinal_ex(hash, sum, NULL) != 1)
		rc = -1;
	EVP_MD_CTX_free(hash);
	close(fd);
	if (rc == -1)
		return err_set(e, "can't read '%s'", name);
	file_hash_hex(sum, FILE_HASH_TEXT / 2, text);
	return 0;
}
