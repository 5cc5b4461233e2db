// libjpeg's header, which needs the two that it does not include itself.
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>
