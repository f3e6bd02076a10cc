// What the C++ tests share.
#pragma once

#include <cstdio>
#include <cstdlib>

// Ends the program unless the condition holds, with the place and the words, if any (as for printf).
#define CHECK(condition, ...)                                            \
  do {                                                                   \
    if (!(condition)) {                                                  \
      std::fprintf(stderr, "%s:%d: %s", __FILE__, __LINE__, #condition); \
      std::fprintf(stderr, " " __VA_ARGS__);                             \
      std::fprintf(stderr, "\n");                                        \
      std::exit(1);                                                      \
    }                                                                    \
  } while (false)
