// JPEG by libjpeg. An error of the library jumps back to the call that met it; what it had made is freed there.
#include "CPictures.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>

struct errors {
  struct jpeg_error_mgr base;
  jmp_buf back;
  char *message;
  size_t message_size;
};

static void give_up(j_common_ptr state) {
  struct errors *errors = (struct errors *)state->err;
  char text[JMSG_LENGTH_MAX];
  errors->base.format_message(state, text);
  snprintf(errors->message, errors->message_size, "%s", text);
  longjmp(errors->back, 1);
}

// The library would print its warnings: pictures that end early are filled up with grey.
static void say_nothing(j_common_ptr state) { (void)state; }

static struct jpeg_error_mgr *handler(struct errors *errors, char *message, size_t message_size) {
  jpeg_std_error(&errors->base);
  errors->base.error_exit = give_up;
  errors->base.output_message = say_nothing;
  errors->message = message;
  errors->message_size = message_size;
  return &errors->base;
}

int pictures_encode_jpeg(const uint8_t *rgb, int width, int height, int quality, uint8_t **data, size_t *size,
                         char *message, size_t message_size) {
  struct jpeg_compress_struct state;
  struct errors errors;
  unsigned char *buffer = NULL;
  unsigned long length = 0;
  state.err = handler(&errors, message, message_size);
  if (setjmp(errors.back)) {
    // Only memory can be short here; the library alone knows which of its blocks it still has.
    jpeg_destroy_compress(&state);
    return -1;
  }
  jpeg_create_compress(&state);
  jpeg_mem_dest(&state, &buffer, &length);
  state.image_width = (JDIMENSION)width;
  state.image_height = (JDIMENSION)height;
  state.input_components = 3;
  state.in_color_space = JCS_RGB;
  jpeg_set_defaults(&state);
  jpeg_set_quality(&state, quality, TRUE);
  jpeg_start_compress(&state, TRUE);
  while (state.next_scanline < state.image_height) {
    JSAMPROW row = (JSAMPROW)(rgb + (size_t)state.next_scanline * (size_t)width * 3);
    jpeg_write_scanlines(&state, &row, 1);
  }
  jpeg_finish_compress(&state);
  jpeg_destroy_compress(&state);
  *data = buffer;
  *size = length;
  return 0;
}

int pictures_decode_jpeg(const uint8_t *data, size_t size, uint8_t **rgb, int *width, int *height, char *message,
                         size_t message_size) {
  struct jpeg_decompress_struct state;
  struct errors errors;
  uint8_t *volatile pixels = NULL;
  state.err = handler(&errors, message, message_size);
  if (setjmp(errors.back)) {
    jpeg_destroy_decompress(&state);
    free(pixels);
    return -1;
  }
  jpeg_create_decompress(&state);
  jpeg_mem_src(&state, data, (unsigned long)size);
  jpeg_read_header(&state, TRUE);
  if (state.image_width > PICTURES_MOST_SIDE || state.image_height > PICTURES_MOST_SIDE) {
    snprintf(message, message_size, "the picture has %u x %u pixels, more than is read", state.image_width,
             state.image_height);
    jpeg_destroy_decompress(&state);
    return -1;
  }
  state.out_color_space = JCS_RGB;
  jpeg_start_decompress(&state);
  size_t stride = (size_t)state.output_width * 3;
  pixels = malloc(stride * state.output_height);
  if (!pixels) {
    snprintf(message, message_size, "no memory for its pixels");
    jpeg_destroy_decompress(&state);
    return -1;
  }
  while (state.output_scanline < state.output_height) {
    JSAMPROW row = pixels + stride * state.output_scanline;
    jpeg_read_scanlines(&state, &row, 1);
  }
  // Damage that the library only warns of.
  if (state.err->num_warnings > 0) {
    snprintf(message, message_size, "the picture is damaged");
    jpeg_destroy_decompress(&state);
    free(pixels);
    return -1;
  }
  *width = (int)state.output_width;
  *height = (int)state.output_height;
  jpeg_finish_decompress(&state);
  jpeg_destroy_decompress(&state);
  *rgb = pixels;
  return 0;
}

void pictures_free(void *memory) { free(memory); }
