# The Java binding, built by Ninja so that an unchanged tree does nothing:
#
#   presets (NtlPresets.java) --javac--> class --JavaCPP Builder, with the C headers--> Ntl.java --javac--> class
#     --JavaCPP Builder--> jninautile.cpp, jnijavacpp.cpp --compiler, with the engine--> libjninautile.so
#
# Adding an op touches no Java: the list of headers comes from native/ops.def.
set(NAUTILE_JAVACPP_JAR "" CACHE FILEPATH "JavaCPP's jar; without it only the engine is built")
set(NAUTILE_JAVA_HOME "$ENV{JAVA_HOME}" CACHE PATH "The JDK")
set(NAUTILE_CLASSES ${PROJECT_BINARY_DIR}/classes CACHE PATH "Where classes and the library go")
set(NAUTILE_JAVA_SOURCES ${PROJECT_BINARY_DIR}/java CACHE PATH "Where the generated Java goes")
if(NOT NAUTILE_JAVACPP_JAR)
  message(STATUS "NAUTILE_JAVACPP_JAR is not set: no Java binding")
  return()
endif()
foreach(file ${NAUTILE_JAVA_HOME}/bin/javac ${NAUTILE_JAVA_HOME}/include/jni.h)
  if(NOT EXISTS ${file})
    message(FATAL_ERROR "${file} is missing: the build needs a JDK (Debian: apt-get install openjdk-17-jdk-headless).")
  endif()
endforeach()
set(java ${NAUTILE_JAVA_HOME}/bin/java)
# No lint: neither JavaCPP's annotations nor the Java it generates are ours to improve.
set(javac ${NAUTILE_JAVA_HOME}/bin/javac --release 17 -encoding UTF-8 -proc:none -nowarn -Xlint:none)

set(package org/nautile/jni)
set(package_source ${CMAKE_CURRENT_SOURCE_DIR}/src/main/java/${package})
set(presets ${NAUTILE_CLASSES}/${package}/NtlPresets.class)
set(binding ${NAUTILE_CLASSES}/${package}/Ntl.class)
set(binding_source ${NAUTILE_JAVA_SOURCES}/${package}/Ntl.java)

# core.h first: the others use its types.
set(includes nautile/core.h)
foreach(header IN LISTS headers op_headers)
  file(RELATIVE_PATH include ${CMAKE_CURRENT_SOURCE_DIR}/include ${header})
  list(APPEND includes ${include})
endforeach()
list(REMOVE_DUPLICATES includes)
list(JOIN includes ":" includes)
set(builder ${java} -cp ${NAUTILE_JAVACPP_JAR} org.bytedeco.javacpp.tools.Builder -classpath ${NAUTILE_CLASSES}
    -nocompile -Dplatform.includepath=${CMAKE_CURRENT_SOURCE_DIR}/include -Dplatform.include=${includes})

add_custom_command(OUTPUT ${presets}
  COMMAND ${javac} -cp ${NAUTILE_JAVACPP_JAR} -d ${NAUTILE_CLASSES} ${package_source}/NtlPresets.java
  DEPENDS ${package_source}/NtlPresets.java ${NAUTILE_JAVACPP_JAR}
  COMMENT "Compiling the binding's presets" VERBATIM)
add_custom_command(OUTPUT ${binding_source}
  COMMAND ${builder} -d ${NAUTILE_JAVA_SOURCES} org.nautile.jni.NtlPresets
  DEPENDS ${presets} ${headers} ${op_headers}
  COMMENT "Generating the Java binding from the C headers" VERBATIM)
add_custom_command(OUTPUT ${binding}
  COMMAND ${javac} -cp ${NAUTILE_JAVACPP_JAR}:${NAUTILE_CLASSES} -d ${NAUTILE_CLASSES} ${binding_source}
  DEPENDS ${binding_source} ${presets}
  COMMENT "Compiling the Java binding" VERBATIM)
add_custom_target(nautile_java ALL DEPENDS ${presets} ${binding})  # all that a Java program needs

if(NOT CMAKE_CXX_COMPILER)
  return()
endif()

set(glue_folder ${PROJECT_BINARY_DIR}/glue)
set(glue ${glue_folder}/jninautile.cpp ${glue_folder}/jnijavacpp.cpp)
add_custom_command(OUTPUT ${glue}
  COMMAND ${builder} -d ${glue_folder} org.nautile.jni.Ntl
  DEPENDS ${binding}
  COMMENT "Generating the JNI glue" VERBATIM)

add_library(jninautile SHARED ${glue})
add_dependencies(nautile_java jninautile)
target_link_libraries(jninautile PRIVATE nautile ${kernels})
set_target_properties(jninautile PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${NAUTILE_CLASSES}/${package}/${NAUTILE_PLATFORM})
target_include_directories(jninautile SYSTEM PRIVATE ${NAUTILE_JAVA_HOME}/include)
target_compile_options(jninautile PRIVATE -w -ffunction-sections -fdata-sections)
if(CMAKE_HOST_APPLE)
  target_include_directories(jninautile SYSTEM PRIVATE ${NAUTILE_JAVA_HOME}/include/darwin)
  target_link_options(jninautile PRIVATE -Wl,-dead_strip)
else()
  target_include_directories(jninautile SYSTEM PRIVATE ${NAUTILE_JAVA_HOME}/include/linux)
  target_link_options(jninautile PRIVATE -Wl,--no-undefined -Wl,--gc-sections -Wl,--exclude-libs,ALL
                                         -Wl,--version-script=${NAUTILE_ROOT}/cmake/exports.map)
  if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT NAUTILE_SANITIZE)
    target_link_options(jninautile PRIVATE -Wl,--strip-all)
  endif()
  set_target_properties(jninautile PROPERTIES LINK_DEPENDS ${NAUTILE_ROOT}/cmake/exports.map)
endif()

# nautile_note_checksum(<library>): beside the library, for who loads it.
function(nautile_note_checksum library)
  add_custom_command(TARGET ${library} POST_BUILD
    COMMAND ${java} ${NAUTILE_ROOT}/cmake/Checksum.java $<TARGET_FILE:${library}>
    COMMENT "Noting the library's checksum" VERBATIM)
endfunction()
nautile_note_checksum(jninautile)
