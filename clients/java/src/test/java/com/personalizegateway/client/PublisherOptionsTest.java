package com.personalizegateway.client;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PublisherOptionsTest {
    static Stream<UnaryOperator<PublisherOptions.Builder>> outOfRange() {
        return Stream.of(
                options -> options.maxBuffered(0, 1),
                options -> options.maxBuffered(1, 0),
                options -> options.maxBatch(0, 1),
                options -> options.maxBatch(501, 1),
                options -> options.maxBatch(1, 0),
                options -> options.maxBatch(1, 4_000_001),
                options -> options.maxUnacknowledged(0),
                options -> options.linger(Duration.ofNanos(-1)),
                options -> options.closeTimeout(Duration.ZERO));
    }

    @ParameterizedTest
    @MethodSource("outOfRange")
    void whatIsOutOfRangeIsRefused(UnaryOperator<PublisherOptions.Builder> change) {
        PublisherOptions.Builder builder = change.apply(PublisherOptions.builder());

        assertThrows(IllegalArgumentException.class, builder::build);
    }
}
