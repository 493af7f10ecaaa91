/** Gives names of an experiment to a program's variables: each its own, and none that the language or the program needs. */
export class Names {
  readonly #reserved: ReadonlySet<string>
  readonly #taken: Set<string>
  readonly #given = new Map<string, string>()
  readonly #form: (name: string) => string

  /** @param taken words that are not free  @param form a name as the language would have it */
  constructor(taken: Iterable<string>, form: (name: string) => string) {
    this.#reserved = new Set(taken)
    this.#taken = new Set(taken)
    this.#form = form
  }

  /** The variable for something, the same each time. @param key what it is @param name what it is to be called, if that is free */
  of(key: string, name = key): string {
    const given = this.#given.get(key)
    if (given !== undefined) return given
    const plain = this.#form(name)
    const isReserved = this.#reserved.has(plain)
    let variable = isReserved ? `${plain}_` : plain
    for (let number = 2; this.#taken.has(variable); number++) variable = this.#form(`${plain}_${number}`)
    this.#taken.add(variable)
    this.#given.set(key, variable)
    return variable
  }
}

/** `my-server` as `my_server` */
export const snake = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_')

/** `my-server` as `myServer` */
export const camel = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9]+([A-Za-z0-9])/g, (_all, letter: string) => letter.toUpperCase())
    .replace(/[^A-Za-z0-9_]/g, '_')
