package com.personalizegateway.client;

/** The publisher's buffer is full, and the record was not taken. */
public final class BufferFullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BufferFullException(String message) {
        super(message);
    }
}
