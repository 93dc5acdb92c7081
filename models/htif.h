// The host-target interface, by which a bare-metal program ends and prints: it writes a request to
// the word `tohost` and is answered in `fromhost`.
//
//   bits 63:56 device, 55:48 command, 47:0 payload
//   0, 0: an odd payload ends the program with exit code payload >> 1 (which it may have extended by
//         its sign); an even one is the address of a system call: number, three arguments, a word
//         each. write (64) to file 1 or 2 prints and returns the bytes taken, exit (93) ends the
//         program, every other one fails with ENOSYS; results stand where the number stood
//   1, 1: prints the lowest byte
// Every other request is acknowledged, and nothing happens.
#pragma once

#include <optional>

#include "base/types.h"

namespace orrery {

class AddressSpace;
class CharSink;

// Serves the request in `tohost` and clears it, but for one that ends the program: returns its exit
// code. `console` may be null: what is printed is dropped.
std::optional<u32> serve_htif(AddressSpace& memory, PhysAddr tohost, std::optional<PhysAddr> fromhost,
                              CharSink* console);

}  // namespace orrery
