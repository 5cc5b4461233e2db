// What Swift cannot say of vectors and memory.
//
// The fused multiply-add of a whole vector: SIMD.addingProduct of the standard library goes lane by lane, and whether the
// optimizer makes one instruction of that, two of half a vector, or sixteen, depends on what stands around it.
#ifndef FAIRTAT_VECTOR_H
#define FAIRTAT_VECTOR_H

typedef float vector_float8 __attribute__((ext_vector_type(8)));
typedef float vector_float16 __attribute__((ext_vector_type(16)));

#define FAIRTAT_INLINE static inline __attribute__((always_inline))

#if defined(__AVX512F__)
/// a·b + c, rounded once.
FAIRTAT_INLINE vector_float16 vector_fma16(vector_float16 a, vector_float16 b, vector_float16 c) {
  return __builtin_elementwise_fma(a, b, c);
}

/// Writes past the caches; `vector_fence` comes before another thread reads. p is a multiple of 64.
FAIRTAT_INLINE void vector_stream16(vector_float16 v, void *p) { __builtin_nontemporal_store(v, (vector_float16 *)p); }
#elif defined(__FMA__)
/// a·b + c, rounded once.
FAIRTAT_INLINE vector_float8 vector_fma8(vector_float8 a, vector_float8 b, vector_float8 c) {
  return __builtin_elementwise_fma(a, b, c);
}

/// Writes past the caches; `vector_fence` comes before another thread reads. p is a multiple of 32.
FAIRTAT_INLINE void vector_stream8(vector_float8 v, void *p) { __builtin_nontemporal_store(v, (vector_float8 *)p); }
#endif

// The nearest bfloat16 of each lane, ties to even: in the upper half of a word, or written to any address one after another. In Swift
// the narrowing would be a call, and around a call no vector stays in a register.
typedef unsigned vector_uint8 __attribute__((ext_vector_type(8)));
typedef unsigned vector_uint16 __attribute__((ext_vector_type(16)));
typedef unsigned short vector_ushort8 __attribute__((ext_vector_type(8)));
typedef unsigned short vector_ushort16 __attribute__((ext_vector_type(16)));

#define FAIRTAT_BFLOAT16(N)                                                                                        \
  FAIRTAT_INLINE vector_uint##N vector_round_bfloat16_##N(vector_float##N v) {                                     \
    const vector_uint##N f = (vector_uint##N)v;                                                                    \
    return f + 0x7fff + (f >> 16 & 1);                                                                             \
  }                                                                                                                \
  FAIRTAT_INLINE void vector_store_bfloat16_##N(vector_float##N v, void *p) {                                      \
    const vector_ushort##N halves = __builtin_convertvector(vector_round_bfloat16_##N(v) >> 16, vector_ushort##N); \
    __builtin_memcpy(p, &halves, sizeof halves);                                                                   \
  }
FAIRTAT_BFLOAT16(8)
FAIRTAT_BFLOAT16(16)

/// Makes what was written past the caches visible before what is written afterwards.
FAIRTAT_INLINE void vector_fence(void) { __builtin_ia32_sfence(); }

/// Asks for the cache line at p, which will be read or written soon. It need not be anybody's.
FAIRTAT_INLINE void vector_prefetch(const void *p) { __builtin_prefetch(p, 0, 3); }
#endif
