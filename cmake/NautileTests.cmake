# The C++ tests: each file of native/test is a program that returns 0 when it passes.
enable_testing()
foreach(file IN LISTS tests)
  get_filename_component(name ${file} NAME_WE)
  add_executable(${name} ${file})
  target_link_libraries(${name} PRIVATE nautile ${kernels} nautile_flags)
  target_include_directories(${name} PRIVATE ${NAUTILE_ROOT}/native/src ${NAUTILE_ROOT}/kernels/include
                                             ${PROJECT_BINARY_DIR}/generated)
  add_test(NAME ${name} COMMAND ${name})
endforeach()

if(NAUTILE_ARCHITECTURE STREQUAL "x86_64")
  # products of bf16 by AVX-512 on a processor that has AMX
  add_test(NAME matmul_test_without_amx COMMAND matmul_test medium)
  set_tests_properties(matmul_test_without_amx PROPERTIES ENVIRONMENT NAUTILE_FORCE=cpu_avx512)

  find_program(NAUTILE_OBJDUMP objdump)
  if(NAUTILE_OBJDUMP)
    foreach(library IN LISTS kernels)
      add_test(NAME instruction_set_${library}
        COMMAND ${CMAKE_COMMAND} -DOBJDUMP=${NAUTILE_OBJDUMP} "-DOBJECTS=$<JOIN:$<TARGET_OBJECTS:${library}>,|>"
                -DLIBRARY=${library} -P ${NAUTILE_ROOT}/cmake/CheckInstructionSet.cmake)
    endforeach()
  else()
    message(STATUS "no objdump (Debian: apt-get install binutils): the objects' instruction sets are not checked")
  endif()
endif()
