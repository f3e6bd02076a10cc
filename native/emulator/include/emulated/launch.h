// Starting a kernel.
#pragma once

#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>

#include "emulated/runtime_api.h"
#include "emulated/thread.h"

namespace emulated {

// A kernel with its arguments, the types forgotten.
struct Kernel {
  const void* function;                                        // names it, for cudaFuncSetAttribute
  void (*run)(const void* arguments);                          // one thread
  std::shared_ptr<const void> (*keep)(const void* arguments);  // a copy, for a graph
  const void* arguments;
  const void* const* (*pointers)(const void* arguments);  // those arguments that are pointers, the others as null
  std::size_t count;                                      // of arguments
};

struct Launch {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes;
  cudaStream_t stream;
  const char* name;
  Place place;
  unsigned cluster = 1;  // blocks, along x
};

// Runs the kernel, or keeps it when the stream is capturing. Errors: see cudaGetLastError.
void launch(const Launch& launch, const Kernel& kernel);

// How many clusters of such a launch run at the same time; 0 where it would be refused.
int max_active_clusters(const void* function, const Launch& launch);

template <typename... Parameters>
struct Arguments {
  void (*kernel)(Parameters...);
  std::tuple<std::remove_const_t<Parameters>...> values;
  const void* pointers[sizeof...(Parameters) + 1];
};

template <typename T>
const void* pointer_or_null(const T& value) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<const void*>(value);
  } else {
    return nullptr;
  }
}

template <typename... Parameters, typename... Given>
void launch(const Launch& config, void (*kernel)(Parameters...), Given&&... given) {
  using All = Arguments<Parameters...>;
  All all{kernel, {static_cast<Parameters>(given)...}, {}};
  std::apply(
      [&all](const auto&... values) {
        [[maybe_unused]] std::size_t i = 0;
        ((all.pointers[i++] = pointer_or_null(values)), ...);
      },
      all.values);
  launch(config, Kernel{
                     .function = reinterpret_cast<const void*>(kernel),
                     .run =
                         [](const void* arguments) {
                           const All& a = *static_cast<const All*>(arguments);
                           std::apply(a.kernel, a.values);
                         },
                     .keep = [](const void* arguments) -> std::shared_ptr<const void> {
                       return std::make_shared<const All>(*static_cast<const All*>(arguments));
                     },
                     .arguments = &all,
                     .pointers = [](const void* arguments) { return static_cast<const All*>(arguments)->pointers; },
                     .count = sizeof...(Parameters),
                 });
}

}  // namespace emulated
