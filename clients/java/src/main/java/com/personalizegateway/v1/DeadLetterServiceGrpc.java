package com.personalizegateway.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Shows dead letters and sends them on. Needs the permission `admin`.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class DeadLetterServiceGrpc {

  private DeadLetterServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "personalize_gateway.v1.DeadLetterService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.ListDeadLettersRequest,
      com.personalizegateway.v1.ListDeadLettersResponse> getListDeadLettersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListDeadLetters",
      requestType = com.personalizegateway.v1.ListDeadLettersRequest.class,
      responseType = com.personalizegateway.v1.ListDeadLettersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.ListDeadLettersRequest,
      com.personalizegateway.v1.ListDeadLettersResponse> getListDeadLettersMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.ListDeadLettersRequest, com.personalizegateway.v1.ListDeadLettersResponse> getListDeadLettersMethod;
    if ((getListDeadLettersMethod = DeadLetterServiceGrpc.getListDeadLettersMethod) == null) {
      synchronized (DeadLetterServiceGrpc.class) {
        if ((getListDeadLettersMethod = DeadLetterServiceGrpc.getListDeadLettersMethod) == null) {
          DeadLetterServiceGrpc.getListDeadLettersMethod = getListDeadLettersMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.ListDeadLettersRequest, com.personalizegateway.v1.ListDeadLettersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListDeadLetters"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.ListDeadLettersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.ListDeadLettersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DeadLetterServiceMethodDescriptorSupplier("ListDeadLetters"))
              .build();
        }
      }
    }
    return getListDeadLettersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.ReplayDeadLettersRequest,
      com.personalizegateway.v1.ReplayDeadLettersResponse> getReplayDeadLettersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReplayDeadLetters",
      requestType = com.personalizegateway.v1.ReplayDeadLettersRequest.class,
      responseType = com.personalizegateway.v1.ReplayDeadLettersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.ReplayDeadLettersRequest,
      com.personalizegateway.v1.ReplayDeadLettersResponse> getReplayDeadLettersMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.ReplayDeadLettersRequest, com.personalizegateway.v1.ReplayDeadLettersResponse> getReplayDeadLettersMethod;
    if ((getReplayDeadLettersMethod = DeadLetterServiceGrpc.getReplayDeadLettersMethod) == null) {
      synchronized (DeadLetterServiceGrpc.class) {
        if ((getReplayDeadLettersMethod = DeadLetterServiceGrpc.getReplayDeadLettersMethod) == null) {
          DeadLetterServiceGrpc.getReplayDeadLettersMethod = getReplayDeadLettersMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.ReplayDeadLettersRequest, com.personalizegateway.v1.ReplayDeadLettersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReplayDeadLetters"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.ReplayDeadLettersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.ReplayDeadLettersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DeadLetterServiceMethodDescriptorSupplier("ReplayDeadLetters"))
              .build();
        }
      }
    }
    return getReplayDeadLettersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.DeleteDeadLettersRequest,
      com.personalizegateway.v1.DeleteDeadLettersResponse> getDeleteDeadLettersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteDeadLetters",
      requestType = com.personalizegateway.v1.DeleteDeadLettersRequest.class,
      responseType = com.personalizegateway.v1.DeleteDeadLettersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.DeleteDeadLettersRequest,
      com.personalizegateway.v1.DeleteDeadLettersResponse> getDeleteDeadLettersMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.DeleteDeadLettersRequest, com.personalizegateway.v1.DeleteDeadLettersResponse> getDeleteDeadLettersMethod;
    if ((getDeleteDeadLettersMethod = DeadLetterServiceGrpc.getDeleteDeadLettersMethod) == null) {
      synchronized (DeadLetterServiceGrpc.class) {
        if ((getDeleteDeadLettersMethod = DeadLetterServiceGrpc.getDeleteDeadLettersMethod) == null) {
          DeadLetterServiceGrpc.getDeleteDeadLettersMethod = getDeleteDeadLettersMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.DeleteDeadLettersRequest, com.personalizegateway.v1.DeleteDeadLettersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteDeadLetters"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.DeleteDeadLettersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.DeleteDeadLettersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DeadLetterServiceMethodDescriptorSupplier("DeleteDeadLetters"))
              .build();
        }
      }
    }
    return getDeleteDeadLettersMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static DeadLetterServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DeadLetterServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DeadLetterServiceStub>() {
        @java.lang.Override
        public DeadLetterServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DeadLetterServiceStub(channel, callOptions);
        }
      };
    return DeadLetterServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static DeadLetterServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DeadLetterServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DeadLetterServiceBlockingV2Stub>() {
        @java.lang.Override
        public DeadLetterServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DeadLetterServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return DeadLetterServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static DeadLetterServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DeadLetterServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DeadLetterServiceBlockingStub>() {
        @java.lang.Override
        public DeadLetterServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DeadLetterServiceBlockingStub(channel, callOptions);
        }
      };
    return DeadLetterServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static DeadLetterServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DeadLetterServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DeadLetterServiceFutureStub>() {
        @java.lang.Override
        public DeadLetterServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DeadLetterServiceFutureStub(channel, callOptions);
        }
      };
    return DeadLetterServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Shows dead letters and sends them on. Needs the permission `admin`.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists dead letters, the oldest first.
     * </pre>
     */
    default void listDeadLetters(com.personalizegateway.v1.ListDeadLettersRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.ListDeadLettersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListDeadLettersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Validates dead letters anew and puts those that pass back into the outbox, each removed only
     * once its replacement is stored.
     * </pre>
     */
    default void replayDeadLetters(com.personalizegateway.v1.ReplayDeadLettersRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.ReplayDeadLettersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReplayDeadLettersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes dead letters for good.
     * </pre>
     */
    default void deleteDeadLetters(com.personalizegateway.v1.DeleteDeadLettersRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.DeleteDeadLettersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteDeadLettersMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service DeadLetterService.
   * <pre>
   * Shows dead letters and sends them on. Needs the permission `admin`.
   * </pre>
   */
  public static abstract class DeadLetterServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return DeadLetterServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service DeadLetterService.
   * <pre>
   * Shows dead letters and sends them on. Needs the permission `admin`.
   * </pre>
   */
  public static final class DeadLetterServiceStub
      extends io.grpc.stub.AbstractAsyncStub<DeadLetterServiceStub> {
    private DeadLetterServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DeadLetterServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DeadLetterServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists dead letters, the oldest first.
     * </pre>
     */
    public void listDeadLetters(com.personalizegateway.v1.ListDeadLettersRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.ListDeadLettersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListDeadLettersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Validates dead letters anew and puts those that pass back into the outbox, each removed only
     * once its replacement is stored.
     * </pre>
     */
    public void replayDeadLetters(com.personalizegateway.v1.ReplayDeadLettersRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.ReplayDeadLettersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReplayDeadLettersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes dead letters for good.
     * </pre>
     */
    public void deleteDeadLetters(com.personalizegateway.v1.DeleteDeadLettersRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.DeleteDeadLettersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteDeadLettersMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service DeadLetterService.
   * <pre>
   * Shows dead letters and sends them on. Needs the permission `admin`.
   * </pre>
   */
  public static final class DeadLetterServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<DeadLetterServiceBlockingV2Stub> {
    private DeadLetterServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DeadLetterServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DeadLetterServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists dead letters, the oldest first.
     * </pre>
     */
    public com.personalizegateway.v1.ListDeadLettersResponse listDeadLetters(com.personalizegateway.v1.ListDeadLettersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListDeadLettersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Validates dead letters anew and puts those that pass back into the outbox, each removed only
     * once its replacement is stored.
     * </pre>
     */
    public com.personalizegateway.v1.ReplayDeadLettersResponse replayDeadLetters(com.personalizegateway.v1.ReplayDeadLettersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReplayDeadLettersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes dead letters for good.
     * </pre>
     */
    public com.personalizegateway.v1.DeleteDeadLettersResponse deleteDeadLetters(com.personalizegateway.v1.DeleteDeadLettersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteDeadLettersMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service DeadLetterService.
   * <pre>
   * Shows dead letters and sends them on. Needs the permission `admin`.
   * </pre>
   */
  public static final class DeadLetterServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<DeadLetterServiceBlockingStub> {
    private DeadLetterServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DeadLetterServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DeadLetterServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists dead letters, the oldest first.
     * </pre>
     */
    public com.personalizegateway.v1.ListDeadLettersResponse listDeadLetters(com.personalizegateway.v1.ListDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListDeadLettersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Validates dead letters anew and puts those that pass back into the outbox, each removed only
     * once its replacement is stored.
     * </pre>
     */
    public com.personalizegateway.v1.ReplayDeadLettersResponse replayDeadLetters(com.personalizegateway.v1.ReplayDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReplayDeadLettersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes dead letters for good.
     * </pre>
     */
    public com.personalizegateway.v1.DeleteDeadLettersResponse deleteDeadLetters(com.personalizegateway.v1.DeleteDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteDeadLettersMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service DeadLetterService.
   * <pre>
   * Shows dead letters and sends them on. Needs the permission `admin`.
   * </pre>
   */
  public static final class DeadLetterServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<DeadLetterServiceFutureStub> {
    private DeadLetterServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DeadLetterServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DeadLetterServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists dead letters, the oldest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.ListDeadLettersResponse> listDeadLetters(
        com.personalizegateway.v1.ListDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListDeadLettersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Validates dead letters anew and puts those that pass back into the outbox, each removed only
     * once its replacement is stored.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.ReplayDeadLettersResponse> replayDeadLetters(
        com.personalizegateway.v1.ReplayDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReplayDeadLettersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes dead letters for good.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.DeleteDeadLettersResponse> deleteDeadLetters(
        com.personalizegateway.v1.DeleteDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteDeadLettersMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_DEAD_LETTERS = 0;
  private static final int METHODID_REPLAY_DEAD_LETTERS = 1;
  private static final int METHODID_DELETE_DEAD_LETTERS = 2;

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
        case METHODID_LIST_DEAD_LETTERS:
          serviceImpl.listDeadLetters((com.personalizegateway.v1.ListDeadLettersRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.ListDeadLettersResponse>) responseObserver);
          break;
        case METHODID_REPLAY_DEAD_LETTERS:
          serviceImpl.replayDeadLetters((com.personalizegateway.v1.ReplayDeadLettersRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.ReplayDeadLettersResponse>) responseObserver);
          break;
        case METHODID_DELETE_DEAD_LETTERS:
          serviceImpl.deleteDeadLetters((com.personalizegateway.v1.DeleteDeadLettersRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.DeleteDeadLettersResponse>) responseObserver);
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
          getListDeadLettersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.ListDeadLettersRequest,
              com.personalizegateway.v1.ListDeadLettersResponse>(
                service, METHODID_LIST_DEAD_LETTERS)))
        .addMethod(
          getReplayDeadLettersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.ReplayDeadLettersRequest,
              com.personalizegateway.v1.ReplayDeadLettersResponse>(
                service, METHODID_REPLAY_DEAD_LETTERS)))
        .addMethod(
          getDeleteDeadLettersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.DeleteDeadLettersRequest,
              com.personalizegateway.v1.DeleteDeadLettersResponse>(
                service, METHODID_DELETE_DEAD_LETTERS)))
        .build();
  }

  private static abstract class DeadLetterServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    DeadLetterServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.personalizegateway.v1.DeadLetterServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("DeadLetterService");
    }
  }

  private static final class DeadLetterServiceFileDescriptorSupplier
      extends DeadLetterServiceBaseDescriptorSupplier {
    DeadLetterServiceFileDescriptorSupplier() {}
  }

  private static final class DeadLetterServiceMethodDescriptorSupplier
      extends DeadLetterServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    DeadLetterServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (DeadLetterServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new DeadLetterServiceFileDescriptorSupplier())
              .addMethod(getListDeadLettersMethod())
              .addMethod(getReplayDeadLettersMethod())
              .addMethod(getDeleteDeadLettersMethod())
              .build();
        }
      }
    }
    return result;
  }
}
