package com.personalizegateway.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Takes what is known of items, users and actions. A request is taken whole or refused whole.
 * Personalize replaces the whole record of an ID. Of several records of one ID that wait for
 * delivery only the newest is sent; records of one ID arrive in the order in which they were
 * accepted. The errors are those of EventService.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class CatalogServiceGrpc {

  private CatalogServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "personalize_gateway.v1.CatalogService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.PutItemsRequest,
      com.personalizegateway.v1.PutItemsResponse> getPutItemsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PutItems",
      requestType = com.personalizegateway.v1.PutItemsRequest.class,
      responseType = com.personalizegateway.v1.PutItemsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.PutItemsRequest,
      com.personalizegateway.v1.PutItemsResponse> getPutItemsMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.PutItemsRequest, com.personalizegateway.v1.PutItemsResponse> getPutItemsMethod;
    if ((getPutItemsMethod = CatalogServiceGrpc.getPutItemsMethod) == null) {
      synchronized (CatalogServiceGrpc.class) {
        if ((getPutItemsMethod = CatalogServiceGrpc.getPutItemsMethod) == null) {
          CatalogServiceGrpc.getPutItemsMethod = getPutItemsMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.PutItemsRequest, com.personalizegateway.v1.PutItemsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PutItems"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.PutItemsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.PutItemsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CatalogServiceMethodDescriptorSupplier("PutItems"))
              .build();
        }
      }
    }
    return getPutItemsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.PutUsersRequest,
      com.personalizegateway.v1.PutUsersResponse> getPutUsersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PutUsers",
      requestType = com.personalizegateway.v1.PutUsersRequest.class,
      responseType = com.personalizegateway.v1.PutUsersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.PutUsersRequest,
      com.personalizegateway.v1.PutUsersResponse> getPutUsersMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.PutUsersRequest, com.personalizegateway.v1.PutUsersResponse> getPutUsersMethod;
    if ((getPutUsersMethod = CatalogServiceGrpc.getPutUsersMethod) == null) {
      synchronized (CatalogServiceGrpc.class) {
        if ((getPutUsersMethod = CatalogServiceGrpc.getPutUsersMethod) == null) {
          CatalogServiceGrpc.getPutUsersMethod = getPutUsersMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.PutUsersRequest, com.personalizegateway.v1.PutUsersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PutUsers"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.PutUsersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.PutUsersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CatalogServiceMethodDescriptorSupplier("PutUsers"))
              .build();
        }
      }
    }
    return getPutUsersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.PutActionsRequest,
      com.personalizegateway.v1.PutActionsResponse> getPutActionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PutActions",
      requestType = com.personalizegateway.v1.PutActionsRequest.class,
      responseType = com.personalizegateway.v1.PutActionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.PutActionsRequest,
      com.personalizegateway.v1.PutActionsResponse> getPutActionsMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.PutActionsRequest, com.personalizegateway.v1.PutActionsResponse> getPutActionsMethod;
    if ((getPutActionsMethod = CatalogServiceGrpc.getPutActionsMethod) == null) {
      synchronized (CatalogServiceGrpc.class) {
        if ((getPutActionsMethod = CatalogServiceGrpc.getPutActionsMethod) == null) {
          CatalogServiceGrpc.getPutActionsMethod = getPutActionsMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.PutActionsRequest, com.personalizegateway.v1.PutActionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PutActions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.PutActionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.PutActionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CatalogServiceMethodDescriptorSupplier("PutActions"))
              .build();
        }
      }
    }
    return getPutActionsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static CatalogServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceStub>() {
        @java.lang.Override
        public CatalogServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceStub(channel, callOptions);
        }
      };
    return CatalogServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static CatalogServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingV2Stub>() {
        @java.lang.Override
        public CatalogServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return CatalogServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static CatalogServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingStub>() {
        @java.lang.Override
        public CatalogServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceBlockingStub(channel, callOptions);
        }
      };
    return CatalogServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static CatalogServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceFutureStub>() {
        @java.lang.Override
        public CatalogServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceFutureStub(channel, callOptions);
        }
      };
    return CatalogServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Takes what is known of items, users and actions. A request is taken whole or refused whole.
   * Personalize replaces the whole record of an ID. Of several records of one ID that wait for
   * delivery only the newest is sent; records of one ID arrive in the order in which they were
   * accepted. The errors are those of EventService.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Takes 1–500 items.
     * </pre>
     */
    default void putItems(com.personalizegateway.v1.PutItemsRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutItemsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPutItemsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Takes 1–500 users.
     * </pre>
     */
    default void putUsers(com.personalizegateway.v1.PutUsersRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutUsersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPutUsersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Takes 1–500 actions.
     * </pre>
     */
    default void putActions(com.personalizegateway.v1.PutActionsRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutActionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPutActionsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service CatalogService.
   * <pre>
   * Takes what is known of items, users and actions. A request is taken whole or refused whole.
   * Personalize replaces the whole record of an ID. Of several records of one ID that wait for
   * delivery only the newest is sent; records of one ID arrive in the order in which they were
   * accepted. The errors are those of EventService.
   * </pre>
   */
  public static abstract class CatalogServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return CatalogServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service CatalogService.
   * <pre>
   * Takes what is known of items, users and actions. A request is taken whole or refused whole.
   * Personalize replaces the whole record of an ID. Of several records of one ID that wait for
   * delivery only the newest is sent; records of one ID arrive in the order in which they were
   * accepted. The errors are those of EventService.
   * </pre>
   */
  public static final class CatalogServiceStub
      extends io.grpc.stub.AbstractAsyncStub<CatalogServiceStub> {
    private CatalogServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes 1–500 items.
     * </pre>
     */
    public void putItems(com.personalizegateway.v1.PutItemsRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutItemsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPutItemsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Takes 1–500 users.
     * </pre>
     */
    public void putUsers(com.personalizegateway.v1.PutUsersRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutUsersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPutUsersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Takes 1–500 actions.
     * </pre>
     */
    public void putActions(com.personalizegateway.v1.PutActionsRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutActionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPutActionsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service CatalogService.
   * <pre>
   * Takes what is known of items, users and actions. A request is taken whole or refused whole.
   * Personalize replaces the whole record of an ID. Of several records of one ID that wait for
   * delivery only the newest is sent; records of one ID arrive in the order in which they were
   * accepted. The errors are those of EventService.
   * </pre>
   */
  public static final class CatalogServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<CatalogServiceBlockingV2Stub> {
    private CatalogServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes 1–500 items.
     * </pre>
     */
    public com.personalizegateway.v1.PutItemsResponse putItems(com.personalizegateway.v1.PutItemsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPutItemsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes 1–500 users.
     * </pre>
     */
    public com.personalizegateway.v1.PutUsersResponse putUsers(com.personalizegateway.v1.PutUsersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPutUsersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes 1–500 actions.
     * </pre>
     */
    public com.personalizegateway.v1.PutActionsResponse putActions(com.personalizegateway.v1.PutActionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPutActionsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service CatalogService.
   * <pre>
   * Takes what is known of items, users and actions. A request is taken whole or refused whole.
   * Personalize replaces the whole record of an ID. Of several records of one ID that wait for
   * delivery only the newest is sent; records of one ID arrive in the order in which they were
   * accepted. The errors are those of EventService.
   * </pre>
   */
  public static final class CatalogServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<CatalogServiceBlockingStub> {
    private CatalogServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes 1–500 items.
     * </pre>
     */
    public com.personalizegateway.v1.PutItemsResponse putItems(com.personalizegateway.v1.PutItemsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPutItemsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes 1–500 users.
     * </pre>
     */
    public com.personalizegateway.v1.PutUsersResponse putUsers(com.personalizegateway.v1.PutUsersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPutUsersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes 1–500 actions.
     * </pre>
     */
    public com.personalizegateway.v1.PutActionsResponse putActions(com.personalizegateway.v1.PutActionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPutActionsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service CatalogService.
   * <pre>
   * Takes what is known of items, users and actions. A request is taken whole or refused whole.
   * Personalize replaces the whole record of an ID. Of several records of one ID that wait for
   * delivery only the newest is sent; records of one ID arrive in the order in which they were
   * accepted. The errors are those of EventService.
   * </pre>
   */
  public static final class CatalogServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<CatalogServiceFutureStub> {
    private CatalogServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes 1–500 items.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.PutItemsResponse> putItems(
        com.personalizegateway.v1.PutItemsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPutItemsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Takes 1–500 users.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.PutUsersResponse> putUsers(
        com.personalizegateway.v1.PutUsersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPutUsersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Takes 1–500 actions.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.PutActionsResponse> putActions(
        com.personalizegateway.v1.PutActionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPutActionsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_PUT_ITEMS = 0;
  private static final int METHODID_PUT_USERS = 1;
  private static final int METHODID_PUT_ACTIONS = 2;

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
        case METHODID_PUT_ITEMS:
          serviceImpl.putItems((com.personalizegateway.v1.PutItemsRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutItemsResponse>) responseObserver);
          break;
        case METHODID_PUT_USERS:
          serviceImpl.putUsers((com.personalizegateway.v1.PutUsersRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutUsersResponse>) responseObserver);
          break;
        case METHODID_PUT_ACTIONS:
          serviceImpl.putActions((com.personalizegateway.v1.PutActionsRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutActionsResponse>) responseObserver);
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
          getPutItemsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.PutItemsRequest,
              com.personalizegateway.v1.PutItemsResponse>(
                service, METHODID_PUT_ITEMS)))
        .addMethod(
          getPutUsersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.PutUsersRequest,
              com.personalizegateway.v1.PutUsersResponse>(
                service, METHODID_PUT_USERS)))
        .addMethod(
          getPutActionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.PutActionsRequest,
              com.personalizegateway.v1.PutActionsResponse>(
                service, METHODID_PUT_ACTIONS)))
        .build();
  }

  private static abstract class CatalogServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    CatalogServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.personalizegateway.v1.CatalogServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("CatalogService");
    }
  }

  private static final class CatalogServiceFileDescriptorSupplier
      extends CatalogServiceBaseDescriptorSupplier {
    CatalogServiceFileDescriptorSupplier() {}
  }

  private static final class CatalogServiceMethodDescriptorSupplier
      extends CatalogServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    CatalogServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (CatalogServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new CatalogServiceFileDescriptorSupplier())
              .addMethod(getPutItemsMethod())
              .addMethod(getPutUsersMethod())
              .addMethod(getPutActionsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
