// OpenBLAS by dlopen: it reads OPENBLAS_CORETYPE once, when it loads, so the ranks must agree on a core before.
#define _GNU_SOURCE
#include "CPlatform.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// Oldest first; a CPU with the features of one has those of all before it. Zen is Haswell's kernels with block sizes for
// AMD, so both run on either vendor's CPUs with AVX2.
static const char *const cores[] = {"Prescott", "Nehalem", "Haswell", "Zen", "SkylakeX"};
enum { prescott, nehalem, haswell, zen, skylakex, core_count };

// OpenBLAS's C interface (cblas.h): row-major, and transposition.
enum { row_major = 101, plain = 111, transposed = 112 };
typedef void sgemm_function(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a,
                            int lda, const float *b, int ldb, float beta, float *c, int ldc);
typedef char *text_function(void);
typedef void threads_function(int);

static sgemm_function *sgemm;
static text_function *corename, *config;
static char message[512];

int platform_blas_capability(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma"))
    return skylakex;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return __builtin_cpu_is("amd") ? zen : haswell;
  return __builtin_cpu_supports("sse4.2") ? nehalem : prescott;
}

const char *platform_blas_core_name(int capability) {
  return capability >= 0 && capability < core_count ? cores[capability] : NULL;
}

const char *platform_blas_core(void) { return corename ? corename() : ""; }
const char *platform_blas_config(void) { return config ? config() : ""; }

static const char *compare(const char *wanted) {
  if (!strcasecmp(wanted, platform_blas_core())) return NULL;
  snprintf(message, sizeof message, "OpenBLAS uses the kernels %s where %s were asked for (%s)", platform_blas_core(),
           wanted, platform_blas_config());
  return message;
}

const char *platform_blas_load(const char *core_name) {
  if (sgemm) return compare(core_name);
  setenv("OPENBLAS_CORETYPE", core_name, 1);
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(message, sizeof message, "OpenBLAS cannot be loaded: %s; install libopenblas0", dlerror());
    return message;
  }
  sgemm_function *found = (sgemm_function *)dlsym(library, "cblas_sgemm");
  corename = (text_function *)dlsym(library, "openblas_get_corename");
  config = (text_function *)dlsym(library, "openblas_get_config");
  threads_function *set_threads = (threads_function *)dlsym(library, "openblas_set_num_threads");
  if (!found || !corename || !config || !set_threads) {
    corename = config = NULL;
    dlclose(library);
    return "libopenblas.so.0 is not OpenBLAS with its C interface (cblas_sgemm, openblas_get_corename); "
           "install libopenblas0";
  }
  set_threads(1);  // the OpenMP build does not read OPENBLAS_NUM_THREADS
  sgemm = found;
  return compare(core_name);
}

int platform_blas_rows(void) {
  const char *core = platform_blas_core();
  return strcasecmp(core, "Haswell") && strcasecmp(core, "Zen") ? 16 : 8;
}

void platform_sgemm(int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
                    const float *b, int ldb, float beta, float *c, int ldc) {
  sgemm(row_major, transpose_a ? transposed : plain, transpose_b ? transposed : plain, m, n, k, alpha, a, lda, b, ldb,
        beta, c, ldc);
}
