/** Something with rows left to tell; `atNanos` is the time of its next one. */
export interface Timed {
  readonly atNanos: number
}

/** A heap whose top is the earliest: of thousands of sockets, whose row comes next. Equal times come in no fixed order. */
export class TimeOrder<T extends Timed> {
  readonly #items: T[] = []

  get earliest(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    this.#items.push(item)
    this.#rise(this.#items.length - 1)
  }

  /** The earliest has moved on to a later time. */
  earliestMoved(): void {
    this.#sink(0)
  }

  removeEarliest(): void {
    const last = this.#items.pop()
    if (last === undefined || this.#items.length === 0) return
    this.#items[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1
      if (this.#isOrdered(parent, at)) return
      this.#swap(parent, at)
      at = parent
    }
  }

  #sink(from: number): void {
    for (let at = from; ;) {
      const left = 2 * at + 1
      if (left >= this.#items.length) return
      const right = left + 1
      const child = right < this.#items.length && !this.#isOrdered(left, right) ? right : left
      if (this.#isOrdered(at, child)) return
      this.#swap(at, child)
      at = child
    }
  }

  #isOrdered(a: number, b: number): boolean {
    return (this.#items[a] as T).atNanos <= (this.#items[b] as T).atNanos
  }

  #swap(a: number, b: number): void {
    const item = this.#items[a] as T
    this.#items[a] = this.#items[b] as T
    this.#items[b] = item
  }
}
