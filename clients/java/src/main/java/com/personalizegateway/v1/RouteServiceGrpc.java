package com.personalizegateway.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Tells a caller what it may send where.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class RouteServiceGrpc {

  private RouteServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "personalize_gateway.v1.RouteService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.ListRoutesRequest,
      com.personalizegateway.v1.ListRoutesResponse> getListRoutesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListRoutes",
      requestType = com.personalizegateway.v1.ListRoutesRequest.class,
      responseType = com.personalizegateway.v1.ListRoutesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.ListRoutesRequest,
      com.personalizegateway.v1.ListRoutesResponse> getListRoutesMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.ListRoutesRequest, com.personalizegateway.v1.ListRoutesResponse> getListRoutesMethod;
    if ((getListRoutesMethod = RouteServiceGrpc.getListRoutesMethod) == null) {
      synchronized (RouteServiceGrpc.class) {
        if ((getListRoutesMethod = RouteServiceGrpc.getListRoutesMethod) == null) {
          RouteServiceGrpc.getListRoutesMethod = getListRoutesMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.ListRoutesRequest, com.personalizegateway.v1.ListRoutesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListRoutes"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.ListRoutesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.ListRoutesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RouteServiceMethodDescriptorSupplier("ListRoutes"))
              .build();
        }
      }
    }
    return getListRoutesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.DescribeDatasetGroupRequest,
      com.personalizegateway.v1.DescribeDatasetGroupResponse> getDescribeDatasetGroupMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DescribeDatasetGroup",
      requestType = com.personalizegateway.v1.DescribeDatasetGroupRequest.class,
      responseType = com.personalizegateway.v1.DescribeDatasetGroupResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.DescribeDatasetGroupRequest,
      com.personalizegateway.v1.DescribeDatasetGroupResponse> getDescribeDatasetGroupMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.DescribeDatasetGroupRequest, com.personalizegateway.v1.DescribeDatasetGroupResponse> getDescribeDatasetGroupMethod;
    if ((getDescribeDatasetGroupMethod = RouteServiceGrpc.getDescribeDatasetGroupMethod) == null) {
      synchronized (RouteServiceGrpc.class) {
        if ((getDescribeDatasetGroupMethod = RouteServiceGrpc.getDescribeDatasetGroupMethod) == null) {
          RouteServiceGrpc.getDescribeDatasetGroupMethod = getDescribeDatasetGroupMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.DescribeDatasetGroupRequest, com.personalizegateway.v1.DescribeDatasetGroupResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DescribeDatasetGroup"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.DescribeDatasetGroupRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.DescribeDatasetGroupResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RouteServiceMethodDescriptorSupplier("DescribeDatasetGroup"))
              .build();
        }
      }
    }
    return getDescribeDatasetGroupMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static RouteServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RouteServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RouteServiceStub>() {
        @java.lang.Override
        public RouteServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RouteServiceStub(channel, callOptions);
        }
      };
    return RouteServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static RouteServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RouteServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RouteServiceBlockingV2Stub>() {
        @java.lang.Override
        public RouteServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RouteServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return RouteServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static RouteServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RouteServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RouteServiceBlockingStub>() {
        @java.lang.Override
        public RouteServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RouteServiceBlockingStub(channel, callOptions);
        }
      };
    return RouteServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static RouteServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RouteServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RouteServiceFutureStub>() {
        @java.lang.Override
        public RouteServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RouteServiceFutureStub(channel, callOptions);
        }
      };
    return RouteServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Tells a caller what it may send where.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists the routes of the caller.
     * </pre>
     */
    default void listRoutes(com.personalizegateway.v1.ListRoutesRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.ListRoutesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRoutesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Describes a dataset group that the caller has a route to: tracking IDs, ARNs, schemas and
     * status as the gateway knows them.
     * </pre>
     */
    default void describeDatasetGroup(com.personalizegateway.v1.DescribeDatasetGroupRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.DescribeDatasetGroupResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDescribeDatasetGroupMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service RouteService.
   * <pre>
   * Tells a caller what it may send where.
   * </pre>
   */
  public static abstract class RouteServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return RouteServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service RouteService.
   * <pre>
   * Tells a caller what it may send where.
   * </pre>
   */
  public static final class RouteServiceStub
      extends io.grpc.stub.AbstractAsyncStub<RouteServiceStub> {
    private RouteServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RouteServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RouteServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the routes of the caller.
     * </pre>
     */
    public void listRoutes(com.personalizegateway.v1.ListRoutesRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.ListRoutesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRoutesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Describes a dataset group that the caller has a route to: tracking IDs, ARNs, schemas and
     * status as the gateway knows them.
     * </pre>
     */
    public void describeDatasetGroup(com.personalizegateway.v1.DescribeDatasetGroupRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.DescribeDatasetGroupResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDescribeDatasetGroupMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service RouteService.
   * <pre>
   * Tells a caller what it may send where.
   * </pre>
   */
  public static final class RouteServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<RouteServiceBlockingV2Stub> {
    private RouteServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RouteServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RouteServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the routes of the caller.
     * </pre>
     */
    public com.personalizegateway.v1.ListRoutesResponse listRoutes(com.personalizegateway.v1.ListRoutesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRoutesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Describes a dataset group that the caller has a route to: tracking IDs, ARNs, schemas and
     * status as the gateway knows them.
     * </pre>
     */
    public com.personalizegateway.v1.DescribeDatasetGroupResponse describeDatasetGroup(com.personalizegateway.v1.DescribeDatasetGroupRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDescribeDatasetGroupMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service RouteService.
   * <pre>
   * Tells a caller what it may send where.
   * </pre>
   */
  public static final class RouteServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<RouteServiceBlockingStub> {
    private RouteServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RouteServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RouteServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the routes of the caller.
     * </pre>
     */
    public com.personalizegateway.v1.ListRoutesResponse listRoutes(com.personalizegateway.v1.ListRoutesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRoutesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Describes a dataset group that the caller has a route to: tracking IDs, ARNs, schemas and
     * status as the gateway knows them.
     * </pre>
     */
    public com.personalizegateway.v1.DescribeDatasetGroupResponse describeDatasetGroup(com.personalizegateway.v1.DescribeDatasetGroupRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDescribeDatasetGroupMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service RouteService.
   * <pre>
   * Tells a caller what it may send where.
   * </pre>
   */
  public static final class RouteServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<RouteServiceFutureStub> {
    private RouteServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RouteServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RouteServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the routes of the caller.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.ListRoutesResponse> listRoutes(
        com.personalizegateway.v1.ListRoutesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRoutesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Describes a dataset group that the caller has a route to: tracking IDs, ARNs, schemas and
     * status as the gateway knows them.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.DescribeDatasetGroupResponse> describeDatasetGroup(
        com.personalizegateway.v1.DescribeDatasetGroupRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDescribeDatasetGroupMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_ROUTES = 0;
  private static final int METHODID_DESCRIBE_DATASET_GROUP = 1;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_LIST_ROUTES:
          serviceImpl.listRoutes((com.personalizegateway.v1.ListRoutesRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.ListRoutesResponse>) responseObserver);
          break;
        case METHODID_DESCRIBE_DATASET_GROUP:
          serviceImpl.describeDatasetGroup((com.personalizegateway.v1.DescribeDatasetGroupRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.DescribeDatasetGroupResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getListRoutesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.ListRoutesRequest,
              com.personalizegateway.v1.ListRoutesResponse>(
                service, METHODID_LIST_ROUTES)))
        .addMethod(
          getDescribeDatasetGroupMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.DescribeDatasetGroupRequest,
              com.personalizegateway.v1.DescribeDatasetGroupResponse>(
                service, METHODID_DESCRIBE_DATASET_GROUP)))
        .build();
  }

  private static abstract class RouteServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    RouteServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.personalizegateway.v1.RouteServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("RouteService");
    }
  }

  private static final class RouteServiceFileDescriptorSupplier
      extends RouteServiceBaseDescriptorSupplier {
    RouteServiceFileDescriptorSupplier() {}
  }

  private static final class RouteServiceMethodDescriptorSupplier
      extends RouteServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    RouteServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (RouteServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new RouteServiceFileDescriptorSupplier())
              .addMethod(getListRoutesMethod())
              .addMethod(getDescribeDatasetGroupMethod())
              .build();
        }
      }
    }
    return result;
  }
}
