// PNG by libpng's simplified interface, which keeps its jumps to itself.
#include "CPictures.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <png.h>

int pictures_decode_png(const uint8_t *data, size_t size, uint8_t **rgb, int *width, int *height, char *message,
                        size_t message_size) {
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, data, size)) {
    snprintf(message, message_size, "%s", image.message);
    return -1;
  }
  if (image.width > PICTURES_MOST_SIDE || image.height > PICTURES_MOST_SIDE) {
    snprintf(message, message_size, "the picture has %u x %u pixels, more than is read", image.width, image.height);
    png_image_free(&image);
    return -1;
  }
  // Read with its alpha, or libpng would lay the picture on a ground.
  image.format = PNG_FORMAT_RGBA;
  size_t count = (size_t)image.width * image.height;
  uint8_t *pixels = malloc(count * 4);
  if (!pixels || !png_image_finish_read(&image, NULL, pixels, 0, NULL)) {
    snprintf(message, message_size, "%s", pixels ? image.message : "no memory for its pixels");
    png_image_free(&image);
    free(pixels);
    return -1;
  }
  for (size_t i = 0; i < count; i++) memmove(pixels + 3 * i, pixels + 4 * i, 3);
  *rgb = pixels;
  *width = (int)image.width;
  *height = (int)image.height;
  return 0;
}
