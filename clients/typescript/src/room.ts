/** The room for what is published and not yet settled, in records and in bytes. */
export class Room {
    #records = 0;
    #bytes = 0;
    readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

    constructor(
        private readonly maxRecords: number,
        private readonly maxBytes: number,
    ) {}

    /** Lets a record in, if nobody waits before it. Returns whether it did. */
    enter(bytes: number): boolean {
        if (this.#waiting.length > 0 || !this.#fits(bytes)) return false;
        this.#add(bytes);
        return true;
    }

    /** Calls back when it has let the record in: one after the other, in the order of these calls. */
    wait(bytes: number, enter: () => void): void {
        this.#waiting.push({ bytes, enter });
    }

    /** Lets a record out, and others in. */
    leave(bytes: number): void {
        this.#records -= 1;
        this.#bytes -= bytes;
        for (let next = this.#waiting[0]; next && this.#fits(next.bytes); next = this.#waiting[0]) {
            this.#waiting.shift();
            this.#add(next.bytes);
            next.enter();
        }
    }

    /** A record that is larger than all the room comes in alone. */
    #fits(bytes: number): boolean {
        if (this.#records === 0) return true;
        return this.#records < this.maxRecords && this.#bytes + bytes <= this.maxBytes;
    }

    #add(bytes: number): void {
        this.#records += 1;
        this.#bytes += bytes;
    }
}
