import { createRequire } from 'node:module'
import { getSystemErrorName } from 'node:util'

/** The system's C library, called through koffi. */
export interface Libc {
  /** A function by its C prototype. */
  func(prototype: string): unknown
  /** Declares a structure, for prototypes to speak of. A name may be declared once. */
  struct(name: string, members: Readonly<Record<string, string>>): void
  /** The name of the errno that the last call on this thread left (errno(3)). */
  errno(): string
  /** Its number. */
  errnoNumber(): number
}

interface Koffi {
  load(path: string | null): { func(prototype: string): unknown }
  struct(name: string, members: Readonly<Record<string, string>>): unknown
  errno(): number
}

let loaded: Libc | null | undefined

/** Null where koffi is not installed or its native part does not load: whoever asks then goes without, and says so. */
export function libc(): Libc | null {
  loaded ??= load()
  return loaded
}

function load(): Libc | null {
  try {
    // Through require: koffi is CommonJS with a native part, and must not be looked for before it is needed.
    const koffi = createRequire(import.meta.url)('koffi') as Koffi
    const library = koffi.load(null)
    return {
      func: (prototype) => library.func(prototype),
      struct: (name, members) => void koffi.struct(name, members),
      errno: () => getSystemErrorName(-koffi.errno()),
      errnoNumber: () => koffi.errno(),
    }
  } catch {
    return null // the reason does not matter: without it each reading carries a note that this build cannot read options
  }
}
