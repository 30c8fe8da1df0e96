package com.personalizegateway.client;

/** What becomes of what a stream owed, once it has failed. */
enum Verdict {
    /** All of it is sent again. */
    RESEND,

    /** The first batch is refused: those before it were acknowledged, so the error is about it. */
    REFUSE_FIRST,

    /** All of it is refused: who calls, or where to, is wrong. */
    REFUSE_SENT
}
