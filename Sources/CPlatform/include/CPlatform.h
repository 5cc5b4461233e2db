// What must run before or below Swift. Built for the baseline CPU, whatever FAIRTAT_MARCH says.
#ifndef FAIRTAT_CPLATFORM_H
#define FAIRTAT_CPLATFORM_H
#include <stddef.h>
#include <stdint.h>

/// The instruction set this program was built for: "AVX512", "AVX2" or "BASELINE".
const char *platform_built_level(void);
/// What FAIRTAT_MARCH said at build time.
const char *platform_built_march(void);

#endif
