// What must run before or below Swift. Built for the baseline CPU, whatever FAIRTAT_MARCH says.
#ifndef FAIRTAT_CPLATFORM_H
#define FAIRTAT_CPLATFORM_H
#include <stddef.h>
#include <stdint.h>

// Instruction set.

/// The instruction set this program was built for: "AVX512", "AVX2" or "BASELINE".
const char *platform_built_level(void);
/// What FAIRTAT_MARCH said at build time.
const char *platform_built_march(void);

// Signals: handlers that set a flag and do nothing else.

/// To be called first: a pipe that nobody reads (SIGPIPE) and a file at its limit (SIGXFSZ) do not end the process any more,
/// write(2) fails. Where they are ignored already they stay so.
void platform_signals_of_writing(void);
/// Installs the handlers for SIGTERM, SIGINT, SIGUSR1, SIGUSR2, and SIGHUP unless it is ignored, as under nohup; calling again
/// is harmless. Returns 0 or an errno. A further SIGTERM or SIGINT more than 2 s after the first of them ends the process at once, with 128 + the
/// signal; within the 2 s it changes nothing, because launchers send some signals twice.
int platform_signals_install(void);
/// The signals received so far, as a set of bits 1 << signal (1 << 10 for SIGUSR1); SIGPIPE is not among them.
uint32_t platform_signals_received(void);
/// Whether a pipe broke (SIGPIPE), unless that was to be ignored: whoever listened is gone.
int platform_pipe_broke(void);

/// While a library is at work that may end the process by exit() or _exit(): that is told on standard error, in one line of at most 500
/// bytes, and the process ends with `exit_code`. NULL takes it back. Not for several threads.
/// `seconds` are waited before, in which another process may speak for this one too.
void platform_exit_guard(const char *text, int exit_code, double seconds);

// Memory.

/// What the kernel does with the wish for huge pages: "always", "madvise", "never" or "unknown".
const char *platform_huge_pages(void);
/// Bytes this process may still take without swapping: the machine's, or its control group's where that is less. They are
/// shared with other processes. 0 if unknown.
uint64_t platform_available_memory(void);
/// Bytes of memory that this process may still map below its own limits (RLIMIT_AS, RLIMIT_DATA); UINT64_MAX without any.
uint64_t platform_memory_below_limits(void);
/// Bytes of one data or unified cache of level 1, 2 or 3 of the first core; 0 if unknown.
size_t platform_cache_bytes(int level);

// Cores.

/// How many hardware threads this thread may run on (its affinity mask).
int platform_core_count(void);
/// How many physical cores those hardware threads belong to.
int platform_physical_core_count(void);
/// The mask as text, such as "0-3,8". Cut to `size` bytes with the zero at the end.
void platform_affinity_text(char *text, size_t size);
/// The processor time the control group grants, in cores (1.5 is 150 ms each 100 ms); 0 without a limit.
double platform_core_quota(void);
/// Tells the core that this thread is waiting in a loop.
static inline void platform_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Arithmetic and time.

/// Round to nearest, denormals as IEEE 754 has them (neither flushed nor read as zero), no traps: for the calling thread, so
/// every thread that computes calls it first.
void platform_set_rounding(void);
/// Whether the calling thread computes so.
int platform_rounding_is_standard(void);
/// Denormals of the calling thread are flushed and read as zero, as a matrix unit has them, or as `platform_set_rounding` says.
void platform_flush_denormals(int flush);
/// Seconds of a clock that only goes forward; its zero means nothing.
double platform_seconds(void);

// The matrix unit (AMX): products of bfloat16 with Float sums.

/// Whether the CPU has one for bfloat16 and the kernel lets this process use it; asks for leave, which holds for all its threads.
int platform_has_matrix_unit(void);
/// Prepares the unit for the calling thread: products that take `step` values of a row at a time, 16 or 32.
void platform_matrix_unit_begin(int step);
/// Leaves the unit, so that the thread's registers need not be saved.
void platform_matrix_unit_end(void);
/// C [rows, columns] = A [rows, depth] B, between begin and end. B is in rows of `panel` words, of which each has two values of a
/// column, of the even row below and of the odd row above; A is dense, the rows of C lie `c_stride` Floats apart. `columns` is a
/// multiple of 16. Where `rows` is none, A and C have rows up to the next one, which are read and written too. From step to step
///   c <- c + (sum over the step's even k of a b + sum over its odd k of a b),
/// with denormals as zeros, in the order of k, each product and sum rounded once.
void platform_matrix_multiply(const uint16_t *a, int rows, int depth, const uint32_t *b, int panel, int columns, float *c,
                              int c_stride, int step);

// OpenBLAS, loaded and not linked, because it chooses its kernels, and with them the bits, when it loads.

/// The best of OpenBLAS's kernels for this CPU, as a place in the order of `platform_blas_core_name`: every CPU runs the cores
/// up to its own place, so the least place of all ranks is one that all of them can run.
int platform_blas_capability(void);
/// OpenBLAS's name of the core at a place of the order, 0 the oldest; NULL beyond the last.
const char *platform_blas_core_name(int capability);
/// Loads OpenBLAS with the kernels of `core_name` and one thread, whatever the environment says. Call it before other threads
/// run (it sets OPENBLAS_CORETYPE and OPENBLAS_NUM_THREADS). Returns NULL, or what went wrong in one line. A second call
/// succeeds if the loaded kernels are those named.
const char *platform_blas_load(const char *core_name);
/// The kernels OpenBLAS says it uses, in OpenBLAS's spelling; "" before it is loaded.
const char *platform_blas_core(void);
/// OpenBLAS's version and build, as it describes itself; "" before it is loaded.
const char *platform_blas_config(void);
/// How many rows to multiply at once for the bits of a row not to depend on its place among them: the kernels of Haswell and
/// Zen sum groups of six rows otherwise than groups of four. 8 or 16.
int platform_blas_rows(void);
/// C [m, n] = alpha op(A) [m, k] op(B) [k, n] + beta C, row-major, `lda` and so on the distances of rows as stored; op(A) is A
/// transposed where `transpose_a` is not 0. With beta 0, C need not be initialised. Undefined before OpenBLAS is loaded.
void platform_sgemm(int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
                    const float *b, int ldb, float beta, float *c, int ldc);

#endif
