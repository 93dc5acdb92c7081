// Where everything stands in a random program, physically and (the same addresses) virtually.
#pragma once

#include "base/types.h"

namespace orrery::random_programs {

namespace layout {
inline constexpr u64 boot = 0x8000'0000;      // M mode: set-up
inline constexpr u64 handlers = 0x8000'1000;  // trap handlers and the final report
inline constexpr u64 save = 0x8000'2000;      // what handlers save; the results
inline constexpr u64 log = 0x8000'3000;       // trap records ...
inline constexpr u64 log_end = 0x8000'f000;   // ... until here, then the program is ended
inline constexpr u64 tables = 0x8001'0000;    // page tables
inline constexpr u64 window = 0x8002'0000;    // data that the program works on
inline constexpr u64 window_pages = 16;
inline constexpr u64 landing = 0x8003'0000;   // pages full of returns, to be jumped to
inline constexpr u64 landing_pages = 4;
inline constexpr u64 code = 0x8004'0000;      // the random instructions, up to 0x8020'0000
inline constexpr u64 tohost = save + 0xff8, fromhost = save + 0xff0;
inline constexpr u64 uart = 0x1000'0000, finisher = 0x0010'0000;

// Virtual only: the window once more, through a superpage.
inline constexpr u64 high = 0xffff'ffc0'0000'0000;
}  // namespace layout

// Offsets in the save area.
namespace saved {
inline constexpr i32 t0 = 0, t1 = 8, t2 = 16, log_next = 24, log_end = 32, exit_pc = 40, status = 48,
                     passes = 56;
inline constexpr i32 results = 64;  // x1..x31, f0..f31, then what report_csrs and the hashes say
}  // namespace saved

struct TrapRecord {
  u64 cause, epc, tval;
};

}  // namespace orrery::random_programs
