// The matrix unit of a CPU (AMX) for products of bfloat16 with Float sums.
//
// Eight registers hold 16 rows of 64 bytes each. Four of them take the sums of 32 rows by 32 columns, two the rows of A, two
// the columns of B: each register that is loaded serves two products. Linux lets a process use them that has asked for it, and
// saves them with a thread from the first use on; so they are released when some products are done.

#include "CPlatform.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MATRIX_UNIT __attribute__((target("amx-tile,amx-bf16")))

enum { ARCH_REQ_XCOMP_PERM_ = 0x1023, XFEATURE_XTILEDATA_ = 18 };

int platform_has_matrix_unit(void) {
  unsigned eax, ebx, ecx, edx;
  if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return 0;
  if (!(edx >> 22 & 1) || !(edx >> 24 & 1)) return 0;
  return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM_, XFEATURE_XTILEDATA_) == 0;
}

/// The layout of the operand of LDTILECFG.
struct tile_configuration {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};

/// Registers 0 to 3 for sums, 4 and 5 for 16 rows of `step` values of A, 6 and 7 for `step` / 2 rows of pairs of B.
MATRIX_UNIT static void configure(int step) {
  struct tile_configuration c;
  memset(&c, 0, sizeof c);
  c.palette = 1;
  for (int i = 0; i < 8; i++) {
    c.row_bytes[i] = i == 4 || i == 5 ? 2 * step : 64;
    c.rows[i] = i >= 6 ? step / 2 : 16;
  }
  _tile_loadconfig(&c);
}

/// 32 rows by 32 columns.
MATRIX_UNIT static void square(const uint16_t *a, const uint32_t *b, float *c, long depth, long c_bytes, int step) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (long k = 0; k < depth; k += step) {
    _tile_loadd(6, b + k / 2 * 32, 128);
    _tile_loadd(4, a + k, 2 * depth);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b + (k / 2 * 32 + 16), 128);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, a + (16 * depth + k), 2 * depth);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, c_bytes);
  _tile_stored(1, c + 16, c_bytes);
  float *below = (float *)((char *)c + 16 * c_bytes);
  _tile_stored(2, below, c_bytes);
  _tile_stored(3, below + 16, c_bytes);
}

/// 16 rows by 32 columns.
MATRIX_UNIT static void wide(const uint16_t *a, const uint32_t *b, float *c, long depth, long c_bytes, int step) {
  _tile_zero(0);
  _tile_zero(1);
  for (long k = 0; k < depth; k += step) {
    _tile_loadd(4, a + k, 2 * depth);
    _tile_loadd(6, b + k / 2 * 32, 128);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b + (k / 2 * 32 + 16), 128);
    _tile_dpbf16ps(1, 4, 7);
  }
  _tile_stored(0, c, c_bytes);
  _tile_stored(1, c + 16, c_bytes);
}

/// 16 rows by 16 columns.
MATRIX_UNIT static void small(
  const uint16_t *a, const uint32_t *b, long b_bytes, float *c, long depth, long c_bytes, int step
) {
  _tile_zero(0);
  for (long k = 0; k < depth; k += step) {
    _tile_loadd(4, a + k, 2 * depth);
    _tile_loadd(6, (const char *)b + k / 2 * b_bytes, b_bytes);
    _tile_dpbf16ps(0, 4, 6);
  }
  _tile_stored(0, c, c_bytes);
}

MATRIX_UNIT void platform_matrix_unit_begin(int step) { configure(step); }

MATRIX_UNIT void platform_matrix_unit_end(void) { _tile_release(); }

MATRIX_UNIT void platform_matrix_multiply(
  const uint16_t *a, int rows, int depth, const uint32_t *b, int panel, int columns, float *c, int c_stride, int step
) {
  const long c_bytes = 4L * c_stride, b_bytes = 4L * panel;
  for (long r = 0; r < rows; r += 32) {
    const uint16_t *from = a + r * depth;
    float *to = c + r * c_stride;
    const int both = rows - r > 16;
    if (columns == 32 && panel == 32) {
      if (both) square(from, b, to, depth, c_bytes, step);
      else wide(from, b, to, depth, c_bytes, step);
      continue;
    }
    for (long n = 0; n < columns; n += 16) {
      small(from, b + n, b_bytes, to + n, depth, c_bytes, step);
      if (both) small(from + 16L * depth, b + n, b_bytes, to + 16L * c_stride + n, depth, c_bytes, step);
    }
  }
}

#else

int platform_has_matrix_unit(void) { return 0; }
void platform_matrix_unit_begin(int step) { (void)step; }
void platform_matrix_unit_end(void) {}
void platform_matrix_multiply(
  const uint16_t *a, int rows, int depth, const uint32_t *b, int panel, int columns, float *c, int c_stride, int step
) {
  (void)a, (void)rows, (void)depth, (void)b, (void)panel, (void)columns, (void)c, (void)c_stride, (void)step;
}

#endif
