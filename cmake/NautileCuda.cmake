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
  "$<$<COMPILE_LANGUAGE:CUDA>:--threads=0;--compress-mode=size;-Werror=all-warnings;-Xcompiler=-fno-math-errno>")

nautile_plugin(cuda)
target_link_libraries(nautile_cuda PRIVATE kernels_cuda CUDA::cudart_static)
target_include_directories(nautile_cuda SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
