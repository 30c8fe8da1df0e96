package com.personalizegateway.client;

/**
 * What a publisher has done so far.
 *
 * @param published records that were taken into the buffer
 * @param confirmed records that the gateway has stored
 * @param refused records that were handed to the callback for what was refused
 * @param dropped records for which there was no room
 * @param resent records that were sent again, each time counted
 * @param streams streams that were begun
 * @param bufferedRecords records that are held at the moment: neither confirmed nor refused
 * @param bufferedBytes their size
 */
public record PublisherCounts(
        long published,
        long confirmed,
        long refused,
        long dropped,
        long resent,
        long streams,
        long bufferedRecords,
        long bufferedBytes) {}
