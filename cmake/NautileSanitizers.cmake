# NAUTILE_SANITIZE=address,undefined compiles everything, the glue included, with these sanitizers; the first report ends
# the program. From Maven: mvn test -Dnautile.sanitize=address,undefined (pom.xml says what the tests' JVM needs for it).
set(NAUTILE_SANITIZE "" CACHE STRING "Sanitizers, separated by commas; empty for none")
if(NAUTILE_SANITIZE)
  add_compile_options(-fsanitize=${NAUTILE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${NAUTILE_SANITIZE})
endif()
