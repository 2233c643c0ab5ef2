// The plain structs of libcrypto's first hash interface, for their copies: one is a memcpy, where copying an EVP_MD_CTX
// allocates and takes locks in OpenSSL 3. They are marked deprecated there, and kept.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>
#include <openssl/sha.h>
