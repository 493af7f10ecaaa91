/** For the end of a switch over a union: adding a member that is not handled does not compile. */
export function missingCase(value: never): Error {
  return new Error(`Unhandled case: ${JSON.stringify(value)}`)
}

/** Lets a promise go, on purpose. Whatever it could reject with must be handled inside it. */
export function drop(promise: Promise<unknown>): void {
  void promise
}
