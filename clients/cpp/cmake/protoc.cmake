# protoc_sources(VARIABLE [WITH_GRPC] OUT DIRECTORY FROM ARGUMENT DEPENDS FILE FILES NAME...)
#
# Sets the variable to the sources that protoc makes of the protos of these names (without `.proto`):
# messages, or with WITH_GRPC the stubs. FROM tells protoc where the protos are.
function(protoc_sources variable)
  cmake_parse_arguments(arg "WITH_GRPC" "OUT;FROM;DEPENDS" "FILES" ${ARGN})
  file(MAKE_DIRECTORY ${arg_OUT})
  set(suffix pb)
  set(options --cpp_out=${arg_OUT})
  if(arg_WITH_GRPC)
    find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)
    set(suffix grpc.pb)
    set(options --grpc_out=${arg_OUT} --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN})
  endif()
  set(sources)
  foreach(name IN LISTS arg_FILES)
    set(made ${arg_OUT}/${name}.${suffix}.cc ${arg_OUT}/${name}.${suffix}.h)
    add_custom_command(
      OUTPUT ${made}
      COMMAND protobuf::protoc ${arg_FROM} ${options} ${name}.proto
      DEPENDS ${arg_DEPENDS}
      VERBATIM)
    list(APPEND sources ${made})
  endforeach()
  set(${variable} ${sources} PARENT_SCOPE)
endfunction()
