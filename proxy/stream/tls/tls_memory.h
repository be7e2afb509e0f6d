/* tls_memory.h - where OpenSSL's memory comes from. */
#ifndef WEDGE_STREAM_TLS_TLS_MEMORY_H
#define WEDGE_STREAM_TLS_TLS_MEMORY_H

/* OpenSSL allocates by mem.h, so that none of its functions fails for want of memory. To be called
 * before anything of OpenSSL's. */
void tls_serve_memory(void);

#endif
