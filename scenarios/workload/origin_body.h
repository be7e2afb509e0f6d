/* origin_body.h - the body that the workload "origin" answers with: a pure function of the run's
 * seed, so that whoever knows it knows every byte, and the SHA-256.
 *
 * It is lines of 64 bytes, cut where its size ends. Line n, from 0, is n in ten decimal digits, a
 * blank, 52 characters of the 64 of base64url (RFC 4648, 5) and a line feed. Character i of these
 * is the one whose number is bits 6 * (i % 10) to 6 * (i % 10) + 5 of draw i / 10, both counted
 * from 0, of rng_make(seed, 0, n) (rng_next). */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ORIGIN_BODY_H
#define WEDGE_SCENARIOS_WORKLOAD_ORIGIN_BODY_H

#include <stddef.h>
#include <stdint.h>

#define ORIGIN_SHA256 32 /* bytes */

/* Writes the body's bytes from at on, len of them, to out; no NUL. */
void origin_body(uint64_t seed, uint64_t at, char *out, size_t len);

/* Writes the SHA-256 of a body of size bytes. */
void origin_body_sha256(uint64_t seed, uint64_t size, unsigned char out[ORIGIN_SHA256]);

#endif
