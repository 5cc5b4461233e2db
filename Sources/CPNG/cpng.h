// libpng's header.
#include <png.h>
