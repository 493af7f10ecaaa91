interface Waiter<Fact> {
  readonly fact: Fact
  readonly resolve: () => void
}

/** Those who wait for facts of one connection. Most connections have none: nothing is made until somebody waits. */
export class Waiters<Fact> {
  #list: Waiter<Fact>[] | null = null

  /** Resolves when `release` finds that it is so. */
  until(fact: Fact): Promise<void> {
    return new Promise((resolve) => {
      this.#list ??= []
      this.#list.push({ fact, resolve })
    })
  }

  /** Lets those go who wait for what has come about. */
  release(isSo: (fact: Fact) => boolean): void {
    if (this.#list === null) return
    const list = this.#list
    const others = list.filter((each) => !isSo(each.fact))
    this.#list = others.length > 0 ? others : null
    for (const each of list) if (!others.includes(each)) each.resolve()
  }
}
