# kernels/peak: what a processor can do at best. No op, so neither ops.def nor the kernel tables know of it; compiled once per
# instruction set like the kernels of ops.
foreach(library IN LISTS kernels)
  if(library MATCHES "^kernels_cpu_")
    target_sources(${library} PRIVATE ${NAUTILE_ROOT}/kernels/peak/peak.cpp)
  endif()
endforeach()
target_include_directories(nautile PRIVATE ${NAUTILE_ROOT}/kernels/peak)
