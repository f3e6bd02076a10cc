# The device `cuda`: libnautile_cuda.so, a plugin that the engine loads when it is asked for. It holds CUDA's runtime and
# needs nothing but the driver; without nvcc it is left out, and the rest is built all the same.
set(NAUTILE_CUDA_ARCHITECTURES "80;90a" CACHE STRING
    "What the CUDA kernels are compiled for: 80;90a while developing, 'all' for a release")
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(NOTICE "no nvcc: building without the device cuda. Install NVIDIA's CUDA toolkit 13 for it.")
  return()
endif()
if(NAUTILE_CUDA_ARCHITECTURES STREQUAL "all")  # everything CUDA 13 knows; PTX lets later GPUs compile it for themselves
  set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 86-real 89-real 90a-real 100-real 120-real 90-virtual)
else()
  set(CMAKE_CUDA_ARCHITECTURES ${NAUTILE_CUDA_ARCHITECTURES})
endif()
enable_language(CUDA)
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake before 3.26 does not know that nvcc has it
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
endif()
find_package(CUDAToolkit REQUIRED)
set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
set(CMAKE_CUDA_VISIBILITY_PRESET hidden)

nautile_kernels(cuda FOLDER cuda EXTENSION cu)
nautile_ladder(cuda FOLDER cuda EXTENSION cu)
target_compile_options(kernels_cuda PRIVATE
  "$<$<COMPILE_LANGUAGE:CUDA>:--threads=0;--compress-mode=size;-Werror=all-warnings;-Xcompiler=-fno-math-errno;-Xptxas=-v>")
# <object>.ptxas: the registers and the stack of its kernels, for cmake/cuda_registers.txt
set_property(TARGET kernels_cuda PROPERTY RULE_LAUNCH_COMPILE "sh \"${NAUTILE_ROOT}/cmake/report_ptxas.sh\" <OBJECT>.ptxas")

nautile_plugin(cuda)
target_link_libraries(nautile_cuda PRIVATE kernels_cuda CUDA::cudart_static)
target_include_directories(nautile_cuda SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})

find_program(NAUTILE_CXXFILT NAMES c++filt REQUIRED)  # binutils, which a compiler needs
find_program(NAUTILE_CUOBJDUMP cuobjdump HINTS ${CUDAToolkit_BIN_DIR})
function(nautile_check_kernels result mode)
  set(${result} ${CMAKE_COMMAND} -DMODE=${mode} "-DOBJECTS=$<JOIN:$<TARGET_OBJECTS:kernels_cuda>,|>"
      -DLIST=${NAUTILE_ROOT}/cmake/cuda_registers.txt -DCXXFILT=${NAUTILE_CXXFILT}
      -DVERSION=${CUDAToolkit_VERSION_MAJOR}.${CUDAToolkit_VERSION_MINOR} -DBUILD=${PROJECT_BINARY_DIR}
      -DCUOBJDUMP=${NAUTILE_CUOBJDUMP} -P ${NAUTILE_ROOT}/cmake/CheckCudaKernels.cmake PARENT_SCOPE)
endfunction()
if(NAUTILE_TESTS)
  foreach(mode registers tensor_cores)
    nautile_check_kernels(check ${mode})
    add_test(NAME cuda_${mode} COMMAND ${check})
  endforeach()
  set_tests_properties(cuda_tensor_cores PROPERTIES SKIP_REGULAR_EXPRESSION "^SKIPPED")
  if(NOT NAUTILE_CUOBJDUMP)
    message(NOTICE "no cuobjdump (NVIDIA's CUDA toolkit has it): whether products use Hopper's tensor cores is not checked")
  endif()
endif()
nautile_check_kernels(update update)
add_custom_target(cuda_registers COMMAND ${update} COMMENT "Writing cmake/cuda_registers.txt" VERBATIM)
add_dependencies(cuda_registers kernels_cuda)
