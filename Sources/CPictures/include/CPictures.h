// Pictures as JPEG and PNG, by libjpeg and libpng: their errors jump (setjmp), which only C may do.
//
// Pixels are 8-bit RGB, rows from the top, three bytes a pixel. What a function makes the caller frees by pictures_free.
// All return 0, or -1 with a line in `message` (cut to `message_size`).
#ifndef FAIRTAT_CPICTURES_H
#define FAIRTAT_CPICTURES_H
#include <stddef.h>
#include <stdint.h>

/// The largest picture that is read: pixels of one side.
#define PICTURES_MOST_SIDE 4096

/// Writes a baseline JPEG as libjpeg's defaults have it: colour halved both ways, the standard tables at `quality` (1 to 100).
int pictures_encode_jpeg(const uint8_t *rgb, int width, int height, int quality, uint8_t **data, size_t *size,
                         char *message, size_t message_size);
/// Reads a JPEG, grey or in colour.
int pictures_decode_jpeg(const uint8_t *data, size_t size, uint8_t **rgb, int *width, int *height, char *message,
                         size_t message_size);
/// Reads a PNG of any kind, as sRGB; alpha is dropped, and the colour below it stays.
int pictures_decode_png(const uint8_t *data, size_t size, uint8_t **rgb, int *width, int *height, char *message,
                        size_t message_size);
void pictures_free(void *memory);

#endif
