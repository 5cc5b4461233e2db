// What libFuzzer offers to a program with a main function of its own (llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a
// library"). The archive that has it, libclang_rt.fuzzer_no_main, comes with the compiler; launch/fuzz names it to the build.

#ifndef FAIRTAT_FUZZER_H
#define FAIRTAT_FUZZER_H

#include <stddef.h>
#include <stdint.h>

/// Makes up inputs until a limit of the command line is met, and calls `read` with each; 0 of it: try the input's like.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*read)(const uint8_t *bytes, size_t count));

#endif
