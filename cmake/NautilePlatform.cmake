# NAUTILE_PLATFORM: the platform's name as JavaCPP spells it (linux-x86_64, linux-arm64, macosx-arm64, ...); it names the
# folder in the jar that holds the library. NAUTILE_ARCHITECTURE: its second half.
if(NOT NAUTILE_PLATFORM)
  string(TOLOWER "${CMAKE_HOST_SYSTEM_NAME}" system)
  string(REPLACE "darwin" "macosx" system "${system}")
  string(TOLOWER "${CMAKE_HOST_SYSTEM_PROCESSOR}" processor)
  string(REPLACE "amd64" "x86_64" processor "${processor}")
  string(REPLACE "aarch64" "arm64" processor "${processor}")
  set(NAUTILE_PLATFORM ${system}-${processor})
endif()
string(REGEX REPLACE "^[^-]*-" "" NAUTILE_ARCHITECTURE "${NAUTILE_PLATFORM}")
