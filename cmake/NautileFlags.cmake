# nautile_flags: how every C++ file of the project is compiled, the glue that JavaCPP generates excepted.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, RelWithDebInfo or Debug" FORCE)
endif()

# With either of these on the link line, loading the library makes the whole JVM flush denormals to zero; in a compile
# step they let checks against NaN pass.
foreach(variable CMAKE_CXX_FLAGS CMAKE_CXX_FLAGS_RELEASE CMAKE_SHARED_LINKER_FLAGS ENV{CXXFLAGS})
  if("${${variable}}" MATCHES "-ffast-math|-Ofast|-funsafe-math-optimizations")
    message(FATAL_ERROR "${variable} holds ${CMAKE_MATCH_0}, which Nautile does not allow: it changes results, also "
                        "those of other code in the process.")
  endif()
endforeach()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_SKIP_RPATH ON)  # no path of the machine that built it

add_library(nautile_flags INTERFACE)
set(flags -Wall -Wextra -Wconversion -Wshadow -Werror
  -fno-math-errno -fno-trapping-math -ffp-contract=fast  # what of -ffast-math leaves results and NaN alone
  -ffunction-sections -fdata-sections)
target_compile_options(nautile_flags INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${flags}>")
