# No AVX outside the kernels made for it. Run by ctest with OBJDUMP, OBJECTS (separated by |) and LIBRARY.
#
# In objects of the baseline: nowhere. In the others: not in a function that the linker may share with the rest of the
# library (weak, not in the target's namespace), since it keeps the first copy it sees for everyone.
cmake_minimum_required(VERSION 3.22)
string(REPLACE "|" ";" objects "${OBJECTS}")
set(avx "%[yz]mm|\tv[a-z]+[0-9a-z]* ")  # wide registers, and AVX's encoding of instructions on narrow ones
set(found "")
foreach(object IN LISTS objects)
  if(LIBRARY STREQUAL "kernels_cpu_baseline")
    execute_process(COMMAND ${OBJDUMP} -d --no-show-raw-insn ${object} OUTPUT_VARIABLE code COMMAND_ERROR_IS_FATAL ANY)
    if(code MATCHES "[^\n]*(${avx})[^\n]*")
      list(APPEND found "${object}: ${CMAKE_MATCH_0}")
    endif()
  else()
    execute_process(COMMAND ${OBJDUMP} -t ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL " w +F [^\n]*" weak "${symbols}")
    foreach(line IN LISTS weak)
      string(REGEX REPLACE ".*[ \t]" "" symbol "${line}")
      if(NOT symbol MATCHES "cpu_avx")
        execute_process(COMMAND ${OBJDUMP} -d --no-show-raw-insn --disassemble=${symbol} ${object}
                        OUTPUT_VARIABLE code COMMAND_ERROR_IS_FATAL ANY)
        if(code MATCHES "[^\n]*(${avx})[^\n]*")
          list(APPEND found "${object}: ${symbol}: ${CMAKE_MATCH_0}")
        endif()
      endif()
    endforeach()
  endif()
endforeach()
if(found)
  list(JOIN found "\n  " found)
  message(FATAL_ERROR "${LIBRARY}: AVX instructions where any processor must be able to run:\n  ${found}")
endif()
