// SHA-256 by the system's libcrypto, which uses the CPU's instructions for it.
#ifndef FAIRTAT_CCRYPTO_H
#define FAIRTAT_CCRYPTO_H
#include <openssl/evp.h>
#endif
