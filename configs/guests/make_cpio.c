// make_cpio <list >archive: writes a cpio archive ("newc", what Linux takes as initramfs) from a
// list, so that device nodes need no root. One entry in a line, in the list's order:
//
//   directory PATH MODE
//   file PATH MODE SOURCE
//   link PATH TARGET
//   node PATH MODE MAJOR MINOR          (a character device)
//
// MODE is octal. All belongs to root and dates from 1970: the same list gives the same bytes.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned line_number, inode;
static unsigned long written;

static void fail(const char* what, const char* name) {
  fprintf(stderr, "make_cpio: line %u: %s: %s\n", line_number, name, what);
  exit(1);
}

static void put(const void* bytes, size_t size) {
  if (fwrite(bytes, 1, size, stdout) != size) fail(strerror(errno), "standard output");
  written += size;
}

static void pad(unsigned to) {
  while (written % to != 0) put("", 1);
}

// A header and the name behind it. `mode` holds the file type too.
static void put_header(const char* path, unsigned mode, unsigned long size, unsigned major,
                       unsigned minor) {
  char header[111];
  while (*path == '/') path++; // names are relative to the root
  const int is_trailer = mode == 0;
  const unsigned fields[] = {is_trailer ? 0 : ++inode, mode, 0, 0, 1, 0, (unsigned)size, 0, 0,
                             major, minor, (unsigned)strlen(path) + 1, 0};
  int at = sprintf(header, "070701");
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    at += sprintf(header + at, "%08X", fields[i]);
  }
  put(header, (size_t)at);
  put(path, strlen(path) + 1);
  pad(4);
}

static void put_file(const char* path, unsigned mode, const char* source) {
  FILE* file = fopen(source, "rb");
  if (file == NULL) fail(strerror(errno), source);
  fseek(file, 0, SEEK_END);
  const long size = ftell(file);
  rewind(file);
  if (size < 0 || size > 0x7fffffff) fail("not an ordinary file below 2 GiB", source);
  put_header(path, 0100000 | mode, (unsigned long)size, 0, 0);
  char buffer[65536];
  for (long left = size; left > 0;) {
    const size_t part = fread(buffer, 1, left < 65536 ? (size_t)left : sizeof buffer, file);
    if (part == 0) fail("could not be read to its end", source);
    put(buffer, part);
    left -= (long)part;
  }
  fclose(file);
  pad(4);
}

static void put_link(const char* path, const char* target) {
  put_header(path, 0120777, strlen(target), 0, 0);
  put(target, strlen(target));
  pad(4);
}

int main(void) {
  char line[4096], path[1024], rest[1024];
  while (fgets(line, sizeof line, stdin) != NULL) {
    unsigned mode, major, minor;
    line_number++;
    if (sscanf(line, "directory %1023s %o", path, &mode) == 2) {
      put_header(path, 0040000 | mode, 0, 0, 0);
    } else if (sscanf(line, "file %1023s %o %1023s", path, &mode, rest) == 3) {
      put_file(path, mode, rest);
    } else if (sscanf(line, "link %1023s %1023s", path, rest) == 2) {
      put_link(path, rest);
    } else if (sscanf(line, "node %1023s %o %u %u", path, &mode, &major, &minor) == 4) {
      put_header(path, 0020000 | mode, 0, major, minor);
    } else {
      line[strcspn(line, "\n")] = '\0';
      fail("not an entry", line);
    }
  }
  put_header("TRAILER!!!", 0, 0, 0, 0);
  pad(512);
  if (fflush(stdout) != 0) fail(strerror(errno), "standard output");
  return 0;
}
