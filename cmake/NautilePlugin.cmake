# nautile_plugin(<target>): libnautile_<target>.so, the host side of a CUDA device. The caller links the kernels of the
# target and a CUDA runtime to it.
function(nautile_plugin target)
  set(plugin nautile_${target})
  add_library(${plugin} SHARED ${NAUTILE_ROOT}/native/cuda/plugin.cpp)
  target_compile_definitions(${plugin} PRIVATE NTL_TARGET=${target} NTL_VERSION="${NAUTILE_VERSION}")
  target_include_directories(${plugin} PRIVATE ${NAUTILE_ROOT}/native/src ${NAUTILE_ROOT}/kernels/include
                                               ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(${plugin} PRIVATE nautile_flags Threads::Threads ${CMAKE_DL_LIBS})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${plugin} PRIVATE -Wno-restrict)  # false alarm of GCC 12 on "text" + std::string
  endif()
  target_link_options(${plugin} PRIVATE -Wl,--no-undefined -Wl,--gc-sections
                                        -Wl,--version-script=${NAUTILE_ROOT}/cmake/plugin.map)
  if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT NAUTILE_SANITIZE)
    target_link_options(${plugin} PRIVATE -Wl,--strip-all)
  endif()
  set_target_properties(${plugin} PROPERTIES LINK_DEPENDS ${NAUTILE_ROOT}/cmake/plugin.map)
  if(NAUTILE_JAVACPP_JAR)  # beside the library that loads it
    set_target_properties(${plugin} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY ${NAUTILE_CLASSES}/org/nautile/jni/${NAUTILE_PLATFORM})
    add_dependencies(nautile_java ${plugin})
    nautile_note_checksum(${plugin})
  endif()
endfunction()
