/** Who wants to be told. A listener that is taken off while the others are told is told no more. */
export class Listeners<T> {
  #all: readonly ((value: T) => void)[] = []

  /** Answers how to take it off again. */
  add(listener: (value: T) => void): () => void {
    // Wrapped, so that the same function added twice is two listeners.
    const added = (value: T) => listener(value)
    this.#all = [...this.#all, added]
    return () => {
      this.#all = this.#all.filter((each) => each !== added)
    }
  }

  tell(value: T): void {
    for (const each of this.#all) each(value)
  }
}
