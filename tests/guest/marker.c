// marker N: executes one marker, for shell scripts. N is 1..31.
#include "program.h"

int main(int argc, char** argv) {
  if (argc == 2 && orrery_marker_small((unsigned)argument(argc, argv, 1, 0))) return 0;
  fprintf(stderr, "usage: marker N, with N in 1..31\n");
  return 2;
}
